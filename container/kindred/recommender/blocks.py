"""Block ridge: one small closed-form system a cluster, solved for all its items at once.

Without taste features this is EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019) on a
block; the zero-diagonal constraint is carried by one multiplier an item. Derivation: docs/4-the-model.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy import sparse

from kindred.engine.pool import Pool
from kindred.errors import Bug
from kindred.recommender.gram import Gram
from kindred.recommender.typing import Doubles, Flags, Floats, Numbers, Positions, Sparse


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """What every block shares. gram: G. penalties: λ_j float64 (n,). profiles: Φ float64 (n, d).

    crossed: GΦ float64 (n, d). taste_system: Φ'GΦ + L, float64 (d, d).
    """

    gram: Gram
    penalties: Doubles
    profiles: Doubles
    crossed: Doubles
    taste_system: Doubles


@dataclass(frozen=True, kw_only=True)
class Block:
    """The items of one cluster, `members` int64 (m,), and all it looks at, `numbers` int64 (b,), members first."""

    members: Positions
    numbers: Positions


@dataclass(frozen=True, kw_only=True)
class Solution:
    """W as csr float32 (n, n), row i the items that i pulls, and V float32 (n, d)."""

    weights: Sparse
    tastes: Floats


@dataclass(frozen=True, kw_only=True)
class Part:
    """What was solved for `members` int64 (m,): V float32 (m, d) as `tastes`, and their columns of W, entry by entry.

    sources, targets int32 (e,): W_ij of item i pulls item j; values float32 (e,).
    """

    members: Positions
    sources: Numbers
    targets: Numbers
    values: Floats
    tastes: Floats


def solve(blocks: Sequence[Block], pieces: Pieces, *, keep: int, pool: Pool) -> Iterator[Part]:
    """Yield W and V for the members of each block, in the order of the blocks.

    At most `keep` weights an item stay in W, the largest, its own among them.
    """
    return pool.stream(lambda block: _part(block, pieces, pieces.gram.block(block.numbers), keep=keep), blocks)


def solve_each(blocks: Sequence[Block], pieces: Sequence[Pieces], *, keep: int, pool: Pool) -> Iterator[Sequence[Part]]:
    """Yield the parts of each block, one for each of `pieces`, which differ in λ and in what follows from it.

    They are what `solve` yields for each, to the bit, but a block's G is formed once for all.
    """

    def of_block(block: Block) -> Sequence[Part]:
        own = pieces[0].gram.block(block.numbers)
        return [_part(block, one, own, keep=keep) for one in pieces]

    return pool.stream(of_block, blocks)


def joined(parts: Sequence[Part]) -> Part:
    """Return the parts, of which there is at least one, as one."""
    if len(parts) == 1:
        return parts[0]
    columns = {field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Part)}
    return Part(**columns)


def solution(parts: Sequence[Part], tastes: Floats) -> Solution:
    """Return W, and V float32 (n, d): of the parts where they have the item, as in `tastes` elsewhere."""
    items = len(tastes)
    if not parts:
        return Solution(weights=sparse.csr_array((items, items), dtype=np.float32), tastes=tastes)
    whole, tastes = joined(parts), tastes.copy()
    tastes[whole.members] = whole.tastes
    weights = sparse.csr_array((whole.values, (whole.sources, whole.targets)), shape=(items, items))
    weights.sort_indices()
    return Solution(weights=weights, tastes=tastes)


def _part(block: Block, pieces: Pieces, own: Doubles, *, keep: int) -> Part:
    """What is solved for a block whose G is `own`, float64 (b, b)."""
    members = len(block.members)
    size = len(block.numbers)
    solution = _constrained(block, pieces, own)
    local, tastes = solution[:size], solution[size:]
    kept = _largest(local, keep=keep)
    rows, columns = np.nonzero(kept)
    return Part(
        members=block.members,
        sources=block.numbers[rows].astype(np.int32),
        targets=block.members[columns].astype(np.int32),
        values=local[rows, columns].astype(np.float32),
        tastes=tastes.T.astype(np.float32).reshape(members, -1),
    )


def _constrained(block: Block, pieces: Pieces, own: Doubles) -> Doubles:
    """The weights w of every member, float64 (b + d, m), each with own weight a·w = 0."""
    members, size = len(block.members), len(block.numbers)
    own_tastes = pieces.profiles[block.members].T
    right = np.zeros((size + own_tastes.shape[0], 2 * members))
    diagonal = np.arange(members)
    right[diagonal, diagonal] = 1.0
    right[diagonal, members + diagonal] = 1.0
    right[size:, members:] = own_tastes
    answers = _solved(_system(block, pieces, own), right)
    r, s = answers[:, :members], answers[:, members:]
    penalties = pieces.penalties[block.members]
    own_r = r[diagonal, diagonal] + np.einsum("dm,dm->m", own_tastes, r[size:])
    own_s = s[diagonal, diagonal] + np.einsum("dm,dm->m", own_tastes, s[size:])
    multipliers = (1.0 - penalties * own_r) / own_s
    weights: Doubles = -penalties * r - multipliers * s
    weights[diagonal, diagonal] += 1.0
    return weights


def _solved(system: Doubles, right: Doubles) -> Doubles:
    try:
        # Not SciPy's Cholesky, though it does half the work: it holds the interpreter's lock, and blocks would queue.
        return np.asarray(np.linalg.solve(system, right), dtype=np.float64)
    except np.linalg.LinAlgError as error:
        raise Bug(f"a block of {len(system)} unknowns has a singular system") from error


def _system(block: Block, pieces: Pieces, own: Doubles) -> Doubles:
    size = len(block.numbers)
    width = pieces.taste_system.shape[0]
    system = np.empty((size + width, size + width))
    system[:size, :size] = own
    system[np.arange(size), np.arange(size)] += pieces.penalties[block.numbers]
    system[:size, size:] = pieces.crossed[block.numbers]
    system[size:, :size] = system[:size, size:].T
    system[size:, size:] = pieces.taste_system
    return system


def _largest(local: Doubles, *, keep: int) -> Flags:
    """Which weights stay: in each column the `keep` largest by size, the own one first, never an exact zero."""
    size, members = local.shape
    kept: Flags = local != 0
    if size > keep:
        sizes = np.abs(local)
        own = np.arange(members)
        sizes[own, own] = np.inf
        small = np.argpartition(sizes, size - keep, axis=0)[: size - keep]
        np.put_along_axis(kept, small, values=np.False_, axis=0)
    return kept
