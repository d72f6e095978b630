"""What a fit is given: who liked what, the metadata, the settings, and which of the items have viewers."""

from dataclasses import dataclass

import numpy as np

from kindred.errors import UserError
from kindred.recommender.settings import Settings
from kindred.recommender.typing import Doubles, Floats, Numbers, Positions, Sparse


@dataclass(frozen=True, kw_only=True)
class Given:
    """n items, of which m have a positive interaction: only these are fitted, the others join by their metadata.

    x csr float32 (users, m), of ones. content float32 (n, f) or None. warm int64 (m,): the numbers of the m. counts
    float64 (n,): positives an item. blocks int32 (m,), or None: stands in for the clusters that bound the blocks.
    earlier int32 (n,), −1 for none, or None: the tastes that an earlier model put the items in.
    """

    x: Sparse
    content: Floats | None
    warm: Positions
    counts: Doubles
    settings: Settings
    blocks: Numbers | None = None
    earlier: Numbers | None = None

    @property
    def damped(self) -> Doubles:
        """The count of each warm item, and one: what popularity is damped by, float64 (m,)."""
        return self.counts[self.warm] + 1.0

    @property
    def described(self) -> Floats | None:
        """F of the warm items, float32 (m, f), or None."""
        return None if self.content is None else self.content[self.warm]

    @property
    def told(self) -> Floats | None:
        """F of the warm items as the pseudo-users tell it, each row as far as viewers know the item, float32 (m, f)."""
        if self.described is None:
            return None
        counts = self.counts[self.warm]
        known = counts / (counts + self.settings.content_evidence)
        return np.asarray(self.described * known[:, None], dtype=np.float32)


def given(
    x: Sparse,
    *,
    content: Floats | None,
    settings: Settings,
    blocks: Numbers | None = None,
    earlier: Numbers | None = None,
) -> Given:
    """Return what is to be fitted of X, csr float32 (users, n) of ones. Raises UserError where X holds nothing."""
    counts = np.bincount(x.indices, minlength=x.shape[1]).astype(np.float64)
    warm = np.flatnonzero(counts)
    if not len(warm):
        raise UserError("there is no positive interaction to learn from")
    columns = x if len(warm) == x.shape[1] else x[:, warm]
    return Given(
        x=columns, content=content, warm=warm, counts=counts, settings=settings, blocks=blocks, earlier=earlier
    )
