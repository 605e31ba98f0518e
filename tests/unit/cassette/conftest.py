"""A small cassette, and one of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.cassette import (
    Captured,
    Cassette,
    Failure,
    HttpCall,
    HttpRequest,
    HttpResponse,
    Interaction,
    Redacted,
    Returned,
)
from pytest_lambda_events.events import sqs_event

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def cassette() -> Callable[..., Cassette]:
    """A cassette of these events (one of SQS when none is given)."""

    def make(*interactions: Interaction, source: str = "sqs") -> Cassette:
        return Cassette(
            source=source,
            recorded_at="2025-01-01T00:00:00Z",
            recorded_by="pytest-lambda-events 1.0",
            captured=Captured(how="file"),
            interactions=interactions or (Interaction(event=sqs_event({"order": 1})),),
        )

    return make


@pytest.fixture
def everything() -> Cassette:
    """All that a cassette may have."""
    request = HttpRequest(
        method="POST", url="https://api.example.com/x", headers={"Accept": ("a", "b"), "X": ("1",)}, body=b"{}"
    )
    answer = HttpResponse(status=200, headers={"Content-Type": ("image/png",)}, body=b"\x89PNG\xff")
    refused = Failure(type="ConnectionError", message="refused")
    return Cassette(
        source="sqs",
        recorded_at="2025-01-01T00:00:00Z",
        recorded_by="pytest-lambda-events 1.0",
        captured=Captured(how="handler", notes=("two of three records were kept",)),
        redacted=Redacted(key="0123abcd"),
        interactions=(
            Interaction(
                event=sqs_event({"order": 1}),
                outcome=Returned({"batchItemFailures": []}),
                http=(HttpCall(request=request, outcome=answer), HttpCall(request=request, outcome=refused)),
                at="2025-01-01T00:00:00.123Z",
                invented=("Records[0].receiptHandle",),
            ),
            Interaction(event=sqs_event("x"), outcome=Returned(None)),
            Interaction(event=sqs_event("y"), outcome=Failure(type="ValueError", message="no\nlines")),
        ),
    )
