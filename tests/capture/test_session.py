"""A capture is bounded, puts the source back first, and keeps what came however it ends."""

from __future__ import annotations

import signal
import threading

import pytest
from botocore.exceptions import EndpointConnectionError

from pytest_lambda_events.cassette import load
from pytest_lambda_events.cassette.capture.session import capture
from pytest_lambda_events.cassette.capture.taps import Closed, Taken
from pytest_lambda_events.cassette.capture.waiting import Patience, stamp
from pytest_lambda_events.cli.capture.running import INTERRUPTED, captured, live_parser
from pytest_lambda_events.errors import CassetteError, UsageError
from pytest_lambda_events.events import sqs_event

LOST = EndpointConnectionError(endpoint_url="http://localhost")


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Fake:
    """A tap that gives batches of bodies; a batch may be an exception, or something to do."""

    source, name, records_at, invented, pause_seconds = "sqs", "orders", "Records", (), 1.0

    def __init__(self, *rounds, closing=None):
        self.rounds = list(rounds)
        self.closing = closing
        self.asked = []
        self.closed = 0

    at_rest = property(lambda self: not self.rounds)
    over = False

    def take(self, most, seconds):
        self.asked.append((most, seconds))
        came = self.rounds.pop(0) if self.rounds else ()
        if isinstance(came, BaseException):
            raise came
        if callable(came):
            came = came()
        return [Taken(native=body, shown=sqs_event(body)["Records"][0], at="2025-01-01T00:00:00.000Z") for body in came]

    def event(self, taken):
        return {"Records": [one.shown for one in taken]}

    def close(self):
        self.closed += 1
        if self.closing:
            raise self.closing
        return Closed(told=("left alone",))


def patience(seconds, clock=None):
    clock = clock or Clock()
    return Patience(seconds, now=clock, sleep=clock.sleep)


def bodies(ending):
    return [one.native for one in ending.taken]


def test_what_is_there_is_taken_and_then_it_ends():
    """Without waiting for what is yet to come."""
    tap = Fake("ab", "c")
    ending = capture(tap, most=10, patience=patience(None))
    assert bodies(ending) == ["a", "b", "c"]
    assert tap.asked == [(10, 0), (8, 0), (7, 0)]
    assert tap.closed == 1
    assert ending.closed.told == ("left alone",)


def test_a_count_bounds_it():
    """And nothing is asked for that is not wanted."""
    tap = Fake("ab", "c", "d")
    assert bodies(capture(tap, most=3, patience=patience(60))) == ["a", "b", "c"]
    assert [most for most, _ in tap.asked] == [3, 1]


def test_time_bounds_it():
    """It waits between rounds, and not beyond the end."""
    clock = Clock()
    tap = Fake()
    capture(tap, most=10, patience=patience(2.5, clock))
    assert [round(left, 2) for _, left in tap.asked] == [2.5, 1.5, 0.5]
    assert clock.now == pytest.approx(2.5)


def test_a_tap_that_is_over_ends_it():
    """Waiting would bring nothing."""
    tap = Fake("a")
    tap.over = False
    ended = capture(Over("a"), most=10, patience=patience(60))
    assert bodies(ended) == ["a"]


class Over(Fake):
    """Over after its first round."""

    over = property(lambda self: not self.rounds)


def test_a_filter_counts_what_passes():
    """What does not pass is seen, and not taken."""
    told = []
    ending = capture(
        Fake("ab", "ca"),
        most=2,
        patience=patience(None),
        passes=lambda record: record["body"] == "a",
        tell=lambda taken, seen: told.append((taken, seen)),
    )
    assert (bodies(ending), ending.seen) == (["a", "a"], 4)
    assert told == [(1, 2), (2, 4)]


def test_an_error_of_the_source_keeps_what_came():
    """It is part of the ending."""
    tap = Fake("a", LOST)
    ending = capture(tap, most=10, patience=patience(None))
    assert (bodies(ending), ending.problem, tap.closed) == (["a"], LOST, 1)


def test_a_bug_is_raised_after_the_source_is_put_back():
    """Whatever it is."""
    tap = Fake("a", ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        capture(tap, most=10, patience=patience(None))
    assert tap.closed == 1


def test_that_it_cannot_be_verified_is_said():
    """The capture is there all the same."""
    ending = capture(Fake("a", closing=LOST), most=1, patience=patience(None))
    assert bodies(ending) == ["a"]
    assert not ending.closed.sound
    assert "could not be verified" in ending.closed.told[0]
    with pytest.raises(ZeroDivisionError):
        capture(Fake("a", closing=ZeroDivisionError()), most=1, patience=patience(None))


def test_an_interruption_is_noticed_while_it_waits():
    """Within a step."""
    clock = Clock()
    waiting = Patience(60, now=clock, sleep=lambda seconds: (clock.sleep(seconds), waiting.interrupt()))
    ending = capture(Fake("a"), most=10, patience=waiting)
    assert (bodies(ending), clock.now < 0.1) == (["a"], True)


def test_a_moment_is_written_to_the_millisecond():
    """In UTC."""
    assert stamp(1_735_689_600_123) == "2025-01-01T00:00:00.123Z"
    assert stamp().endswith("Z")


# -- around it, on the command line ------------------------------------------------------------------------------------


def options(*arguments: str):
    return live_parser("fake", "", batch=10).parse_args(list(arguments))


def test_ctrl_c_keeps_what_was_captured(tmp_path, monkeypatch, capsys):
    """The call that runs is not torn apart; its records count."""
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGINT)  # ignored, where the tests run in a shell's background

    def interrupted():
        signal.raise_signal(signal.SIGINT)
        return "b"

    tap = Fake("a", interrupted, "c")

    assert captured(options("--for", "60"), tap) == INTERRUPTED

    written = load(tmp_path / "cassettes" / "sqs" / "orders.json")
    assert [one["body"] for one in written.interactions[0].event["Records"]] == ["a", "b"]
    assert tap.closed == 1
    assert "left alone" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_ends_it_at_once(tmp_path, monkeypatch):
    """The source is put back even so."""
    monkeypatch.chdir(tmp_path)

    def twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        return "never"

    tap = Fake(twice)
    with pytest.raises(KeyboardInterrupt):
        captured(options(), tap)
    assert tap.closed == 1


def test_a_polite_request_to_end_is_one(tmp_path, monkeypatch):
    """As from `kill` or a container that stops."""
    monkeypatch.chdir(tmp_path)

    def terminated():
        signal.raise_signal(signal.SIGTERM)
        return "a"

    assert captured(options(), Fake(terminated, "b")) == INTERRUPTED


def test_outside_the_main_thread_signals_are_others_business(tmp_path, monkeypatch):
    """A capture runs there, too."""
    monkeypatch.chdir(tmp_path)
    codes = []
    thread = threading.Thread(target=lambda: codes.append(captured(options(), Fake("a"))))
    thread.start()
    thread.join()
    assert codes == [0]


def test_what_broke_off_is_written_and_said(tmp_path, monkeypatch, capsys):
    """2, with the reason."""
    monkeypatch.chdir(tmp_path)
    assert captured(options(), Fake("a", LOST)) == 2
    told = capsys.readouterr()
    assert "broke off: Could not connect" in told.err
    assert (tmp_path / told.out.strip()).exists()


def test_nothing_that_can_be_refused_is_noticed_late(tmp_path, monkeypatch):
    """A wrong pattern, wrong rules, a file that is there: before the first record, and the tap is closed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.json").write_text("{}", encoding="utf-8")
    for arguments, error in (
        (("--filter", "{"), UsageError),
        (("--out", "there.json"), CassetteError),
        (("--redact", "none.toml"), UsageError),
        (("--key-file", "none.key"), UsageError),
    ):
        tap = Fake("a")
        with pytest.raises(error):
            captured(options(*arguments), tap)
        assert (tap.asked, tap.closed) == ([], 1)


def test_a_filter_comes_from_a_file_and_rules_do(tmp_path, monkeypatch):
    """As they stand in a template, and in the project."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pattern.json").write_text('{"body": ["b"]}', encoding="utf-8")
    (tmp_path / "rules.toml").write_text('[tool.lambda_events.redact]\nbodies = "drop"', encoding="utf-8")

    assert captured(options("--filter", "@pattern.json", "--redact", "rules.toml", "--out", "x.json"), Fake("ab")) == 0

    written = load(tmp_path / "x.json")
    assert written.redacted is not None
    assert len(written.interactions[0].event["Records"]) == 1
    assert written.interactions[0].event["Records"][0]["body"] != "b"


def test_progress_is_for_terminals(tmp_path, monkeypatch, capsys):
    """One line that changes; nothing of it in a pipe."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    captured(options(), Fake("a"))
    assert "\r1 of 1 seen, 0 s" in capsys.readouterr().err
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    captured(options("--force"), Fake("a"))
    assert "\r" not in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [("--count", "0"), ("--for", "-1"), ("--for", "99999"), ("--batch-size", "x")])
def test_bounds_are_bounded(wrong, capsys):
    """A capture is no daemon."""
    with pytest.raises(SystemExit):
        options(*wrong)
    assert "argument" in capsys.readouterr().err
