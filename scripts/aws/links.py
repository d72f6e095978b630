"""Links into the AWS console."""


def sagemaker(page: str) -> str:
    """Return the link to a page of SageMaker's, such as `jobs/NAME`; the region is filled in by the runner."""
    return f"https://${{region}}.console.${{console}}/sagemaker/home?region=${{region}}#/{page}"


def bucket(name: str) -> str:
    """Return the link to a bucket."""
    return f"https://s3.console.${{console}}/s3/buckets/{name}"


def role(name: str) -> str:
    """Return the link to a role."""
    return f"https://console.${{console}}/iam/home#/roles/{name}"
