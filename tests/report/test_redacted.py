"""What a report may show: as cassettes do, and nothing else is lost."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json

import pytest

from pytest_lambda_events import Harness
from pytest_lambda_events.cassette.redact import Redactor, Rules
from pytest_lambda_events.cassette.redact.rules import Rule
from pytest_lambda_events.model.paths import parse_path
from pytest_lambda_events.model.trace import Step
from pytest_lambda_events.report.redacted import redacted
from pytest_lambda_events.report.terminal.timeline import timeline
from pytest_lambda_events.report.trace_file import trace_text, traced
from pytest_lambda_events.report.view import view_of

KEY = b"a key for tests, and only for them"
PRIVATE = ("ada@example.com", "hunter2", "YWRhQGV4YW1wbGUuY29t")


@pytest.fixture
def redactor():
    return Redactor(key=KEY)


def test_nothing_private_is_left_anywhere(run_of, source, redactor):
    """Events, payloads, problems, tracebacks, steps: of every source, in text and in base64."""
    text = trace_text(redacted(run_of(source), redactor), test=None)

    assert [] == [one for one in PRIVATE if one in text]
    assert "@example.com" in text or source == "documentdb"


def test_all_else_is_as_it_was(run_of, source, redactor):
    """The same records by their ids, the same moments, the same fates; and redacting twice changes nothing."""
    before = run_of(source)
    after = redacted(before, redactor)

    def plain(view):
        calls = [(one.number, one.at, one.duration, one.records, one.outcome, one.failed) for one in view.calls]
        records = [(one.id, one.kind, one.fate, one.attempts, one.receives) for one in view.records]
        return records, calls, [(one.at_ms, one.kind, one.records) for one in view.steps], view.metrics, view.elapsed

    assert plain(before) == plain(after)
    assert [one.payload.keys() for one in before.records] == [one.payload.keys() for one in after.records]
    assert before.mappings.keys() == after.mappings.keys()
    assert trace_text(after, test=None) == trace_text(redacted(after, redactor), test=None)
    assert len(timeline(before).splitlines()) == len(timeline(after).splitlines())


def test_awss_placeholder_of_an_account_stays_and_another_one_goes(run_of, redactor):
    """Outside of events, which are redacted like cassettes."""
    view = run_of("sqs")
    assert ("arn:aws:sqs:us-east-1:123456789012:orders",) == redacted(view, redactor).records[0].sources
    text = trace_text(view, test=None).replace("123456789012", "210987654321")
    after = trace_text(redacted(traced(json.loads(text), "a").view, redactor), test=None)
    assert "210987654321" not in after


def test_only_what_is_asked_for_is_looked_through(run_of, redactor):
    """Of the rest, nothing is shown."""
    view = run_of("sqs")
    _, poison = view.records
    after = redacted(view, redactor, calls=[1], records=[poison.id])

    assert [False, True, False, False] == [bool(one.event_text) for one in after.calls]
    assert [False, True] == [bool(one.payload) for one in after.records]
    assert "" == after.records[0].brief
    assert all(one.error is not None for one in after.calls[1:])


def test_the_projects_rules_hold(run_of):
    """By path in the document, as in a cassette."""
    rules = Rules(rules=(Rule(action="drop", path=parse_path("$.note")),))
    after = redacted(run_of("sqs"), Redactor(rules, key=KEY))

    assert "dropped" == json.loads(after.records[1].payload["body"])["note"]
    assert "dropped" == json.loads(json.loads(after.calls[1].event_text)["Records"][0]["body"])["note"]


def test_the_hook_is_asked_for_each_event(run_of):
    """What a project takes out itself is out."""

    def before(event, source):
        assert "sqs" == source
        event["Records"][0]["body"] = "mine"

    after = redacted(run_of("sqs"), Redactor(key=KEY, before=before))

    assert {"mine"} == {json.loads(one.event_text)["Records"][0]["body"] for one in after.calls}


def test_what_unpacks_to_too_much_is_not_shown(run_of, redactor, monkeypatch):
    """A bomb in a payload is no reason for a report to fail."""
    from pytest_lambda_events.errors import CassetteTooLarge

    def bomb(*_args, **_more):
        raise CassetteTooLarge("too much")

    monkeypatch.setattr(Redactor, "text", bomb)
    monkeypatch.setattr(Redactor, "interaction", bomb)
    monkeypatch.setattr(Redactor, "part", bomb)
    shown = redacted(run_of("sqs"), redactor)

    assert [{}, {}] == [one.payload for one in shown.records]
    assert {"(not shown: it cannot be looked through)"} == {one.brief for one in shown.records}
    assert {'"(not shown: it cannot be looked through)"'} == {one.event_text for one in shown.calls}
    items = redacted(run_of("dynamodb"), redactor).records[0]
    assert "(not shown: it cannot be looked through)" == items.brief
    assert "" == redacted(redacted(run_of("sqs"), redactor, records=[]), redactor).records[0].brief


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: b"\xff" + data])
def test_bytes_are_looked_into(redactor, monkeypatch, pack):
    """Packed or not: what is no text may hold one."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with Harness() as aws:
        clicks = aws.kinesis_stream("clicks")
        mapping = aws.event_source_mapping(clicks, lambda event, context: None, StartingPosition="TRIM_HORIZON")
        clicks.send(pack(b'{"who": "ada@example.com"}'), partition_key="a")
        after = redacted(view_of(mapping.run_until_idle()), redactor)
    (record,), (call,) = after.records, after.calls
    sent = json.loads(call.event_text)["Records"][0]["kinesis"]["data"]

    assert record.payload["data"]["base64"] == sent
    data = base64.b64decode(sent)
    text = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    assert b"who" in text
    assert b"ada@" not in text
    assert "ada@" not in record.brief


def test_so_is_what_a_schema_could_not_read(run_of, redactor):
    """The problem may quote the record."""
    view = run_of("kinesis")
    step = Step(view.start_ms, "unreadable", "", (view.records[0].id,), ("NO_SCHEMA", "no schema of ada@example.com"))
    after = redacted(dataclasses.replace(view, steps=(*view.steps, step)), redactor)

    assert "NO_SCHEMA" == after.steps[-1].detail[0]
    assert "ada@" not in after.steps[-1].detail[1]
    assert after.steps[-1] == traced(json.loads(trace_text(after, test=None)), "a.json").view.steps[-1]
    assert "not read by its schema, NO_SCHEMA: no schema of" in " ".join(timeline(after).split())


def test_an_event_that_nobody_knows_is_redacted_as_its_records_are(run_of, redactor):
    """A scripted call of a hand-made run."""
    view = run_of("sqs")
    odd = dataclasses.replace(view.calls[0], event_text='{"who": "ada@example.com"}')
    after = redacted(dataclasses.replace(view, calls=(odd, *view.calls[1:])), redactor)

    assert "ada@" not in after.calls[0].event_text
