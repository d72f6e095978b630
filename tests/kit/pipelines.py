"""A definition of SageMaker Pipelines run on this machine: S3 is a folder, every container a process of ours.

Each step becomes the request that SageMaker would send, its expressions filled in, and is then done for real: inputs
are laid where the request says, the command of the request runs, outputs are taken from where the request says.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kit import doors, opt_ml
from kit.real_train import KINDRED

INSIDE = "/opt/ml"
TIMEOUT_S = 120
COMPARED = {"GreaterThan": lambda left, right: left > right, "LessThan": lambda left, right: left < right}


@dataclass
class Run:
    """A run of `definition`; `requests` are those that were sent, by step, `said` what each step's program said.

    `told` are the parameters that the run is started with.
    """

    definition: Mapping[str, Any]
    s3: Path
    machines: Path
    told: Mapping[str, Any] = field(default_factory=dict)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    _answers: dict[str, Any] = field(default_factory=dict)

    def go(self) -> "Run":
        """Do the steps in order, a condition's only where it holds."""
        parameters = {each["Name"]: each["DefaultValue"] for each in self.definition["Parameters"]}
        self._answers = {"Parameters": {**parameters, **self.told}, "Execution": {"PipelineExecutionId": "run1"}}
        self._answers["Steps"] = {}
        self._all(self.definition["Steps"])
        return self

    def local(self, uri: str) -> Path:
        """Where an address of S3 lies on this machine."""
        return self.s3 / uri.removeprefix("s3://")

    def _all(self, steps: list[dict[str, Any]]) -> None:
        doing = {"Processing": self._processing, "Training": self._training, "RegisterModel": lambda *_: {}}
        for step in steps:
            if step["Type"] == "Condition":
                self._condition(step["Arguments"])
                continue
            request = self._filled(step["Arguments"])
            self.requests[step["Name"]] = request
            self._answers["Steps"][step["Name"]] = answer = doing[step["Type"]](step["Name"], request)
            answer["PropertyFiles"] = {each["PropertyFileName"]: each for each in step.get("PropertyFiles", ())}
            for file in answer["PropertyFiles"].values():
                file["Outputs"] = answer["ProcessingOutputConfig"]["Outputs"]

    def _condition(self, arguments: Mapping[str, Any]) -> None:
        conditions = [self._filled(each) for each in arguments["Conditions"]]
        holds = all(COMPARED[each["Type"]](float(each["LeftValue"]), float(each["RightValue"])) for each in conditions)
        self._all(arguments["IfSteps" if holds else "ElseSteps"])

    def _processing(self, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        machine = self.machines / name
        for each in (row["S3Input"] for row in request["ProcessingInputs"]):
            source, place = self.local(each["S3Uri"]), _inside(machine, each["LocalPath"])
            place.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, place, dirs_exist_ok=True)
            else:
                shutil.copy(source, place)
        outputs = {row["OutputName"]: row for row in request["ProcessingOutputConfig"]["Outputs"]}
        for row in outputs.values():
            _inside(machine, row["S3Output"]["LocalPath"]).mkdir(parents=True)
        program = request["AppSpecification"]
        words = [*program["ContainerEntrypoint"], *program["ContainerArguments"]]
        words = [sys.executable if word == "python" else word.replace(INSIDE, str(machine)) for word in words]
        ended = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        assert ended.returncode == 0, f"{name}: {ended.stderr}"
        self.said[name] = ended.stdout
        for row in outputs.values():
            shutil.copytree(_inside(machine, row["S3Output"]["LocalPath"]), self.local(row["S3Output"]["S3Uri"]))
        return {"ProcessingOutputConfig": {"Outputs": outputs}}

    def _training(self, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        machine = self.machines / name
        sources = {row["ChannelName"]: row["DataSource"]["S3DataSource"]["S3Uri"] for row in request["InputDataConfig"]}
        channels = {channel: dict(_files(self.local(uri))) for channel, uri in sources.items()}
        opt_ml.lay_out(machine, channels=channels, hyperparameters=request["HyperParameters"])
        trained = doors.ended(KINDRED.start("train", machine, environ={}), machine)
        assert trained.status == 0, trained.log
        self.said[name] = trained.log
        uri = f"{request['OutputDataConfig']['S3OutputPath']}/{name}/output/model.tar.gz"
        self.local(uri).parent.mkdir(parents=True)
        with tarfile.open(self.local(uri), "w:gz") as tar:
            tar.add(machine / "model", arcname=".")
        metrics = {
            row["Name"]: {"Value": float(found[-1])}
            for row in request["AlgorithmSpecification"]["MetricDefinitions"]
            if (found := re.findall(row["Regex"], trained.log))
        }
        return {"ModelArtifacts": {"S3ModelArtifacts": uri}, "FinalMetricDataList": metrics}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        if not isinstance(value, dict):
            return value
        match value:
            case {"Get": path}:
                return _at(self._answers, path)
            case {"Std:Join": {"On": on, "Values": values}}:
                return on.join(str(self._filled(each)) for each in values)
            case {"Std:JsonGet": {"PropertyFile": {"Get": file}, "Path": path}}:
                return self._figure(_at(self._answers, file), path)
        return {key: self._filled(each) for key, each in value.items()}

    def _figure(self, file: Mapping[str, Any], path: str) -> Any:
        output = file["Outputs"][file["OutputName"]]["S3Output"]["S3Uri"]
        return _at(json.loads((self.local(output) / file["FilePath"]).read_text()), path)


def _at(answer: Any, path: str) -> Any:
    """The value at a path such as `Steps.Train.FinalMetricDataList['test:x'].Value`."""
    for quoted, plain in re.findall(r"\['([^']+)'\]|([^.\[\]]+)", path):
        answer = answer[quoted or plain]
    return answer


def _inside(machine: Path, path: str) -> Path:
    assert path.startswith(f"{INSIDE}/"), path
    return machine / path.removeprefix(f"{INSIDE}/")


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()
