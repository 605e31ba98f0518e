"""What a response means for a task, as a table: every form has its code, its outcome, and a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.s3_batch_operation_event import (
    S3BatchOperationResponse,
    S3BatchOperationResponseRecord,
)
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.model.outcome import Ending
from pytest_lambda_events.polling.task_results import (
    ADVICE,
    INVALID_JSON,
    RESULT_CODES,
    TASK_LEFT_OUT,
    Asked,
    check_task_response,
    fails_job,
    judge_task,
    what_next,
)

ASKED = Asked("1.0", "AAAAAAAAAAHinvocation", ("AAAAAAAAAAGtask",))
OK = {"taskId": "AAAAAAAAAAGtask", "resultCode": "Succeeded", "resultString": "done"}
ERROR = "Lambda returned function error: "
RIGHT = {
    "invocationSchemaVersion": "1.0",
    "treatMissingKeysAs": "PermanentFailure",
    "invocationId": "AAAAAAAAAAHinvocation",
    "results": [OK],
}


def judged(response: Any, kind: Any = "returned", error: Any = None, problem: Any = None) -> Any:
    return judge_task(ASKED, Ending(kind, 0, 0, response, error, problem), "r-1")


def changed(**change: Any) -> dict[str, Any]:
    return {key: value for key, value in {**RIGHT, **change}.items() if value is not ...}


def result(**change: Any) -> dict[str, Any]:
    return changed(results=[{key: value for key, value in {**OK, **change}.items() if value is not ...}])


@pytest.mark.parametrize(
    ("response", "outcome", "code", "message"),
    [
        (RIGHT, "success", "Succeeded", "done"),
        (result(resultString=...), "success", "Succeeded", ""),
        (result(resultString=None), "success", "Succeeded", ""),
        (result(resultCode="TemporaryFailure", resultString="busy"), "partial", "TemporaryFailure", "busy"),
        (result(resultCode="PermanentFailure", resultString="broken"), "partial", "PermanentFailure", "broken"),
        (result(resultCode="PermanentFailure", resultString=""), "partial", "PermanentFailure", ""),
        (changed(results=[]), "partial", "PermanentFailure", ""),
        (changed(results=[], treatMissingKeysAs="TemporaryFailure"), "partial", "TemporaryFailure", ""),
        (changed(results=[], treatMissingKeysAs="Succeeded"), "success", "Succeeded", ""),
        (changed(results=[], treatMissingKeysAs=...), "partial", "TemporaryFailure", ""),
        (changed(results=[], treatMissingKeysAs=None), "partial", "TemporaryFailure", ""),
        (changed(treatMissingKeysAs=...), "success", "Succeeded", "done"),
        (changed(results=[OK, {**OK, "resultCode": "PermanentFailure"}]), "success", "Succeeded", "done"),
        (changed(statusCode=200), "success", "Succeeded", "done"),
    ],
)
def test_a_response_that_can_be_read_says_what_becomes_of_the_task(
    response: Any, outcome: str, code: str, message: str
) -> None:
    """Its own code, or that of treatMissingKeysAs, which is TemporaryFailure without one."""
    found = judged(response)
    assert (found.outcome, found.code, found.message) == (outcome, code, message)
    assert (found.problem is None) == (response.get("results") != [] and code == "Succeeded")


@pytest.mark.parametrize(
    ("response", "named"),
    [
        (None, "the response cannot be used: found null, expected an object with"),
        ("Succeeded", "an object with"),
        ([], "an object with"),
        (7, "an object with"),
        (True, "an object with"),
        ({}, "invocationSchemaVersion"),
        (changed(invocationSchemaVersion="2.0"), '"1.0"'),
        (changed(invocationSchemaVersion=1.0), '"1.0"'),
        (changed(invocationSchemaVersion=...), "invocationSchemaVersion"),
        (changed(invocationId="other"), "invocationId"),
        (changed(invocationId=...), "invocationId"),
        (changed(treatMissingKeysAs="Failed"), "treatMissingKeysAs"),
        (changed(treatMissingKeysAs=..., treat_missing_keys_as="Succeeded"), "'treatMissingKeysAs'"),
        (changed(results=...), "a list of results"),
        (changed(results=..., Results=[OK]), "'results'"),
        (changed(results={}), "a list of results"),
        (changed(results=None), "a list of results"),
        (changed(results=["Succeeded"]), "results[0]"),
        (result(taskId="other"), "taskId"),
        (result(taskId=...), "taskId"),
        (result(taskId=7), "taskId"),
        (result(taskId=""), "taskId"),
        (result(resultCode="succeeded"), "did you mean 'Succeeded'"),
        (result(resultCode="Success"), "Succeeded, TemporaryFailure or PermanentFailure"),
        (result(resultCode=None), "resultCode"),
        (result(resultCode=...), "resultCode"),
        (result(resultString={"size": 1}), "resultString"),
        (changed(results=[OK, {**OK, "taskId": "other"}]), "results[1].taskId"),
    ],
)
def test_a_response_that_cannot_be_read_fails_the_task_for_good(response: Any, named: str) -> None:
    """Each malformed form is permanent, the report says so in S3's words, and the problem says where it is wrong."""
    found = judged(response)
    assert (found.outcome, found.code, found.message) == ("malformed", "PermanentFailure", INVALID_JSON)
    assert found.problem.startswith("the response cannot be used: ")
    assert named in found.problem


def test_a_task_that_was_left_out_is_advised_on() -> None:
    """It is said what it counts as, and whose word that is."""
    found = judged(changed(results=[], treatMissingKeysAs="Succeeded"))
    assert found.advice == TASK_LEFT_OUT
    assert found.advice in ADVICE
    assert found.problem.endswith("counts as Succeeded, as treatMissingKeysAs says")
    found = judged(changed(results=[], treatMissingKeysAs=...))
    assert found.problem.endswith("counts as TemporaryFailure, the default of treatMissingKeysAs")
    assert judged(RIGHT).advice is None


def test_what_failed_says_so_in_one_sentence() -> None:
    """The code, and the function's own words where it has any."""
    assert judged(result(resultCode="PermanentFailure", resultString="broken")).problem == "PermanentFailure: broken"
    assert judged(result(resultCode="PermanentFailure", resultString="")).problem == "PermanentFailure"


@pytest.mark.parametrize(
    ("ending", "outcome", "code", "message"),
    [
        (
            {"kind": "error", "error": KeyError("size"), "problem": "raised KeyError: 'size'"},
            "error",
            "TemporaryFailure",
            'Lambda returned function error: {"errorMessage": "\'size\'", "errorType": "KeyError", "requestId": "r-1"}',
        ),
        (
            {"kind": "error", "error": SystemExit(1), "problem": "Runtime.ExitError: the process ended"},
            "error",
            "TemporaryFailure",
            'Lambda returned function error: {"errorType": "Runtime.ExitError", "errorMessage": "the process ended"}',
        ),
        (
            {"kind": "timeout", "problem": "Sandbox.Timedout: RequestId: r-1 Error: Task timed out"},
            "timeout",
            "PermanentFailure",
            f'{ERROR}{{"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: r-1 Error: Task timed out"}}',
        ),
        (
            {"kind": "timeout", "error": ValueError("too late"), "problem": "Sandbox.Timedout: …"},
            "timeout",
            "PermanentFailure",
            'Lambda returned function error: {"errorType": "Sandbox.Timedout", "errorMessage": "…"}',
        ),
        ({"kind": "timeout"}, "timeout", "PermanentFailure", None),
        ({"kind": "malformed", "problem": "Runtime.MarshalError: …"}, "malformed", "PermanentFailure", INVALID_JSON),
    ],
)
def test_an_ending_without_a_response_has_its_code(
    ending: dict[str, Any], outcome: str, code: str, message: str | None
) -> None:
    """A raise comes again, a timeout and what is no JSON do not; the report has the function error's payload."""
    found = judged(None, **ending)
    assert (found.outcome, found.code) == (outcome, code)
    assert found.problem == ending.get("problem")
    if message is not None:
        assert found.message == message


@pytest.mark.parametrize(
    ("code", "redrives", "becomes"),
    [
        ("Succeeded", 0, "succeeded"),
        ("Succeeded", 3, "succeeded"),
        ("PermanentFailure", 0, "failed"),
        ("PermanentFailure", 3, "failed"),
        ("TemporaryFailure", 0, "redriven"),
        ("TemporaryFailure", 2, "redriven"),
        ("TemporaryFailure", 3, "failed"),
    ],
)
def test_a_temporary_failure_is_redriven_three_times(code: Any, redrives: int, becomes: str) -> None:
    """Four attempts in all; everything else is decided at once."""
    assert what_next(code, redrives) == becomes


@pytest.mark.parametrize(
    ("succeeded", "failed", "fails"),
    [
        (0, 0, False),
        (0, 999, False),
        (0, 1_000, True),
        (500, 500, False),
        (499, 501, True),
        (498, 501, False),
        (1_000, 1_000, False),
        (1_000, 1_001, True),
        (1_000, 1, False),
    ],
)
def test_a_job_fails_when_more_than_half_of_a_thousand_failed(succeeded: int, failed: int, fails: bool) -> None:
    """Not before 1,000 tasks have run, and not at exactly half."""
    assert fails_job(succeeded, failed) is fails


@pytest.mark.parametrize("code", RESULT_CODES)
def test_powertools_responses_are_read(code: Any) -> None:
    """What Powertools builds is what S3 reads, whatever the code."""
    built = S3BatchOperationResponse("1.0", "AAAAAAAAAAHinvocation", "PermanentFailure")
    built.add_result(S3BatchOperationResponseRecord("AAAAAAAAAAGtask", code))
    assert (judged(built.asdict()).code, judged(built.asdict()).message) == (code, "")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([*RESULT_CODES, *ASKED[2]]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*RIGHT, *OK, "other"]) | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(response=st.one_of(_JSON, st.dictionaries(st.sampled_from(list(RIGHT)), _JSON).map(lambda d: {**RIGHT, **d})))
def test_any_response_is_judged_and_the_judge_agrees_with_the_checker(response: Any) -> None:
    """It never raises, and a task fails for an unreadable response exactly when the checker has an error."""
    report = Report()
    check_task_response(ASKED, response, report)
    errors = [one for one in report.findings if one.severity == "error"]
    found = judged(response)
    assert found.code in RESULT_CODES
    assert (found.outcome == "malformed") == bool(errors)


@pytest.mark.parametrize(
    ("response", "where"),
    [
        pytest.param(
            changed(results=["Succeeded", {**OK, "resultString": 7}]),
            ["results[0]", "results[1].resultString"],
            id="each",
        ),
        pytest.param(changed(results=[{**OK, "resultString": None}]), ["results[0].resultString"], id="no text"),
        pytest.param(result(resultString=...), ["results[0].resultString"], id="none"),
    ],
)
def test_every_result_is_looked_at(response: Any, where: list[str]) -> None:
    """Also those behind one that is none."""
    report = Report()
    check_task_response(ASKED, response, report)
    assert [finding.path for finding in report.findings if finding.path != "results"] == where


@pytest.mark.parametrize("treated", [..., None])
def test_what_is_missing_is_noted(treated: Any) -> None:
    """Whether the key is not there or empty: S3 takes its default."""
    report = Report()
    check_task_response(ASKED, changed(treatMissingKeysAs=treated), report)
    (finding,) = report.findings
    assert (finding.severity, finding.path) == ("note", "treatMissingKeysAs")
