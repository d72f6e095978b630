"""What the verbs take where nothing is named, so that they fit together."""

BUCKET = "kindred-${account}-${region}"
ROLE_NAME = "kindred"
ROLE = f"arn:${{partition}}:iam::${{account}}:role/{ROLE_NAME}"
IMAGE = "${account}.dkr.ecr.${region}.${suffix}/kindred:latest"
JOB = "kindred-${now}"
ENDPOINT = "kindred"
INSTANCE = "ml.m5.large"
TAGS = [{"Key": "project", "Value": "kindred"}]
