"""What is changed, which tests are asked, and how much of them. The law: values only; a test hands over others."""

from __future__ import annotations

from typing import NamedTuple

PACKAGE = "pytest_lambda_events"


class Settings(NamedTuple):
    """Paths are relative to the root, with slashes.

    `rooms` are changed; `package` is what the lines of the tests are recorded for. `tests` are asked: those that run
    in one process, because a test that starts another, or an inner pytest, does not see the change. `warm` is imported
    once, before any of it.
    """

    package: str = PACKAGE
    rooms: tuple[str, ...] = (f"{PACKAGE}/polling", f"{PACKAGE}/filtering", f"{PACKAGE}/model")
    tests: tuple[str, ...] = (
        "tests/unit",
        "tests/sources",
        "tests/properties",
        "tests/harness",
        "tests/brokers/destinations",
        "tests/brokers/dynamodb",
        "tests/brokers/kinesis",
        "tests/brokers/sqs",
    )
    warm: tuple[str, ...] = (
        "boto3",
        "freezegun",
        "hypothesis",
        "moto.dynamodb",
        "moto.dynamodbstreams",
        "moto.kinesis",
        "moto.s3",
        "moto.sns",
        "moto.sqs",
        "responses",
    )


PYTEST = (
    "-q",
    "-p",
    "no:randomly",
    "-p",
    "no:xdist",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:faulthandler",
    "-s",
    "--continue-on-collection-errors",
)
"""What every run of the tests has. Order is ours, and nothing is left behind."""

PLAIN = "--assert=plain"
"""Nobody reads the failures, and rewriting would complain about what is imported already."""

EXAMPLES = 15
"""How many examples a property test tries here."""

BUDGET = 5.0
"""Of the tests that reach a change, the nearest ones are run that together take so many seconds of CPU. A mutant that
survives them counts as survived, so the score is a lower bound.
"""

BAR = 85
"""Of a hundred mutants, so many have to be killed."""
