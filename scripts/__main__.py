"""`python -m scripts VERB`, which is `kindred-aws VERB`: the verbs there are."""

from . import (
    cleanup,
    create_bucket,
    create_role,
    deploy,
    invoke,
    pipeline,
    prepare_data,
    register,
    train,
    transform,
    tune,
    upload_data,
)
from .aws import cli

VERBS: cli.Verbs = {
    "create-bucket": create_bucket.plan, "create-role": create_role.plan, "upload-data": upload_data.plan,
    "train": train.plan, "tune": tune.plan, "register": register.plan, "deploy": deploy.plan, "invoke": invoke.plan,
    "transform": transform.plan, "pipeline": pipeline.plan, "cleanup": cleanup.plan,
}  # fmt: skip
LOCAL = {"prepare-data": prepare_data.run}


def main() -> None:
    """Run the command with all its verbs."""
    cli.main(VERBS, LOCAL)


if __name__ == "__main__":
    main()
