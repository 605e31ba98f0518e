"""What is claimed and is no time: how to see each, and what can be counted without running anything.

The law: a count is taken from what the tests themselves read, so that it cannot be of something else.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What is claimed, what was counted just now (empty: only the command says it), and the command."""

    what: str
    counted: str
    command: str


def claims() -> list[Claim]:
    """All of them."""
    return [
        Claim(what="branch coverage: at least 95 %", counted="", command="tox -e py311"),
        Claim(
            what="mutants of `polling/`, `filtering/` and `model/` that a test notices: at least 85 %",
            counted="",
            command="python -m mutation",
        ),
        Claim(
            what="AWS's rules, each with its evidence and the test that holds it",
            counted=f"{_rules()} rows of [fidelity](../docs/fidelity.md)",
            command="pytest tests",
        ),
        Claim(
            what="boto3's SQS is AWS's where stock moto's is not",
            counted=f"{_clauses('sqs')} clauses",
            command="python -m benchmarks.stock_moto",
        ),
        Claim(
            what="boto3's Kinesis is AWS's where stock moto's is not",
            counted=f"{_clauses('kinesis')} clauses",
            command="python -m benchmarks.stock_moto",
        ),
        Claim(
            what="real templates are read as they say: SAM, CloudFormation, CDK, Terraform, serverless.yml",
            counted=_templates(),
            command="pytest tests/unit/templates",
        ),
        Claim(
            what="the documentation's own sample events have no error",
            counted=f"{len(list((TESTS / 'data' / 'aws-samples').glob('*.json')))} samples",
            command="pytest tests/sources/test_aws_samples.py",
        ),
        Claim(
            what="the same seed gives the same trace, byte for byte",
            counted=f"{len(list((TESTS / 'data' / 'traces').rglob('*.json*')))} golden traces",
            command="pytest tests/harness/test_golden_traces.py",
        ),
        Claim(
            what="a capture that is killed leaves a whole cassette or none",
            counted=f"{_kills()} kills",
            command="pytest tests/capture/test_killed.py",
        ),
        Claim(
            what="pages, links, snippets and commands of the documentation work",
            counted=f"{len(list((ROOT / 'docs').rglob('*.md')))} pages",
            command="pytest tests/docs",
        ),
    ]


def _rules() -> int:
    """Rows of the tables on the page on fidelity: lines that are neither a table's head nor the rule below it."""
    lines = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8").splitlines()
    rows = [number for number, line in enumerate(lines) if line.startswith("|")]
    rules = [number for number in rows if set(lines[number]) <= set("|-: ")]
    return len(rows) - 2 * len(rules)


def _clauses(service: str) -> int:
    text = (TESTS / "brokers" / service / "test_fidelity.py").read_text(encoding="utf-8")
    return len(set(re.findall(r"^def test_[a-z](\d\d)_", text, re.MULTILINE)))


def _templates() -> str:
    cases = json.loads((TESTS / "data" / "templates" / "expected.json").read_text(encoding="utf-8"))
    templates = {case["template"] for case in cases}
    return f"{len(templates)} templates, {sum(len(case['mappings']) for case in cases)} mappings"


def _kills() -> int:
    text = (TESTS / "capture" / "test_killed.py").read_text(encoding="utf-8")
    found = re.search(r"^KILLS = (\{.*\})$", text, re.MULTILINE)
    assert found is not None
    return sum(map(int, re.findall(r"\d+", found[1])))
