"""Who sends what a service puts into a queue: SenderId. The law: one principal for each service and region.

A service's principal is AWS's own and the same in every account. Those below stood in captures; that of any other
region is made up, and always the same.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from pytest_lambda_events.identifiers import Identifiers

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Sender", "sender_id"]

Sender = Literal["sns", "sns_fifo", "s3", "eventbridge"]
"""A service that sends to queues; SNS has another principal for FIFO topics."""

_RECORDED: Final[Mapping[tuple[Sender, str], str]] = MappingProxyType(
    {
        ("sns", "us-east-1"): "AIDAIT2UOQQY3AUEKVGXU",
        ("sns", "eu-west-1"): "AIDAISMY7JYY5F7RTT6AO",
        ("sns", "us-west-2"): "AIDAIYLAVTDLUXBIEIX46",
        ("sns_fifo", "us-east-1"): "AIDAWYJAWPFU7SUQGUJC6",  # the captures with this one do not tell their region
        ("s3", "us-east-1"): "AIDAJHIPRHEMV73VRJEBU",
        ("s3", "ap-south-1"): "AIDAJNNKV2HIAN5AMAKHG",
        ("s3", "eu-west-1"): "AIDAJQOC3SADRY5PEMBNW",
        ("eventbridge", "us-east-1"): "AIDAJXNJGGKNS7OSV23OI",
    }
)


def sender_id(service: Sender, region: str) -> str:
    """The SenderId of a service in a region."""
    return _RECORDED.get((service, region)) or Identifiers(0).principal("AIDA", f"sender/{service}/{region}")
