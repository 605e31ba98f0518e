"""The story that a failing test shows: every fate and ending word for word, and short however long the run was."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.model.records import SqsMessage
from pytest_lambda_events.model.run import Run, Scope
from pytest_lambda_events.model.trace import Advice, Invocation, Ledger
from pytest_lambda_events.report.terminal.account import account
from pytest_lambda_events.report.view import view_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.model.records import Fate
    from pytest_lambda_events.model.trace import Outcome

START_MS = 1_735_689_600_000
ORDERS = "arn:aws:sqs:us-east-1:123456789012:orders"
DLQ = "arn:aws:sqs:us-east-1:123456789012:orders-dlq"
MAPPING = "mapping"


class Story:
    """A ledger written by hand, in virtual seconds; the clock stands where the last line was written."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.metrics: dict[str, int] = {"PolledEventCount": 0}
        self.now_ms = START_MS
        self._receives: dict[str, int] = {}
        self._calls = 0

    def at(self, seconds: float) -> int:
        self.now_ms = START_MS + round(seconds * 1000)
        return self.now_ms

    def sent(self, seconds: float, *bodies: str, arn: str = ORDERS) -> list[SqsMessage]:
        """Records whose short ids are 00000001, 00000002, ..."""
        at_ms = self.at(seconds)
        records = []
        for body in bodies:
            number = len(self.ledger.records) + 1
            record = SqsMessage(
                id=f"{number:08d}-aaaa-4bbb-8ccc-dddddddddddd", body=body, sent_timestamp=at_ms, sender_id="me"
            )
            self.ledger.entered(at_ms, arn, record)
            records.append(record)
        return records

    def received(
        self, seconds: float, records: Sequence[SqsMessage], *, arn: str = ORDERS, by_poller: bool = True
    ) -> None:
        counts = []
        for record in records:
            self._receives[record.id] = self._receives.get(record.id, 0) + 1
            counts.append(self._receives[record.id])
        self.metrics["PolledEventCount"] += len(records) * by_poller
        self.ledger.received(self.at(seconds), arn, tuple(record.id for record in records), tuple(counts))

    def invoked(
        self,
        seconds: float,
        records: Sequence[SqsMessage],
        outcome: Outcome = "success",
        failed: Sequence[SqsMessage] | None = None,
        problem: str | None = None,
        error: BaseException | None = None,
        duration: float = 0,
    ) -> None:
        """An invocation from beginning to end; those that did not fail are deleted, as the poller does it."""
        if failed is None:
            failed = () if outcome == "success" else records
        request_id = self.begun(seconds, records)
        done = [record for record in records if record not in failed]
        if done:
            self.left(seconds + duration, done, "processed")
        self.ledger.ended(
            self.at(seconds + duration),
            Invocation(
                at=seconds,
                duration=duration,
                records=tuple(records),
                outcome=outcome,
                failed=tuple(failed),
                request_id=request_id,
                mapping=MAPPING,
                event_text="{}",
                response=None,
                error=error,
                problem=problem,
            ),
            tuple(record.id for record in failed),
        )

    def begun(self, seconds: float, records: Sequence[SqsMessage]) -> str:
        self._calls += 1
        request_id = f"request-{self._calls}"
        self.ledger.invoked(self.at(seconds), MAPPING, tuple(record.id for record in records), request_id)
        return request_id

    def tried(self, seconds: float, records: Sequence[SqsMessage], *ending: Any, **more: Any) -> None:
        """Received and invoked at once."""
        self.received(seconds, records)
        self.invoked(seconds, records, *ending, **more)

    def reappeared(self, seconds: float, records: Sequence[SqsMessage], *, arn: str = ORDERS) -> None:
        for record in records:
            self.ledger.reappeared(self.at(seconds), arn, record.id)

    def left(self, seconds: float, records: Sequence[SqsMessage], fate: Fate, *, arn: str = ORDERS) -> None:
        self.ledger.left(self.at(seconds), arn, tuple(record.id for record in records), fate)

    def dead_lettered(self, seconds: float, records: Sequence[SqsMessage]) -> None:
        self.left(seconds, records, "dead_lettered")
        for record in records:
            self.ledger.entered(self.now_ms, DLQ, record)

    def run(self, *arns: str, stopped: float | None = None) -> Run:
        now_ms = self.now_ms if stopped is None else self.at(stopped)
        scope = Scope([MAPPING], arns or [ORDERS], self.metrics, None)
        return Run(self.ledger, scope, start_ms=START_MS, now_ms=now_ms, seed=7)


@pytest.fixture
def story() -> Story:
    return Story()


def raised(error: BaseException) -> BaseException:
    """The error with a traceback that ends here, as a handler's does."""
    try:
        raise error
    except BaseException as caught:
        return caught


def told(run: Run, **options: Any) -> str:
    """What is told of the records, without the counts at the end."""
    return account(view_of(run), **options).partition("\n\n")[0]


def text(expected: str) -> str:
    return dedent(expected).strip("\n")


# -- fates ------------------------------------------------------------------------------------------------------------


def test_a_processed_record(story):
    (record,) = story.sent(0, '{"order":1}')
    story.tried(0, [record])

    assert told(story.run()) == text(
        """
        00000001  {"order":1}  -> processed
              0 s  sent to orders
              0 s  received (1st time), invoked #1: success, deleted after success
        """
    )


def test_a_dead_lettered_record(story):
    (record,) = story.sent(0, '{"order":"poison"}')
    error = raised(ValueError("unknown order 'poison'"))
    failing = ("error", None, "raised ValueError: unknown order 'poison'", error)
    story.tried(0, [record], *failing)
    for second in (30, 60):
        story.reappeared(second, [record])
        story.tried(second, [record], *failing)
    story.reappeared(90, [record])
    story.dead_lettered(90, [record])
    line = error.__traceback__.tb_lineno

    assert told(story.run()) == text(
        f"""
        00000001  {{"order":"poison"}}  -> dead_lettered
              0 s  sent to orders
              0 s  received (1st time), invoked #1: failed: raised ValueError: unknown order 'poison'
                   (test_account.py:{line})
             30 s  visible again, received (2nd time), invoked #2: failed, same as #1
             60 s  visible again, received (3rd time), invoked #3: failed, same as #1
             90 s  visible again, moved to orders-dlq
        """
    )


def test_a_purged_record(story):
    (record,) = story.sent(1.5, "x")
    story.left(2.25, [record], "discarded")

    assert told(story.run()) == text(
        """
        00000001  x  -> discarded
            1.5 s  sent to orders
           2.25 s  discarded: purged, or given up by the poller
        """
    )


def test_a_filtered_record(story):
    (record,) = story.sent(0, "x")
    story.received(0, [record])
    story.left(0, [record], "filtered")

    assert told(story.run()) == text(
        """
        00000001  x  -> filtered
              0 s  sent to orders
              0 s  received (1st time), filtered out
        """
    )


def test_an_expired_record(story):
    (record,) = story.sent(0, "x")
    story.left(345_600, [record], "expired")

    assert told(story.run()) == text(
        """
        00000001  x  -> expired
                   0 s  sent to orders
        4 d (345600 s)  expired: MessageRetentionPeriod ran out
        """
    )


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([], "5 s  still in orders when the run stopped (never received)", id="untouched"),
        pytest.param(["received"], "5 s  still in orders when the run stopped (in flight)", id="in-flight"),
        pytest.param(
            ["received", "reappeared"], "5 s  still in orders when the run stopped (visible)", id="visible-again"
        ),
    ],
)
def test_a_pending_record(story, steps, expected):
    records = story.sent(0, "x")
    for step in steps:
        getattr(story, step)(1, records)

    last = told(story.run(stopped=5)).splitlines()[-1]

    assert last.strip() == expected


def test_a_record_that_moves_to_a_queue_that_is_mapped_too(story):
    (record,) = story.sent(0, "x")
    story.tried(0, [record], "timeout", duration=3)
    story.reappeared(30, [record])
    story.dead_lettered(30, [record])
    story.received(30, [record], arn=DLQ)
    story.begun(30, [record])
    story.left(30, [record], "processed", arn=DLQ)

    assert told(story.run(ORDERS, DLQ)) == text(
        """
        00000001  x  -> processed
              0 s  sent to orders
              0 s  received (1st time), invoked #1: timed out after 3 s
             30 s  visible again, moved to orders-dlq, received (2nd time), invoked #2: no outcome yet
             30 s  deleted by the test or the handler
        """
    )


def test_a_record_that_came_from_a_queue_without_a_mapping_and_went_back(story):
    (record,) = story.sent(0, "x")
    story.dead_lettered(5, [record])
    story.left(9, [record], "processed", arn=DLQ)
    story.ledger.entered(story.at(9), ORDERS, record)

    assert told(story.run()) == text(
        """
        00000001  x  -> pending
              0 s  sent to orders
              5 s  moved to orders-dlq
              9 s  arrived in orders from orders-dlq
              9 s  still in orders when the run stopped (not received there)
        """
    )
    assert "0 s  sent to orders\n" not in told(story.run(DLQ))
    assert "5 s  arrived in orders-dlq from orders\n" in told(story.run(DLQ))


# -- who received and who deleted -------------------------------------------------------------------------------------


def test_a_receive_by_somebody_else_is_said_to_be_one(story):
    (record,) = story.sent(0, "x")
    story.received(1, [record], by_poller=False)
    story.reappeared(1, [record])
    story.received(1, [record], by_poller=False)
    story.left(2, [record], "processed")

    assert told(story.run()) == text(
        """
        00000001  x  -> processed
              0 s  sent to orders
              1 s  received by the test or the handler (1st time), visible again
              1 s  received by the test or the handler (2nd time)
              2 s  deleted by the test or the handler
        """
    )


def test_a_batch_that_still_waits_was_received_by_the_poller(story):
    records = story.sent(0, "x")
    story.received(0, records)

    assert "      0 s  received (1st time)\n" in told(story.run(stopped=5))


def test_a_record_that_the_handler_deletes_before_it_fails(story):
    (record,) = story.sent(0, "x")
    story.received(0, [record])
    story.begun(0, [record])
    story.left(1, [record], "processed")

    assert "      1 s  deleted by the test or the handler" in told(story.run())


# -- endings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        pytest.param({}, "success, deleted after success", id="success"),
        pytest.param({"outcome": "partial"}, "reported in batchItemFailures", id="partial"),
        pytest.param(
            {"outcome": "partial", "duration": 2}, "reported in batchItemFailures after 2 s", id="partial-with-a-length"
        ),
        pytest.param(
            {"outcome": "error", "problem": "raised KeyError: 'x'"}, "failed: raised KeyError: 'x'", id="error"
        ),
        pytest.param(
            {"outcome": "error", "problem": "raised KeyError: 'x'", "duration": 0.25},
            "failed after 0.25 s: raised KeyError: 'x'",
            id="error-with-a-length",
        ),
        pytest.param(
            {"outcome": "error", "problem": "raised Boom: \n  first\nsecond"}, "failed: raised Boom: first", id="lines"
        ),
        pytest.param({"outcome": "error", "problem": "raised Boom: "}, "failed: raised Boom", id="no-message"),
        pytest.param({"outcome": "error", "error": KeyError("x")}, "failed: raised KeyError", id="no-problem-given"),
        pytest.param(
            {"outcome": "error", "problem": "Runtime.ExitError: the handler ended the process (SystemExit(1))"},
            "failed: Runtime.ExitError: the handler ended the process (SystemExit(1))",
            id="exit",
        ),
        pytest.param({"outcome": "timeout", "duration": 3}, "timed out after 3 s", id="timeout"),
        pytest.param(
            {"outcome": "malformed", "problem": "the whole batch failed: batchItemFailures is 1, not a list"},
            "whole batch failed: batchItemFailures is 1, not a list",
            id="malformed",
        ),
        pytest.param({"outcome": "throttled"}, "throttled", id="throttled"),
    ],
)
def test_an_ending(story, ending, expected):
    records = story.sent(0, "x")
    story.tried(0, records, **ending)

    line = told(story.run(), width=200).splitlines()[2]

    assert line == f"      0 s  received (1st time), invoked #1: {expected}"


def test_what_happens_without_an_invocation(story):
    records = story.sent(0, "x")
    story.received(0, records)
    story.ledger.fault(story.at(0), MAPPING, tuple(record.id for record in records), "throttles")
    call = Invocation(
        at=0,
        duration=0,
        records=tuple(records),
        outcome="throttled",
        failed=tuple(records),
        request_id="request-0",
        mapping=MAPPING,
        event_text="{}",
        response=None,
        error=None,
        problem=None,
    )
    story.ledger.ended(story.at(0), call, tuple(record.id for record in records))
    story.reappeared(30, records)
    story.tried(30, records)

    assert told(story.run()) == text(
        """
        00000001  x  -> processed
              0 s  sent to orders
              0 s  received (1st time), fault: the function had no concurrency left, throttled
             30 s  visible again, received (2nd time), invoked #1: success, deleted after success
        """
    )


def test_of_a_partial_batch_each_record_has_its_own_ending(story):
    good, bad = story.sent(0, "good", "bad")
    story.tried(0, [good, bad], "partial", [bad], duration=1)
    story.reappeared(30, [bad])
    story.tried(30, [bad])

    assert told(story.run()) == text(
        """
        00000002  bad  -> processed
              0 s  sent to orders
              0 s  received (1st time), invoked #1: reported in batchItemFailures after 1 s
             30 s  visible again, received (2nd time), invoked #2: success, deleted after success
        00000001  good  -> processed
              0 s  sent to orders
              0 s  received (1st time), invoked #1: success after 1 s
              1 s  deleted after success
        """
    )


def test_a_long_message_is_shortened(story):
    records = story.sent(0, "x")
    story.tried(0, records, "error", problem=f"raised ValueError: {'y' * 1000}")

    line = told(story.run(), width=400).splitlines()[2]

    assert line.endswith("yyy...")
    assert len(line) < 250


def test_the_line_is_the_users_own(story):
    """Not the standard library's, where the error was raised, and not this package's, which called."""
    records = story.sent(0, "x")
    try:
        json.loads("{")
    except ValueError as caught:
        error = caught
    story.tried(0, records, "error", problem="raised JSONDecodeError: no", error=error)

    line = error.__traceback__.tb_lineno

    assert f"raised JSONDecodeError: no ({Path(__file__).name}:{line})" in account(view_of(story.run()), width=200)


def test_without_a_line_of_the_users_own_a_librarys_is_shown(story):
    records = story.sent(0, "x")
    try:
        json.loads("{")
    except ValueError as caught:
        error = caught.with_traceback(caught.__traceback__.tb_next)
    story.tried(0, records, "error", problem="raised JSONDecodeError: no", error=error)

    assert "raised JSONDecodeError: no (decoder.py:" in account(view_of(story.run()), width=200)


def test_an_error_from_within_this_package_has_no_line_of_its_own(story):
    records = story.sent(0, "x")
    try:
        story.run().fate(SqsMessage(id="unknown", body="", sent_timestamp=0, sender_id="me"))
    except Exception as caught:
        error = caught.with_traceback(caught.__traceback__.tb_next)
    story.tried(0, records, "error", problem="raised UsageError: no", error=error)

    assert "raised UsageError: no\n" in account(view_of(story.run()))


# -- folding ----------------------------------------------------------------------------------------------------------


def test_retries_that_repeat_are_folded(story):
    records = story.sent(0, "x")
    story.tried(0, records, "error", problem="raised KeyError: 'x'")
    for second in range(30, 345_600, 30):
        story.reappeared(second, records)
        story.tried(second, records, "error", problem="raised KeyError: 'x'")
    story.left(345_600, records, "expired")

    assert told(story.run()) == text(
        """
        00000001  x  -> expired
                   0 s  sent to orders
                   0 s  received (1st time), invoked #1: failed: raised KeyError: 'x'
                  30 s  visible again, received (2nd time), invoked #2: failed, same as #1
                  60 s  visible again, received (3rd time), invoked #3: failed, same as #1
                        ... 11,517 more times until 3 d 23 h 59 min 30 s (345570 s), the same way
        4 d (345600 s)  expired: MessageRetentionPeriod ran out
        """
    )


def test_a_repetition_may_have_several_lines(story):
    records = story.sent(0, "x")
    for second in range(0, 300, 30):
        if second:
            story.reappeared(second, records)
        story.received(second, records)
        story.invoked(second + 5, records, "timeout", duration=3)

    assert told(story.run(stopped=300)) == text(
        """
        00000001  x  -> pending
              0 s  sent to orders
              0 s  received (1st time)
              5 s  invoked #1: timed out after 3 s
             30 s  visible again, received (2nd time)
             35 s  invoked #2: timed out after 3 s
             60 s  visible again, received (3rd time)
                   ... the last 2 lines 7 more times until 270 s, the same way
            275 s  invoked #10: timed out after 3 s
            300 s  still in orders when the run stopped (in flight)
        """
    )


def test_a_few_retries_are_not_folded(story):
    records = story.sent(0, "x")
    for second in (0, 30, 60, 90):
        story.reappeared(second, records)
        story.tried(second, records, "partial")

    assert "more times" not in account(view_of(story.run()))


def test_what_repeats_without_time_passing_is_folded_too(story):
    records = story.sent(0, "x")
    for _ in range(1000):
        story.tried(0, records, "error", problem="raised KeyError: 'x'")
        story.reappeared(0, records)

    assert told(story.run()).splitlines()[-3:] == [
        "      0 s  visible again, received (3rd time), invoked #3: failed, same as #1",
        "           ... 997 more times until 0 s, the same way",
        "      0 s  visible again, still in orders when the run stopped (visible)",
    ]


def test_a_story_that_repeats_nothing_is_cut(story):
    records = story.sent(0, "x")
    for second in range(500):
        story.tried(second, records, "error", problem=f"raised KeyError: {second}")
    lines = told(story.run()).splitlines()

    assert len(lines) < 20
    assert "           ... 487 more lines ..." in lines
    assert "raised KeyError: 0" in lines[2]
    assert "raised KeyError: 499" in lines[-2]


def test_records_that_went_the_same_way_are_told_once(story):
    one, two, three = story.sent(0, "one", "two", "three")
    story.tried(0, [one, two])
    story.tried(0, [three])

    assert told(story.run()) == text(
        """
        00000001  one  -> processed
              0 s  sent to orders
              0 s  received (1st time), invoked #1: success, deleted after success
        00000002  two  -> processed, the same steps
        00000003  three  -> processed, the same steps
        """
    )


def test_a_short_run_names_every_record(story):
    records = story.sent(0, *(str(number) for number in range(20)))
    story.tried(0, records)

    assert len(told(story.run()).splitlines()) == 2 + 20


def test_a_long_run_tells_the_trouble_and_counts_the_rest(story):
    records = story.sent(0, *(str(number) for number in range(10_000)))
    poison, late = records[17], records[9_000]
    for first in range(0, 10_000, 10):
        batch = records[first : first + 10]
        bad = [record for record in batch if record in {poison, late}]
        story.tried(0, batch, "partial" if bad else "success", bad)
    story.reappeared(30, [poison, late])
    story.dead_lettered(30, [poison])
    story.tried(30, [late])

    assert account(view_of(story.run())) == text(
        """
        00000018  17  -> dead_lettered
              0 s  sent to orders
              0 s  received (1st time), invoked #2: reported in batchItemFailures
             30 s  visible again, moved to orders-dlq
        00009001  9000  -> processed
              0 s  sent to orders
              0 s  received (1st time), invoked #901: reported in batchItemFailures
             30 s  visible again, received (2nd time), invoked #1001: success, deleted after success
        9,998 records were processed at the first attempt

        1,001 invocations (999 success, 2 partial) with batches of 1 to 10 records; stopped at 30 s
        metrics: PolledEventCount 10001
        """
    )


def test_filtered_records_of_a_long_run_are_counted(story):
    records = story.sent(0, *("x" * 30))
    story.received(0, records[:29])
    story.left(0, records[:29], "filtered")
    story.tried(0, records[29:])

    assert told(story.run()) == text(
        """
        29 records were filtered out
        1 record was processed at the first attempt
        """
    )


@pytest.mark.once
@pytest.mark.parametrize("distinct", [False, True], ids=["alike", "each-its-own-way"])
def test_ten_thousand_failing_records_fill_a_page_and_no_more(story, distinct):
    for number in range(10_000):
        records = story.sent(number if distinct else 0, f"body {number}")
        for attempt in range(3):
            at = number * distinct + 30 * attempt
            if attempt:
                story.reappeared(at, records)
            story.tried(at, records, "error", problem="raised KeyError: 'x'")
    lines = account(view_of(story.run(stopped=20_000))).splitlines()

    assert len(lines) <= 80
    assert max(map(len, lines)) <= 100
    what = (
        "not shown: 9,990 more records (9,990 pending)"
        if distinct
        else "  ... and 9,997 more records went the same way"
    )
    assert what in lines


def test_trouble_comes_first(story):
    untouched, tried, expired, dead, good = story.sent(0, "untouched", "tried", "expired", "dead", "good")
    story.tried(0, [good])
    story.tried(0, [tried], "partial")
    story.left(1, [expired], "expired")
    story.dead_lettered(1, [dead])
    heads = [line.split()[1] for line in told(story.run()).splitlines() if not line.startswith(" ")]

    assert heads == ["dead", "expired", "tried", "untouched", "good"]
    assert untouched in story.run().pending


def test_fewer_records_when_asked_for_fewer(story):
    for second in range(5):
        story.left(second, story.sent(second, "x"), "discarded")

    assert "not shown: 3 more records (3 discarded)" in account(view_of(story.run()), most_records=2)
    assert told(story.run(), most_records=0) == "not shown: 5 more records (5 discarded)"


# -- what is safe to show ---------------------------------------------------------------------------------------------


def test_what_no_terminal_should_get_is_escaped(story):
    (record,) = story.sent(0, "é\n\x1b[31m\u2028\ud800\U0001f600\x7f")
    story.tried(0, [record], "error", problem="raised ValueError: \x1b[0m für\tnichts\nand more")
    lines = account(view_of(story.run())).splitlines()

    assert lines[0] == r"00000001  \xe9\n\x1b[31m\u2028\ud800\U0001f600\x7f  -> pending"
    assert lines[2].endswith(r"failed: raised ValueError: \x1b[0m f\xfcr\tnichts")
    assert all(line.isascii() and (line.isprintable() or not line) for line in lines)


def test_json_keeps_its_own_backslashes(story):
    story.sent(0, r'{"Message":"{\"a\":1}"}')

    assert r'{"Message":"{\"a\":1}"}' in account(view_of(story.run()))


def test_an_empty_body_is_said_to_be_one(story):
    story.sent(0, "")

    assert account(view_of(story.run())).startswith("00000001  (empty)  -> pending\n")


@pytest.mark.parametrize("width", [40, 60, 100, 160])
def test_the_width_is_kept(story, width):
    (record,) = story.sent(0, "ü" * 1_000_000)
    story.tried(0, [record], "error", problem=f"raised ValueError: {'ä' * 500}")
    story.ledger.advise(Advice(code="a-code-of-ours", message="word " * 100, at_ms=START_MS))
    story.metrics.update({f"Metric{number}": number for number in range(20)})
    lines = account(view_of(story.run()), width=width).splitlines()

    assert max(map(len, lines)) <= width
    assert lines[0].endswith("...  -> pending")


def test_no_width_is_too_small(story):
    story.sent(0, "x")

    assert account(view_of(story.run()), width=0) == account(view_of(story.run()), width=40)


@pytest.mark.parametrize(
    ("record_id", "shown"),
    [
        pytest.param("4f1c2a9e-1111-4222-8333-444444444444", "4f1c2a9e", id="uuid"),
        pytest.param("orders-0-17", "orders-0-17", id="short"),
        pytest.param("49590338271490256608559692538361571095921575989136588898", "...136588898", id="counting-up"),
    ],
)
def test_an_id_is_shortened_where_it_tells_records_apart(story, record_id, shown):
    story.ledger.entered(START_MS, ORDERS, SqsMessage(id=record_id, body="x", sent_timestamp=0, sender_id="me"))

    assert account(view_of(story.run())).startswith(f"{shown}  x  -> pending\n")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (30, "30 s"),
        (0.001, "0.001 s"),
        (3599.5, "3599.5 s"),
        (3600, "1 h (3600 s)"),
        (9000, "2 h 30 min (9000 s)"),
        (90061.5, "1 d 1 h 1 min 1.5 s (90061.5 s)"),
        (1_209_600, "14 d (1209600 s)"),
    ],
)
def test_moments_read_well(story, seconds, shown):
    story.sent(seconds, "x")

    assert account(view_of(story.run())).endswith(f"no invocations; stopped at {shown}")


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_receives_are_counted_as_people_count(story, count, shown):
    (record,) = story.sent(0, "x")
    story.ledger.received(START_MS, ORDERS, (record.id,), (count,))

    assert f"({shown} time)" in account(view_of(story.run()))


# -- the end -----------------------------------------------------------------------------------------


def test_the_end_counts_and_advises(story):
    one, two = story.sent(0, "one", "two")
    story.tried(0, [one, two])
    story.metrics.update(Invocations=1, Errors=0)
    story.ledger.advise(Advice(code="a-code", message="says\n  something", at_ms=START_MS, mapping=MAPPING))

    assert account(view_of(story.run())).partition("\n\n")[2] == text(
        """
        1 invocation (1 success) with batches of 2 records; stopped at 0 s
        metrics: PolledEventCount 2, Invocations 1
        advice: a-code: says something
        """
    )


def test_without_records_one_line_says_so(story):
    line = "no records: nothing was put into a source that is mapped to a function"

    assert account(view_of(story.run())) == line


def test_the_same_run_reads_the_same(story):
    records = story.sent(0, "one", "two")
    story.tried(0, records, "error", problem="raised KeyError: 'x'")
    run = story.run()
    before = account(view_of(run))
    story.reappeared(30, records)
    story.tried(30, records)

    assert account(view_of(run)) == before
