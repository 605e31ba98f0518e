"""Envelopes that together show every form there is, and their golden texts: `python tests/sources/envelope_cases.py`
writes them anew. Read the diff before you commit.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_lambda_events.envelopes import (
    cloudwatch_logs,
    cloudwatch_logs_control,
    eventbridge,
    extended_client,
    s3_delete,
    s3_object_created,
    s3_put,
    s3_test_event,
    sns,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GOLDEN = Path(__file__).parents[1] / "data" / "envelopes"
TIME = "2025-02-03T04:05:06.789Z"
ATTRIBUTES = {"kind": "new", "tries": 3, "raw": b"\x00\xff", "tags": ["a", 1, None]}

ENVELOPES: Mapping[str, Callable[[], str | bytes]] = {
    "sns": lambda: sns({"order": 1, "name": "Zoë"}, time=TIME),
    "sns_everything": lambda: sns(
        'say "hi"\n',
        topic="arn:aws:sns:eu-west-1:111122223333:alerts",
        subject="An order",
        message_attributes=ATTRIBUTES,
        time=TIME,
    ),
    "sns_raw": lambda: sns({"order": 1}, raw=True, message_attributes=ATTRIBUTES, time=TIME),
    "sns_fifo": lambda: sns("Test", topic="orders.fifo", subject="An order", sequence=3, time=TIME),
    "sns_of_s3": lambda: sns(s3_put("incoming", "a.csv", content="a,b\n", time=TIME), time=TIME),
    "s3_put": lambda: s3_put("incoming", "in/a b+ü.csv", content="a,b\n", version_id="v1", time=TIME),
    "s3_multipart": lambda: s3_put("incoming", "big", event_name="ObjectCreated:CompleteMultipartUpload", time=TIME),
    "s3_delete": lambda: s3_delete("incoming", "a.csv", time=TIME),
    "s3_delete_marker": lambda: s3_delete(
        "incoming", "a.csv", event_name="ObjectRemoved:DeleteMarkerCreated", time=TIME
    ),
    "s3_test_event": lambda: s3_test_event("incoming", time=TIME),
    "eventbridge": lambda: eventbridge({"order": 1, "name": "Zoë"}, resources=["arn:aws:s3:::incoming"], time=TIME),
    "s3_object_created": lambda: s3_object_created("incoming", "in/a b.csv", content="a", version_id="v1", time=TIME),
    "cloudwatch_logs": lambda: cloudwatch_logs("out of stock\n", {"level": "ERROR"}, time=TIME),
    "cloudwatch_logs_account": lambda: cloudwatch_logs(
        log_group="/aws/lambda/users",
        filter_names=("errors", "audit"),
        policy_level="ACCOUNT_LEVEL_POLICY",
        time=TIME,
    ),
    "cloudwatch_logs_control": lambda: cloudwatch_logs_control(time=TIME),
    "extended_client": lambda: extended_client("large-messages", size=300_000),
    "extended_client_legacy": lambda: extended_client("large-messages", "k", size=300_000, legacy=True),
    "extended_client_python": lambda: extended_client("large-messages", size=300_000, flavour="python"),
}


def written(payload: str | bytes) -> str:
    """The text of a payload; what is compressed is read, because other builds of zlib compress otherwise."""
    return payload if isinstance(payload, str) else gzip.decompress(payload).decode("utf-8")


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, make in ENVELOPES.items():
        (GOLDEN / f"{name}.txt").write_bytes(written(make()).encode("utf-8"))
