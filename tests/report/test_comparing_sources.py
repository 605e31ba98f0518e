"""Runs of every source, compared: a seed is no difference, a handler and a mapping are, and a file changes nothing."""

from __future__ import annotations

import json

import pytest

from pytest_lambda_events.report.compare.comparing import compare
from pytest_lambda_events.report.compare.entry import comparison_entry
from pytest_lambda_events.report.compare.text import told
from pytest_lambda_events.report.trace_file import trace_text, traced

NAMES = ("before", "after")


def test_a_run_is_the_same_as_itself(run_of, source):
    """Also when one of both comes out of a file."""
    view = run_of(source)
    read = traced(json.loads(trace_text(view, test=None)), "a.json").view

    assert compare(view, view).is_same
    assert compare(view, read).is_same
    assert compare(read, view).is_same


def test_another_seed_is_no_difference(run_of, source):
    """Ids, brokers' and jobs' ARNs, ObjectIds and resume tokens are made up by it."""
    comparison = compare(run_of(source, seed=1), run_of(source, seed=2))

    assert "The runs are the same: 2 records fared alike." == told(comparison)
    assert comparison.is_same


def test_a_handler_that_no_longer_fails(run_of, source):
    """The poison record is better, and nothing is worse; the other way round, the other way round."""
    before, after = run_of(source, seed=1), run_of(source, seed=2, is_mended=True)
    comparison, back = compare(before, after), compare(after, before)

    assert not comparison.is_same
    assert {"better"} == {group.kind for group in comparison.groups} - {"course", "timing"}
    assert {"worse"} == {group.kind for group in back.groups} - {"course", "timing"}
    assert 2 == comparison.matched == back.matched
    assert comparison.changed == back.changed
    assert [(row.what, row.after, row.before) for row in comparison.metrics] == list(back.metrics)


@pytest.mark.parametrize("width", [60, 80, 160])
def test_the_text_keeps_its_width(run_of, source, width):
    """Plain ASCII, whatever the ids are."""
    text = told(compare(run_of(source), run_of(source, is_mended=True)), width=width)

    assert text.isascii()
    assert [] == [line for line in text.splitlines() if len(line) > width]
    assert [] == [line for line in text.splitlines() if line != line.rstrip()]


def test_the_entry_says_what_the_text_says(run_of, source):
    """Rows of texts, groups with the ids of both runs."""
    before, after = run_of(source, seed=1), run_of(source, seed=2, is_mended=True)
    entry = json.loads(comparison_entry(compare(before, after), NAMES))

    assert entry["same"] is False
    assert list(NAMES) == entry["names"]
    for section in entry["sections"]:
        assert section["rows"]
        assert {3} == {len(row) for row in section["rows"]}
        assert {str} == {type(text) for row in section["rows"] for text in row}
    ids = {record.id for record in before.records}, {record.id for record in after.records}
    for group in entry["groups"]:
        assert group["count"] == len(group["pairs"])
        assert all(pair[0] in ids[0] and pair[1] in ids[1] for pair in group["pairs"])
