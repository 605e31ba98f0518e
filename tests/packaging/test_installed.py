"""What is installed fits together: its dependencies, its extras, the plugin, the command, the types.

It holds wherever the tests run; tox's environment `package` has all extras, and the checkers.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

HERE = Path(__file__).parent

# The module by which an extra is known, and what it is for, as a program that fails without it.
LIVE = """
from pytest_lambda_events import LiveHarness, NotConnected
with LiveHarness(timeout=0.2) as live:
    try:
        live.{}
    except NotConnected:
        pass
"""
SCHEMA = """
from pytest_lambda_events import Harness
{}
with Harness() as aws:
    aws.schema_registry().register("orders-value", {}, {!r})
"""
YAML = """
from pathlib import Path
from pytest_lambda_events.templates import read_template
Path("template.yaml").write_text("Resources: {}", encoding="utf-8")
read_template("template.yaml")
"""
EXTRAS = {
    "activemq": ("stomp", LIVE.format('activemq_queue("orders", url="stomp://u:p@127.0.0.1:1")')),
    "avro": ("fastavro", SCHEMA.format("", """'{"type": "record", "name": "Order", "fields": []}'""", "AVRO")),
    "faker": (
        "faker",
        "from pytest_lambda_events.events import sqs_event; sqs_event(); import sys; sys.modules['faker']",
    ),
    "hypothesis": ("hypothesis", "from pytest_lambda_events.strategies import sqs_events; sqs_events()"),
    "jsonschema": ("jsonschema", SCHEMA.format("", """'{"type": "object"}'""", "JSON")),
    "kafka": ("confluent_kafka", LIVE.format('kafka_topic("orders", bootstrap_servers="127.0.0.1:1")')),
    "mongodb": ("pymongo", LIVE.format('documentdb_collection("a.b", url="mongodb://127.0.0.1:1")')),
    "protobuf": (
        "google.protobuf",
        SCHEMA.format("from google.protobuf.timestamp_pb2 import Timestamp", "Timestamp", "PROTOBUF"),
    ),
    "rabbitmq": ("amqp", LIVE.format('rabbitmq_queue("orders", url="amqp://u:p@127.0.0.1:1")')),
    "templates": ("yaml", YAML),
}
NEEDED_BY_OTHERS = {"yaml"}  # responses, which everybody has, imports it


def installed(module: str) -> bool:
    """Whether there is such a module; it is not imported."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def ended(command: list[str], where: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """How a command ended, without what a developer's shell sets, and not in this tree."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_", "PYTHONPATH"))}
    return subprocess.run(
        command, cwd=where, env={**kept, **environment}, capture_output=True, encoding="utf-8", check=False
    )


@pytest.fixture(autouse=True)
def is_installed() -> None:
    """These tests are about the installed package, and not about a tree that is on the path."""
    try:
        metadata.distribution("pytest-lambda-events")
    except metadata.PackageNotFoundError:
        pytest.skip("runs against an installed package")


def test_the_dependencies_fit_together(tmp_path):
    """`pip check` has nothing to say."""
    if not installed("pip"):
        pytest.skip("pip is not in this environment")
    result = ended([sys.executable, "-m", "pip", "check", "--disable-pip-version-check"], tmp_path)

    assert (0, "No broken requirements found.") == (result.returncode, result.stdout.strip())


def test_the_extras_are_those_that_are_tested():
    """Each has its program below."""
    assert sorted(EXTRAS) == sorted(metadata.metadata("pytest-lambda-events").get_all("Provides-Extra") or [])


@pytest.mark.once
@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_brings_what_it_is_for(extra, tmp_path):
    """Its program runs with none of the other extras' libraries."""
    module, program = EXTRAS[extra]
    if not installed(module):
        pytest.skip(f"the extra {extra} is not installed")
    hidden = {other for other, _ in EXTRAS.values()} - {module} - NEEDED_BY_OTHERS
    hiding = f"import sys; sys.modules.update(dict.fromkeys({sorted(hidden)}))\n"
    result = ended([sys.executable, "-c", hiding + program], tmp_path)

    assert 0 == result.returncode, result.stderr


@pytest.mark.once
def test_pytest_finds_the_plugin_by_itself(tmp_path):
    """It names its version, and lists the fixtures with a line on each."""
    version = ended([sys.executable, "-m", "pytest", "-VV"], tmp_path)
    fixtures = ended([sys.executable, "-m", "pytest", "--fixtures", "-p", "no:cacheprovider"], tmp_path)
    ours = fixtures.stdout.partition("fixtures defined from pytest_lambda_events.plugin")[2].partition(
        "fixtures defined"
    )

    assert f"pytest-lambda-events-{metadata.version('pytest-lambda-events')}" in version.stdout + version.stderr
    assert {"lambda_events", "sqs_queue", "event_source_mapping", "lambda_cassette"} <= set(
        re.findall(r"^(\w+) -- ", ours[0], re.MULTILINE)
    )
    assert "no docstring available" not in ours[0]


def test_the_command_is_there(tmp_path):
    """By its own name, in the environment's folder of commands, and by the module's."""
    command = shutil.which("lambda-events", path=sysconfig.get_path("scripts"))
    by_name = ended([str(command), "--help"], tmp_path)
    by_module = ended([sys.executable, "-m", "pytest_lambda_events", "--help"], tmp_path)

    assert (0, 0) == (by_name.returncode, by_module.returncode)
    assert "usage: lambda-events" in by_name.stdout
    assert by_name.stdout == by_module.stdout


@pytest.mark.once
def test_a_project_that_is_strict_with_types_can_use_it(tmp_path):
    """`mypy --strict` on a user's test file, which has nothing but the installed package: py.typed counts."""
    pytest.importorskip("mypy", reason="mypy is in the tox environment `package`")
    shutil.copy(HERE / "test_usage.py", tmp_path)
    (tmp_path / "mypy.ini").write_text("[mypy]\n", encoding="utf-8")
    right = ended([sys.executable, "-m", "mypy", "--strict", "test_usage.py"], tmp_path)
    usage = (tmp_path / "test_usage.py").read_text(encoding="utf-8")
    (tmp_path / "test_usage.py").write_text(
        f"{usage}\n\ndef wrong(run: Run[SqsMessage]) -> int:\n    return run.processed\n", encoding="utf-8"
    )
    wrong = ended([sys.executable, "-m", "mypy", "--strict", "test_usage.py"], tmp_path)

    assert (0, "Success: no issues found in 1 source file") == (right.returncode, right.stdout.strip())
    assert 1 == wrong.returncode
    assert "[return-value]" in wrong.stdout
