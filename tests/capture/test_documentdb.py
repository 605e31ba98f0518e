"""Capturing from a change stream, through pymongo, from a server of our own that speaks its protocol."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import bson
import pytest

from pytest_lambda_events.cassette import load
from pytest_lambda_events.cassette.capture.documentdb import DocumentDbTap
from pytest_lambda_events.errors import NotConnected, UsageError
from pytest_lambda_events.sources import identify, validate

ORDER = bson.ObjectId("63eeb6e7d418cd98afb1c1d7")


@pytest.fixture
def server():
    path = Path(__file__).with_name("change_stream_server.py")
    spec = importlib.util.spec_from_file_location("change_stream_server", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.Server() as found:
        yield found
        found.shutdown()


@pytest.fixture
def capture(cli, server, tmp_path):
    def run(namespace, *arguments):
        ended = cli("capture", "documentdb", namespace, "--uri", server.uri, "--no-redact", *arguments)
        assert ended.code == 0, ended.err
        assert "nothing is left behind" in ended.err
        return load(tmp_path / ended.out.splitlines()[0])

    return run


def happened(server):
    """Some changes, of two collections."""
    changes = server.changes
    document = {"_id": ORDER, "n": 1, "big": bson.Int64(5), "price": 1.5, "at": bson.datetime_ms.DatetimeMS(0)}
    changes.happen("insert", "shop.orders", documentKey={"_id": ORDER}, fullDocument=document)
    changes.happen("insert", "shop.other", documentKey={"_id": 1}, fullDocument={"_id": 1})
    changes.happen(
        "update",
        "shop.orders",
        documentKey={"_id": ORDER},
        updateDescription={"updatedFields": {"n": 2}, "removedFields": []},
    )
    changes.happen("delete", "shop.orders", documentKey={"_id": ORDER})


SINCE = ("--since", "2023-11-14T22:13:20Z")  # a second before the first of them


def changes_of(cassette):
    return [one["event"] for interaction in cassette.interactions for one in interaction.event["events"]]


def test_the_event_is_what_the_function_would_get(server, capture):
    """Relaxed extended JSON, the keys that DocumentDB has, in Lambda's order; the cluster's ARN is made up."""
    happened(server)

    cassette = capture("shop.orders", *SINCE)

    (interaction,) = cassette.interactions
    assert identify(interaction.event).name == cassette.source == "documentdb"
    assert [] == [one for one in validate(interaction.event) if one.severity == "error"]
    assert interaction.invented == ("eventSourceArn",)
    insert, update, delete = changes_of(cassette)
    assert list(insert) == ["_id", "clusterTime", "documentKey", "fullDocument", "ns", "operationType"]
    assert insert["clusterTime"] == {"$timestamp": {"t": 1_700_000_001, "i": 1}}
    assert insert["fullDocument"] == {
        "_id": {"$oid": str(ORDER)},
        "n": 1,
        "big": 5,
        "price": 1.5,
        "at": {"$date": "1970-01-01T00:00:00Z"},
    }
    assert update["updateDescription"] == {"updatedFields": {"n": 2}, "removedFields": []}
    assert delete["documentKey"] == {"_id": {"$oid": str(ORDER)}}


def test_a_whole_database_and_the_mappings_settings(server, capture):
    """Several collections; the cluster's ARN and FullDocument, as the mapping has them."""
    happened(server)
    arn = "arn:aws:rds:us-east-1:123456789012:cluster:shop"
    cassette = capture("shop", *SINCE, "--cluster-arn", arn, "--update-lookup", "--batch-size", "3")
    assert [len(one.event["events"]) for one in cassette.interactions] == [3, 1]
    assert {one["ns"]["coll"] for one in changes_of(cassette)} == {"orders", "other"}
    assert cassette.interactions[0].invented == ()
    assert cassette.interactions[0].event["eventSourceArn"] == arn
    assert server.changes.asked[0]["fullDocument"] == "updateLookup"


def test_what_happens_while_it_is_watched(server, capture, monkeypatch):
    """With --for; what was before is not in the stream."""
    happened(server)
    monkeypatch.setattr(
        "pytest_lambda_events.cassette.capture.waiting.Patience.pause",
        lambda self, seconds: server.changes.happen("delete", "shop.orders", documentKey={"_id": 7}),
    )
    cassette = capture("shop.orders", "--for", "30", "--count", "1")
    assert [one["documentKey"] for one in changes_of(cassette)] == [{"_id": 7}]


def test_what_cannot_be_captured_is_said(server, cli):
    """No time in which anything could happen, a filter, no address, streams that are switched off."""
    uri = ("--uri", server.uri)
    for arguments, told in (
        (("shop", *uri), "nothing has happened yet"),
        (("shop", *uri, "--for", "1", "--filter", "{}"), "have no filters"),
        (("shop", "--uri", "http://x", "--for", "1"), "no way to a cluster"),
    ):
        ended = cli("capture", "documentdb", *arguments)
        assert (ended.code, told in ended.err) == (2, True), ended.err
    server.changes.refused["aggregate"] = "Change streams are not enabled"
    ended = cli("capture", "documentdb", "shop", *uri, "--for", "1")
    assert ended.code == 2
    assert "are its change streams on?" in ended.err


def test_a_stream_that_breaks_off_keeps_what_came(server, cli):
    """With the reason."""
    happened(server)
    server.changes.refused["getMore"] = "the cluster is gone"
    ended = cli("capture", "documentdb", "shop", "--uri", server.uri, "--count", "9", *SINCE)
    assert (ended.code, bool(ended.out)) == (2, True)
    assert "the cluster is gone" in ended.err


def test_a_cluster_that_is_not_there():
    """It is not waited for without end."""
    with pytest.raises(NotConnected):
        DocumentDbTap("mongodb://127.0.0.1:9", "shop", seconds=0.2)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    """One line with pip's command."""
    monkeypatch.setitem(__import__("sys").modules, "pymongo", None)
    with pytest.raises(UsageError, match=r"pytest-lambda-events\[mongodb\]"):
        DocumentDbTap("mongodb://localhost", "shop")
