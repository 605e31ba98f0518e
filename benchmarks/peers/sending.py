"""Messages go to every peer by the same calls of boto3: ten at a time."""

from __future__ import annotations

from typing import Any

MESSAGES = 1_000


def bodies() -> list[str]:
    """What the messages say."""
    return [f"order {number}" for number in range(MESSAGES)]


def send(client: Any, url: str, texts: list[str], groups: int = 0) -> None:
    """Send them; to so many groups in turn, where the queue is a FIFO queue."""
    for start in range(0, len(texts), 10):
        entries: list[dict[str, str]] = []
        for number, text in enumerate(texts[start : start + 10], start):
            entry = {"Id": str(number), "MessageBody": text}
            if groups:
                entry |= {"MessageGroupId": str(number % groups), "MessageDeduplicationId": str(number)}
            entries.append(entry)
        answer = client.send_message_batch(QueueUrl=url, Entries=entries)
        assert not answer.get("Failed")
