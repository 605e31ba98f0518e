"""What `lambda-events advise` says of each template, and where; and the mapping of one of them, run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_lambda_events.cli import main

HERE = Path(__file__).parent
MISTAKES = {
    "activemq.yaml": ("mapping-refused", "Timeout: 900"),
    "documentdb.json": ("latest-loses-records", '"starting_position": "LATEST"'),
    "dynamodb.yml": ("filter-drops-everything", "filterPatterns"),
    "kafka.yaml": ("latest-loses-records", "StartingPosition: LATEST"),
    "kinesis.tf.json": ("endless-retries-without-destination", '"maximum_retry_attempts": -1'),
    "msk.json": ("starting-position-defaulted", '"StockMapping"'),
    "rabbitmq.yaml": ("filter-drops-everything", "FilterCriteria"),
    "sqs.yaml": ("visibility-below-six-timeouts", "VisibilityTimeout: 90"),
    "sqs_fifo.yaml": ("max-receive-count-low", "RedrivePolicy"),
}


@pytest.mark.parametrize(("name", "code", "line"), [(name, *found) for name, found in MISTAKES.items()])
def test_the_mistake_is_found_and_nothing_else(name, code, line, capsys):
    """With its line: code reviews show it there."""
    assert main(["advise", "--format", "json", str(HERE / name)]) == 1
    (said,) = json.loads(capsys.readouterr().out)["advice"]
    assert said["code"] == code
    assert line in (HERE / name).read_text(encoding="utf-8").splitlines()[said["line"] - 1]


def test_the_table_has_every_template():
    """None is left out."""
    assert {path.name for path in HERE.iterdir() if path.suffix in (".json", ".yaml", ".yml")} == set(MISTAKES)


def test_a_mapping_runs_as_it_will_be_deployed(event_source_mapping):
    """The queue, its dead-letter queue, the function's Timeout and its code come from the template."""
    mapping = event_source_mapping.from_template(HERE / "sqs.yaml", "OrdersFunction")
    sent = mapping.source.send("one", "two")
    assert mapping.run_until_idle().processed == sent
    assert mapping.function.config.timeout_ms == 60_000
    assert mapping.source.dlq.name == "OrdersDeadLetters"
