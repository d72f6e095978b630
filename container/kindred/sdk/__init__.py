"""SageMaker's SDK v2 with this image in the place of the built-in k-means, on AWS and in local mode.

    from kindred.sdk import KMeans                        # instead of: from sagemaker import KMeans

    kmeans = KMeans(role, 1, "local", k=10, image_uri="kindred")
    kmeans.fit(kmeans.record_set(rows))
    predictor = kmeans.deploy(1, "local")
    predictor.predict(rows)

`KMeans` and `KMeansModel` are the SDK's, and heed `image_uri`. `LocalSession` is the SDK's local mode, and reads what
`record_set` writes: manifests, and channels that are sharded over several hosts. Where no session is given they take
it themselves. It needs `sagemaker[local]<3`; `pip install kindred` does not bring it.
"""

import importlib
from typing import TYPE_CHECKING, Any

from kindred.errors import UserError

if TYPE_CHECKING:
    from kindred.sdk.kmeans import KMeans, KMeansModel
    from kindred.sdk.local import LocalSession

__all__ = ["KMeans", "KMeansModel", "LocalSession"]

_PLACES = {"KMeans": "kindred.sdk.kmeans", "KMeansModel": "kindred.sdk.kmeans", "LocalSession": "kindred.sdk.local"}


def __getattr__(name: str) -> Any:
    """Return one of the classes. Raises UserError where SageMaker's SDK v2 is not installed."""
    if name not in _PLACES:
        raise AttributeError(f"module 'kindred.sdk' has no attribute '{name}'")
    try:
        return getattr(importlib.import_module(_PLACES[name]), name)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("sagemaker"):
            raise
        raise UserError(
            'version 2 of SageMaker\'s SDK is not installed, and kindred.sdk needs it; pip install "sagemaker[local]<3"'
        ) from error
