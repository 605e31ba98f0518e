"""Runs as they are drawn, each to the last letter as it is committed in tests/data/timelines: at three widths, with and
without colour, for every fate. The law: same seed, same letters.

Write them anew with `LAMBDA_EVENTS_WRITE_TIMELINES=1 python -m pytest tests/unit/report -k golden`, and look at them
before you commit: `cat` shows the colours.
"""

from __future__ import annotations

import dataclasses
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_lambda_events import Faults, Harness
from pytest_lambda_events.model.records import FATES
from pytest_lambda_events.model.trace import Step
from pytest_lambda_events.report.terminal.chart import chart
from pytest_lambda_events.report.terminal.style import ANSI, PLAIN
from pytest_lambda_events.report.terminal.timeline import timeline
from pytest_lambda_events.report.view import CallView, RecordView, RunView, view_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.model.run import Run

TIMELINES = Path(__file__).parents[2] / "data" / "timelines"
WIDTHS = (60, 80, 160)
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
CODES = re.compile(r"\x1b\[[0-9;]*m")

# a file of its own, so that what is told of its lines does not change with this one
HANDLER = """
import base64
import time


def report(event, context):
    failed = [record for record in event["Records"] if "poison" in record["body"]]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def slow(event, context):
    time.sleep(2)
    return report(event, context)


def first_try_fails(event, context):
    time.sleep(0.3)
    failed = []
    for record in event["Records"]:
        is_first = record["attributes"]["ApproximateReceiveCount"] == "1"
        if int(record["body"]) % 97 == 0 or (int(record["body"]) % 13 == 0 and is_first):
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def read(event, context):
    time.sleep(0.05)
    for record in event["Records"]:
        page = base64.b64decode(record["kinesis"]["data"]).decode()
        if page == "poison":
            raise ValueError(f"no page: {page}")


def pay(event, context):
    (messages,) = event["rmqMessagesByQueue"].values()
    for message in messages:
        if base64.b64decode(message["data"]) == b"poison":
            raise ValueError("unknown order")


def resize(event, context):
    key = event["tasks"][0]["s3Key"]
    code = {"busy.jpg": "TemporaryFailure", "text.txt": "PermanentFailure"}.get(key, "Succeeded")
    result = {"taskId": event["tasks"][0]["taskId"], "resultCode": code, "resultString": f"read {key}"}
    answer = {"invocationSchemaVersion": "1.0", "treatMissingKeysAs": "PermanentFailure"}
    return {**answer, "invocationId": event["invocationId"], "results": [result]}


def down(event, context):
    time.sleep(2)
    raise ConnectionError("the database is down")


def well(event, context):
    pass
"""

REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
STREAM = {"StartingPosition": "TRIM_HORIZON"}


def handler(name: str) -> Any:
    """A function of the user's `handler.py`."""
    module: dict[str, Any] = {"__name__": "handler"}
    exec(compile(HANDLER, "handler.py", "exec"), module)  # noqa: S102 - it stands above
    return module[name]


def poison(aws: Harness) -> Run:
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
    mapping = aws.event_source_mapping(queue, handler("report"), **REPORTS)
    queue.send({"order": 1}, {"order": "poison"}, {"order": 3})
    return mapping.run_until_idle()


def fifo(aws: Harness) -> Run:
    queue = aws.sqs_queue("orders", fifo=True, VisibilityTimeout=30, maxReceiveCount=3, ContentBasedDeduplication=True)
    mapping = aws.event_source_mapping(queue, handler("slow"), BatchSize=1, **REPORTS)
    queue.send("a1", "a2 is poison", "a3", message_group_id="a")
    queue.send("b1", "b2", message_group_id="b")
    return mapping.run_until_idle()


def bisect(aws: Harness) -> Run:
    stream = aws.kinesis_stream("clicks")
    options = {"BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 2, **STREAM}
    mapping = aws.event_source_mapping(stream, handler("read"), **options)
    stream.send("/a", "/b", "/c", "/d", "/e", "poison", "/g", "/h", partition_key="one")
    return mapping.run_until_idle()


def blocked_shard(aws: Harness) -> Run:
    stream = aws.kinesis_stream("clicks")
    options = {"BatchSize": 1, "MaximumRecordAgeInSeconds": 600, **STREAM}
    mapping = aws.event_source_mapping(stream, handler("read"), **options)
    stream.send("/a", "poison", "/c", partition_key="one")
    stream.send("/d", partition_key="one", at=120)
    return mapping.run_until_idle()


def rabbitmq(aws: Harness) -> Run:
    aws.rabbitmq_queue("dead")
    arguments = {"x-message-ttl": 3_000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    queue = aws.rabbitmq_queue("orders", arguments=arguments)
    mapping = aws.event_source_mapping(queue, handler("pay"))
    queue.send("poison", "good")
    queue.send("late", at=10)
    return mapping.run_until_idle()


def s3_batch(aws: Harness) -> Run:
    keys = ["a.jpg", "busy.jpg", "text.txt", "d.jpg"]
    return aws.s3_batch_job(handler("resize"), keys=keys).run_until_idle()


def filtered(aws: Harness) -> Run:
    queue = aws.sqs_queue("orders")
    criteria = {"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]}
    mapping = aws.event_source_mapping(queue, handler("well"), FilterCriteria=criteria)
    for second in range(3):
        queue.send({"kind": "order"}, {"kind": "click"}, at=second)
    return mapping.run_until_idle()


def expired(aws: Harness) -> Run:
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, MessageRetentionPeriod=86_400)
    mapping = aws.event_source_mapping(queue, handler("report"), **REPORTS)
    queue.send("good", "poison")
    return mapping.run_until_idle()


def pending(aws: Harness) -> Run:
    queue = aws.sqs_queue("orders", VisibilityTimeout=30)
    mapping = aws.event_source_mapping(queue, handler("down"))
    queue.send("one", "two")
    queue.send("three", at=100)
    return mapping.run_for(130)


def far_apart(aws: Harness) -> Run:
    """Bursts, with days between."""
    queue = aws.sqs_queue("orders", VisibilityTimeout=5, maxReceiveCount=3)
    mapping = aws.event_source_mapping(queue, handler("report"), **REPORTS)
    for at in (0, 86_400, 190_000):
        queue.send("good", "poison", at=at)
    return mapping.run_until_idle()


def throttled(aws: Harness) -> Run:
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=4)
    faults = Faults(throttles=0.5, duplicates=0.5)
    mapping = aws.event_source_mapping(queue, handler("report"), BatchSize=1, faults=faults, **REPORTS)
    queue.send("one", "two", "three", "poison")
    return mapping.run_until_idle()


def ten_thousand(aws: Harness) -> Run:
    queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
    mapping = aws.event_source_mapping(queue, handler("first_try_fails"), **REPORTS)
    for second in range(10):
        queue.send(*(str(1000 * second + number) for number in range(1000)), at=30 * second)
    return mapping.run_until_idle()


CASES: dict[str, Callable[[Harness], Run]] = {
    case.__name__: case
    for case in (
        *(poison, fifo, bisect, blocked_shard, rabbitmq, s3_batch, filtered),
        *(expired, pending, far_apart, throttled, ten_thousand),
    )
}


@cache
def seen(name: str) -> RunView:
    """A case's run; its harness is gone when it is read."""
    with Harness() as aws:
        return view_of(CASES[name](aws))


# -- golden -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colours", [False, True], ids=["plain", "colours"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", CASES)
def test_golden(monkeypatch, name, width, colours):
    """`cat` a file to see it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    path = TIMELINES / name / f"{width}{'-colours' if colours else ''}.txt"
    text = timeline(seen(name), width=width, style=ANSI if colours else PLAIN) + "\n"
    if os.environ.get("LAMBDA_EVENTS_WRITE_TIMELINES"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")

    assert path.read_text(encoding="utf-8") == text


def test_every_fate_is_drawn():
    fates = {record.fate for name in CASES for record in seen(name).records}

    assert fates == set(FATES)


# -- what holds for every run -----------------------------------------------------------------------------------------


def history(
    sent_ms: int, attempts: list[tuple[int, int, Any]], fate: Any, body: str, copies: int
) -> tuple[int, list[tuple[int, int, Any]], Any, str, int]:
    """Records that go the same way: when they were sent, waits, lengths and endings of their attempts, their fate."""
    return sent_ms, attempts, fate, body, copies


def view_by_hand(histories: list[Any]) -> RunView:
    """A run in which just this happened, as a view."""
    steps: list[Step] = []
    records: list[RecordView] = []
    calls: list[CallView] = []
    last = 0
    for place, (sent_ms, attempts, fate, body, copies) in enumerate(histories):
        ids = tuple(f"{place:08x}-aaaa-4bbb-8ccc-{copy:012x}" for copy in range(copies))
        steps.extend(Step(sent_ms, "entered", QUEUE, (one,), None) for one in ids)
        now = sent_ms
        for number, (wait_ms, length_ms, outcome) in enumerate(attempts, 1):
            now += wait_ms
            request_id = f"{place}-{number}"
            failed = () if outcome == "success" else ids
            steps.append(Step(now, "received", QUEUE, ids, (number,) * copies))
            if outcome != "throttled":
                steps.append(Step(now, "invoked", "mapping", ids, request_id))
            calls.append(call_by_hand(now, length_ms, ids, outcome, failed, request_id))
            now += length_ms
            steps.append(Step(now, "ended", "mapping", ids, (outcome, failed, request_id, None, "{}")))
        if fate != "pending":
            steps.append(Step(now, "left", QUEUE, ids, fate))
        last = max(last, now)
        records.extend(record_by_hand(one, body, fate, len(attempts)) for one in ids)
    begun = {step.detail: number for number, step in enumerate((s for s in steps if s.kind == "invoked"), 1)}
    return RunView(
        seed=0,
        start_ms=0,
        elapsed=last / 1000,
        is_live=False,
        records=tuple(records),
        calls=tuple(call_with_number(call, begun.get(call.request_id)) for call in calls),
        steps=tuple(steps),
        metrics={},
        advice=(),
        mappings={},
    )


def call_by_hand(now: int, length_ms: int, ids: Any, outcome: Any, failed: Any, request_id: str) -> CallView:
    return CallView(
        number=None,
        at=now / 1000,
        duration=length_ms / 1000,
        records=ids,
        outcome=outcome,
        failed=failed,
        request_id=request_id,
        mapping="mapping",
        event_text="{}",
        response=None,
        problem=None,
        error=None,
    )


def call_with_number(call: CallView, number: int | None) -> CallView:
    return dataclasses.replace(call, number=number)


def record_by_hand(record_id: str, body: str, fate: Any, attempts: int) -> RecordView:
    return RecordView(
        id=record_id,
        kind="sqs",
        payload={"body": body},
        brief=body,
        fate=fate,
        destination=None,
        sources=(QUEUE,),
        attempts=(0.0,) * attempts,
        receives=(0.0,) * attempts,
    )


def spans(most: int) -> st.SearchStrategy[int]:
    """Milliseconds: none, a few, or up to two weeks."""
    return st.one_of(st.just(0), st.integers(0, 100), st.integers(0, most))


ATTEMPTS = st.tuples(
    spans(1_209_600_000), spans(900_000), st.sampled_from(["success", "error", "partial", "timeout", "throttled"])
)
HISTORIES = st.lists(
    st.builds(
        history,
        spans(1_209_600_000),
        st.lists(ATTEMPTS, max_size=6),
        st.sampled_from(FATES),
        st.text(max_size=40),
        st.sampled_from([1, 1, 2, 150]),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(HISTORIES, st.integers(0, 200), st.integers(0, 25))
def test_whatever_happened(histories, width, most_rows):
    """Within the width, ASCII, the colours are only colours, and every fate is counted."""
    view = view_by_hand(histories)
    shown = chart(view, width=width, most_rows=most_rows)
    lines = shown.splitlines()

    assert max(map(len, lines)) <= max(width, 40)
    assert shown.isascii()
    assert all(line.isprintable() for line in lines)
    assert CODES.sub("", chart(view, width=width, most_rows=most_rows, style=ANSI)) == shown
    assert shown == chart(view, width=width, most_rows=most_rows)
    fates = [record.fate for record in view.records]
    head = " ".join(lines[: lines.index("")])
    assert all(f"{fates.count(fate):,} {fate}" in head for fate in set(fates))
    assert len(lines) <= max(most_rows, 0) + 3 * len(FATES) + 25


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("width", [40, 51, 300])
def test_a_page_keeps_its_width(name, width):
    """Also where it is narrow, and with the stories below; the colours are only colours there, too."""
    page = timeline(seen(name), width=width)

    assert max(map(len, page.splitlines())) <= width
    assert CODES.sub("", timeline(seen(name), width=width, style=ANSI)) == page
