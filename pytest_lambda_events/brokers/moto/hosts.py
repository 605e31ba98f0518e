"""Hosts that boto3 asks and moto does not know. The law: moto's own list has them meanwhile; no setting is touched.

From botocore 1.44.4 on a client that knows the account (from its credentials, or from the ARN in the request) asks
DynamoDB Streams at a host of the account's own, which moto answers with 404. A setting (AWS_ACCOUNT_ID_ENDPOINT_MODE,
`Config(account_id_endpoint_mode=…)`) would be read by new clients only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from moto.backend_index import backend_url_patterns

if TYPE_CHECKING:
    from contextlib import ExitStack

__all__ = ["STREAMS_HOST", "install"]

STREAMS_HOST: Final = r"https?://[0-9]{12}\.streams-ddb\.(.+)\.amazonaws.com"
"""DynamoDB Streams of an account, as moto writes hosts."""

_ENTRIES: Final = (("dynamodbstreams", re.compile(STREAMS_HOST)),)


def install(stack: ExitStack) -> None:
    """Let moto find its services at these hosts until `stack` closes."""
    for entry in _ENTRIES:
        backend_url_patterns.append(entry)
        stack.callback(backend_url_patterns.remove, entry)
