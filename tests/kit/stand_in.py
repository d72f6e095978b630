"""A stand-in AWS: moto's server, with what it lacks. Run by the Python that has moto: `stand_in.py PORT`.

Added are the calls that moto does not know and the journey needs, the refusal of a name that is taken, and
the end of a scalable target's policies.
"""

import json
import sys

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.models import SageMakerModelBackend, sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse
from moto.server import main


def _asked(response):
    return json.loads(response.body), sagemaker_backends[response.current_account][response.region]


def delete_training_job(self):
    asked, backend = _asked(self)
    backend.training_jobs.pop(asked["TrainingJobName"], None)
    return "{}"


def delete_model_package(self):
    asked, backend = _asked(self)
    packages = backend.model_package_name_mapping
    name = packages.get(asked["ModelPackageName"], asked["ModelPackageName"])
    if backend.model_packages.pop(name, None) is None:
        raise AWSValidationException(f"ModelPackage {name} does not exist.")
    return "{}"


def delete_model_package_group(self):
    asked, backend = _asked(self)
    backend.model_package_groups.pop(asked["ModelPackageGroupName"], None)
    return "{}"


def update_endpoint(self):
    asked, backend = _asked(self)
    endpoint = backend.endpoints[asked["EndpointName"]]
    endpoint.endpoint_config_name = asked["EndpointConfigName"]
    return json.dumps({"EndpointArn": endpoint.arn})


for added in (delete_training_job, delete_model_package, delete_model_package_group, update_endpoint):
    setattr(SageMakerResponse, added.__name__, added)


def _unique(kind, table, argument):
    make = getattr(SageMakerModelBackend, kind)

    def checked(self, *positional, **named):
        name = named.get(argument)
        if name in getattr(self, table):
            raise AWSValidationException(f"Cannot create already existing {kind[7:]} {name}")
        return make(self, *positional, **named)

    setattr(SageMakerModelBackend, kind, checked)


def _forgetting(deregister=ApplicationAutoscalingBackend.deregister_scalable_target):
    """With a scalable target go its policies, as the reference of DeregisterScalableTarget says."""

    def deregistered(self, namespace, resource, dimension):
        deregister(self, namespace, resource, dimension)
        kept = {key: each for key, each in self.policies.items() if each.resource_id != resource}
        self.policies.clear()
        self.policies.update(kept)

    ApplicationAutoscalingBackend.deregister_scalable_target = deregistered


_forgetting()
_unique("create_training_job", "training_jobs", "training_job_name")
_unique("create_endpoint", "endpoints", "endpoint_name")
_unique("create_model", "_models", "model_name")

main(["-H", "127.0.0.1", "-p", sys.argv[1]])
