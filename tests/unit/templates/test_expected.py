"""Every template of tests/data/templates resolves to the mappings, functions and resources that AWS would create.

`expected.json` was written from what each template says, and read through; the judges in `test_judges.py` hold the
templates themselves, and most of what they resolve to, against the tools that deploy them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.templates import read_template
from pytest_lambda_events.templates.advising import advise
from pytest_lambda_events.templates.declared import DeclaredTable

if TYPE_CHECKING:
    from pytest_lambda_events.templates.declared import Template

DATA = Path(__file__).parents[2] / "data" / "templates"
CASES: list[dict[str, Any]] = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))


def named(case: dict[str, Any]) -> str:
    return "-".join([case["template"], *map(str, case["parameters"].values())])[:60]


def read(case: dict[str, Any]) -> Template:
    return read_template(DATA / case["template"], case["parameters"], region="us-east-1")


each_case = pytest.mark.parametrize("case", CASES, ids=named)


@each_case
def test_mappings(case: dict[str, Any]) -> None:
    """With AWS's names, and no other."""
    found = {
        one.id: {
            "function": one.function,
            **({"qualifier": one.qualifier} if one.qualifier else {}),
            "parameters": {name: value for name, value in one.parameters.items() if name != "FunctionName"},
        }
        for one in read(case).mappings
    }
    assert found == case["mappings"]


@each_case
def test_functions(case: dict[str, Any]) -> None:
    """What matters of them, and how they are invoked asynchronously."""
    found = {
        one.id: {
            **{name: value for name, value in one.parameters.items() if name not in ("Environment", "Role")},
            **({"EventInvokeConfig": dict(one.event_invoke)} if one.event_invoke else {}),
        }
        for one in read(case).functions
    }
    assert found == case["functions"]


@each_case
def test_resources(case: dict[str, Any]) -> None:
    """Queues, streams, tables, topics, buckets and brokers."""
    found = {
        one.id: {
            "arn": one.arn,
            **dict(getattr(one, "attributes", {})),
            **({"ttl": one.ttl} if isinstance(one, DeclaredTable) and one.ttl else {}),
        }
        for one in read(case).resources
    }
    assert found == case["resources"]


@each_case
def test_nothing_is_left_out(case: dict[str, Any]) -> None:
    """There is no property in them that is not known."""
    assert [str(note) for note in read(case).notes] == []


@each_case
def test_aws_would_create_them(case: dict[str, Any]) -> None:
    """None is refused by its rules."""
    refused = [one.message for one in advise(read(case)).remarks if one.code == "mapping-refused"]
    assert refused == []


@each_case
def test_everything_has_its_line(case: dict[str, Any]) -> None:
    """Where the id of a mapping, or the name of its event, stands in the file."""
    lines = (DATA / case["template"]).read_text(encoding="utf-8").splitlines()
    for one in read(case).mappings:
        assert one.place.line is not None
        if not one.place.file.endswith(("functions.yml", "serverless.yml")):
            words = [name.rpartition(".")[2].partition("[")[0] for name in (one.id, *one.names)]
            near = "\n".join(lines[max(0, one.place.line - 1) : one.place.line + 4])
            assert any(word in near for word in words), (one.id, near)


def test_the_templates_cover_every_format_and_source() -> None:
    """At least 25, each dialect with several, each source in more than one."""
    from pytest_lambda_events.model.mapping_source import source_of
    from pytest_lambda_events.templates.declared import DeclaredBroker

    kinds: dict[str, set[str]] = {}
    dialects: dict[str, set[str]] = {}
    for case in CASES:
        template = read(case)
        dialects.setdefault(template.dialect, set()).add(case["template"])
        for one in template.mappings:
            source = template.resource(one.parameters.get("EventSourceArn"))
            arn = one.parameters.get("EventSourceArn")
            kind = source.kind if isinstance(source, DeclaredBroker) else source_of(arn, one.parameters)
            kinds.setdefault(kind, set()).add(case["template"])
    assert len({case["template"] for case in CASES}) >= 25
    assert {name: len(files) >= 5 for name, files in dialects.items()} == dict.fromkeys(
        ("cloudformation", "sam", "serverless", "terraform"), True
    )
    sources = ("sqs", "sqs_fifo", "kinesis", "dynamodb", "msk", "kafka", "activemq", "rabbitmq", "documentdb")
    assert {name: len(files) >= 2 for name, files in kinds.items()} == dict.fromkeys(sources, True)


def test_no_template_is_left_without_a_case() -> None:
    """Each file in the folders of the dialects is in the table, but for what belongs to another."""
    beside = ("names.yml", "functions.yml", "packaged.json", "packaged-prod.json", "expected.json")
    files = {
        path.relative_to(DATA).as_posix()
        for path in DATA.rglob("*")
        if path.suffix in (".json", ".yaml", ".yml") and path.name not in beside and "schemas" not in path.parts
    }
    assert files == {case["template"] for case in CASES}
