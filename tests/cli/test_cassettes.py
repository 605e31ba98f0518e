"""`lambda-events capture`, `redact`, `show`, `diff`, `migrate`, and `validate` for cassettes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
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
    Redacted,
    Returned,
    load,
    write,
)
from pytest_lambda_events.cassette.making import new_cassette
from pytest_lambda_events.events import dynamodb_event, kinesis_event, sqs_event

if TYPE_CHECKING:
    from collections.abc import Callable

    Cli = Callable[..., tuple[int, str, str]]

KEY = "a key of sixteen bytes or more"
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder without a project, with a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAMBDA_EVENTS_REDACT_KEY", KEY)


def saved(event: Any, name: str = "event.json") -> str:
    Path(name).write_text(json.dumps(event), encoding="utf-8")
    return name


def captured(cli: Cli, event: Any, name: str = "orders.json", *options: str) -> str:
    code, _, err = cli("capture", "from-file", saved(event), "--out", name, "--force", *options)
    assert code == 0, err
    return name


# -- capture -----------------------------------------------------------------------------------------------------------


def test_a_saved_event_becomes_a_redacted_cassette(cli: Cli) -> None:
    """And says so."""
    event = sqs_event({"email": "jane@corp.com"})
    code, out, err = cli("capture", "from-file", saved(event), "--out", "cassettes/orders.json")
    assert (code, err) == (0, "")
    cassette = load("cassettes/orders.json")
    assert out == (
        f"{Path('cassettes/orders.json')}: 1 event of sqs, redacted with key {cassette.redacted.key}\n"  # type: ignore[union-attr]
    )
    assert b"jane" not in Path("cassettes/orders.json").read_bytes()
    assert (cassette.source, cassette.captured.how) == ("sqs", "file")
    assert cli("validate", "--strict", "cassettes/orders.json") == (
        0,
        "cassettes/orders.json: cassette: well formed\n",
        "",
    )


def test_without_a_key_it_is_said_what_that_means(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """On stderr; the same event then has other pseudonyms."""
    monkeypatch.delenv("LAMBDA_EVENTS_REDACT_KEY")
    name = saved(sqs_event("a"))
    code, _, err = cli("capture", "from-file", name, "--out", "a.json")
    assert code == 0
    assert "the key of the pseudonyms is random and kept nowhere" in err
    cli("capture", "from-file", name, "--out", "b.json")
    assert "random" in Path("a.json").read_text(encoding="utf-8")
    assert load("a.json").interactions != load("b.json").interactions


def test_a_key_file_and_rules(cli: Cli) -> None:
    """As pyproject.toml has them, or another file."""
    Path("key").write_text(KEY + "\n", encoding="utf-8")
    Path("rules.toml").write_text(
        '[tool.lambda_events.redact]\n[[tool.lambda_events.redact.rules]]\npath = "$.order"\naction = "drop"\n',
        encoding="utf-8",
    )
    name = captured(cli, sqs_event({"order": "1", "n": 2}), "a.json", "--key-file", "key", "--config", "rules.toml")
    assert load(name).interactions[0].event["Records"][0]["body"] == '{"order":"dropped","n":2}'
    other = captured(cli, sqs_event({"order": "1", "n": 2}), "b.json", "--config", "rules.toml")
    assert load(name).interactions == load(other).interactions


def test_an_event_is_kept_as_it_is_on_request(cli: Cli) -> None:
    """All but secrets."""
    event = sqs_event({"email": "jane@corp.com"})
    name = captured(cli, event, "a.json", "--no-redact", "--recorded-at", "2025-01-01T00:00:00Z", "--note", "x")
    cassette = load(name)
    assert cassette.interactions[0].event == event
    assert (cassette.redacted, cassette.recorded_at, cassette.captured.notes) == (None, "2025-01-01T00:00:00Z", ("x",))
    secret = saved(sqs_event({"auth": {"deep": json.dumps({"token": TOKEN})}}))
    code, _, err = cli("capture", "from-file", secret, "--out", "b.json", "--no-redact")
    assert code == 2
    assert "Records[0].body → $.auth.deep → $.token: token of a service" in err
    assert TOKEN not in err
    assert not Path("b.json").exists()


def test_standard_input(cli: Cli) -> None:
    """What was pasted."""
    code, out, _ = cli("capture", "from-file", "-", "--out", "a.json", stdin=json.dumps(kinesis_event("x")))
    assert code == 0
    assert "1 event of kinesis" in out
    assert load("a.json").captured.how == "stdin"


def test_one_cassette_is_of_one_source(cli: Cli) -> None:
    """Which one may be chosen."""
    Path("both.jsonl").write_text(f"{json.dumps(sqs_event('a'))}\n{json.dumps(kinesis_event('b'))}\n", encoding="utf-8")
    code, _, err = cli("capture", "from-file", "both.jsonl", "--out", "a.json")
    assert code == 2
    assert "events of sqs and kinesis, and a cassette has one source: choose by --source" in err
    assert cli("capture", "from-file", "both.jsonl", "--out", "a.json", "--source", "kinesis")[0] == 0
    assert load("a.json").source == "kinesis"
    code, _, err = cli("capture", "from-file", "both.jsonl", "--out", "b.json", "--source", "kafka")
    assert code == 2
    assert "there is no event of kafka, only of sqs, kinesis" in err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("capture",), "the following arguments are required: HOW"),
        (("capture", "fromfile"), "did you mean 'from-file'?"),
        (("capture", "from-file", "event.json", "--out", "orders.json"), "orders.json is there already"),
        (("capture", "from-file", "event.json", "--out", "orders.txt"), "is no name for a cassette"),
        (("capture", "from-file", "none.txt", "--out", "a.json"), "none.txt has no event in it"),
        (("capture", "from-file", "missing.json", "--out", "a.json"), "missing.json cannot be read"),
        (("capture", "from-file", "event.json", "--out", "a.json", "--recorded-at", "now"), "write a time in UTC"),
        (
            ("capture", "from-file", "event.json", "--out", "a.json", "--recorded-at", "2025-02-29T00:00:00Z"),
            "write a time in UTC",
        ),
        (("capture", "from-file", "event.json", "--out", "a.json", "--max-bytes", "10"), "and 10 are the most"),
        (("capture", "from-file", "event.json", "--out", "a.json", "--key-file", "none.txt"), "could be guessed"),
        (("capture", "from-file", "event.json", "--out", "a.json", "--config", "no.toml"), "no.toml cannot be read"),
        (("redact", "missing.json"), "there is no such cassette"),
        (("redact", "event.json"), "is no cassette"),
        (("redact", "orders.json", "orders.json", "--out", "x.json"), "--out is for one cassette"),
        (("show", "event.json"), "event.json is no cassette"),
        (("show", "orders.json", "--event", "1"), "orders.json has 1 events, counted from 0"),
        (("diff", "orders.json", "missing.json"), "there is no such cassette"),
        (("migrate", "none.txt"), "none.txt is broken"),
    ],
)
def test_what_cannot_be_done_is_said(cli: Cli, arguments: tuple[str, ...], why: str) -> None:
    """Exit code 2."""
    captured(cli, sqs_event("a"))
    Path("none.txt").write_text("nothing", encoding="utf-8")
    code, _, err = cli(*arguments)
    assert code == 2
    assert why in err


# -- redact ------------------------------------------------------------------------------------------------------------


def test_redact_changes_what_is_private_and_only_once(cli: Cli) -> None:
    """`--check` says whether there is something to do."""
    name = captured(cli, sqs_event({"email": "jane@corp.com"}), "a.json", "--no-redact")
    assert cli("redact", "--check", name) == (1, "a.json: would change\n", "")
    assert cli("redact", name, "--out", "b.json")[0] == 0
    assert b"jane" in Path(name).read_bytes()
    code, out, _ = cli("redact", name)
    assert code == 0
    assert out.startswith("a.json: redacted with key ")
    assert Path(name).read_bytes() == Path("b.json").read_bytes()
    assert cli("redact", "--check", name) == (0, "a.json: nothing to redact\n", "")
    assert cli("redact", name) == (0, "a.json: nothing to redact\n", "")


# -- show, diff, migrate -----------------------------------------------------------------------------------------------


def test_show_tells_what_is_in_it(cli: Cli) -> None:
    """Payloads without what is wrapped around them, endings, calls, what was made up."""
    request = HttpRequest(method="POST", url="https://api.example.com/x")
    answers = (HttpResponse(status=200, body=b"12345"), Failure(type="ConnectionError", message="refused"))
    interactions = (
        Interaction(
            event=sqs_event({"order": 1}),
            outcome=Returned({"batchItemFailures": []}),
            http=tuple(HttpCall(request=request, outcome=answer) for answer in answers),
            at="2025-01-01T00:00:00.123Z",
            invented=("Records[0].receiptHandle",),
        ),
        Interaction(event=sqs_event("x"), outcome=Returned(None)),
        Interaction(event=sqs_event("y"), outcome=Failure(type="ValueError", message="no\nlines")),
    )
    cassette = Cassette(
        source="sqs",
        recorded_at="2025-01-01T00:00:00Z",
        recorded_by="pytest-lambda-events 1.0",
        captured=Captured(how="handler", notes=("two of three records were kept",)),
        redacted=Redacted(key="0123abcd"),
        interactions=interactions,
    )
    write(cassette, "orders.json")
    code, out, _ = cli("show", "orders.json")
    assert code == 0
    assert out.splitlines() == [
        "orders.json: 3 interactions of Amazon SQS",
        "recorded 2025-01-01T00:00:00Z by pytest-lambda-events 1.0, captured from handler, redacted, key 0123abcd",
        "note: two of three records were kept",
        "",
        'interactions[0] at 2025-01-01T00:00:00.123Z: returned {"batchItemFailures":[]}',
        '  Records[0].body: {"order":1}',
        "  POST https://api.example.com/x: 200, 5 bytes",
        "  POST https://api.example.com/x: ConnectionError: refused",
        "  made up: Records[0].receiptHandle",
        "",
        "interactions[1]: returned null",
        "  Records[0].body: x",
        "",
        "interactions[2]: raised ValueError: no lines",
        "  Records[0].body: y",
    ]
    assert "raised ValueError: no\nlines" in cli("show", "--full", "orders.json")[1]


def test_show_opens_what_a_source_wraps(cli: Cli) -> None:
    """Base64 and gzip; bytes that are no text are counted."""
    import gzip

    events = [kinesis_event(gzip.compress(b"packed")), kinesis_event(b"\xff\x00")]
    write(new_cassette("kinesis", [Interaction(event=one) for one in events], how="file"), "clicks.json")
    out = cli("show", "clicks.json")[1]
    assert "interactions[0]: what became of it was not captured" in out
    assert "  Records[0].kinesis.data → gzip: packed" in out
    assert "  Records[0].kinesis.data: 2 bytes that are no text: ff 00" in out


def test_show_lists_what_is_in_an_item(cli: Cli) -> None:
    """Attribute by attribute, numbers too."""
    event = dynamodb_event({"id": "a", "total": 5})
    write(new_cassette("dynamodb", [Interaction(event=event)], how="file"), "items.json")
    out = cli("show", "items.json")[1]
    assert "  Records[0].dynamodb.NewImage → $.total: 5" in out
    assert "  Records[0].dynamodb.Keys → $.id: a" in out


def test_show_gives_one_event_as_json(cli: Cli) -> None:
    """To be piped on."""
    event = sqs_event("a")
    name = captured(cli, event, "a.json", "--no-redact")
    assert json.loads(cli("show", name, "--event", "0")[1]) == event


def test_show_is_paged_on_a_terminal(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it is not wanted."""
    name = captured(cli, sqs_event("a" * 300))
    paged: list[str] = []
    monkeypatch.setattr("pydoc.pager", paged.append)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert cli("show", name) == (0, "", "")
    assert "1 interaction of Amazon SQS" in paged[0]
    assert f"Records[0].body: {'a' * 99}…" in cli("show", "--no-pager", name)[1]


def test_diff_names_paths_into_bodies(cli: Cli) -> None:
    """And exits with 1 when there is a difference."""
    captured(cli, sqs_event({"order": {"total": 1}}, '{"a": 1}', "same"), "a.json")
    captured(cli, sqs_event({"order": {"total": 2}}, '{"a":1}', "same"), "b.json")
    assert cli("diff", "a.json", "a.json") == (0, "", "")
    code, out, _ = cli("diff", "a.json", "b.json")
    assert code == 1
    lines = out.splitlines()
    where = "interactions[0].event.Records"
    assert f"{where}[0].body → $.order.total: 1 became 2" in lines
    assert f"{where}[1].body: another spelling of the same JSON" in lines
    assert not [line for line in lines if f"{where}[2]" in line]


@pytest.mark.parametrize(("one", "other"), [('{"a":1,"a":2}', '{"a":1}'), ("[NaN]", "[1]"), (f"[{'9' * 401}]", "[1]")])
def test_diff_takes_bodies_that_no_cassette_could_be_for_texts(cli: Cli, one: str, other: str) -> None:
    """A key twice, NaN and endless numbers stand in real bodies."""
    captured(cli, sqs_event(one), "a.json")
    captured(cli, sqs_event(other), "b.json")
    code, out, _ = cli("diff", "a.json", "b.json")
    assert code == 1
    line = out.splitlines()[0]
    assert line.startswith(f"interactions[0].event.Records[0].body: {json.dumps(one)[:20]}")
    assert line.endswith(f" became {json.dumps(other)}")


def test_diff_matches_interactions_that_are_the_same(cli: Cli) -> None:
    """One that was added in the middle is one difference."""
    events = [sqs_event(str(number), seed=number) for number in range(4)]
    interactions = [Interaction(event=event) for event in events]
    write(new_cassette("sqs", interactions, how="file"), "a.json")
    write(new_cassette("sqs", interactions[:2] + interactions[3:], how="handler"), "b.json")
    code, out, _ = cli("diff", "a.json", "b.json")
    assert code == 1
    assert out.splitlines()[0] == 'captured.how: "file" became "handler"'
    assert out.splitlines()[1].startswith("interactions[2]: only in the first: {")
    assert cli("diff", "b.json", "a.json")[1].splitlines()[1].startswith("interactions[2]: only in the second: {")


def test_migrate_writes_in_the_one_way(cli: Cli) -> None:
    """What a formatter did is undone."""
    name = captured(cli, sqs_event("a"))
    assert cli("migrate", name) == (0, "orders.json: up to date\n", "")
    before = Path(name).read_bytes()
    Path(name).write_text(json.dumps(json.loads(before), indent=4), encoding="utf-8")
    assert cli("migrate", "--check", name) == (1, "orders.json: would be rewritten\n", "")
    assert cli("migrate", name) == (0, "orders.json: rewritten\n", "")
    assert Path(name).read_bytes() == before


# -- validate ----------------------------------------------------------------------------------------------------------


def test_validate_looks_at_every_event_and_for_secrets(cli: Cli) -> None:
    """With the path in the cassette."""
    events = [sqs_event("a"), sqs_event("b", overrides={"Records[0].body": 7}), kinesis_event("c"), {"x": 1}]
    events.append(sqs_event(f"Bearer {TOKEN}"))
    write(new_cassette("sqs", [Interaction(event=event) for event in events], how="file"), "a.json")
    code, out, _ = cli("validate", "a.json")
    assert code == 1
    assert "a.json: cassette: " in out
    assert "error: interactions[1].event.Records[0].body: found 7, expected a string" in out
    assert "error: interactions[2].event: found an event of kinesis, expected one of sqs" in out
    assert "error: interactions[3].event.event: found" in out
    assert "error: interactions[4]: Records[0].body: found a secret (token of a service), expected none" in out
    assert TOKEN not in out
    told = json.loads(cli("validate", "--format", "json", "a.json")[1])
    assert told["kind"] == "cassette"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"format": "lambda-events-cassette", "version": 1', "is broken: not JSON"),
        ('{"format": "lambda-events-cassette", "version": 9}', "a newer pytest-lambda-events wrote it"),
        ('{"format": "lambda-events-cassette", "x": ' + "[" * 5000, "nests deeper than 200"),
        ('{"format": "lambda-events-cassette", "a": 1, "a": 2}', "stands twice"),
    ],
)
def test_validate_says_why_a_cassette_is_broken(cli: Cli, content: str, why: str) -> None:
    """That is a finding: it was asked whether it is sound."""
    Path("a.json").write_text(content, encoding="utf-8")
    code, out, _ = cli("validate", "a.json")
    assert code == 1
    assert why in out


def test_validate_of_what_nests_without_end(cli: Cli) -> None:
    """Also what is no cassette is refused in one line."""
    Path("deep.json").write_text("[" * 100_000, encoding="utf-8")
    Path("deep.jsonl").write_text("{}\n" + "[" * 100_000, encoding="utf-8")
    for name in ("deep.json", "deep.jsonl"):
        code, _, err = cli("validate", name)
        assert code == 2
        assert "nests too deep" in err or "is not JSON" in err


def test_validate_needs_the_name_of_a_cassette(cli: Cli) -> None:
    """There may be lines beside it."""
    name = captured(cli, sqs_event("a"))
    code, _, err = cli("validate", "-", stdin=Path(name).read_bytes())
    assert code == 2
    assert "name its file" in err
