"""Records of aialgs.data, the protobuf of SageMaker's built-in algorithms, become vectors, and the way back.

Contract lines 127, 167, 175 to 182.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import dense, messages, recordio, strides, tensors
from kindred.codecs.messages import Record
from kindred.codecs.strides import Lane
from kindred.errors import UserError

KEY = "values"
"""The name of the row among the features, and of the number among the labels (contract line 178)."""


@dataclass(frozen=True, kw_only=True)
class Vectors:
    """Rows float32 (n, d), finite; one label a row, float32 (n,), NaN where a record has none, None where none has any.

    `uids` and `metadata` have one entry a row, "" where a record has none; None where none has any.
    """

    rows: NDArray[np.float32]
    labels: NDArray[np.float32] | None
    uids: tuple[str, ...] | None
    metadata: tuple[str, ...] | None


def decode(body: bytes | memoryview, *, most_cells: int = dense.MOST) -> Vectors:
    """Return the vectors of a body: frames, the last with or without its padding, or one bare record. "" has (0, 0).

    The row is the feature `values`, float32, float64 or int32, dense or sparse; the label likewise, one number. Raises
    UserError, `at` the record (from 1) and the byte (from 0), for bytes that are no records, rows of unequal width,
    and numbers that are not finite as float32; and where sparse rows spread to more than `most_cells`.
    """
    view = memoryview(body).cast("B")
    blocks: list[_Block] = []
    count, at, cells = 0, 0, 0
    while at < len(view):
        try:
            block, after = _block(view, at)
            cells += block.spread
            _require_fit(block, (blocks or [block])[0].rows.shape[1])
            _require_room(cells, most_cells)
        except UserError as error:
            raise _placed(error, count, at) from None
        blocks.append(block)
        count, at = count + len(block.rows), after
    return _vectors(blocks, count)


def begun(body: bytes | memoryview, *, width: int | None, part_cells: int) -> tuple[Vectors, int]:
    """Return the vectors of the whole frames that a body of frames begins with, and where the next one begins.

    Those are all but one that is cut off at the end, and fewer where sparse rows spread to more than `part_cells`; none
    is of another width than `width`, if given. Raises UserError as `decode`, but not for the frame that is cut off.
    """
    view = memoryview(body).cast("B")
    blocks: list[_Block] = []
    count, at, cells = 0, 0, 0
    while at < len(view) and cells <= part_cells:
        try:
            if at == 0:
                recordio.frame(view, at)
            block, after = _block(view, at)
            _require_fit(block, width or block.rows.shape[1])
        except recordio.Cut:
            break
        except UserError as error:
            raise _placed(error, count, at) from None
        blocks.append(block)
        count, at, cells, width = count + len(block.rows), after, cells + block.spread, block.rows.shape[1]
    return _vectors(blocks, count), at


def read(body: bytes | memoryview) -> list[Record]:
    """Return the records of a body as they are written, answers of the built-in among them. Raises as `decode`."""
    view = memoryview(body).cast("B")
    records: list[Record] = []
    at = 0
    while at < len(view):
        try:
            record, _, after = _record(view, at)
        except UserError as error:
            raise _placed(error, len(records), at) from None
        records.append(record)
        at = after
    return records


def encode_features(rows: NDArray[Any], *, labels: NDArray[Any] | None = None) -> bytes:
    """Return one framed record a row of rows (n, d): float32 and float64 as they are, integers as Int32Tensor."""
    columns = {} if labels is None else {KEY: labels}
    return messages.encode({KEY: rows}, columns)


def encode_sparse(cells: Iterable[tuple[NDArray[Any], NDArray[Any]]], *, width: int) -> bytes:
    """Return one framed record of `width` numbers for each pair of keys and values; a pair of none is all zeros."""
    return recordio.encode(messages.sparse(KEY, keys, values, width=width) for keys, values in cells)


def encode_answers(columns: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Return one framed record a row, of no features; each column, (n,), is a label of that name, the names sorted."""
    return messages.encode({}, columns)


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Records of one layout in frames of `stride` bytes, the first at byte `at`; one uid, one metadata for all.

    rows: (m, d) of any dtype, perhaps a view of the body; labels: (m,). `spread`: numbers that no value stands for.
    """

    at: int
    stride: int
    rows: NDArray[np.generic]
    labels: NDArray[np.generic] | None
    uid: str | None
    metadata: str | None
    spread: int


def _block(view: memoryview, at: int) -> tuple[_Block, int]:
    record, buffer, after = _record(view, at)
    tensor = _only(record.features)
    row, labels = tensors.row(tensor), _label(record)
    rows: NDArray[np.generic] = row[None]
    numbers, label = _lane(tensor), _lane(record.label.get(KEY))
    stride, count = after - at, 1
    # A frame of another length is of another layout.
    if numbers and buffer is view and view[at : at + 8] == view[after : after + 8]:
        count = strides.run(view, at, after, lanes=[lane for lane in (numbers, label) if lane])
        rows = strides.matrix(view, numbers, stride=stride, count=count)
        labels = strides.matrix(view, label, stride=stride, count=count)[:, 0] if label else labels
    block = _Block(
        at=at,
        stride=stride,
        rows=rows,
        labels=None if labels is None else np.broadcast_to(labels, (count,)),
        uid=record.uid,
        metadata=record.metadata,
        spread=len(row) - len(tensor.values),
    )
    return block, at + count * stride


def _record(view: memoryview, at: int) -> tuple[Record, memoryview, int]:
    """The record whose frame begins at byte `at`, the buffer that it lies in, and the end of its frame."""
    if at == 0 and not recordio.framed(view):
        return _bare(view), memoryview(b""), len(view)
    (buffer, start, stop), after = recordio.frame(view, at)
    try:
        return messages.decode(buffer, start, stop), buffer, after
    except UserError as error:
        if buffer is not view:
            # Bytes of a record joined from parts are not the body's.
            error.at = None
        raise


def _bare(view: memoryview) -> Record:
    try:
        return messages.decode(view, 0, len(view))
    except UserError as error:
        error.args = (f"the body begins with no RecordIO frame, and is no bare record: {error.sentence}",)
        error.sentence = error.args[0]
        raise


def _only(features: Mapping[str, tensors.Tensor]) -> tensors.Tensor:
    if set(features) == {KEY}:
        return features[KEY]
    names = ", ".join(repr(name[:40]) for name in sorted(features)[:5]) or "none"
    raise UserError(f"the record's features are {names}; expected one, named '{KEY}'")


def _label(record: Record) -> NDArray[np.float32] | None:
    if KEY not in record.label:
        return None
    label = tensors.row(record.label[KEY])
    if len(label) != 1:
        raise UserError(f"the label '{KEY}' holds {len(label)} numbers; expected one")
    return label


def _lane(tensor: tensors.Tensor | None) -> Lane | None:
    """Where the numbers lie that may differ in the next record of the same layout."""
    if tensor is None or tensor.span is None or not len(tensor.values) or len(tensor.keys):
        return None
    start, stop = tensor.span
    if tensor.kind is not tensors.INT32:
        return Lane(start=start, stop=stop, dtype=tensor.kind.dtype)
    return Lane(start=start, stop=stop, dtype=np.dtype(np.uint8)) if stop - start == len(tensor.values) else None


def _require_fit(block: _Block, expected: int) -> None:
    width = block.rows.shape[1]
    if width != expected:
        raise UserError(f"the row has {width} numbers, and the first record's has {expected}")


def _require_room(cells: int, most_cells: int) -> None:
    if cells > most_cells:
        raise UserError(f"the sparse rows spread to more than {most_cells} numbers; send fewer rows at a time")


def _placed(error: UserError, before: int, at: int) -> UserError:
    error.at = f"record {before + 1}, {error.at or f'byte {at}'}"
    return error


def _vectors(blocks: list[_Block], count: int) -> Vectors:
    if not blocks:
        return Vectors(rows=np.zeros((0, 0), np.float32), labels=None, uids=None, metadata=None)
    with np.errstate(over="ignore", invalid="ignore"):
        rows = np.concatenate([block.rows for block in blocks], dtype=np.float32, casting="same_kind")
    bad = dense.unbounded(rows)
    if bad is not None:
        raise _unbounded(blocks, bad)
    return Vectors(
        rows=rows,
        labels=_labels(blocks, count),
        uids=_texts([(block.uid, len(block.rows)) for block in blocks]),
        metadata=_texts([(block.metadata, len(block.rows)) for block in blocks]),
    )


def _unbounded(blocks: list[_Block], row: int) -> UserError:
    begins = np.cumsum([0, *(len(block.rows) for block in blocks)])
    i = int(np.searchsorted(begins, row, side="right")) - 1
    at = blocks[i].at + (row - int(begins[i])) * blocks[i].stride
    return _placed(UserError("the row holds a number that is not finite as float32"), row, at)


def _labels(blocks: list[_Block], count: int) -> NDArray[np.float32] | None:
    if all(block.labels is None for block in blocks):
        return None
    labels = np.full(count, np.nan, np.float32)
    at = 0
    for block in blocks:
        if block.labels is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                labels[at : at + len(block.rows)] = block.labels
        at += len(block.rows)
    return labels


def _texts(runs: list[tuple[str | None, int]]) -> tuple[str, ...] | None:
    if all(text is None for text, _ in runs):
        return None
    return tuple(text or "" for text, count in runs for _ in range(count))
