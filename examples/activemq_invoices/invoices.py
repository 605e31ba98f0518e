"""What would be deployed: file invoices that come as text, and scans that come as bytes."""

from __future__ import annotations

import base64
import json
from typing import Any

filed: dict[str, int] = {}  # cents by number; filing one twice does no harm
scans: dict[str, bytes] = {}  # by the number that the sender put among the properties


def file_invoice(text: str) -> None:
    """Put an invoice into the books."""
    invoice = json.loads(text)
    filed[invoice["number"]] = invoice["cents"]


def handler_as_first_written(event: dict[str, Any], _context: Any) -> None:
    """Wrong: takes every message for text, as those of the first weeks were."""
    for message in event["messages"]:
        file_invoice(base64.b64decode(message["data"]).decode("utf-8"))


def handler(event: dict[str, Any], _context: Any) -> None:
    """The function's entry point: `messageType` says what a body is."""
    for message in event["messages"]:
        data = base64.b64decode(message["data"])
        if message["messageType"] == "jms/bytes-message":
            scans[message["properties"]["number"]] = data
        else:
            file_invoice(data.decode("utf-8"))
