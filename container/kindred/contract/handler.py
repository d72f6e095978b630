"""One request to a model, from its body to its answer, whatever happens on the way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from werkzeug.wrappers import Response

from kindred.codecs import text
from kindred.contract import answers, attributes, blocks, body, negotiation, predicting, requests, spool, turns, wishes
from kindred.contract.abilities import Measured, Selectable, takes_matrices
from kindred.contract.body import Body
from kindred.contract.negotiation import Family, MediaType
from kindred.contract.port import Predictor
from kindred.contract.replies import Whole, json, mistake
from kindred.contract.requests import Batch, Fault
from kindred.contract.settings import Settings
from kindred.contract.visit import Sending, Visit
from kindred.contract.wishes import Wishes
from kindred.errors import UserError

_SNIFFED = 1 << 16

MOST_AT_ONCE = 1 << 20
"""Bytes of RecordIO that become one matrix, as sparse rows of more would spread to too much; and of CSV, whose cells
are objects of ten times the size for a while, and leave holes where they were.
"""

_MOST_AT_ONCE = {
    negotiation.CSV.type: MOST_AT_ONCE,
    negotiation.RECORDIO.type: MOST_AT_ONCE,
    negotiation.LIBSVM.type: 2 * blocks.ROWS,
}
"""In LIBSVM two bytes are a row of zeros, of any width."""


class _Flowing(Response):
    """An answer that goes out while it is made, and logs itself when it has."""


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What the headers of a request say: what is wanted back, and how. `chosen`: they name the outputs themselves."""

    accepted: Family
    charset: str | None
    options: Mapping[str, str]
    wishes: Wishes
    chosen: bool


@dataclass(kw_only=True, slots=True)
class _Asked:
    """A request whose headers are read: what is sent, what is wanted back, and of whom. (To freeze it takes longer.)"""

    family: Family
    accepted: Family
    charset: str | None
    options: Mapping[str, str]
    wishes: Wishes
    predictor: Predictor
    settings: Settings
    visit: Visit


def handle(
    environ: dict[str, Any],
    taken: Callable[[], AbstractContextManager[Predictor]],
    settings: Settings,
    *,
    model: str | None = None,
) -> Whole | Response:
    """Return the answer of the predictor that `taken` lends for as long as it takes; log one line of JSON."""
    visit, echoed = Visit(model=model, emf=settings.metrics), attributes.echoed(environ)
    visit.inference_id = echoed.get(attributes.INFERENCE_ID)
    with ExitStack() as held:
        try:
            response: Whole | Response = _answer(environ, held.enter_context(taken()), settings, visit)
        except UserError as error:
            response = mistake(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is answered and the log told
            visit.met(error)
            sentence = f"This is a fault of ours, not of the request; the log has it as {visit.id}."
            response = json({"error": sentence, "id": visit.id}, status=500)
        if isinstance(response, Response):
            response.call_on_close(held.pop_all().close)
            response.headers.update(echoed)
        elif echoed:
            response.headers = echoed
    told = turns.lost(environ)
    if told is not None or not isinstance(response, _Flowing):
        visit.ended(told or (200 if isinstance(response, Response) else response.status))
    return response


def _answer(environ: Mapping[str, Any], predictor: Predictor, settings: Settings, visit: Visit) -> Whole | Response:
    # Not Flask's way: that would swallow what curl sends as a form, and cut a chunked body at the limit.
    sent = body.opened(environ, limit=settings.payload_bytes)
    turns.arrived(environ)
    visit.bytes = len(sent.head)
    media = negotiation.media_type(environ.get("CONTENT_TYPE"))
    read = _READ if takes_matrices(type(predictor)) else negotiation.FAMILIES
    found = negotiation.stated(media, among=read) or negotiation.marked(sent.head, among=read)
    content = _content(sent, media, found)
    family = found or negotiation.sniffed(str(content), among=read)
    asked = _asked(environ, family, predictor, settings, visit)
    if not content:
        return _nothing(asked)
    if family in blocks.FAMILIES and (asked.wishes.stream or _large(sent, family)):
        return _streamed(sent, asked) if asked.wishes.stream else _spooled(sent, asked)
    if sent.rest is not None:
        whole = Body(head=sent.whole())
        visit.bytes, content = len(whole.head), _content(whole, media, family)
    return _whole(content, asked)


def _content(sent: Body, media: MediaType, found: Family | None) -> str | bytes:
    """The body as its family reads it, a matrix as bytes, all else as text; of one still to come, what it begins with.

    Raises UserError for a text that is not of its charset.
    """
    if found in negotiation.MATRICES:
        return sent.head
    charset = media.parameters.get("charset")
    if sent.rest is None:
        return text.decode(sent.head, charset)
    name, mark = text.marked(sent.head, charset)
    return sent.head[mark:_SNIFFED].decode(name, "ignore")


def _large(sent: Body, family: Family) -> bool:
    return sent.rest is not None or len(sent.head) > _MOST_AT_ONCE.get(family.type, len(sent.head))


def _asked(
    environ: Mapping[str, Any], family: Family, predictor: Predictor, settings: Settings, visit: Visit
) -> _Asked:
    stated = tuple(map(environ.get, _STATED))
    said = _said(stated, (settings.accept, family), spoken=_spoken(predictor), usual=settings.wishes)
    return _Asked(
        family=family,
        accepted=said.accepted,
        charset=said.charset,
        options=said.options,
        wishes=said.wishes,
        predictor=_answering(predictor, said),
        settings=settings,
        visit=visit,
    )


_STATED = ("CONTENT_TYPE", "HTTP_ACCEPT", attributes.KEYS[attributes.CUSTOM])


@lru_cache(maxsize=negotiation.REMEMBERED)
def _said(
    stated: tuple[str | None, ...], preferred: tuple[Family | None, ...], *, spoken: Sequence[Family], usual: Wishes
) -> _Said:
    """What these headers say where `usual` is wished else. Raises UserError."""
    header, accept, custom = stated
    options = {**negotiation.media_type(header).parameters, **attributes.options(custom)}
    charset = options.pop("charset", None)
    if accept and (output := negotiation.parameter(accept, "output")) is not None:
        options["output"] = output
    chosen = "output" in options
    wished = wishes.taken(usual, options)
    default = next((each for each in preferred if each in spoken), negotiation.CSV)
    accepted = negotiation.acceptable(accept, default=default, among=spoken)
    return _Said(accepted=accepted, charset=charset, options=MappingProxyType(options), wishes=wished, chosen=chosen)


def _spoken(predictor: Predictor) -> Sequence[Family]:
    return _ALL if takes_matrices(type(predictor)) else negotiation.FAMILIES


_ALL = (*negotiation.FAMILIES, *negotiation.MATRICES)
_READ = (*_ALL, *negotiation.ASKED)


def _answering(predictor: Predictor, said: _Said) -> Predictor:
    if not said.wishes.outputs:
        return predictor
    if isinstance(predictor, Selectable):
        selected: Any = predictor.answering(said.wishes.outputs)
        return selected  # type: ignore[no-any-return]
    if not said.chosen:
        # The environment speaks to whichever models there are.
        return predictor
    raise UserError("what this model answers with cannot be chosen", at="output")


def _nothing(asked: _Asked) -> Whole:
    if not asked.settings.batch:
        raise UserError("the body is empty; send at least one instance")
    return Whole(body=b"", type=asked.accepted.header)


def _whole(content: str | bytes, asked: _Asked) -> Whole:
    batch = requests.read(content, asked.family, asked.predictor, options=asked.options, wishes=asked.wishes)
    answered = _predicted(batch, asked)
    ended = asked.settings.lines_end
    answer = answers.write(answered, asked.accepted, asked.predictor, ended=ended, ids=batch.ids)
    return Whole(body=answer, type=asked.accepted.header)


def _predicted(batch: Batch, asked: _Asked) -> Sequence[Any]:
    visit = asked.visit
    visit.rows += len(batch.requests)
    if asked.wishes.keep_bad:
        answered = predicting.kept(asked.predictor, batch)
        visit.bad += sum(isinstance(each, Fault) for each in answered)
    else:
        answered = predicting.predictions(asked.predictor, batch)
    if visit.emf and isinstance(asked.predictor, Measured):
        good = [each for each in answered if not isinstance(each, Fault)]
        visit.saw(asked.predictor.figures(good), len(good))
    return answered


def _spooled(sent: Body, asked: _Asked) -> Response:
    """The answer of a large body, laid aside until it is whole: a mistake at the end is still told as one."""
    with ExitStack() as held:
        aside = held.enter_context(spool.made())
        size = sum(aside.write(piece) for piece in _pieces(sent, asked))
        aside.seek(0)
        headers = {"Content-Length": str(size)}
        response = Response(spool.pieces(aside), content_type=asked.accepted.header, headers=headers)
        response.call_on_close(held.pop_all().close)
    return response


def _streamed(sent: Body, asked: _Asked) -> Response:
    """The answer of a body, sent as it is made; the body is laid aside, for nobody reads an answer while he speaks."""
    with ExitStack() as held:
        if sent.rest is not None:
            sent = spool.whole(sent, held.enter_context(spool.made()))
        pieces = _pieces(sent, asked)
        first = next(pieces, b"")
        kept = held.pop_all()

    def flowing() -> Iterator[bytes]:
        with kept, Sending(visit=asked.visit):
            yield first
            yield from pieces

    response = _Flowing(flowing(), content_type=asked.accepted.header)
    response.call_on_close(kept.close)
    return response


def _pieces(sent: Body, asked: _Asked) -> Iterator[bytes]:
    written = answers.Pieces(asked.accepted, asked.predictor, ended=asked.settings.lines_end)
    batches = blocks.read(
        sent, asked.family, asked.predictor, charset=asked.charset, options=asked.options, wishes=asked.wishes
    )
    for batch in batches:
        yield written.piece(_predicted(batch, asked), batch.ids)
        asked.visit.bytes = sent.taken
    yield written.end()
    asked.visit.bytes = sent.taken
