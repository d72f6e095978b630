"""What SageMaker is told of an algorithm, held against the limits of its API (contract lines 75, 81, 83, 86-92).

The limits are those of the API reference: CreateAlgorithm, and ParameterRanges of CreateHyperParameterTuningJob.
"""

import json
import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.algorithms import ALGORITHMS, kmeans
from kindred.contract import hyperparameters as hp
from kindred.contract import specification
from kindred.contract.port import ChannelSpec, Hyperparameter
from kindred.contract.specification import allowed, create_algorithm, metric_definitions, objectives, tuner_ranges
from kindred.contract.training import metrics
from kit.echo import ECHO

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/kindred:0.1.0"
INT32 = 2**31 - 1
NUMBERS = {"Integer": int, "Continuous": float}
DECIMAL = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?")
INSTANCE = re.compile(r"ml\.[cmr][5-7]i?\.([2-9]|[1-9][0-9])?x?large")

every = pytest.mark.parametrize("algorithm", [*ALGORITHMS, ECHO], ids=lambda each: each.name)


def training(algorithm):
    return create_algorithm(algorithm, image=IMAGE)["TrainingSpecification"]


def inference(algorithm):
    return create_algorithm(algorithm, image=IMAGE)["InferenceSpecification"]


def specified(row):
    (_, found) = training(replace(ECHO, hyperparameters=(row,)))["SupportedHyperParameters"]
    return found


def row_of(kind, parse, **more):
    return Hyperparameter(name="row", description="A row.", kind=kind, parse=parse, **more)


@every
def test_the_document_has_what_the_api_requires_and_no_more(algorithm):
    """[86] [89] [90]: a validation that nobody has run is not claimed"""
    document = create_algorithm(algorithm, image=IMAGE)
    assert document.keys() == {"AlgorithmName", "TrainingSpecification", "InferenceSpecification"}
    assert training(algorithm).keys() == {
        "TrainingImage",
        "SupportedHyperParameters",
        "SupportedTrainingInstanceTypes",
        "SupportsDistributedTraining",
        "MetricDefinitions",
        "TrainingChannels",
        "SupportedTuningJobObjectiveMetrics",
    }
    assert training(algorithm)["TrainingImage"] == IMAGE
    assert json.loads(json.dumps(document)) == document


def test_the_document_is_one_that_botocore_would_send():
    """[86] [89] where botocore is at hand: the service's own model of the request"""
    session = pytest.importorskip("botocore.session")
    validate = pytest.importorskip("botocore.validate")
    api = session.get_session().get_service_model("sagemaker")
    checked = validate.ParamValidator()
    request, ranges = api.operation_model("CreateAlgorithm").input_shape, api.shape_for("ParameterRanges")
    for algorithm in (*ALGORITHMS, ECHO):
        assert checked.validate(create_algorithm(algorithm, image=IMAGE), request).generate_report() == ""
        assert checked.validate(tuner_ranges(algorithm), ranges).generate_report() == ""
    for machines in ("TrainingInstanceType", "TransformInstanceType", "ProductionVariantInstanceType"):
        assert set(training(ECHO)["SupportedTrainingInstanceTypes"]) <= set(api.shape_for(machines).enum)


@every
def test_there_are_no_more_of_anything_than_the_api_takes(algorithm):
    """[86]"""
    counts = {name: len(found) for name, found in training(algorithm).items() if isinstance(found, list)}
    assert counts["SupportedHyperParameters"] <= 100
    assert 1 <= counts["TrainingChannels"] <= 8
    assert 1 <= counts["MetricDefinitions"] <= 40
    assert counts["SupportedTrainingInstanceTypes"] >= 1


@every
def test_the_name_is_one_that_sagemaker_takes(algorithm):
    """[91]"""
    names = [create_algorithm(each, image=IMAGE)["AlgorithmName"] for each in (algorithm, replace(ECHO, name="a_b"))]
    assert all(re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name) for name in names), names


@every
def test_each_hyperparameter_is_within_the_limits(algorithm):
    """[87]"""
    rows = training(algorithm)["SupportedHyperParameters"]
    assert len({row["Name"] for row in rows}) == len(rows)
    for row in rows:
        assert 1 <= len(row["Name"]) <= 256
        assert 1 <= len(row["Description"]) <= 1024
        assert row["Description"].isprintable()
        assert row["Type"] in ("Integer", "Continuous", "Categorical", "FreeText")
        assert isinstance(row["IsTunable"], bool)
        assert isinstance(row["IsRequired"], bool)
        assert not (row["IsRequired"] and "DefaultValue" in row)
        assert len(row.get("DefaultValue", "")) <= 2500
        assert "." not in row["Name"]


@every
def test_each_range_is_of_the_type_of_its_hyperparameter(algorithm):
    """[87] and the default lies in it"""
    for row in training(algorithm)["SupportedHyperParameters"]:
        if "Range" not in row:
            assert not row["IsTunable"], row
            continue
        ((kind, found),) = row["Range"].items()
        assert kind == f"{row['Type']}ParameterRangeSpecification"
        default = row.get("DefaultValue")
        if row["Type"] == "Categorical":
            assert_words(found)
            assert default in (None, *found["Values"])
        else:
            low, high = bounds(found, row["Type"])
            assert default is None or low <= NUMBERS[row["Type"]](default) <= high


def assert_words(found):
    """Values of 1 to 30 words, each once."""
    assert found.keys() - {"Name"} == {"Values"}
    assert 1 <= len(found["Values"]) <= 30
    assert len(set(found["Values"])) == len(found["Values"])
    assert all(isinstance(word, str) and len(word) <= 256 for word in found["Values"])


def bounds(found, kind):
    """Two numbers, the smaller first, written as strings in the manner of their kind."""
    assert found.keys() - {"Name"} == {"MinValue", "MaxValue"}
    assert all(isinstance(found[end], str) and len(found[end]) <= 256 for end in ("MinValue", "MaxValue"))
    low, high = (NUMBERS[kind](found[end]) for end in ("MinValue", "MaxValue"))
    assert -math.inf < low < high < math.inf
    return low, high


@every
def test_training_takes_every_default_and_every_word_that_is_specified(algorithm):
    """[86] the table that validates is the table that specifies"""
    rows = {row.name: row for row in algorithm.hyperparameters}
    first, *others = training(algorithm)["SupportedHyperParameters"]
    assert (first["Name"], first["DefaultValue"]) == ("algorithm", algorithm.name)
    assert [other["Name"] for other in others] == list(rows)
    for other in others:
        row = rows[other["Name"]]
        if "DefaultValue" in other:
            assert row.parse(hp.decoded(other["DefaultValue"])) == row.default
        for word in allowed(row) or ():
            row.parse(str(word))


@given(st.integers(-INT32, INT32), st.integers(-INT32, INT32), st.data())
def test_the_range_of_an_integer_is_what_training_accepts(one, other, data):
    """[87] whatever a tuner is told, a job within the parser's bounds is not refused"""
    low, high = sorted((one, other))
    row = row_of("Integer", hp.integer(low, high), default=data.draw(st.integers(low, high)))
    assert allowed(row) == (low, high)


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.data())
def test_the_range_of_a_number_is_what_training_accepts(one, other, data):
    """[87]"""
    low, high = sorted((one, other))
    row = row_of("Continuous", hp.number(low, high), default=data.draw(st.floats(low, high)))
    assert allowed(row) == (low, high)


@pytest.mark.parametrize(
    ("row", "low", "high"),
    [
        (row_of("Integer", hp.integer(0)), "0", str(INT32)),
        (row_of("Integer", hp.integer(0, 2**32 - 1), default=0), "0", str(INT32)),
        (row_of("Integer", hp.choice_or("auto", hp.integer(3)), default="auto", range=(4, 10)), "3", str(INT32)),
        (row_of("Continuous", hp.number(0, 1), default=0.0001), "0.0", "1.0"),
        (row_of("Continuous", hp.number(0, 1), range=(0, 0.5)), "0.0", "1.0"),
        (row_of("Continuous", hp.number(0.01), default=2.0), "0.01", "1000000000000.0"),
    ],
)
def test_a_range_without_a_bound_ends_at_one_that_every_machine_can_hold(row, low, high):
    """[87]"""
    ((_, found),) = specified(row)["Range"].items()
    assert found == {"MinValue": low, "MaxValue": high}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (row_of("Categorical", hp.flag(), default=True, range=("true", "false")), "true"),
        (row_of("FreeText", hp.choices("msd", "ssd"), default=("msd",)), '["msd"]'),
        (row_of("FreeText", hp.choice_or("auto", hp.integer(1)), default="auto"), "auto"),
        (row_of("Integer", hp.integer(1), default=5000), "5000"),
    ],
)
def test_a_default_is_written_as_a_user_types_it(row, text):
    """[87]"""
    assert specified(row)["DefaultValue"] == text


@pytest.mark.parametrize(
    "row",
    [
        row_of("Integer", hp.choice_or("auto", hp.integer(1)), default="auto"),
        row_of("FreeText", hp.text()),
        row_of("Integer", hp.integer(1), required=True),
    ],
)
def test_a_default_that_is_none_of_its_type_is_left_to_training(row):
    """[87] `auto` is no Integer"""
    assert "DefaultValue" not in specified(row)


@every
def test_each_channel_is_within_the_limits(algorithm):
    """[38] [88]"""
    for channel in training(algorithm)["TrainingChannels"]:
        assert re.fullmatch(r"[A-Za-z0-9.\-_]{1,64}", channel["Name"])
        assert len(channel["Description"]) <= 1024
        assert channel["Description"].isprintable()
        assert isinstance(channel["IsRequired"], bool)
        assert all(len(type_) <= 256 for type_ in channel["SupportedContentTypes"])
        assert set(channel["SupportedCompressionTypes"]) <= {"None", "Gzip"}
        assert channel["SupportedInputModes"]
        assert set(channel["SupportedInputModes"]) <= {"File", "Pipe", "FastFile"}


def test_sagemaker_unzips_in_pipe_mode_alone():
    """[42] [88]"""
    file = ChannelSpec(name="file", description="Files.")
    pipe = ChannelSpec(name="pipe", description="A pipe.", input_modes=("File", "Pipe"))
    channels = training(replace(ECHO, channels=(file, pipe)))["TrainingChannels"]
    assert [channel["SupportedCompressionTypes"] for channel in channels] == [["None"], ["None", "Gzip"]]


@every
def test_inference_names_its_image_types_and_machines(algorithm):
    """[89]"""
    found = inference(algorithm)
    assert found["Containers"] == [{"Image": IMAGE}]
    assert {"text/csv", "application/json", "application/jsonlines"} <= set(found["SupportedContentTypes"])
    assert all(re.fullmatch(r"[-\w]+/.+", type_) for type_ in found["SupportedResponseMIMETypes"])
    for use in ("SupportedTransformInstanceTypes", "SupportedRealtimeInferenceInstanceTypes"):
        assert found[use] == training(algorithm)["SupportedTrainingInstanceTypes"]
        assert all(INSTANCE.fullmatch(type_) for type_ in found[use]), found[use]


def test_only_what_answers_vectors_is_asked_in_matrices():
    """[89] [164] `sagemaker.KMeans` sends RecordIO"""
    spoken = {each.name: inference(each)["SupportedContentTypes"] for each in (*ALGORITHMS, ECHO)}
    assert [name for name, types in spoken.items() if "application/x-recordio-protobuf" in types] == ["kmeans"]
    assert [name for name, types in spoken.items() if "text/libsvm" in types] == ["kmeans"]
    assert all("text/libsvm" not in inference(each)["SupportedResponseMIMETypes"] for each in ALGORITHMS)


@every
def test_each_metric_definition_is_within_the_limits(algorithm):
    """[75]"""
    found = metric_definitions(algorithm)
    assert found == training(algorithm)["MetricDefinitions"]
    assert len({metric["Name"] for metric in found}) == len(found)
    for metric in found:
        assert metric.keys() == {"Name", "Regex"}
        assert 1 <= len(metric["Name"]) <= 255
        assert 1 <= len(metric["Regex"]) <= 500
        assert re.compile(metric["Regex"]).groups == 1


@every
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_each_metric_is_found_in_the_lines_that_training_prints(algorithm, value):
    """[75] [78] as a plain decimal, and no other metric's line is taken for it"""
    printed = [line for metric in algorithm.metrics for line in metrics.lines(metric.name, value, host="algo-1")]
    for metric in metric_definitions(algorithm):
        (found,) = [hit for line in printed if (hit := re.search(metric["Regex"], line))]
        assert found.string.startswith(f"{metric['Name']}=")
        assert DECIMAL.fullmatch(found[1])
        assert float(found[1]) == value


@every
def test_each_objective_is_a_metric(algorithm):
    """[86] a tuner can be told of no figure that is not in the log"""
    names = {metric.name: metric.direction for metric in algorithm.metrics}
    assert objectives(algorithm) == training(algorithm)["SupportedTuningJobObjectiveMetrics"]
    assert objectives(algorithm)
    for objective in objectives(algorithm):
        assert objective == {"Type": names[objective["MetricName"]], "MetricName": objective["MetricName"]}
        assert objective["Type"] in ("Maximize", "Minimize")


@every
def test_the_tuner_looks_where_training_accepts(algorithm):
    """[83]"""
    rows = {row.name: row for row in algorithm.hyperparameters}
    found = tuner_ranges(algorithm)
    assert list(found) == ["IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges"]
    listed = [range_["Name"] for ranges in found.values() for range_ in ranges]
    assert len(listed) <= 30
    assert sorted(listed) == sorted(row.name for row in rows.values() if row.tunable)
    for range_ in found["CategoricalParameterRanges"]:
        assert_words(range_)
        assert set(range_["Values"]) <= set(allowed(rows[range_["Name"]]))
    for kind in NUMBERS:
        for range_ in found[f"{kind}ParameterRanges"]:
            (low, high), (least, most) = bounds(range_, kind), allowed(rows[range_["Name"]])
            assert least <= low < high <= most


def test_kmeans_is_tuned_as_the_built_in_is():
    """[81]"""
    ranges = {range_.pop("Name"): range_ for found in tuner_ranges(kmeans.ALGORITHM).values() for range_ in found}
    assert ranges["epochs"] == {"MinValue": "1", "MaxValue": "10"}
    assert ranges["extra_center_factor"] == {"MinValue": "4", "MaxValue": "10"}
    assert ranges["mini_batch_size"] == {"MinValue": "3000", "MaxValue": "15000"}
    assert set(ranges["init_method"]["Values"]) == {"kmeans++", "random"}
    for name in ("test:msd", "test:ssd"):
        assert {"Type": "Minimize", "MetricName": name} in objectives(kmeans.ALGORITHM)


def test_there_are_machines_of_every_kind_that_is_listed():
    """[89] each family with its sizes, none twice"""
    listed = training(ECHO)["SupportedTrainingInstanceTypes"]
    assert len(set(listed)) == len(listed) == sum(map(len, specification.INSTANCES.values()))
