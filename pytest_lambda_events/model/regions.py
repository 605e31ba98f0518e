"""Regions that have to agree. The law: awsRegion and the region in the ARN are one in every real event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.model.looking import text_at

if TYPE_CHECKING:
    from pytest_lambda_events.model.findings import Report
    from pytest_lambda_events.model.paths import Path

__all__ = ["check_region", "partition_of", "region_of", "secret_of"]

_REGION_FIELD = 3


def region_of(arn: str | None) -> str | None:
    """The region in an ARN; None for what is none."""
    parts = (arn or "").split(":")
    return parts[_REGION_FIELD] if parts[0] == "arn" and len(parts) > _REGION_FIELD else None


def partition_of(region: str) -> str:
    """The partition that a region belongs to: the second field of its ARNs."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def secret_of(name: str, region: str, account: str) -> str:
    """The ARN of a made-up secret, for a mapping that must name one and was given none."""
    return f"arn:{partition_of(region)}:secretsmanager:{region}:{account}:secret:{name}-a1B2c3"


def check_region(record: Any, path: Path, report: Report, *, arn_key: str) -> None:
    """A note where awsRegion is not the region in the ARN beside it."""
    region, in_arn = text_at(record, "awsRegion"), region_of(text_at(record, arn_key))
    if region is not None and in_arn is not None and region != in_arn:
        report.note((*path, "awsRegion"), region, f'"{in_arn}", the region in {arn_key}')
