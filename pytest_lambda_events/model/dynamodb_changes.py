"""What a change of a table carries, and how large it is. The law: pure; numbers are as DynamoDB keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.dynamodb_sizes import item_size
from pytest_lambda_events.model.dynamodb_typed import checked_item
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from pytest_lambda_events.model.dynamodb_values import Image

__all__ = ["PARTS", "image_of", "size_of"]

PARTS: Final = ("Keys", "NewImage", "OldImage")
"""What SizeBytes counts."""


def image_of(change: dict[str, Any], key: str) -> Image | None:
    """The image with numbers in DynamoDB's own form; None when there is none, or it is none."""
    if key not in change:
        return None
    try:
        return checked_item(change[key])
    except (UsageError, Refusal):
        return None


def size_of(change: dict[str, Any]) -> int | None:
    """SizeBytes of a change: the bytes of Keys and images; None where one of them is none."""
    images = [image_of(change, part) for part in PARTS if part in change]
    if "Keys" not in change or None in images:
        return None
    return sum(item_size(image) for image in images if image is not None)
