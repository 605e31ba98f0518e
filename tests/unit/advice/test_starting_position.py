"""What is said of an MSK mapping that leaves StartingPosition out."""

from __future__ import annotations

import pytest

from pytest_lambda_events.advice.starting_position_defaulted import CODE, MEANING, advise_on_creation


@pytest.mark.parametrize(
    ("source", "given", "is_said"),
    [
        ("msk", {}, True),
        ("msk", {"StartingPosition": None}, True),
        ("msk", {"StartingPosition": "TRIM_HORIZON"}, False),
        ("msk", {"StartingPosition": "LATEST"}, False),
        ("kafka", {}, False),
        ("kinesis", {}, False),
    ],
)
def test_only_msk_without_a_position_is_told(source, given, is_said) -> None:
    """By the parameters as they were given: AWS fills in the default."""
    message = advise_on_creation(source, given)
    assert (message is not None) == is_said
    assert message is None or "TRIM_HORIZON" in message


def test_the_code_is_stable() -> None:
    """It stands in people's configurations."""
    assert CODE == "starting-position-defaulted"
    assert "StartingPosition" in MEANING
