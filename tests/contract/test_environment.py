"""What the environment may say of a training job (contract lines 35, 64)."""

from dataclasses import replace

import pytest

from kindred.contract.training import door
from kit import doors
from kit.echo import ECHO
from kit.opt_ml import lay_out


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"TRAINING_JOB_NAME": "films-7", "TRAINING_JOB_ARN": "arn:aws:sagemaker:eu-west-1:1:films-7"}, "films-7"),
        ({"TRAINING_JOB_NAME": "films-7"}, "films-7"),
        ({"AWS_REGION": "mars", "SM_HP_LEAST": "1000", "least": "1000"}, "local"),
    ],
)
def test_the_jobs_name(tmp_path, environ, name):
    """[35, 209] local mode gives a name without its ARN; a variable of nobody's is no setting"""
    lay_out(tmp_path / "ml")
    names = []
    echo = replace(ECHO, train=lambda job: names.append(job.name) or ECHO.train(job))
    ended = door.run(lambda: (echo,), environ={**environ, "SAGEMAKER_BASE_DIR": str(tmp_path / "ml")})
    assert (ended.status, names) == (0, [name])


@pytest.mark.parametrize(
    ("level", "told"), [({}, True), ({"SM_LOG_LEVEL": "20"}, True), ({"SM_LOG_LEVEL": "30"}, False)]
)
def test_the_level_of_the_log(tmp_path, level, told):
    """[64]"""
    lay_out(tmp_path)
    trained = doors.train(tmp_path, **level)
    assert trained.status == 0
    assert ("lines=3.0" in trained.log) == told


def test_the_toolkits_intermediate_folder_is_left_alone(tmp_path):
    """[71] whatever the SDK says of where it would be synced to"""
    lay_out(tmp_path, hyperparameters={"sagemaker_s3_output": '"s3://bucket/intermediate"'})
    theirs = tmp_path / "output" / "intermediate" / "half"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    assert doors.train(tmp_path).status == 0
    assert [path.read_text() for path in theirs.parent.iterdir()] == ["theirs"]
