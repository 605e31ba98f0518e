"""What is private in a Kafka event: keys, values, headers, and where the brokers are. The law: offsets stay.

A key that changes would be hashed to another partition; records stay where they were recorded.
"""

from __future__ import annotations

from typing import Final

from pytest_lambda_events.model.redaction import SourceRedaction, base64_data, signed_bytes

__all__ = ["REDACTION"]

_RECORD: Final = "records[*][*]"

REDACTION: Final = SourceRedaction(
    identifiers={"bootstrapServers": "hosts"},
    payloads={
        f"{_RECORD}.key": base64_data,
        f"{_RECORD}.value": base64_data,
        f"{_RECORD}.headers[*][*]": signed_bytes,
    },
)
