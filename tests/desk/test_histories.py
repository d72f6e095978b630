"""Histories become numbers, those of many requests at once as each by itself."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.jobs import Trained, films
from kindred.desk.histories import met
from kindred.desk.request import Event, Request

KNOWN = sorted(films())[:6]
IDS = st.sampled_from([*KNOWN, "no such film", "nor this", ""])
EVENTS = st.builds(
    Event, item_id=IDS, rating=st.sampled_from([None, 0.5, 5.0]), timestamp=st.none() | st.integers(0, 9).map(float)
)
REQUESTS = st.builds(Request, history=st.lists(IDS) | st.lists(EVENTS) | st.lists(IDS | EVENTS))


def told(history):
    """As the definition says: entries in full, oldest first where all have a time, else as they were sent."""
    events = [event if isinstance(event, Event) else Event(item_id=event) for event in history]
    timed = all(event.timestamp is not None for event in events)
    return sorted(events, key=lambda event: event.timestamp) if timed else events


@settings(deadline=None, max_examples=50)
@given(st.lists(REQUESTS | st.just(Request(user_id="1")), max_size=6))
def test_histories_are_what_their_definition_says(sample: Trained, requests: list[Request]):
    stock = sample.desk.stock
    numbers = {item: number for number, item in enumerate(stock.ids.many(np.arange(len(stock.ids))))}
    floor = stock.facts.positive_from
    assert floor is not None
    assert len(met(stock, requests)) == len(requests)
    for request, found in zip(requests, met(stock, requests), strict=True):
        events = told(request.history or [])
        known = [event for event in events if event.item_id in numbers]
        liked = [event for event in known if event.rating is None or event.rating >= floor]
        assert found.numbers.tolist() == [numbers[event.item_id] for event in known]
        assert found.liked.tolist() == [numbers[event.item_id] for event in liked]
        assert found.unknown == list(dict.fromkeys(event.item_id for event in events if event.item_id not in numbers))
