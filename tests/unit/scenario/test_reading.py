"""The keys of a scenario: what may stand there, and what is said about anything else."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lambda_events.errors import ScenarioError
from pytest_lambda_events.scenario import KEYS, Row, located, read_file, read_scenario
from pytest_lambda_events.templates.placed import Place

if TYPE_CHECKING:
    from pytest_lambda_events.scenario import Scenario

INLINE: dict[str, Any] = {"source": "sqs_queue", "handler": "app:handler"}
OF_TEMPLATE: dict[str, Any] = {"template": "template.yaml", "function": "Orders"}


def read(folder: Path, **keys: Any) -> Scenario:
    """What these keys are, written in `folder`."""
    return read_scenario(located(keys, folder, Place(file="here")))


def test_the_least_that_a_scenario_has(tmp_path: Path) -> None:
    """The rest is left to the harness."""
    scenario = read(tmp_path, **INLINE)
    assert scenario.source == ("sqs_queue", {})
    assert (scenario.handler, scenario.rows, scenario.duration) == ("app:handler", (), 0)
    assert (scenario.seed, scenario.start, scenario.run_for, scenario.allow) == (None, None, None, None)
    assert scenario.expect.fates is None


def test_all_of_an_inline_one(tmp_path: Path) -> None:
    """Each key is where it belongs."""
    scenario = read(
        tmp_path,
        source={"kinesis_stream": {"name": "clicks", "ShardCount": 2}},
        function={"Timeout": 5},
        mapping={"BatchSize": 7},
        handler=print,
        duration=0.5,
        records=[{"body": 1, "at": 2}],
        seed=3,
        start="2025-06-01T00:00:00Z",
        run_for=60,
        expect={"processed": 1, "expired": [2, 0, 0], "invocations": 4, "attempts": {"0": [1], 1: []}, "advice": []},
        allow="pending",
    )
    assert scenario.source == ("kinesis_stream", {"name": "clicks", "ShardCount": 2})
    assert (scenario.function, scenario.function_id, scenario.mapping) == ({"Timeout": 5}, None, {"BatchSize": 7})
    assert (scenario.handler, scenario.duration, scenario.run_for) == (print, 0.5, 60)
    assert [row.values for row in scenario.rows] == [{"body": 1, "at": 2}]
    assert (scenario.seed, scenario.start, scenario.allow) == (3, "2025-06-01T00:00:00Z", ("pending",))
    expect = scenario.expect
    assert (expect.fates, expect.invocations) == ({"processed": 1, "expired": (0, 2)}, 4)
    assert (expect.attempts, expect.advice) == ({0: (1,), 1: ()}, frozenset())


def test_one_of_a_template(tmp_path: Path) -> None:
    """`function` is an id there, and the path begins at the folder."""
    scenario = read(tmp_path, **OF_TEMPLATE, event="New", parameters={"Stage": "test"}, allow=["pending", "expired"])
    assert scenario.template == str(tmp_path / "template.yaml")
    assert (scenario.function_id, scenario.function, scenario.source) == ("Orders", {}, None)
    assert (scenario.event, scenario.parameters, scenario.handler) == ("New", {"Stage": "test"}, None)
    assert scenario.allow == ("pending", "expired")


def test_paths_begin_at_the_folder(tmp_path: Path) -> None:
    """Also those that are `Path`s; absolute ones and standard input are what they are."""
    (tmp_path / "records.jsonl").write_text('{"body": 1}\n', encoding="utf-8")
    scenario = read(tmp_path, function="F", template=Path("a", "t.yaml"), records=Path("records.jsonl"))
    assert (scenario.template, len(scenario.rows)) == (str(tmp_path / "a" / "t.yaml"), 1)
    assert read(tmp_path, function="F", template=tmp_path / "t.yaml").template == str(tmp_path / "t.yaml")
    assert located({"records": "-"}, tmp_path)["records"] == "-"


def test_what_is_none_is_not_given(tmp_path: Path) -> None:
    """So a nearer marker can take a key back."""
    assert read(tmp_path, **INLINE, template=None, mapping=None, records=None).rows == ()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({**INLINE, "recrods": []}, "here: recrods: a scenario has no such key (did you mean 'records'?); there are"),
        ({"handler": "a:b"}, "here: a scenario has a source or a template, and here is neither"),
        ({**INLINE, **OF_TEMPLATE}, "here: a scenario has a source or a template, not both"),
        ({"template": "t.yaml"}, "here: which function of the template? Give its id as function"),
        ({**OF_TEMPLATE, "mapping": {}}, "here: mapping: the template says what the mapping is"),
        ({**OF_TEMPLATE, "function": {"Timeout": 3}}, "here: function: a text should stand here, not {'Timeout': 3}"),
        ({**INLINE, "event": "New"}, "here: event: this belongs to a template, and there is none"),
        ({**INLINE, "parameters": {}}, "here: parameters: this belongs to a template, and there is none"),
        ({"source": "sqs_queue"}, "here: which handler? Give it as handler, module:function"),
        ({**INLINE, "handler": 5}, "here: handler: module:function should stand here, not 5"),
        (
            {**INLINE, "source": "sqs_que"},
            "here: source: there is no 'sqs_que' (did you mean 'sqs_queue'?); sqs_queue,",
        ),
        ({**INLINE, "source": ["sqs_queue"]}, "here: source: a factory and its arguments should stand here"),
        ({**INLINE, "source": {}}, "here: source: a factory and its arguments should stand here"),
        ({**INLINE, "source": {"sqs_queue": "orders"}}, "here: source: sqs_queue: its arguments are a mapping, not"),
        ({**INLINE, "source": {"sqs_queue": {"name": 5}}}, "here: source: sqs_queue: its name is a text, not 5"),
        ({**INLINE, "source": "s3_batch_job", "mapping": {}}, "here: mapping: a job of S3 Batch Operations has no"),
        ({**INLINE, "function": "Orders"}, "here: function: a mapping should stand here, not 'Orders'"),
        ({**INLINE, "mapping": {1: 2}}, "here: mapping: a mapping should stand here, not {1: 2}"),
        ({**INLINE, "duration": "long"}, "here: duration: a number of seconds should stand here, not 'long'"),
        ({**INLINE, "run_for": -1}, "here: run_for: a number of seconds should stand here, not -1"),
        ({**INLINE, "run_for": float("inf")}, "here: run_for: a number of seconds should stand here, not inf"),
        ({**INLINE, "seed": 1.5}, "here: seed: a whole number should stand here, not 1.5"),
        ({**INLINE, "seed": True}, "here: seed: a whole number should stand here, not True"),
        ({**INLINE, "start": 2025}, "here: start: a text should stand here, not 2025"),
        ({**INLINE, "records": 5}, "here: records: a list of records or the path of a file should stand here, not 5"),
        ({**INLINE, "records": ["a"]}, "here: records[0]: a record should stand here, {body: …, at: 5}, not 'a'"),
        ({**INLINE, "records": [{}, {1: 2}]}, "here: records[1]: a record should stand here"),
        ({**INLINE, "records": "nowhere.jsonl"}, "nowhere.jsonl cannot be read: No such file or directory"),
        ({**INLINE, "expect": 5}, "here: expect: a mapping should stand here, not 5"),
        ({**INLINE, "expect": {"procesed": 1}}, "here: expect: there is no 'procesed' (did you mean 'processed'?)"),
        ({**INLINE, "expect": {"processed": -1}}, "here: expect: processed: a count should stand here, not -1"),
        ({**INLINE, "expect": {"processed": True}}, "here: expect: processed: a count should stand here, not True"),
        ({**INLINE, "expect": {"processed": ["a"]}}, "here: expect: processed: a count should stand here, not 'a'"),
        ({**INLINE, "expect": {"invocations": "1"}}, "here: expect: invocations: a count should stand here, not '1'"),
        ({**INLINE, "expect": {"attempts": [1]}}, "here: expect: attempts: a mapping of record numbers should stand"),
        ({**INLINE, "expect": {"attempts": {"0": 5}}}, "here: expect: attempts of 0: a list of seconds, not 5"),
        ({**INLINE, "expect": {"attempts": {"x": [5]}}}, "here: expect: attempts: a count should stand here, not 'x'"),
        (
            {**INLINE, "expect": {"attempts": {"9" * 5000: [5]}}},
            "here: expect: attempts: a count should stand here, not",
        ),
        ({**INLINE, "expect": {"advice": "no"}}, "here: expect: advice: a list of codes should stand here, not 'no'"),
        (
            {**INLINE, "expect": {"advice": ["fifo-order"]}},
            "there is no 'fifo-order' (did you mean 'fifo-order-broken'?)",
        ),
        ({**INLINE, "allow": 5}, "here: allow: fates should stand here, not 5"),
        (
            {**INLINE, "allow": ["deadlettered"]},
            "here: allow: there is no 'deadlettered' (did you mean 'dead_lettered'",
        ),
    ],
)
def test_what_means_nothing_is_said(tmp_path: Path, keys: dict[str, Any], words: str) -> None:
    """Where it stands, and what would have been right."""
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, **keys)
    assert words in str(caught.value)


# -- files -------------------------------------------------------------------------------------------------------------


def test_a_yaml_file_knows_its_lines(tmp_path: Path) -> None:
    """Of keys, and of records."""
    path = tmp_path / "a.lambda.yaml"
    path.write_text(
        "source: sqs_queue\nhandler: app:handler\nrecords:\n  - body: 1\n\n  - body: 2\n    at: 3\n", encoding="utf-8"
    )
    scenario = read_scenario(read_file(path))
    assert [str(row.place) for row in scenario.rows] == [f"{path}:4: records[0]", f"{path}:6: records[1]"]
    assert str(scenario.rows[1].at("at")) == f"{path}:7: records[1].at"
    assert str(scenario.at("handler")) == f"{path}:2: handler"
    assert str(scenario.at("mapping")) == f"{path}:1: mapping"
    assert type(scenario.rows[0].values) is dict


def test_a_json_file(tmp_path: Path) -> None:
    """The same keys; paths begin at the file, and records' lines are their own file's."""
    path = tmp_path / "a.lambda.json"
    path.write_text(json.dumps({**INLINE, "records": "more/records.jsonl"}), encoding="utf-8")
    records = tmp_path / "more" / "records.jsonl"
    records.parent.mkdir()
    records.write_text('\ufeff{"body": "a"}\n\n  {"body": {"b": 1}, "at": 2}\r\n', encoding="utf-8")
    rows = read_scenario(read_file(path)).rows
    assert [row.values for row in rows] == [{"body": "a"}, {"body": {"b": 1}, "at": 2}]
    assert [str(row.place) for row in rows] == [f"{records}:1", f"{records}:3"]
    assert str(rows[1].at("at")) == f"{records}:3: at"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "a.lambda.yaml:1:2: this is not JSON: "),
        ("source: [", "a.lambda.yaml: this is not YAML: "),
        ("a: 1\na: 2\n", "a.lambda.yaml:2: the key 'a' stands here a second time"),
        ("- 1\n", "a.lambda.yaml: a scenario is a mapping, not [1]"),
        ("", "a.lambda.yaml: one YAML document is a scenario, and here are 0"),
        ("a: !!python/name:os.system\n", "a.lambda.yaml:1: the tag "),
        ("source: sqs_queue\nhandler: a:b\nsed: 1\n", "a.lambda.yaml:3: sed: a scenario has no such key"),
        (b"\xff", "a.lambda.yaml is not UTF-8: byte 0 is 0xff"),
    ],
)
def test_a_broken_file(tmp_path: Path, text: str | bytes, words: str) -> None:
    """Is said with its line."""
    path = tmp_path / "a.lambda.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ScenarioError) as caught:
        read_scenario(read_file(path))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '{"body": 1}\n{"body": }\n',
            "records.jsonl:2:10: this is not JSON: a value should stand here (one JSON object",
        ),
        ('{"body": 1} {"body": 2}\n', "records.jsonl:1:13: this is not JSON: nothing should follow the value (one"),
        ('{"body": 1}\n[]\n', "records.jsonl:2: a record should stand here"),
    ],
)
def test_a_broken_line(tmp_path: Path, text: str, words: str) -> None:
    """Is said with its number."""
    path = tmp_path / "records.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, **INLINE, records="records.jsonl")
    assert words in str(caught.value)


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=5),
            st.none() | st.integers() | st.text(max_size=9) | st.lists(st.text(max_size=3), max_size=2),
        ),
        max_size=5,
    ),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
    st.booleans(),
)
def test_lines_are_what_json_says(values: list[Any], end: str, ascii_only: bool) -> None:
    """Each value as it is, at its line, whatever is in its texts and between the lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.jsonl"
        path.write_bytes("".join(json.dumps(one, ensure_ascii=ascii_only) + end for one in values).encode())
        rows = read(Path(folder), **INLINE, records="records.jsonl").rows
    assert [dict(row.values) for row in rows] == values
    assert [row.place.line for row in rows] == [1 + number * end.count("\n") for number in range(len(values))]


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not read."""
    monkeypatch.setattr("pytest_lambda_events.templates.parsing.MOST_BYTES", 10)
    path = tmp_path / "records.jsonl"
    path.write_text('{"body": "a"}\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match="is larger than 0 MB"):
        read(tmp_path, **INLINE, records="records.jsonl")


def test_a_row_without_places_of_its_own() -> None:
    """One of Python's own dicts, in a marker."""
    assert str(Row(values={}, place=Place(file="here"), places={}).at("body")) == "here: body"


def test_every_key_is_told() -> None:
    """In one line."""
    assert all(told and "\n" not in told for told in KEYS.values())
