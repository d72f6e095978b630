"""Flags that several verbs have."""

from typing import Annotated

from typer import Option

Algorithm = Annotated[str, Option(help="recommender or kmeans")]
Image = Annotated[str, Option(help="the image in ECR, as ./build_and_push.sh prints it")]
Role = Annotated[str, Option(help="the ARN of the role that SageMaker takes on")]
Bucket = Annotated[str, Option(help="where models, checkpoints and captured data go")]
Data = Annotated[str, Option(help="s3://bucket/folder that holds a folder for each channel")]
Channels = Annotated[list[str] | None, Option("--channel", help="name=s3://…, in place of --data; several times")]
Settings = Annotated[list[str] | None, Option("--set", help="hyperparameter=value; several times")]
Instance = Annotated[str, Option(help="the type of machine")]
Count = Annotated[int, Option(help="how many machines")]
VolumeGb = Annotated[int, Option(help="the disk of a machine")]
MaxHours = Annotated[float, Option(help="then the job is stopped")]
Spot = Annotated[bool, Option("--spot/--on-demand", help="spare machines at a discount, with checkpoints")]
Isolated = Annotated[bool, Option("--isolated", help="no network in the container at all")]
Subnets = Annotated[list[str] | None, Option("--subnet", help="of your VPC; several times")]
SecurityGroups = Annotated[list[str] | None, Option("--security-group", help="of your VPC; several times")]
KmsKey = Annotated[str, Option(help="the key that encrypts disks and models; else AWS's own")]
Wait = Annotated[bool, Option("--wait/--no-wait", help="stay until it is done, and say how it goes")]
FromJob = Annotated[str, Option("--job", help="the training job whose model it is")]
ModelData = Annotated[str, Option(help="s3://…/model.tar.gz, in place of --job")]
