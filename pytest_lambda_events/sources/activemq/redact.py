"""What is private in an ActiveMQ event. The law: the broker's id is one pseudonym in its ARN and in messages' ids.

A message's id begins with the name of its producer's host, or of the broker's, where that makes the ids (STOMP, AMQP).
"""

from __future__ import annotations

from typing import Final

from pytest_lambda_events.model.redaction import SourceRedaction, base64_data, plain_text

__all__ = ["REDACTION"]

REDACTION: Final = SourceRedaction(
    identifiers={"messages[*].messageID": "jms_id", "messages[*].connectionId": "jms_id"},
    payloads={
        "messages[*].data": base64_data,
        "messages[*].correlationID": plain_text,
        "messages[*].correlationId": plain_text,  # as AWS's documentation prints it
        "messages[*].replyTo": plain_text,
        "messages[*].type": plain_text,
        "messages[*].properties[*]": plain_text,
    },
)
