"""The broker that captured messages come from. The law: its ARN as it is given, or made up and always the same."""

from __future__ import annotations

from pytest_lambda_events.building import ACCOUNT, REGION
from pytest_lambda_events.identifiers import Identifiers
from pytest_lambda_events.model.mq_brokers import broker_of

__all__ = ["broker_arn"]


def broker_arn(given: str | None) -> str:
    """The ARN of a broker at Amazon MQ, as given or made up. Errors: `UsageError` for what is none."""
    uuid = Identifiers(0).uuid4("captured")
    return broker_of(given or "captured", region=REGION, account=ACCOUNT, uuid=uuid).arn
