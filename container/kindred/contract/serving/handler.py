"""One request to a model, from its body to its answer, whatever happens on the way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from kindred.codecs import text
from kindred.contract import negotiation
from kindred.contract.negotiation import Family, MediaType
from kindred.contract.port import Predictor
from kindred.contract.serving import answers, attributes, blocks, body, headers, predicting, requests, spool
from kindred.contract.serving.abilities import Measured, Selectable, takes_matrices
from kindred.contract.serving.body import Body
from kindred.contract.serving.headers import Said
from kindred.contract.serving.replies import Whole, json, mistake
from kindred.contract.serving.requests import Batch, Fault
from kindred.contract.serving.settings import Settings
from kindred.contract.serving.visit import Sending, Visit
from kindred.contract.worker import turns
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


@dataclass(kw_only=True, slots=True)
class _Asked:
    """A request whose headers are read: what is sent, what is wanted back, and of whom. (To freeze it takes longer.)"""

    family: Family
    said: Said
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
    if family in blocks.FAMILIES and (asked.said.wishes.stream or _large(sent, family)):
        return _streamed(sent, asked) if asked.said.wishes.stream else _spooled(sent, asked)
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
    said = headers.read(environ, family, settings, spoken=_spoken(predictor))
    return _Asked(family=family, said=said, predictor=_answering(predictor, said), settings=settings, visit=visit)


def _spoken(predictor: Predictor) -> Sequence[Family]:
    return _ALL if takes_matrices(type(predictor)) else negotiation.FAMILIES


_ALL = (*negotiation.FAMILIES, *negotiation.MATRICES)
_READ = (*_ALL, *negotiation.ASKED)


def _answering(predictor: Predictor, said: Said) -> Predictor:
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
    return Whole(body=b"", type=asked.said.accepted.header)


def _whole(content: str | bytes, asked: _Asked) -> Whole:
    batch = requests.read(content, asked.family, asked.predictor, options=asked.said.options, wishes=asked.said.wishes)
    answered = _predicted(batch, asked)
    ended = asked.settings.lines_end
    answer = answers.write(answered, asked.said.accepted, asked.predictor, ended=ended, ids=batch.ids)
    return Whole(body=answer, type=asked.said.accepted.header)


def _predicted(batch: Batch, asked: _Asked) -> Sequence[Any]:
    visit = asked.visit
    visit.rows += len(batch.requests)
    if asked.said.wishes.keep_bad:
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
        response = Response(spool.pieces(aside), content_type=asked.said.accepted.header)
        response.content_length = size
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

    response = _Flowing(flowing(), content_type=asked.said.accepted.header)
    response.call_on_close(kept.close)
    return response


def _pieces(sent: Body, asked: _Asked) -> Iterator[bytes]:
    written = answers.Pieces(asked.said.accepted, asked.predictor, ended=asked.settings.lines_end)
    batches = blocks.read(
        sent,
        asked.family,
        asked.predictor,
        charset=asked.said.charset,
        options=asked.said.options,
        wishes=asked.said.wishes,
    )
    for batch in batches:
        yield written.piece(_predicted(batch, asked), batch.ids)
        asked.visit.bytes = sent.taken
    yield written.end()
    asked.visit.bytes = sent.taken
