"""Configuration files to a job that is understood (contract lines 24-50)."""

import json

import pytest

from kindred.contract.paths import of, under
from kindred.contract.port import ChannelSpec
from kindred.contract.training import inputs, job
from kindred.errors import UserError
from kit.echo import ECHO
from kit.opt_ml import lay_out


def understood(places, algorithms=(ECHO,)):
    return job.understand(inputs.read(places), algorithms=algorithms)


def test_base_folder_is_sagemakers_unless_named(tmp_path):
    """[197]"""
    assert str(of({}).model) == "/opt/ml/model"
    assert str(of({"SAGEMAKER_BASE_DIR": ""}).failure) == "/opt/ml/output/failure"
    assert of({"SAGEMAKER_BASE_DIR": str(tmp_path)}) == under(tmp_path)


def test_no_configuration_file_at_all(tmp_path):
    """[24, 188, 196] channels are the folders; hidden ones and files are none"""
    places = lay_out(tmp_path / "ml", channels={"training": {"a.csv": b"1\n"}, ".cache": {}, "_tmp": {}})
    (places.data / "stray.csv").write_bytes(b"")
    order = understood(places)
    assert list(order.channels) == ["train"]
    assert order.channels["train"].folder == places.data / "training"
    assert inputs.read(places).hosts == (inputs.LONE_HOST,)


def test_an_absent_tree_brings_no_channel(tmp_path):
    with pytest.raises(
        UserError, match="brings no channel, which no algorithm claims: echo reads 'train' \\(or 'training'\\)"
    ):
        understood(under(tmp_path / "nowhere"))


def test_all_keys_of_a_channel(tmp_path):
    """[28]"""
    said = {
        "ContentType": "text/csv",
        "TrainingInputMode": "FastFile",
        "S3DistributionType": "ShardedByS3Key",
        "RecordWrapperType": "None",
    }
    (channel,) = understood(lay_out(tmp_path / "ml", inputdataconfig={"train": said})).channels.values()
    assert (channel.content_type, channel.input_mode, channel.sharded) == ("text/csv", "FastFile", True)


@pytest.mark.parametrize("said", [{}, None, "text/csv", {"ContentType": None, "TrainingInputMode": None}])
def test_every_key_of_a_channel_is_optional(tmp_path, said):
    """[29]"""
    (channel,) = understood(lay_out(tmp_path / "ml", inputdataconfig={"train": said})).channels.values()
    assert (channel.content_type, channel.input_mode, channel.sharded) == (None, "File", False)


def test_hosts_are_sorted_as_sagemaker_does_and_never_assumed(tmp_path):
    """[30] [31] algo-1, algo-10, algo-2; newer keys are left alone"""
    config = {"current_host": "algo-2-x", "hosts": ["algo-2-x", "algo-1-x", "algo-10-x"], "instance_groups": [{}]}
    found = inputs.read(lay_out(tmp_path / "ml", resourceconfig=config))
    assert (found.host, found.hosts) == ("algo-2-x", ("algo-1-x", "algo-10-x", "algo-2-x"))


@pytest.mark.parametrize(
    "config", [{}, {"hosts": []}, {"hosts": None, "current_host": "localhost"}, {"hosts": 5, "current_host": 5}]
)
def test_every_key_of_the_hosts_is_optional(tmp_path, config):
    """[30]"""
    assert inputs.read(lay_out(tmp_path / "ml", resourceconfig=config)).hosts == ("localhost",)


def test_file_names_in_camel_case(tmp_path):
    """[188] resourceConfig.json, as the tree that most samples copy has it"""
    assert inputs.read(lay_out(tmp_path / "ml", resourceConfig={"current_host": "algo-7"})).host == "algo-7"


def test_files_of_sagemakers_own_are_left_alone(tmp_path):
    """[33] [158]"""
    places = lay_out(tmp_path / "ml")
    for name in ("init-config", "metric-definition-regex", "trainingjobconfig", "profilerconfig", "debughookconfig"):
        (places.config / f"{name}.json").write_text("not JSON")
    assert understood(places).algorithm is ECHO


@pytest.mark.parametrize("name", ["hyperparameters", "inputdataconfig", "resourceconfig", "checkpointconfig"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{\n"k": }', r"\.json:2: this is not JSON"),
        (b"", r"\.json:1: this is not JSON"),
        (b"[]", r"\.json: a JSON object was expected here, not a list"),
        (b"\xff\xfe", r"\.json: this is not JSON that can be read"),
        (b'{"a":' * 100_000, r"\.json: this is not JSON that can be read"),
    ],
    ids=["malformed", "empty", "list", "not-utf8", "deep"],
)
def test_a_file_that_is_not_json_is_named(tmp_path, name, content, told):
    """[24] [28] [30]"""
    places = lay_out(tmp_path / "ml")
    (places.config / f"{name}.json").write_bytes(content)
    with pytest.raises(UserError, match=name + told):
        inputs.read(places)


def test_a_byte_order_mark_is_no_matter(tmp_path):
    places = lay_out(tmp_path / "ml")
    (places.config / "hyperparameters.json").write_bytes(b"\xef\xbb\xbf" + json.dumps({"least": "1"}).encode())
    assert understood(places).hyperparameters["least"] == 1


def test_checkpoints_are_where_the_user_put_them(tmp_path):
    """[34] [56] absent when not configured"""
    assert inputs.read(lay_out(tmp_path / "none")).checkpoints is None
    named = lay_out(tmp_path / "named", checkpointconfig={"S3Uri": "s3://b/k", "LocalPath": "/elsewhere/kept"})
    assert str(inputs.read(named).checkpoints) == "/elsewhere/kept"
    usual = lay_out(tmp_path / "usual")
    usual.checkpoints.mkdir()
    assert inputs.read(usual).checkpoints == usual.checkpoints


def test_channel_without_a_folder(tmp_path):
    """[51] an S3 prefix without an object"""
    places = lay_out(tmp_path / "ml", channels={}, inputdataconfig={"train": {}})
    with pytest.raises(UserError, match="channel 'train' brought no folder; does its S3 prefix hold any object"):
        inputs.read(places)


def test_pipe_mode_is_refused_where_the_table_does_not_have_it(tmp_path):
    """[41] [88]"""
    places = lay_out(tmp_path / "ml", channels={}, inputdataconfig={"train": {"TrainingInputMode": "Pipe"}})
    with pytest.raises(UserError, match=r"'train' comes in Pipe mode, which echo does not read; .* File or FastFile"):
        understood(places)


def test_aliases_lead_to_the_channel_of_the_table(tmp_path):
    """[38]"""
    order = understood(lay_out(tmp_path / "ml", channels={"training": {}, "validation": {}}))
    assert {name: channel.name for name, channel in order.channels.items()} == {"train": "train", "test": "test"}


def test_two_names_of_one_channel(tmp_path):
    """[38]"""
    with pytest.raises(UserError, match="two channels mean 'train', one of them called 'training'"):
        understood(lay_out(tmp_path / "ml", channels={"train": {}, "training": {}}))


def test_strange_channels_are_set_aside(tmp_path):
    """[38]"""
    order = understood(lay_out(tmp_path / "ml", channels={"train": {}, "weather": {}}))
    assert (list(order.channels), order.strange) == (["train"], ("weather",))


def named(name, **changes):
    return type(ECHO)(
        **{**{field: getattr(ECHO, field) for field in ECHO.__dataclass_fields__}, "name": name, **changes}
    )


def test_the_first_that_claims_the_channels_is_chosen(tmp_path):
    places = lay_out(tmp_path / "ml")
    shy, first, second = named("shy", claims=lambda _: False), named("first"), named("second")
    assert understood(places, (shy, first, second)).algorithm is first


@pytest.mark.parametrize("quoted", ["second", '"second"', "Second"])
def test_the_hyperparameter_names_the_algorithm(tmp_path, quoted):
    places = lay_out(tmp_path / "ml", hyperparameters={"algorithm": quoted, "least": "2"})
    second = named("second")
    order = understood(places, (ECHO, second))
    assert order.algorithm is second
    assert order.hyperparameters["least"] == 2


def test_an_unknown_algorithm_is_refused_with_the_nearest(tmp_path):
    """[27]"""
    places = lay_out(tmp_path / "ml", hyperparameters={"algorithm": "ekko"})
    with pytest.raises(UserError, match="no algorithm 'ekko' \\(valid: echo\\)"):
        understood(places)


def test_a_misspelt_algorithm_is_refused_with_the_nearest(tmp_path):
    """[27] the door's own hyperparameter is among the valid ones"""
    places = lay_out(tmp_path / "ml", hyperparameters={"algorithmm": "echo"})
    with pytest.raises(UserError, match="did you mean 'algorithm'"):
        understood(places)


def test_no_algorithm_claims_the_channels(tmp_path):
    with pytest.raises(UserError, match="the channels 'a', 'b', which no algorithm claims: echo reads 'train'"):
        understood(lay_out(tmp_path / "ml", channels={"a": {}, "b": {}}))


def test_the_named_algorithm_needs_a_channel(tmp_path):
    needy = named("needy", channels=(ChannelSpec(name="train", description="", required=True), *ECHO.channels[1:]))
    places = lay_out(tmp_path / "ml", hyperparameters={"algorithm": "needy"}, channels={"test": {}})
    with pytest.raises(UserError, match="brings the channel 'test', but needy needs the channel 'train'"):
        understood(places, (needy,))


def test_the_named_algorithm_knows_none_of_the_channels(tmp_path):
    places = lay_out(tmp_path / "ml", hyperparameters={"algorithm": "echo"}, channels={"weather": {}})
    with pytest.raises(UserError, match="brings the channel 'weather', but echo reads 'train'"):
        understood(places)


@pytest.mark.parametrize(("hosts", "refused"), [(["a"], False), (["a", "b"], True)])
def test_shards_need_one_host(tmp_path, hosts, refused):
    """[62] one host would see a part of the data; with one host there is only one shard"""
    places = lay_out(
        tmp_path / "ml",
        inputdataconfig={"train": {"S3DistributionType": "ShardedByS3Key"}},
        resourceconfig={"hosts": hosts, "current_host": "a"},
    )
    if refused:
        with pytest.raises(UserError, match="'train' is sharded over 2 hosts, but one host trains"):
            job.refuse_shards(inputs.read(places), ECHO)
    else:
        job.refuse_shards(inputs.read(places), ECHO)
