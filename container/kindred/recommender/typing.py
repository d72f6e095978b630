"""Names for the arrays of this room."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int32]
Positions: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

# scipy.sparse.csr_array or csc_array of float32. Named loosely on purpose: importing scipy here would cost `serve`
# a fifth of a second.
Sparse: TypeAlias = Any
