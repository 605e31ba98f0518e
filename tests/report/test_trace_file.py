"""A run as a file: what its schema says, read as the same view, and clear about what is wrong with it."""

from __future__ import annotations

import copy
import json
from importlib.resources import files

import jsonschema
import pytest

from pytest_lambda_events import TraceError
from pytest_lambda_events.report.compare.comparing import compare
from pytest_lambda_events.report.page import ToldTest, entry_of
from pytest_lambda_events.report.terminal.timeline import timeline
from pytest_lambda_events.report.trace_file import read_trace, trace_text, traced

SCHEMA = jsonschema.Draft202012Validator(
    json.loads(files("pytest_lambda_events.report").joinpath("trace.schema.json").read_text(encoding="utf-8"))
)


def test_it_is_what_the_schema_says_and_is_read_as_the_same_run(run_of, source, tmp_path):
    """Of every source: the same text, and the same story."""
    view = run_of(source)
    text = trace_text(view, test="test_a.py::test_b")
    file = tmp_path / "a.json"
    file.write_text(text, encoding="utf-8")
    read = read_trace(file)

    assert [] == [f"{error.json_path}: {error.message}" for error in SCHEMA.iter_errors(json.loads(text))]
    assert "test_a.py::test_b" == read.test
    assert text == trace_text(read.view, test=read.test)
    assert timeline(view) == timeline(read.view)
    assert view.start_ms == read.view.start_ms


def test_it_has_the_names_of_a_run(run_of):
    """When the poison record was tried, and what became of it, as any tool can read."""
    tree = json.loads(trace_text(run_of("sqs"), test=None))
    _, poison = tree["records"]

    assert {
        "attempts": [0, 30, 60],
        "receives": [0, 30, 60],
        "fate": "dead_lettered",
        "sent_at": 0,
        "kind": "sqs",
    } == {name: poison[name] for name in ("attempts", "receives", "fate", "sent_at", "kind")}
    assert [1, 2, 3, 4] == [one["number"] for one in tree["invocations"]]
    assert {"error"} == {one["outcome"] for one in tree["invocations"] if one["records"] == [poison["id"]]}
    error = tree["invocations"][-1]["error"]
    assert "ValueError" == error["type"]
    assert "raise ValueError" in error["traceback"]
    assert "pytest_lambda_events" not in error["traceback"]
    assert 3 == sum(one["kind"] == "received" and poison["id"] in one["records"] for one in tree["steps"])
    assert 90 == tree["elapsed"]
    (mapping,) = tree["mappings"].values()
    assert 1 == mapping["BatchSize"]


@pytest.mark.parametrize(
    ("response", "written"),
    [
        ({"a": float("nan"), "b": [float("-inf"), 1.5]}, {"a": "nan", "b": ["-inf", 1.5]}),
        ({float("nan"): 1, 2: [None]}, {"nan": 1, "2": [None]}),
        ("half a pair: \ud83d", "half a pair: \ud83d"),
        ("Grüße", "Grüße"),
    ],
)
def test_any_response_can_be_written(run_of, response, written):
    """Also what is no JSON, though Python writes it."""
    view = run_of("sqs")
    object.__setattr__(view.calls[0], "response", response)
    text = trace_text(view, test=None)

    assert written == json.loads(text)["invocations"][0]["response"]
    text.encode("utf-8")


def without(key):
    return lambda tree: tree.pop(key)


def without_counts(tree):
    next(one for one in tree["steps"] if one["kind"] == "received")["counts"] = []


def put(value, *path):
    def change(tree):
        for step in path[:-1]:
            tree = tree[step]
        tree[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("format"), 'a.json is no trace file: it does not begin with "format": "pytest-lambda-events trace"'),
        (put(2, "version"), "version 2 of the format, and this release reads version 1"),
        (without("records"), "records should be something: it is not there"),
        (put({}, "steps"), "steps should be a list"),
        (put("x", "records", 1, "fate"), r"records\[1\].fate should be one of processed, "),
        (put(1, "records", 0, "id"), r"records\[0\].id should be a text"),
        (put(["0"], "records", 0, "attempts"), r"records\[0\].attempts should be a number"),
        (put(True, "invocations", 0, "number"), r"invocations\[0\].number should be a whole number"),
        (put("no", "invocations", 0, "error"), r"invocations\[0\].error should be an object"),
        (put(0, "live"), "live should be true or false"),
        (put([], "metrics"), "metrics should be an object"),
        (put("now", "start"), "start should be a moment such as"),
        (put(None, "steps", 1, "at"), r"steps\[1\].at should be a number"),
        (put("gone", "steps", 1, "kind"), r"steps\[1\].kind should be one of entered, "),
        (put([[]], "advice"), r"advice\[0\] should be an object"),
        (put("eventbridge", "records", 0, "kind"), r"records\[0\].kind should be one of activemq, "),
        (put([], "records", 0, "sources"), r"records\[0\].sources should be what its steps say, with arn:aws:sqs:"),
        (put(float("inf"), "elapsed"), "elapsed should be a number"),
        (put(float("nan"), "steps", 1, "at"), r"steps\[1\].at should be a number"),
        (put([[]], "mappings"), "mappings should be an object"),
        (put({"a": None}, "mappings"), "mappings should be an object"),
        (without_counts, r"steps\[\d+\].counts should be a number for each record"),
    ],
)
def test_what_is_no_whole_trace_is_said_so(run_of, change, message):
    """Where, and what should be there."""
    tree = json.loads(trace_text(run_of("sqs"), test=None))
    broken = copy.deepcopy(tree)
    change(broken)

    with pytest.raises(TraceError, match=message):
        traced(broken, "a.json")
    traced(tree, "a.json")


def test_a_story_is_told_of_what_is_not_said(run_of, source):
    """No mappings, no words about the end of a source: whatever may be missing has no say in what is there."""
    tree = json.loads(trace_text(run_of(source), test=None))
    tree["mappings"] = {uuid: {} for uuid in tree["mappings"]}
    tree["steps"] = [one for one in tree["steps"] if one["kind"] != "entered"]
    for record in tree["records"]:
        record["sources"] = []
    view = traced(tree, "a.json").view

    assert timeline(view)
    assert entry_of(ToldTest(test="a", outcome="", view=view))
    assert compare(view, view).is_same


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "a.json is no trace file: Expecting"),
        (b"\xff{}", "it is not UTF-8 at byte 0"),
        (b"[" * 100_000, "is no trace file: "),
        (b'{"format": "pytest-lambda-events trace", "te', "a.json is no whole trace file: Unterminated string .*anew"),
        (b"[]", "is no trace file: it does not begin with"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_none(tmp_path, content, message):
    """Not JSON, not text, not there."""
    file = tmp_path / "a.json"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(TraceError, match=message):
        read_trace(file)
