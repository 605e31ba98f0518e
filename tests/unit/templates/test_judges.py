"""Independent judges of the templates and of what is read from them: cfn-lint, SAM's own transform, what the Serverless
Framework packaged, and the schema of Terraform's AWS provider.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_lambda_events.templates import read_template, terraform_names
from pytest_lambda_events.templates.yaml_text import read_yaml

DATA = Path(__file__).parents[2] / "data" / "templates"
EXAMPLES = Path(__file__).parents[3] / "examples" / "templates"
SAM = sorted((DATA / "sam").glob("*.yaml"))
SERVERLESS = sorted(path.parent for path in DATA.glob("serverless/*/packaged.json"))
TERRAFORM = [*sorted((DATA / "terraform").glob("*.json")), EXAMPLES / "kinesis.tf.json", EXAMPLES / "documentdb.json"]
ARNS = {
    "BrokerArn": "arn:aws:mq:us-east-1:123456789012:broker:invoices:b-3c1f4e6a-7d52-4b0e-9a58-6f2d8c9e1b34",
    "SecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:invoices-AbCdEf",
    "Stage": "prod",
}


def mappings(path: Path, parameters: dict[str, Any], region: str = "us-east-1") -> dict[str, Any]:
    found = read_template(path, parameters, region=region)
    return {one.id: (one.function, one.qualifier, dict(one.parameters)) for one in found.mappings}


def test_cloudformation_accepts_the_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """cfn-lint finds no error in any: CloudFormation's schemas, and SAM's transform."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    folders = (DATA / "sam", DATA / "cloudformation", DATA / "cdk", EXAMPLES)
    found_there = [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]
    files = [
        str(path) for path in found_there if "Resources" in path.read_text(encoding="utf-8") and path.suffix != ".yml"
    ]
    assert len(files) >= 20
    found = Runner(ConfigMixIn(["--ignore-checks", "W", "I", "--template", *files])).run()
    assert [f"{match.filename}:{match.linenumber}: {match.rule.id} {match.message}" for match in found] == []


@pytest.mark.parametrize("path", SAM, ids=lambda path: path.stem)
def test_sams_own_transform_makes_the_same_mappings(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same ids, functions and parameters, whether SAM expands its events or we do."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    from samtranslator.translator.transform import transform

    class Policies:
        def load(self) -> dict[str, str]:
            return {}

    document = json.loads(json.dumps(read_yaml(path.read_text(encoding="utf-8"), path.name)))
    given = {name: value for name, value in ARNS.items() if name in document.get("Parameters", {})}
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://code/code.zip"
    defaults = {name: one["Default"] for name, one in document.get("Parameters", {}).items() if "Default" in one}
    transformed = transform(document, {**defaults, **given}, Policies())
    (tmp_path / "template.json").write_text(json.dumps(transformed), encoding="utf-8")

    theirs = mappings(tmp_path / "template.json", given)
    assert theirs
    assert mappings(path, given) == theirs


@pytest.mark.parametrize("stage", ["dev", "prod"])
@pytest.mark.parametrize("folder", SERVERLESS, ids=lambda path: path.name)
def test_serverless_packages_the_same_mappings(folder: Path, stage: str) -> None:
    """`packaged.json` is what version 3.40 of the framework wrote for the file beside it, with its validation on."""
    packaged = folder / ("packaged.json" if stage == "dev" else f"packaged-{stage}.json")
    if not packaged.exists():  # only one of them asks for the stage
        assert "sls:stage" not in (folder / "serverless.yml").read_text(encoding="utf-8")
        return
    ours = read_template(folder / "serverless.yml", {"stage": stage})
    region = ours.mappings[0].parameters["FunctionName"].split(":")[3]
    theirs = read_template(packaged, region=region)
    assert mappings(folder / "serverless.yml", {"stage": stage}) == mappings(packaged, {}, region)

    def functions(template: Any) -> dict[str, Any]:
        return {
            one.id: ({name: value for name, value in one.parameters.items() if name != "Role"}, dict(one.event_invoke))
            for one in template.functions
        }

    assert functions(ours) == functions(theirs)


# -- Terraform ---------------------------------------------------------------------------------------------------------

PROVIDER: dict[str, Any] = json.loads((DATA / "schemas" / "terraform-aws.json").read_text(encoding="utf-8"))
TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "bool": (bool,)}


def strange(value: Any, shape: Any, path: str) -> list[str]:
    """What of a value the provider's schema does not have; an expression may be of any type."""
    if value is None or (isinstance(value, str) and "${" in value):
        return []
    if isinstance(shape, str):
        return [] if isinstance(value, TYPES[shape]) else [f"{path}: {value!r} is no {shape}"]
    if isinstance(shape, list):
        return [one for number, each in enumerate(value) for one in strange(each, shape[0], f"{path}[{number}]")]
    if "*" in shape:
        return [one for key, each in value.items() for one in strange(each, shape["*"], f"{path}.{key}")]
    found: list[str] = []
    for block in value if isinstance(value, list) else [value]:
        for key, each in block.items():
            inner = shape["block"].get(key)
            found += [f"{path}.{key}: no such argument"] if inner is None else strange(each, inner, f"{path}.{key}")
    return found


def resources_in(path: Path) -> list[tuple[str, str, dict[str, Any]]]:
    """Type, name and values of every resource in a file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if "resource" in document:
        blocks = document["resource"] if isinstance(document["resource"], list) else [document["resource"]]
        return [
            (kind, name, body[0] if isinstance(body, list) else body)
            for block in blocks
            for kind, bodies in block.items()
            for name, body in bodies.items()
        ]

    def walk(module: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
        own = [(one["type"], one["name"], one["values"]) for one in module.get("resources", [])]
        return own + [one for child in module.get("child_modules", []) for one in walk(child)]

    return walk((document.get("planned_values") or document["values"])["root_module"])


def test_the_provider_has_every_argument_that_is_known() -> None:
    """And no other is known, but for a few that are newer or are given everywhere."""
    tables = {
        "aws_dynamodb_table": {},
        "aws_kinesis_stream": terraform_names.STREAM,
        "aws_lambda_function": terraform_names.FUNCTION,
        "aws_sqs_queue": terraform_names.QUEUE,
    }
    for kind, table in tables.items():
        known = {*table, *terraform_names.OTHERS[kind]} - {"code_sha256"}
        assert known | {"id", "region", "tags", "tags_all"} == set(PROVIDER[kind]["arguments"])


@pytest.mark.parametrize("path", TERRAFORM, ids=lambda path: path.stem)
def test_the_provider_has_these_resources(path: Path) -> None:
    """Arguments, blocks and types are those of hashicorp/aws; a state has attributes besides."""
    found: list[str] = []
    for kind, name, values in resources_in(path):
        schema = PROVIDER[kind]
        arguments = {key: value for key, value in values.items() if key not in schema["attributes"] and key != "//"}
        known = {key: value for key, value in values.items() if key in schema["arguments"]}
        found += [f"{kind}.{name}.{key}: no such argument" for key in arguments if key not in schema["arguments"]]
        found += [
            one for key, value in known.items() for one in strange(value, schema["arguments"][key], f"{kind}.{key}")
        ]
    assert found == []
