"""`lambda-events replay`: does a handler still do what was recorded?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.cassette import (
    Captured,
    Cassette,
    Failure,
    HttpCall,
    HttpRequest,
    HttpResponse,
    Interaction,
    Returned,
    write,
)
from pytest_lambda_events.events import sqs_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Cli = Callable[..., tuple[int, str, str]]

HANDLERS = """
import requests

def same(event, context):
    print("the handler's own words")
    return "a"

def other(event, context):
    return "b"

def raises(event, context):
    raise ValueError("no")

def calls(event, context):
    return requests.get("https://api.example.com/rates").json()
"""


@pytest.fixture(autouse=True)
def handlers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module with handlers in the current folder, which is not on sys.path."""
    (tmp_path / "replayed_handlers.py").write_text(HANDLERS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one not in ("", str(tmp_path))])
    yield
    sys.modules.pop("replayed_handlers", None)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., str]:
    """Write a cassette with these outcomes; its name."""

    def make(*outcomes: Any, http: tuple[HttpCall, ...] = ()) -> str:
        interactions = tuple(
            Interaction(event=sqs_event(number, seed=number), outcome=outcome, http=http)
            for number, outcome in enumerate(outcomes)
        )
        write(
            Cassette(
                source="sqs",
                recorded_at="2025-01-01T00:00:00Z",
                recorded_by="test",
                captured=Captured(how="test"),
                interactions=interactions,
            ),
            tmp_path / "orders.json",
        )
        return "orders.json"

    return make


def test_the_same(cli: Cli, make: Any) -> None:
    """0, a line an event; what the handler prints is none of the answer."""
    code, out, err = cli("replay", make(Returned("a"), None), "--handler", "replayed_handlers:same")
    assert (code, out.splitlines()) == (
        0,
        [
            "orders.json, event 0: the same (returned)",
            "orders.json, event 1: returned, and nothing was recorded to compare with",
        ],
    )
    assert err == "the handler's own words\n" * 2


def test_a_difference(cli: Cli, make: Any) -> None:
    """1, and both side by side; Lambda's own spelling of a handler is taken, too."""
    code, out, _ = cli("replay", make(Returned("a"), Returned("b")), "--handler", "replayed_handlers.other")
    assert code == 1
    assert out.splitlines() == [
        "orders.json, event 0: the handler does otherwise than recorded",
        'all of it: recorded "a", now "b"',
        "recorded                                           now",
        "-------------------------------------------------+-------------------------------------------------",
        "returned                                           returned",
        '"a"                                              | "b"',
        "orders.json, event 1: the same (returned)",
    ]


def test_errors(cli: Cli, make: Any) -> None:
    """The same error is the same; one where nothing was recorded is a difference."""
    name = make(Failure(type="ValueError", message="no"), None)
    handler = ("--handler", "replayed_handlers:raises")
    assert cli("replay", name, *handler, "--event", "0")[:2] == (
        0,
        "orders.json, event 0: the same (raised ValueError)\n",
    )
    code, out, _ = cli("replay", name, *handler, "--event", "1")
    assert (code, out) == (
        1,
        "orders.json, event 1: nothing was recorded to compare with, and the handler raised ValueError: no\n",
    )


def test_calls_are_answered(cli: Cli, make: Any) -> None:
    """As they were recorded; one that is not made any more is told."""
    rates = HttpCall(
        request=HttpRequest(method="GET", url="https://api.example.com/rates"),
        outcome=HttpResponse(status=200, body=b'"a"'),
    )
    name = make(Returned("a"), http=(rates,))
    assert cli("replay", name, "--handler", "replayed_handlers:calls")[0] == 0
    code, out, _ = cli("replay", name, "--handler", "replayed_handlers:same")
    assert (code, out.splitlines()[1]) == (0, "orders.json, event 0: not called now: GET https://api.example.com/rates")


def test_json(cli: Cli, make: Any) -> None:
    """One object an event."""
    _, out, _ = cli("replay", make(Returned("a"), None), "--handler", "replayed_handlers:raises", "--format", "json")
    first, second = map(json.loads, out.splitlines())
    assert first["same"] is False
    assert first["outcome"] == {"error": {"type": "ValueError", "message": "no"}}
    assert first["recorded"] == {"response": "a"}
    assert first["difference"].startswith("orders.json, event 0: the handler does otherwise")
    assert (second["event"], second["recorded"], second["refused"], second["unused"]) == (1, None, [], [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.json", "--handler", "replayed_handlers:same"), "nowhere.json: there is no such cassette"),
        (("orders.json", "--handler", "replayed_handlers:nobody"), "has no 'nobody'"),
        (("orders.json", "--handler", "nowhere:same"), "importing 'nowhere' failed"),
        (("orders.json", "--handler", "replayed_handlers:same", "--event", "7"), "event 7: the cassette has 1"),
        (("orders.json",), "--handler"),
        (("orders.json", "--handler", "replayed_handlers:same", "--event", "x"), "--event"),
    ],
)
def test_what_cannot_be_replayed(cli: Cli, make: Any, arguments: tuple[str, ...], words: str) -> None:
    """2, and why."""
    make(Returned("a"))
    code, out, err = cli("replay", *arguments)
    assert (code, out) == (2, "")
    assert words in err
