"""What a registry is handed: SageMaker refuses OCI manifests and image indexes (contract line 8)."""

import sys

import pytest

from kit import boxes
from kit.registry import registry


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the engine lives in another machine and cannot reach the test")
def test_a_push_hands_over_a_docker_manifest(image):
    """[8]"""
    with registry() as taken:
        name = f"{taken.host}/{image}:pushed"
        boxes.docker("tag", image, name)
        try:
            pushed = boxes.docker("push", name, timeout_s=300)
        finally:
            boxes.docker("rmi", name)
    assert pushed.returncode == 0, pushed.stderr
    assert taken.manifests == {"pushed": "application/vnd.docker.distribution.manifest.v2+json"}
