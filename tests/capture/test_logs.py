"""Events in log groups: what `lambda_capture` wrote, with outcomes, and what functions printed themselves."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.cassette import Failure, Returned, load
from pytest_lambda_events.cassette.capture.finding import Finder
from pytest_lambda_events.cassette.capture.logs import _asked as parameters
from pytest_lambda_events.events import kafka_event, s3_batch_event, sqs_event

EVENT = sqs_event('{"order": 1, "who": "Ünï \\"x\\""}')
MARK = '{"lambda-events-capture":1'


def found_in(*messages: str):
    finder = Finder()
    for message in messages:
        finder.read(message, "2025-01-01T00:00:00.000Z")
    return finder


@pytest.mark.parametrize(
    "message",
    [
        json.dumps(EVENT),
        json.dumps(EVENT, indent=2),
        str(EVENT),
        f"event: {EVENT}",
        f"[INFO]\t2025-01-01T00:00:00.000Z\t3f2a\t{json.dumps(EVENT)}",
        f"[INFO]\t2025-01-01T00:00:00.000Z\t3f2a\tReceived event: {EVENT}",
        f"{json.dumps(EVENT)} and more",
        json.dumps({"level": "INFO", "message": EVENT, "timestamp": "2025"}),
        json.dumps({"timestamp": "2025", "log_level": "INFO", "message": json.dumps(EVENT)}),
        json.dumps({"level": "INFO", "message": f"got {EVENT}", "requestId": "3f2a"}),
        json.dumps({"level": "INFO", "message": "start", "extra": {"lambda": {"event": EVENT}}}),
    ],
    ids=lambda message: message[:24],
)
def test_an_event_that_a_function_printed_is_found(message):
    """As JSON or as Python prints it, alone or in a line of a structured log; nothing is known of the outcome."""
    (one,) = found_in(message).found
    assert one.event == EVENT
    assert (one.at, one.outcome) == ("2025-01-01T00:00:00.000Z", None)


@pytest.mark.parametrize(
    "message",
    [
        "START RequestId: 3f2a Version: $LATEST",
        "REPORT RequestId: 3f2a\tDuration: 1 ms",
        '{"level": "INFO", "message": "no event"}',
        "{'an': 'order'}",
        "{broken",
        "[1, 2, 3]",
        "{" * 5_000,
        "[" * 100_000,
        '{"time":"2025","type":"platform.start","record":{"requestId":"3f2a"}}',
        "",
    ],
    ids=lambda message: message[:24],
)
def test_anything_else_is_passed_over(message):
    """No line is an error: logs are full of everything."""
    finder = found_in(message)
    assert (finder.found, finder.dropped, finder.unfinished) == ((), [], 0)


@given(st.text())
def test_no_line_is_an_error(text):
    """Whatever it holds."""
    found_in(text, MARK + text, f'{MARK},"id":"a","piece":1,"of":1,"what":"event"}} {text}')


def line(number: str, rest: str) -> str:
    return f'{MARK},"id":"{number}",{rest}}}'


def test_a_capture_has_its_outcome_whatever_comes_first():
    """Lines of several invocations may be mixed; a log need not be in order."""
    finder = found_in(
        line("a", f'"at":"2025-01-01T00:00:00.123Z","event":{json.dumps(EVENT)}'),
        line("b", '"error":{"type":"ValueError","message":"no"}'),
        line("a", '"response":{"batchItemFailures":[]}'),
        line("b", f'"at":"2025-01-01T00:00:01.000Z","event":{json.dumps(EVENT)}'),
    )
    one, other = finder.found
    assert (one.at, one.outcome) == ("2025-01-01T00:00:00.123Z", Returned({"batchItemFailures": []}))
    assert other.outcome == Failure(type="ValueError", message="no")
    assert finder.unfinished == 0


def test_one_message_may_have_several_lines():
    """As a message of SQS, or an object in S3, has."""
    text = "\n".join(
        (line("a", f'"at":"2025-01-01T00:00:00Z","event":{json.dumps(EVENT)}'), line("a", '"response":null'))
    )
    (one,) = found_in(text).found
    assert one.outcome == Returned(None)


def test_pieces_are_put_together_in_any_order():
    """And are not taken for an event before all are there."""
    whole = line("a", f'"at":"2025-01-01T00:00:00Z","event":{json.dumps(EVENT)}')
    cuts = [whole[:100], whole[100:333], whole[333:]]
    pieces = [
        f'{MARK},"id":"a","piece":{number},"of":3,"what":"event"}} {piece}' for number, piece in enumerate(cuts, 1)
    ]
    finder = found_in(pieces[2], pieces[0])
    assert (finder.found, finder.unfinished) == ((), 1)
    finder.read(pieces[1] + "\n")
    assert [one.event for one in finder.found] == [EVENT]
    assert finder.unfinished == 0


def test_a_file_of_a_log_has_both_kinds(cli, tmp_path):
    """`from-file` reads it: what the decorator wrote with its outcome, and what a function printed."""
    lines = (
        "START RequestId: 3f2a",
        line("a", f'"at":"2025-01-01T00:00:00Z","event":{json.dumps(EVENT)}'),
        line("a", '"response":{"batchItemFailures":[]}'),
        str(sqs_event("printed")),
        line("b", '"dropped":"9 bytes of event"'),
    )
    (tmp_path / "log.txt").write_text("\n".join(lines), encoding="utf-8")
    code, _, err = cli("capture", "from-file", "log.txt", "--out", "orders.json", "--no-redact")
    assert (code, "left out: 9 bytes of event" in err) == (0, True)
    decorated, printed = load(tmp_path / "orders.json").interactions
    assert (decorated.event, decorated.outcome) == (EVENT, Returned({"batchItemFailures": []}))
    assert (printed.event["Records"][0]["body"], printed.outcome) == ("printed", None)


def test_what_is_too_much_to_search_is_left_out(monkeypatch):
    """A log is not a reason to give up."""
    monkeypatch.setattr("pytest_lambda_events.cassette.events_in.MOST_TEXT", 10)
    assert "characters" in found_in(json.dumps(EVENT)).dropped[0]


def test_what_was_left_out_is_told():
    """What was too large; what no source sends; a line that was cut."""
    finder = found_in(
        line("a", '"at":"2025","dropped":"9 bytes of event, and LAMBDA_CAPTURE_MAX_BYTES is 1"'),
        line("b", '"at":"2025","event":{"httpMethod":"GET"}'),
        line("c", f'"event":{json.dumps(EVENT)}')[:200],
        line("d", '"nothing":1'),
    )
    assert finder.found == ()
    assert [told[:20] for told in finder.dropped] == [
        "9 bytes of event, an",
        "this is no event of ",
        "a line of lambda_cap",
    ]


# -- a log group -------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(aws):
    """Make a log group with these messages, a second apart; its name."""

    def make(*messages: str) -> str:
        group, client = f"/aws/lambda/{aws.unique('orders')}", aws.client("logs")
        client.create_log_group(logGroupName=group)
        client.create_log_stream(logGroupName=group, logStreamName="2025/[$LATEST]ab")
        begin = int(time.time() * 1000) - 60_000
        events = [{"timestamp": begin + 1000 * number, "message": one} for number, one in enumerate(messages)]
        client.put_log_events(logGroupName=group, logStreamName="2025/[$LATEST]ab", logEvents=events)
        return group

    return make


def test_a_log_group_becomes_a_cassette(log, captured):
    """Its events, in their order, with outcomes where they are known."""
    group = log(
        "START RequestId: 3f2a",
        line("a", f'"at":"2025-01-01T00:00:00.123Z","event":{json.dumps(EVENT)}'),
        line("a", '"error":{"type":"KeyError","message":"order"}'),
        str(sqs_event("printed")),
    )

    cassette = captured("logs", group)

    assert (cassette.source, cassette.captured.how) == ("sqs", "logs")
    assert [one.event["Records"][0]["body"] for one in cassette.interactions] == [
        EVENT["Records"][0]["body"],
        "printed",
    ]
    assert cassette.interactions[0].outcome == Failure(type="KeyError", message="order")
    assert cassette.captured.notes == (f"{group.rpartition('/')[2]}: 2 events in 4 messages of the log",)


def test_a_cassette_has_one_source(log, captured, cli, aws):
    """With several one is chosen."""
    group = log(json.dumps(sqs_event("a")), json.dumps(kafka_event("b")))
    code, _, err = cli("capture", "logs", group, "--endpoint-url", aws.url)
    assert code == 2
    assert "1 of sqs, 1 of kafka): choose one with --source" in err
    assert captured("logs", group, "--source", "kafka").source == "kafka"


def test_a_log_is_searched_within_bounds(log, captured, cli, aws):
    """By time, by pattern, by stream, by number."""
    group = log(*(json.dumps(sqs_event(body)) for body in "abc"))
    assert len(captured("logs", group, "--count", "2").interactions) == 2
    for nothing in (
        ("--until", "2020-01-01T00:00:00Z"),
        ("--since", "2999-01-01T00:00:00Z"),
        ("--pattern", "absent"),
        ("--filter", '{"body": ["absent"]}'),
    ):
        assert cli("capture", "logs", group, *nothing, "--out", "none.json", "--endpoint-url", aws.url)[0] == 1


@pytest.mark.parametrize(
    ("group", "key"),
    [("/aws/lambda/f", "logGroupName"), ("arn:aws:logs:us-east-1:1:log-group:f", "logGroupIdentifier")],
)
def test_cloudwatch_is_asked_for_no_more_than_is_wanted(group, key):
    """What is not given is left out; moto itself knows no prefix here."""
    assert parameters(group, None, None, None) == {key: group}
    assert parameters(group, 7, "ERROR", "2025/") == {
        key: group,
        "endTime": 7,
        "filterPattern": "ERROR",
        "logStreamNamePrefix": "2025/",
    }


def test_a_filter_keeps_whole_events(log, captured):
    """Those in which any record passes; the event is what the function got, and is not cut."""
    group = log(json.dumps(sqs_event("a", "b")), json.dumps(sqs_event("c")))
    cassette = captured("logs", group, "--filter", '{"body": ["b"]}')
    assert [len(one.event["Records"]) for one in cassette.interactions] == [2]


def test_what_has_no_filters_does_not_pass_one(log, cli, aws, captured):
    """S3 Batch has none: its events are left out, and that is said; asked for alone, they are refused."""
    group = log(json.dumps(s3_batch_event("key")), json.dumps(sqs_event("b")))
    asked = ("capture", "logs", group, "--filter", '{"body": ["b"]}', "--endpoint-url", aws.url)
    code, _, err = cli(*asked)
    assert code == 0
    assert "left out: events of Amazon S3 Batch Operations, which has no filters" in err
    code, _, err = cli(*asked, "--source", "s3_batch")
    assert code == 2
    assert "source='s3_batch' has no filters" in err


def test_what_is_missing_is_said(log, cli, aws):
    """Dropped and unfinished captures."""
    group = log(
        line("a", '"at":"2025","dropped":"9 bytes of event"'),
        line("b", '"at":"2025","dropped":"9 bytes of event"'),
        line("c", '"response":null'),
        json.dumps(EVENT),
    )
    code, _, err = cli("capture", "logs", group, "--endpoint-url", aws.url)
    assert code == 0
    assert "warning: left out: 9 bytes of event (2 times)" in err
    assert "1 captures lack some of their lines" in err


def test_a_log_is_followed(log, captured, aws, monkeypatch):
    """With --for; nothing is captured twice."""
    group = log(json.dumps(sqs_event("a")))

    def pause(self, seconds):
        aws.client("logs").put_log_events(
            logGroupName=group,
            logStreamName="2025/[$LATEST]ab",
            logEvents=[{"timestamp": int(time.time() * 1000), "message": json.dumps(sqs_event("b"))}],
        )

    monkeypatch.setattr("pytest_lambda_events.cassette.capture.waiting.Patience.pause", pause)
    cassette = captured("logs", group, "--for", "60", "--count", "2")
    assert [one.event["Records"][0]["body"] for one in cassette.interactions] == ["a", "b"]


def test_a_log_group_that_is_not_there_is_awss_error(cli, aws):
    """In its words."""
    code, _, err = cli("capture", "logs", "/none", "--endpoint-url", aws.url)
    assert code == 2
    assert "ResourceNotFoundException" in err


def test_what_breaks_off_is_kept(log, cli, aws, monkeypatch):
    """A throttle after the first page."""
    from botocore.exceptions import ClientError

    group = log(json.dumps(EVENT))

    def pause(self, seconds):
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "FilterLogEvents")

    monkeypatch.setattr("pytest_lambda_events.cassette.capture.waiting.Patience.pause", pause)
    code, out, err = cli("capture", "logs", group, "--for", "60", "--endpoint-url", aws.url)
    assert (code, bool(out)) == (2, True)
    assert "broke off" in err
