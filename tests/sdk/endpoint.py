"""Hold an endpoint of local mode until stdin ends, with whichever SDK runs this: endpoint.py IMAGE MODEL PORT."""

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "local_test"))

import place

try:
    from sagemaker.core.local.local_session import LocalSession
except ImportError:
    from sagemaker.local import LocalSession


def main(image: str, model: str, port: int) -> None:
    os.environ.update({**place.QUIET, "SAGEMAKER_USER_CONFIG_OVERRIDE": os.devnull})
    with place.swept(image) as folder:
        shutil.copytree(model, folder / "model")
        session = LocalSession()
        session.config = {"local": {"local_code": True, "container_root": str(folder), "serving_port": port}}
        calls = session.sagemaker_client
        container = {"Image": image, "ModelDataUrl": f"file://{folder}/model", "Environment": {}}
        calls.create_model(ModelName="echo", PrimaryContainer=container)
        variant = {"VariantName": "all", "ModelName": "echo", "InitialInstanceCount": 1, "InstanceType": "local"}
        calls.create_endpoint_config(EndpointConfigName="echo", ProductionVariants=[variant])
        calls.create_endpoint(EndpointName="echo", EndpointConfigName="echo")
        print("\nthe endpoint answers", flush=True)
        sys.stdin.read()
        calls.delete_endpoint(EndpointName="echo")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
