"""The runner: the one place where a plan becomes deeds, and the ledger their memory."""

import json

import pytest
from scripts.aws.ledger import Ledger
from scripts.aws.plan import Ask, Call, Each, Plan, Upload, Wait, once
from scripts.aws.refusals import Refused, refused
from scripts.aws.runner import Runner

from kit.pocket import Pocket, missing
from scripts import cleanup

DELETE = Call(service="s3", operation="DeleteBucket", parameters={"Bucket": "${name}"}, why="delete")
MAKE = Call(
    service="s3", operation="CreateBucket", parameters={"Bucket": "${name}"}, why="make ${name}", made="bucket ${name}",
    undo=(DELETE,),
)  # fmt: skip
LOOK = Call(service="s3", operation="HeadBucket", parameters={}, why="look", name="look")


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.jsonl", account="1", region="eu-west-1")


def _run(effects, pocket, ledger, **known):
    said: list[str] = []
    plan = Plan(title="t", effects=tuple(effects))
    Runner(aws=pocket, ledger=ledger, known={"name": "films", **known}, say=said.append, sleep=lambda _: None).run(plan)
    return said


def _cleanup(pocket, ledger):
    return _run(cleanup.plan(ledger=ledger).effects, pocket, ledger)


def test_what_was_made_is_taken_away_once(ledger):
    pocket = Pocket()
    _run([MAKE], pocket, ledger)
    _cleanup(pocket, ledger)
    _cleanup(pocket, ledger)
    assert pocket.asked == [("CreateBucket", {"Bucket": "films"}), ("DeleteBucket", {"Bucket": "films"})]


def test_holes_are_filled_from_earlier_answers(ledger):
    pocket = Pocket({"HeadBucket": {"A": [{"B": 7}]}})
    take = Call(
        service="s3", operation="Use", parameters={"whole": "${look.A.0.B}", "text": "x-${look.A.0.B}"}, why="use"
    )
    _run([LOOK, take], pocket, ledger)
    assert pocket.asked[-1] == ("Use", {"whole": 7, "text": "x-7"})


def test_what_aws_refused_does_not_stand(ledger):
    pocket = Pocket({"CreateBucket": refused("BucketAlreadyExists", "taken", operation="CreateBucket")})
    with pytest.raises(Refused, match="take another one"):
        _run([MAKE], pocket, ledger)
    assert ledger.standing() == []


@pytest.mark.parametrize("code", ["ReadTimeoutError", "InternalFailure", "503", "ConnectionClosedError"])
def test_what_may_have_been_made_is_taken_away(ledger, code):
    with pytest.raises(Refused):
        _run([MAKE], Pocket({"CreateBucket": refused(code, "lost")}), ledger)
    assert [entry.what for entry in ledger.standing()] == ["bucket films"]


def test_ctrl_c_between_two_lines_of_the_ledger(ledger):
    with pytest.raises(KeyboardInterrupt):
        _run([MAKE], Pocket({"CreateBucket": KeyboardInterrupt()}), ledger)
    pocket = Pocket()
    _cleanup(pocket, ledger)
    assert pocket.operations == ["DeleteBucket"]
    assert ledger.standing() == []


def test_the_line_is_on_disk_before_the_call(ledger):
    seen = []

    class Looking(Pocket):
        def ask(self, *asked):
            seen.append(ledger.path.read_text())
            return super().ask(*asked)

    _run([MAKE], Looking(), ledger)
    assert json.loads(seen[0])["what"] == "bucket films"


def test_a_question_decides(ledger):
    there, absent = Pocket(), Pocket({"HeadBucket": missing("HeadBucket")})
    _run([once(LOOK, MAKE)], there, ledger)
    _run([once(LOOK, MAKE)], absent, ledger)
    assert there.operations == ["HeadBucket"]
    assert absent.operations == ["HeadBucket", "CreateBucket"]


def test_a_question_that_is_refused_is_no_answer(ledger):
    with pytest.raises(Refused, match="not yours"):
        _run([once(LOOK, MAKE)], Pocket({"HeadBucket": refused("403", "Forbidden", operation="HeadBucket")}), ledger)


def test_a_question_about_a_state(ledger):
    asked = Ask(probe=LOOK, path="Status", states=("InProgress",), found=(DELETE,))
    busy, done = Pocket({"HeadBucket": {"Status": "InProgress"}}), Pocket({"HeadBucket": {"Status": "Completed"}})
    _run([asked], busy, ledger)
    _run([asked], done, ledger)
    assert "DeleteBucket" in busy.operations
    assert "DeleteBucket" not in done.operations


def test_a_wait_says_every_metric_once_and_ends(ledger):
    metric = {"FinalMetricDataList": [{"MetricName": "test:ndcg_at_10", "Value": 0.25}]}
    states = [
        {"S": "InProgress", "SecondaryStatus": "Downloading"},
        {"S": "InProgress", **metric},
        {"S": "Completed", **metric},
    ]
    said = _run(
        [Wait(probe=LOOK, path="S", good=("Completed",), bad=("Failed",))], Pocket({"HeadBucket": states}), ledger
    )
    assert said == ["  InProgress: Downloading", "  InProgress", "  test:ndcg_at_10 = 0.25", "  Completed"]


def test_a_wait_that_fails_hands_on_the_containers_own_reason(ledger):
    failed = {"S": "Failed", "FailureReason": "ClientError: views.csv:3: no item"}
    with pytest.raises(Refused, match=r"views\.csv:3: no item"):
        _run([Wait(probe=LOOK, path="S", good=("Completed",), bad=("Failed",))], Pocket({"HeadBucket": failed}), ledger)


@pytest.mark.parametrize(
    ("status", "says"),
    [("MaxRuntimeExceeded", "--max-hours"), ("MaxWaitTimeExceeded", "--on-demand"), ("Stopped", "Stopped")],
)
def test_a_job_that_ran_out_of_time_is_told_so(ledger, status, says):
    """AWS calls it Stopped, gives no reason, and says the rest in its secondary status."""
    stopped = {"S": "Stopped", "SecondaryStatus": status}
    with pytest.raises(Refused, match=says):
        _run(
            [Wait(probe=LOOK, path="S", good=("Completed",), bad=("Stopped",))], Pocket({"HeadBucket": stopped}), ledger
        )


UNHEALTHY = {"S": "Failed", "FailureReason": "The primary container did not pass the ping health check."}
LOG = (Call(service="logs", operation="GetLogEvents", parameters={}, why="read", name="log"),)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["error: no manifest.json", "shutting down"], "it says in its log: no manifest.json"),
        (["Killed", " "], "it says in its log: Killed"),
        ([], "its log group /aws/sagemaker/Endpoints/NAME says why"),
        (None, "its log group /aws/sagemaker/Endpoints/NAME says why"),
    ],
)
def test_an_endpoint_that_fails_hands_on_the_containers_own_reason(ledger, lines, says):
    """AWS says no more than that it is not healthy; the reason is in a log that may be empty, or not there."""
    log = missing("GetLogEvents") if lines is None else {"events": [{"message": line} for line in lines]}
    probe = Call(service="sagemaker", operation="DescribeEndpoint", parameters={}, why="look", name="look")
    wait = Wait(probe=probe, path="S", good=("InService",), bad=("Failed",), log=LOG)
    with pytest.raises(Refused, match=says):
        _run([wait], Pocket({"DescribeEndpoint": UNHEALTHY, "GetLogEvents": log}), ledger)


def test_another_failure_of_an_endpoint_does_not_ask_its_log(ledger):
    pocket = Pocket({"HeadBucket": {"S": "Failed", "FailureReason": "CapacityError: no such machine"}})
    with pytest.raises(Refused, match="no such machine free now"):
        _run([Wait(probe=LOOK, path="S", good=("InService",), bad=("Failed",), log=LOG)], pocket, ledger)
    assert pocket.operations == ["HeadBucket"]


def test_a_wait_for_what_is_going(ledger):
    gone = Pocket({"HeadBucket": [{"S": "Deleting"}, missing("HeadBucket")]})
    _run([Wait(probe=LOOK, path="S", good=("gone",))], gone, ledger)
    assert gone.operations == ["HeadBucket", "HeadBucket"]


def test_each_goes_on_until_nothing_is_left(ledger):
    listing = Call(service="s3", operation="List", parameters={}, why="list")
    pages = [{"V": [{"Key": "a", "VersionId": "1", "Size": 3}], "D": [{"Key": "b", "VersionId": "2"}]}, {"V": []}]
    delete = Call(service="s3", operation="Delete", parameters={"Objects": "${items}"}, why="delete")
    pocket = Pocket({"List": pages})
    _run([Each(listing=listing, lists=("V", "D"), call=delete, keys=("Key", "VersionId"))], pocket, ledger)
    assert pocket.asked[1] == ("Delete", {"Objects": [{"Key": "a", "VersionId": "1"}, {"Key": "b", "VersionId": "2"}]})
    assert pocket.operations == ["List", "Delete", "List"]


def test_each_that_changes_nothing_ends(ledger):
    listing = Call(service="s3", operation="List", parameters={}, why="list")
    pocket = Pocket({"List": {"V": [{"Key": "a"}]}})
    with pytest.raises(Refused, match="changes nothing"):
        _run([Each(listing=listing, lists=("V",), call=DELETE, keys=("Key",))], pocket, ledger)


def test_each_bears_with_a_list_that_lags_behind(ledger):
    listing = Call(service="s3", operation="List", parameters={}, why="list")
    pocket = Pocket({"List": [{"V": [{"Key": "a"}]}, {"V": [{"Key": "a"}]}, {"V": []}]})
    _run([Each(listing=listing, lists=("V",), call=DELETE, keys=("Key",))], pocket, ledger)
    assert pocket.operations == ["List", "DeleteBucket", "List", "DeleteBucket", "List"]


def test_each_means_only_what_is_asked_for(ledger):
    listing = Call(service="s3", operation="List", parameters={}, why="list")
    drop = Call(service="s3", operation="Drop", parameters={"Name": "${item.Arn}"}, why="drop")
    pages = [
        {"P": [{"Arn": "ours", "By": "us"}, {"Arn": "theirs", "By": "them"}]},
        {"P": [{"Arn": "theirs", "By": "them"}]},
    ]
    pocket = Pocket({"List": pages})
    _run([Each(listing=listing, lists=("P",), where=("By", "us"), call=drop)], pocket, ledger)
    assert [parameters for operation, parameters in pocket.asked if operation == "Drop"] == [{"Name": "ours"}]


def test_each_looks_for_what_is_meant_on_every_page(ledger):
    """A page of SageMaker's holds ten, and ours may be the eleventh."""
    listing = Call(service="s3", operation="List", parameters={"Group": "g"}, why="list")
    drop = Call(service="s3", operation="Drop", parameters={"Name": "${item.Arn}"}, why="drop")
    theirs = {"P": [{"Arn": "theirs", "By": "them"}], "NextToken": "2"}
    pocket = Pocket({"List": [theirs, {"P": [{"Arn": "ours", "By": "us"}]}, theirs, {"P": []}]})
    _run([Each(listing=listing, lists=("P",), where=("By", "u."), call=drop)], pocket, ledger)
    pages = [{"Group": "g"}, {"Group": "g", "NextToken": "2"}]
    assert [parameters for operation, parameters in pocket.asked if operation == "List"] == [*pages, *pages]
    assert [parameters for operation, parameters in pocket.asked if operation == "Drop"] == [{"Name": "ours"}]


def test_a_wait_outlasts_a_silence(ledger):
    silent = [refused(code, "lost") for code in ("EndpointConnectionError", "ThrottlingException", "503")]
    pocket = Pocket({"HeadBucket": [*silent, {"S": "Completed"}]})
    said = _run([Wait(probe=LOOK, path="S", good=("Completed",))], pocket, ledger)
    assert said[0] == "  no answer (EndpointConnectionError), asking again"
    assert said[-1] == "  Completed"


@pytest.mark.parametrize(("code", "times"), [("ExpiredToken", 1), ("EndpointConnectionError", 21)])
def test_a_wait_does_not_ask_for_ever(ledger, code, times):
    pocket = Pocket({"HeadBucket": refused(code, "no")})
    with pytest.raises(Refused, match="what was started goes on"):
        _run([Wait(probe=LOOK, path="S", good=("Completed",), bad=("Failed",))], pocket, ledger)
    assert len(pocket.asked) == times


def test_one_thing_that_stays_does_not_keep_the_others(ledger):
    other = Call(
        **{
            **vars(MAKE),
            "made": "role x",
            "undo": (Call(service="iam", operation="DeleteRole", parameters={}, why="d"),),
        }
    )
    _run([MAKE, other], Pocket(), ledger)
    pocket = Pocket({"DeleteRole": refused("AccessDenied", "no", operation="DeleteRole")})
    with pytest.raises(Refused, match="role x"):
        _cleanup(pocket, ledger)
    assert pocket.operations == ["DeleteRole", "DeleteBucket"]
    assert [entry.what for entry in ledger.standing()] == ["role x"]


def test_an_upload_is_remembered_by_its_key(ledger, tmp_path):
    drop = Call(service="s3", operation="DeleteObject", parameters={"Bucket": "${name}", "Key": "k"}, why="delete")
    pocket = Pocket()
    _run([Upload(file=tmp_path / "a.csv", bucket="${name}", key="k", why="send", undo=(drop,))], pocket, ledger)
    _cleanup(pocket, ledger)
    assert pocket.operations == ["Upload", "DeleteObject"]


def test_a_ledger_torn_by_a_crash_is_mended(ledger):
    _run([MAKE], Pocket(), ledger)
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole + b'{"number": "x", "ev')
    assert [entry.what for entry in ledger.standing()] == ["bucket films"]
    _run([MAKE], Pocket(), ledger)
    assert ledger.path.read_bytes().startswith(whole)
    assert len(ledger.standing()) == 2


def test_a_damaged_ledger_is_not_guessed_at(ledger):
    _run([MAKE], Pocket(), ledger)
    ledger.path.write_text("nonsense\n" + ledger.path.read_text())
    with pytest.raises(Refused, match="damaged"):
        ledger.standing()


def test_cleanup_stays_in_its_account_and_region(ledger):
    _run([MAKE], Pocket(), ledger)
    away = Ledger(ledger.path, account="2", region="us-east-1")
    plan = cleanup.plan(ledger=away)
    assert plan.effects == ()
    assert "account 1, eu-west-1" in plan.notes[0]
