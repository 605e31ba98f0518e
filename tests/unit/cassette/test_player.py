"""A cassette in the hands of a test: what each mode replays, records and writes; what was not used."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests
import responses

from pytest_lambda_events.cassette import (
    Captured,
    Cassette,
    HttpCall,
    HttpRequest,
    HttpResponse,
    Interaction,
    Returned,
    load,
    write,
)
from pytest_lambda_events.cassette.player import LambdaCassette
from pytest_lambda_events.cassette.record import MODES, Recorded, commit, event_key, redactor_for
from pytest_lambda_events.errors import (
    CassetteBroken,
    CassetteDifference,
    CassetteError,
    CassetteMissing,
    SecretFound,
    UsageError,
)
from pytest_lambda_events.events import kafka_event, kinesis_event, sqs_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[..., Cassette]

RATES = HttpCall(
    request=HttpRequest(method="GET", url="https://api.example.com/rates"),
    outcome=HttpResponse(status=200, body=b"1"),
)


def event(number: int) -> Any:
    """Events that redaction leaves as they are would be none of SQS's; these are told apart by their bodies."""
    return sqs_event({"order": number}, seed=number)


def bodies(path: Path) -> list[str]:
    """What is in a cassette, by the bodies of its events' first records."""
    return [one.event["Records"][0]["body"] for one in load(path).interactions]


def outcomes(path: Path) -> list[Any]:
    """What is in a cassette, by outcomes."""
    return [getattr(one.outcome, "value", one.outcome) for one in load(path).interactions]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the cassette is."""
    return tmp_path / "cassettes" / "orders.json"


@pytest.fixture
def there(path: Path, cassette: Make) -> Path:
    """A cassette of two events, with their outcomes, captured with a handler."""
    write(
        cassette(
            Interaction(event=event(0), outcome=Returned("then"), at="2025-01-01T00:00:00Z", http=(RATES,)),
            Interaction(event=event(1), outcome=Returned("then")),
        ),
        path,
    )
    return path


@pytest.fixture
def play(path: Path) -> Callable[..., LambdaCassette]:
    """The cassette in a test of its own run."""

    def make(mode: Any = "none", only: int | None = None) -> LambdaCassette:
        return LambdaCassette(path, mode=mode, only=only, clock=pytest.fail)

    return make


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of the pseudonyms that is kept."""
    monkeypatch.setenv("LAMBDA_EVENTS_REDACT_KEY", "a key that is kept somewhere, 1234")


Play = "Callable[..., LambdaCassette]"


def then(_event: Any, _context: Any) -> str:
    """What was recorded."""
    return "then"


def now(_event: Any, _context: Any) -> str:
    """Something else."""
    return "now"


# -- what is in it -----------------------------------------------------------------------------------------------------


def test_what_it_shows(there: Path, play: Any) -> None:
    """Copies, so that a test may change them."""
    cassette = play()
    cassette.events[0]["Records"].clear()
    assert [one["Records"][0]["body"] for one in cassette.events] == ['{"order":0}', '{"order":1}']
    assert [one["body"] for one in cassette.records] == ['{"order":0}', '{"order":1}']
    assert (cassette.name, cassette.source) == ("orders.json", "sqs")
    assert isinstance(cassette.cassette, Cassette)
    assert repr(cassette) == f"<LambdaCassette {there}: 2 events of sqs>"
    with pytest.raises(UsageError, match="has 2 events, not one"):
        _ = cassette.event


def test_records_of_a_source_with_groups(path: Path, play: Any, cassette: Make) -> None:
    """Kafka's stand under their partitions."""
    write(
        cassette(Interaction(event=kafka_event("a", "b", partitions=4, partition=[3, 1].__getitem__)), source="kafka"),
        path,
    )
    assert [one["partition"] for one in play().records] == [3, 1]


def test_one_event_of_it(there: Path, play: Any) -> None:
    """A test for each event has no other."""
    cassette = play(only=1)
    assert cassette.event["Records"][0]["body"] == '{"order":1}'
    assert [one.event for one in cassette.replay(then)] == [1]
    with pytest.raises(UsageError, match="event 2: the cassette has 2"):
        play(only=2)


# -- modes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_a_missing_cassette(mode: str, play: Any) -> None:
    """An error that says how to record, where nothing may be recorded; else it is yet to be."""
    if mode == "none":
        with pytest.raises(CassetteMissing, match=r"--lambda-events-record=once, from events that the test gives"):
            play()
        return
    cassette = play(mode)
    assert (cassette.events, cassette.source, cassette.cassette) == ([], None, None)
    with pytest.raises(UsageError, match="yet to be recorded: there is nothing in it to pour"):
        cassette.pour(None)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "rewrite"])
def test_a_broken_cassette_is_never_missing(mode: str, path: Path, play: Any) -> None:
    """Nothing is recorded over it."""
    path.parent.mkdir()
    path.write_text("{", encoding="utf-8")
    with pytest.raises(CassetteBroken):
        play(mode)


@pytest.mark.parametrize("mode", ["none", "once"])
def test_what_is_there_is_replayed_and_not_written(mode: str, there: Path, play: Any, tmp_path: Path) -> None:
    """Also where the test brings events."""
    before = there.read_bytes()
    cassette = play(mode)
    with pytest.raises(CassetteDifference, match="event 0: the handler does otherwise"):
        cassette.replay(now, record=[event(2)])
    assert [one.same for one in cassette.replay(now, check=False)] == [False, False]
    assert [one.event for one in cassette.replay(then, events=[1])] == [1]
    assert cassette.save(tmp_path / "notes") is False
    assert there.read_bytes() == before


def test_once(path: Path, play: Any, tmp_path: Path) -> None:
    """What the test gives is recorded where there is no file; redacted, with a key that nobody kept."""
    cassette = play("once")
    found = cassette.replay(now, record=lambda: [event(0), event(1), event(0)])
    assert [one.event for one in found] == [0, 1]
    assert cassette.save(tmp_path / "notes") is True
    assert bodies(path) == ['{"order":0}', '{"order":1}']
    recorded = load(path)
    assert recorded.captured == Captured(how="test")
    assert recorded.redacted is not None
    assert recorded.redacted.key == "random"
    assert recorded.recorded_by.startswith("pytest-lambda-events ")
    assert play().replay(now)


def test_a_second_replay_in_one_test_records_nothing_twice(path: Path, play: Any, tmp_path: Path) -> None:
    """The events of the first are there already."""
    cassette = play("once")
    cassette.replay(now, record=[event(0)])
    assert cassette.replay(now, record=[event(0)]) == []
    cassette.save(tmp_path / "notes")
    assert outcomes(path) == ["now"]


def test_pseudonyms_of_two_keys_are_nobodys(
    there: Path, play: Any, tmp_path: Path, key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cassette that was redacted with one key and added to with another says that no key is known."""
    write(redactor_for(there).redacted(load(there)), there, overwrite=True)
    monkeypatch.setenv("LAMBDA_EVENTS_REDACT_KEY", "another key that is kept, 12345678")
    cassette = play("new")
    cassette.replay(then, record=[event(5)])
    cassette.save(tmp_path / "notes")
    recorded = load(there)
    assert recorded.redacted is not None
    assert recorded.redacted.key == "random"
    assert len(recorded.interactions) == 3


@pytest.mark.parametrize("mode", ["once", "all", "rewrite"])
def test_nothing_to_record(mode: str, play: Any) -> None:
    """Neither a cassette nor events: the error says where to have them from."""
    with pytest.raises(UsageError, match=r"there is no event: give some, `replay\(handler, record=\[event\]\)`"):
        play(mode).replay(now)


def test_new_adds_and_changes_nothing_else(there: Path, play: Any, tmp_path: Path, key: None) -> None:
    """What is there is compared as ever; what is not is recorded behind it. The second time nothing is new."""
    write(redactor_for(there).redacted(load(there)), there, overwrite=True)
    before = load(there)
    with pytest.raises(CassetteDifference):
        play("new").replay(now)
    cassette = play("new")
    cassette.replay(then, record=[event(1), event(2)])
    assert cassette.save(tmp_path / "one") is True
    after = load(there)
    assert after.interactions[:2] == before.interactions
    assert bodies(there) == ['{"order":0}', '{"order":1}', '{"order":2}']
    assert after.captured == before.captured
    again = play("new")
    assert len(again.replay(then, record=[event(1), event(2)])) == 3
    assert again.save(tmp_path / "two") is False


def test_new_fills_in_what_is_missing(path: Path, play: Any, tmp_path: Path, cassette: Make) -> None:
    """An outcome that nobody recorded, a call that was not made then; an outcome that is there stays."""
    write(cassette(Interaction(event=event(0)), Interaction(event=event(1), outcome=Returned(1), http=(RATES,))), path)

    def handler(given: Any, _context: Any) -> Any:
        url = "https://api.example.com/" + ("rates" if '"order":1' in given["Records"][0]["body"] else "new")
        return requests.get(url, timeout=1).json()

    with responses.RequestsMock() as world:
        world.add(responses.GET, "https://api.example.com/new", json=2)
        found = play("new")
        found.replay(handler)
        assert found.save(tmp_path / "notes") is True
    first, second = load(path).interactions
    assert (first.outcome, [one.request.url for one in first.http]) == (Returned(2), ["https://api.example.com/new"])
    assert (second.outcome, second.http) == (Returned(1), (RATES,))
    assert play().replay(handler)


def test_new_cannot_tell_without_a_key(path: Path, play: Any, tmp_path: Path) -> None:
    """Pseudonyms of a key that nobody kept are others each time; said rather than recorded twice."""
    first = play("once")
    first.replay(then, record=[event(0)])
    first.save(tmp_path / "one")
    assert load(path).redacted is not None
    with pytest.raises(UsageError, match="without a key that is kept nobody can tell"):
        play("new").replay(then, record=[event(0)])


def test_all_records_the_same_events_anew(there: Path, play: Any, tmp_path: Path) -> None:
    """Their outcomes and calls; what they are, when they came and where from stays, and so does what is not used."""
    before = load(there)
    cassette = play("all")
    assert [one.same for one in cassette.replay(now, events=[0])] == [True]
    assert cassette.save(tmp_path / "notes") is True
    after = load(there)
    one, other = after.interactions
    assert (other.outcome, other.http) == (Returned("then"), ())
    assert (one.outcome, one.http, one.at) == (Returned("now"), (), "2025-01-01T00:00:00Z")
    assert one.event["Records"][0]["body"] == '{"order":0}'
    assert after.captured == before.captured
    assert after.recorded_at > before.recorded_at


def test_all_makes_calls_for_real(there: Path, play: Any, tmp_path: Path) -> None:
    """Nothing is answered from the cassette."""
    with responses.RequestsMock() as world:
        world.add(responses.GET, "https://api.example.com/rates", json=5)
        cassette = play("all")
        cassette.replay(lambda *_: requests.get("https://api.example.com/rates", timeout=1).json(), events=[0])
        cassette.save(tmp_path / "notes")
    assert outcomes(there) == [5, "then"]


def test_rewrite_takes_nothing_from_what_is_there(there: Path, play: Any, tmp_path: Path) -> None:
    """Only what the test gives; a test that gives nothing leaves the file alone."""
    before = there.read_bytes()
    with pytest.raises(UsageError, match="there is no event"):
        play("rewrite").replay(now)
    assert there.read_bytes() == before
    cassette = play("rewrite")
    cassette.replay(now, record=[event(7)])
    cassette.save(tmp_path / "notes")
    assert bodies(there) == ['{"order":7}']
    assert load(there).captured == Captured(how="test")


def test_all_takes_a_run_into_its_places(there: Path, play: Any, tmp_path: Path, key: None) -> None:
    """What a run handed over again is recorded anew where it was; what it brings is behind that."""
    write(redactor_for(there).redacted(load(there)), there, overwrite=True)
    for mode, expected in (("new", ["then", "then", "ran"]), ("all", ["then", "ran", "ran"])):
        cassette = LambdaCassette(there, mode=mode, clock=lambda: SimpleNamespace(start_ms=0))
        cassette.take(SimpleNamespace(invocations=[invocation(1), invocation(2)]))
        assert cassette.save(tmp_path / mode) is True
        assert bodies(there) == ['{"order":0}', '{"order":1}', '{"order":2}']
        assert outcomes(there) == expected
    cassette = play("none")
    cassette.take(SimpleNamespace(invocations=[invocation(3)]))
    assert cassette.save(tmp_path / "none") is False


def test_all_cannot_tell_without_a_key(path: Path, play: Any, tmp_path: Path) -> None:
    """Which places a run's events have."""
    first = play("once")
    first.replay(then, record=[event(0)])
    first.save(tmp_path / "one")
    cassette = LambdaCassette(path, mode="all", clock=lambda: SimpleNamespace(start_ms=0))
    with pytest.raises(UsageError, match="without a key that is kept nobody can tell"):
        cassette.take(SimpleNamespace(invocations=[invocation(0)]))


def invocation(number: int) -> Any:
    """What a run has of a call with that event."""
    made: dict[str, Any] = {"outcome": "success", "error": None, "problem": None, "at": 0, "request_id": "r"}
    return SimpleNamespace(event=event(number), response="ran", **made)


@pytest.mark.parametrize("mode", ["new", "all"])
def test_another_source_is_refused(mode: str, there: Path, play: Any, key: None) -> None:
    """A cassette has one."""
    with pytest.raises(UsageError, match="events of one source, and these are of sqs, kinesis"):
        play(mode).replay(then, record=[kinesis_event("a")])


def test_a_secret_is_not_written(path: Path, play: Any, tmp_path: Path) -> None:
    """What redaction leaves, because a rule keeps it, is looked at; the file does not come to be."""
    rule = '[[tool.lambda_events.redact.rules]]\npath = "$.note"\naction = "keep"\n'
    (tmp_path / "pyproject.toml").write_text(rule, encoding="utf-8")
    cassette = play("once")
    cassette.replay(then, record=[sqs_event({"note": "AKIA" + "QWERTYUIOPASDFGH"})])
    with pytest.raises(SecretFound, match="note"):
        cassette.save(tmp_path / "notes")
    assert not path.exists()


# -- written by several ------------------------------------------------------------------------------------------------


def test_tests_that_share_a_cassette_add_to_one_another(path: Path, play: Any, tmp_path: Path, key: None) -> None:
    """Two that found it missing, in whatever process; the same event of both is there once."""
    one, two = play("once"), play("once")
    one.replay(then, record=[event(0), event(1)])
    two.replay(then, record=[event(1), event(2)])
    assert one.save(tmp_path / "notes") is True
    assert two.save(tmp_path / "notes") is True
    assert bodies(path) == ['{"order":0}', '{"order":1}', '{"order":2}']


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_each_event_is_recorded_anew_in_its_place(there: Path, play: Any, tmp_path: Path, order: Any) -> None:
    """By a test for each, in whatever order."""
    for number in order:
        cassette = play("all", only=number)
        cassette.replay(now)
        cassette.save(tmp_path / "notes")
    assert bodies(there) == ['{"order":0}', '{"order":1}']
    assert outcomes(there) == ["now", "now"]


def test_what_begins_anew_does_so_once_in_a_run(there: Path, play: Any, tmp_path: Path) -> None:
    """The second test that rewrites does not remove what the first recorded; the next run does."""
    for run, number in (("one run", 5), ("one run", 6), ("another run", 7)):
        cassette = play("rewrite")
        cassette.replay(now, record=[event(number)])
        cassette.save(tmp_path / run)
        if number == 6:
            assert bodies(there) == ['{"order":5}', '{"order":6}']
    assert bodies(there) == ['{"order":7}']


def test_an_event_that_is_there_twice_keeps_both_places(path: Path, cassette: Make, tmp_path: Path) -> None:
    """Each is recorded anew in its own."""
    write(cassette(*(Interaction(event=event(0), outcome=Returned(number)) for number in range(2))), path)
    found = LambdaCassette(path, mode="all", clock=pytest.fail)
    answers = iter("ab")
    found.replay(lambda *_: next(answers))
    found.save(tmp_path / "notes")
    assert outcomes(path) == ["a", "b"]


def test_a_lock_that_is_never_given_back(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time an error says who holds what."""
    monkeypatch.setattr("pytest_lambda_events.cassette.record._MOST_PAUSES", 2)
    monkeypatch.setattr("pytest_lambda_events.cassette.record._PAUSE", 0)
    notes = tmp_path / "notes"
    recorded = Recorded(((None, Interaction(event=event(0))),))
    assert commit(recorded, path, notes) is True
    monkeypatch.setattr("pathlib.Path.unlink", lambda *_args, **_kwargs: None)
    commit(recorded, path, notes)
    with pytest.raises(CassetteError, match=r"another process of this test run holds .*\.lock; remove it"):
        commit(recorded, path, notes)


def test_an_events_key_is_its_content() -> None:
    """Whatever the order of keys."""
    one = event(0)
    assert event_key(one) == event_key(json.loads(json.dumps(one, sort_keys=True)))
    assert event_key(one) != event_key(event(1))


# -- unused ------------------------------------------------------------------------------------------------------------


def test_what_is_not_used_is_told(there: Path, play: Any) -> None:
    """Events that no test asked for, calls that a handler did not make."""
    cassette = play()
    assert cassette.unused() == ["orders.json: the test does not use events 0, 1"]
    cassette.replay(then, events=[0])
    assert cassette.unused() == [
        "orders.json: the test does not use event 1",
        f"orders.json, event 0: the handler did not call GET {RATES.request.url}, as it did when it was recorded",
    ]
    looked = play()
    assert len(looked.records) == 2
    assert looked.unused() == []
    assert play(only=1).unused() == ["orders.json: the test does not use event 1"]


@pytest.mark.parametrize("mode", ["new", "all", "rewrite"])
def test_where_something_is_recorded_nothing_is_unused(mode: str, there: Path, play: Any) -> None:
    """It is being made."""
    assert play(mode).unused() == []
