"""Who may import whom is written in pyproject.toml; import-linter keeps it, and these tests see that it really does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "pyproject.toml"

# The smallest package that keeps every contract: each case below adds the one import that it must not have.
SKELETON = {
    "__init__": "",
    "errors": "",
    "model/__init__": "from pytest_lambda_events import errors",
    "clock/__init__": "",
    "clock/travel": "import freezegun",
    "polling/__init__": "",
    "polling/queue": "from pytest_lambda_events import model",
    "brokers/__init__": "",
    "brokers/moto/__init__": "import moto",
    "brokers/live/__init__": "import amqp, bson, confluent_kafka, pymongo, stomp",
    "sources/__init__": "def find():\n    from pytest_lambda_events.sources import kinesis, sqs, sqs_fifo",
    "sources/sqs/__init__": "",
    "sources/sqs/broker": "from pytest_lambda_events.brokers import moto",
    "sources/sqs/event": "from pytest_lambda_events import model",
    "sources/sqs/make": "",
    "sources/sqs_fifo/__init__": "from pytest_lambda_events.sources import sqs",
    "sources/kinesis/__init__": "",
    "harness": "from pytest_lambda_events import brokers, clock, polling, sources",
}


def lint(directory: Path) -> subprocess.CompletedProcess[str]:
    """Check the package in `directory` against the contracts of this repository.

    In a process of its own, because import-linter finds a package through `sys.path`.
    """
    code = f"""
import sys
sys.path.insert(0, {str(directory)!r})
from importlinter.cli import lint_imports
sys.exit(lint_imports(config_filename={str(CONFIGURATION)!r}, cache_dir=None, no_cache=True))
"""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=directory,
        env={**os.environ, "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def build(directory: Path, files: dict[str, str]) -> None:
    for name, source in files.items():
        path = directory / "pytest_lambda_events" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source + "\n", encoding="utf-8")


def test_the_package_keeps_every_contract():
    """Nothing in the package imports what it may not."""
    result = lint(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


def test_the_skeleton_keeps_every_contract(tmp_path):
    """What the cases below break is sound before they break it."""
    build(tmp_path, SKELETON)

    result = lint(tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("name", "source", "broken"),
    [
        pytest.param("errors", "from pytest_lambda_events import model", "Imports go down only", id="upwards"),
        pytest.param(
            "model/late", "def f():\n    from pytest_lambda_events import clock", "Imports go down only", id="lazily"
        ),
        pytest.param(
            "model/typed",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pytest_lambda_events import harness",
            "Imports go down only",
            id="for-types",
        ),
        pytest.param(
            "brokers/curious", "from pytest_lambda_events import polling", "Imports go down only", id="sideways"
        ),
        pytest.param("utils", "", "Imports go down only", id="a-room-without-a-place"),
        pytest.param(
            "sources/kinesis/make",
            "from pytest_lambda_events.sources.sqs import make",
            "Sources are independent",
            id="a-source-knows-another",
        ),
        pytest.param(
            "sources/sqs/make",
            "from pytest_lambda_events.sources.sqs import broker",
            "An event and a native record know",
            id="a-record-knows-its-broker",
        ),
        pytest.param(
            "sources/sqs/broker",
            "from pytest_lambda_events.sources.sqs import event",
            "A broker knows",
            id="a-broker-knows-the-event",
        ),
        pytest.param("polling/queue", "import boto3", "Policy and values know ports only", id="policy-calls-aws"),
        pytest.param("harness", "import freezegun.api", "Only the clock's room", id="freezegun-elsewhere"),
        pytest.param("sources/sqs/broker", "import moto.sqs", "Only one room knows moto", id="moto-elsewhere"),
        pytest.param("harness", "import amqp", "Only one room knows the clients", id="a-client-elsewhere"),
    ],
)
def test_a_planted_violation_is_found(tmp_path, name, source, broken):
    """Each rule of the design is one that a contract notices."""
    build(tmp_path, {**SKELETON, name: source})

    result = lint(tmp_path)

    assert result.returncode != 0
    assert [line for line in result.stdout.splitlines() if line.startswith(broken) and line.endswith("BROKEN")]
