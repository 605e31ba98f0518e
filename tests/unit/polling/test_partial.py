"""What a response means for its batch: section 3 of the specification, one line per row."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.polling import partial
from pytest_lambda_events.polling.partial import (
    ADVICE,
    EMPTY_ENTRY,
    ENTRY_WITHOUT_IDENTIFIER,
    FAILURES_NOT_A_LIST,
    INVALID_IDENTIFIER,
    MISSPELT_KEY,
    NOT_ENABLED,
    RESPONSE_NOT_AN_OBJECT,
    UNKNOWN_IDENTIFIER,
    Verdict,
    judge_response,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

IDS = ("a", "b", "c")


def failures(*identifiers: Any) -> dict[str, Any]:
    """A response that reports these."""
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def case(name: str, *values: Any) -> Any:
    """One row of a table."""
    return pytest.param(*values, id=name)


@pytest.mark.parametrize(
    "response",
    [
        case("null", None),
        case("empty object", {}),
        case("empty list", []),
        case("empty text", ""),
        case("no failures", {"batchItemFailures": []}),
        case("null for failures", {"batchItemFailures": None}),
        case("no failures, and something else", {"batchItemFailures": [], "statusCode": 200}),
        case("an object about something else", {"statusCode": 200, "body": "ok"}),
    ],
)
def test_nothing_reported_is_a_success(response: Any) -> None:
    """A response that lists no failures means that all records were processed, with nothing to say about it."""
    assert judge_response(response, IDS, reports_failures=True) == Verdict("success")


@pytest.mark.parametrize(
    ("response", "failed"),
    [
        case("one", failures("b"), ("b",)),
        case("several, given in another order", failures("c", "a"), ("a", "c")),
        case("all", failures("c", "b", "a"), ("a", "b", "c")),
        case("twice the same", failures("b", "b"), ("b",)),
        case("other keys beside", {**failures("b"), "extra": 1}, ("b",)),
        case("other keys in the entry", {"batchItemFailures": [{"itemIdentifier": "b", "why": "x"}]}, ("b",)),
    ],
)
def test_reported_records_failed_in_the_order_of_the_batch(response: Any, failed: tuple[str, ...]) -> None:
    """Valid identifiers fail exactly these records."""
    assert judge_response(response, IDS, reports_failures=True) == Verdict("partial", failed)


@pytest.mark.parametrize(
    ("response", "advice", "words"),
    [
        case("unknown id", failures("x"), UNKNOWN_IDENTIFIER, "batchItemFailures[0] is 'x'"),
        case("a valid and an unknown id", failures("a", "x"), UNKNOWN_IDENTIFIER, "batchItemFailures[1] is 'x'"),
        case("an unknown and a valid id", failures("x", "a"), UNKNOWN_IDENTIFIER, "batchItemFailures[0] is 'x'"),
        case("a number", failures(5), INVALID_IDENTIFIER, "[0] is 5;"),
        case("empty id", failures(""), INVALID_IDENTIFIER, "[0] is ''"),
        case("null id", failures(None), INVALID_IDENTIFIER, "[0] is None"),
        case("a valid and an empty id", failures("a", ""), INVALID_IDENTIFIER, "[1] is ''"),
        case("a list for an id", failures([]), INVALID_IDENTIFIER, "[0] is []"),
        case("an object for an id", failures({"partition": "t-0"}), INVALID_IDENTIFIER, "partition"),
        case("wrong key", {"batchItemFailures": [{"foo": 1}]}, ENTRY_WITHOUT_IDENTIFIER, "has ['foo']"),
        case(
            "wrong case",
            {"batchItemFailures": [{"ItemIdentifier": "a"}]},
            ENTRY_WITHOUT_IDENTIFIER,
            "has the key 'ItemIdentifier'",
        ),
        case(
            "snake case",
            {"batchItemFailures": [{"item_identifier": "a"}]},
            ENTRY_WITHOUT_IDENTIFIER,
            "has the key 'item_identifier'",
        ),
        case("ids instead of entries", {"batchItemFailures": ["a"]}, ENTRY_WITHOUT_IDENTIFIER, "[0] is 'a'"),
        case("null for an entry", {"batchItemFailures": [None]}, ENTRY_WITHOUT_IDENTIFIER, "[0] is None"),
        case("empty entry", {"batchItemFailures": [{}]}, EMPTY_ENTRY, "[0] is {}"),
        case("an object for failures", {"batchItemFailures": {}}, FAILURES_NOT_A_LIST, "is {}, not a list"),
        case("a text for failures", {"batchItemFailures": "a"}, FAILURES_NOT_A_LIST, "is 'a', not a list"),
        case("an empty text for failures", {"batchItemFailures": ""}, FAILURES_NOT_A_LIST, "is '', not a list"),
        case("zero for failures", {"batchItemFailures": 0}, FAILURES_NOT_A_LIST, "is 0, not a list"),
        case("false for failures", {"batchItemFailures": False}, FAILURES_NOT_A_LIST, "is False, not a list"),
        case("a text", "done", RESPONSE_NOT_AN_OBJECT, "returned 'done'"),
        case("a number", 7, RESPONSE_NOT_AN_OBJECT, "returned 7"),
        case("zero", 0, RESPONSE_NOT_AN_OBJECT, "returned 0"),
        case("true", True, RESPONSE_NOT_AN_OBJECT, "returned True"),
        case("false", False, RESPONSE_NOT_AN_OBJECT, "returned False"),
        case("a list of entries", [{"itemIdentifier": "a"}], RESPONSE_NOT_AN_OBJECT, "itemIdentifier"),
    ],
)
def test_what_lambda_cannot_read_fails_the_whole_batch(response: Any, advice: str, words: str) -> None:
    """One bad entry, or a response of another form, fails every record, and the problem names the value."""
    verdict = judge_response(response, IDS, reports_failures=True)

    assert (verdict.kind, verdict.failed, verdict.advice) == ("malformed", IDS, advice)
    assert verdict.problem is not None
    assert verdict.problem.startswith("the whole batch failed: ")
    assert words in verdict.problem


@pytest.mark.parametrize("key", ["BatchItemFailures", "batchitemfailures", "batch_item_failures", "batchItemFailure"])
@pytest.mark.parametrize("listed", [case("some", [{"itemIdentifier": "a"}]), case("none", [])])
def test_a_misspelt_key_is_a_success_with_advice(key: str, listed: list[Any]) -> None:
    """Lambda sees no such key and deletes the records; we say so, also while there is nothing to report yet."""
    verdict = judge_response({"statusCode": 200, key: listed}, IDS, reports_failures=True)

    assert (verdict.kind, verdict.failed, verdict.advice) == ("success", (), MISSPELT_KEY)
    assert verdict.problem is not None
    assert repr(key) in verdict.problem


def test_the_right_key_counts_beside_a_misspelt_one() -> None:
    """Where batchItemFailures is there, what else is there does not matter."""
    response = {"BatchItemFailures": [], **failures("b")}
    assert judge_response(response, IDS, reports_failures=True) == Verdict("partial", ("b",))


@pytest.mark.parametrize(
    "response",
    [
        None,
        {},
        [],
        "",
        "done",
        7,
        False,
        [{"itemIdentifier": "a"}],
        {"batchItemFailures": []},
        {"batchItemFailures": None},
        {"batchItemFailures": "a"},
        {"statusCode": 500},
    ],
    ids=json.dumps,
)
def test_without_reporting_anything_is_a_success(response: Any) -> None:
    """A mapping without ReportBatchItemFailures does not look at the response."""
    assert judge_response(response, IDS, reports_failures=False) == Verdict("success")


@pytest.mark.parametrize("key", ["batchItemFailures", "BatchItemFailures"])
def test_failures_that_nobody_reads_are_a_success_with_advice(key: str) -> None:
    """Failures listed while reporting is off are ignored, the records are gone: the advice says how to enable it."""
    verdict = judge_response({key: [{"itemIdentifier": "a"}, {}]}, IDS, reports_failures=False)

    assert (verdict.kind, verdict.failed, verdict.advice) == ("success", (), NOT_ENABLED)
    assert verdict.problem is not None
    assert "reported 2 failed record(s)" in verdict.problem
    assert "FunctionResponseTypes=['ReportBatchItemFailures']" in verdict.problem


def test_the_code_of_unread_failures_is_a_promise() -> None:
    """Codes are stable names that users filter by."""
    assert NOT_ENABLED == "partial-response-not-enabled"


def test_every_code_has_a_meaning() -> None:
    """ADVICE explains each code of the module in one line, and all are short kebab-case."""
    codes = {getattr(partial, name) for name in partial.__all__ if name.isupper() and name != "ADVICE"}
    assert codes == set(ADVICE)
    assert all(code == code.lower() and " " not in code and "_" not in code for code in ADVICE)
    assert all(meaning and "\n" not in meaning for meaning in ADVICE.values())


def test_a_verdict_is_frozen() -> None:
    """Verdicts of success are one shared value, which nobody may change."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        judge_response(None, IDS, reports_failures=True).kind = "partial"  # type: ignore[misc]


def test_a_huge_value_is_shown_short() -> None:
    """The problem of a response with megabytes in it is still one readable sentence."""
    verdict = judge_response(failures("x" * 10**6), ["y" * 36] * 10_000, reports_failures=True)
    assert verdict.problem is not None
    assert len(verdict.problem) < 1000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(IDS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["batchItemFailures", "itemIdentifier", "ItemIdentifier", "k"]), inner)
    ),
    max_leaves=12,
)
near_responses = st.fixed_dictionaries(
    {"batchItemFailures": st.lists(st.fixed_dictionaries({"itemIdentifier": st.sampled_from(IDS) | json_values}))}
)


@given(json_values | near_responses, st.booleans())
def test_any_json_gets_a_verdict(response: Any, reports: bool) -> None:
    """No response raises; failed records are of the batch, in its order; kind, failures and words agree."""
    verdict = judge_response(response, IDS, reports_failures=reports)

    assert list(verdict.failed) == [one for one in IDS if one in verdict.failed]
    assert bool(verdict.failed) == (verdict.kind != "success")
    assert verdict.kind != "malformed" or verdict.failed == IDS
    assert (verdict.advice is None) == (verdict.problem is None)
    assert verdict.kind != "malformed" or verdict.advice in ADVICE
    assert reports or verdict.kind == "success"


@given(st.lists(st.uuids().map(str), unique=True, min_size=1), st.data())
def test_a_valid_report_fails_exactly_what_it_names(ids: list[str], data: st.DataObject) -> None:
    """Whatever the order and the repetitions, the failed records are those named."""
    named = data.draw(st.lists(st.sampled_from(ids), min_size=1))
    verdict = judge_response(failures(*named), ids, reports_failures=True)
    assert verdict == Verdict("partial", tuple([one for one in ids if one in named]))


class Untouchable(tuple[str, ...]):
    """Identifiers that nobody may look at."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        """Refuse: on the common path no set is built of a batch that may have 10,000 records."""
        raise AssertionError("the batch was looked through")


@pytest.mark.parametrize("response", [None, {}, [], "", {"batchItemFailures": []}, {"ok": 1}], ids=json.dumps)
@pytest.mark.parametrize("reports", [True, False])
def test_success_costs_nothing_by_the_size_of_the_batch(response: Any, reports: bool) -> None:
    """Where no failures are reported, the identifiers are not even looked at."""
    assert judge_response(response, Untouchable(IDS), reports_failures=reports) == Verdict("success")
    with pytest.raises(AssertionError):
        judge_response(failures("a"), Untouchable(IDS), reports_failures=True)
