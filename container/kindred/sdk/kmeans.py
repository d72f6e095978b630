"""SageMaker's `KMeans` and its model, of any image."""

from typing import Any

from sagemaker.amazon import kmeans as built_in
from sagemaker.vpc_utils import VPC_CONFIG_DEFAULT

from kindred.sdk.local import LocalSession

LOCAL = ("local", "local_gpu")


class KMeans(built_in.KMeans):
    """The SDK's `KMeans`, which trains and deploys `image_uri`; the built-in's image where that is None.

    Without a session local mode is `kindred.sdk.LocalSession`, which reads what `record_set` writes.
    """

    def __init__(
        self,
        role: Any = None,
        instance_count: Any = None,
        instance_type: Any = None,
        *others: Any,
        image_uri: Any = None,
        sagemaker_session: Any = None,
        **named: Any,
    ) -> None:
        self.image_uri = image_uri
        if sagemaker_session is None and instance_type in LOCAL:
            sagemaker_session = LocalSession()
        super().__init__(
            role, instance_count, instance_type, *others, sagemaker_session=sagemaker_session, **named
        )  # fmt: skip

    def training_image_uri(self) -> Any:
        """Return the image that trains."""
        return super().training_image_uri() if self.image_uri is None else self.image_uri

    def create_model(self, vpc_config_override: Any = VPC_CONFIG_DEFAULT, **named: Any) -> "KMeansModel":
        """Return the model that was trained last, of the image that trained it where `image_uri` names no other."""
        image_uri = named.pop("image_uri", None)
        return KMeansModel(
            self.model_data,
            self.role,
            self.sagemaker_session,
            image_uri=self.training_image_uri() if image_uri is None else image_uri,
            vpc_config=self.get_vpc_config(vpc_config_override),
            **named,
        )

    @classmethod
    def _prepare_init_params_from_job_description(cls, job_details: Any, model_channel_name: Any = None) -> Any:
        """The arguments that `attach` makes the estimator of; the SDK looks for hyperparameters in its own class."""
        found = built_in.KMeans._prepare_init_params_from_job_description(job_details, model_channel_name)
        return {**found, "image_uri": job_details["AlgorithmSpecification"]["TrainingImage"]}


class KMeansModel(built_in.KMeansModel):
    """The SDK's `KMeansModel`, which deploys `image_uri`; the built-in's image where that is None."""

    def __init__(
        self,
        model_data: Any,
        role: Any = None,
        sagemaker_session: Any = None,
        *,
        image_uri: Any = None,
        **named: Any,
    ) -> None:
        super().__init__(model_data, role, sagemaker_session, **named)
        if image_uri is not None:
            self.image_uri = image_uri
