"""The one handler of all peers, as source text, because one of them runs it in a process of its own."""

from __future__ import annotations

import io
import zipfile
from typing import Any

SOURCE = '''\
def handler(event, context):
    """Report what is poison, what is to fail the first time that it comes, and what is behind such in its group."""
    failures, held = [], set()
    for record in event["Records"]:
        first = record["attributes"]["ApproximateReceiveCount"] == "1"
        group = record["attributes"].get("MessageGroupId")
        fails = record["body"] == "poison" or (first and record["body"].startswith("flaky"))
        if fails or (group is not None and group in held):
            held.add(group)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
'''


def handler() -> Any:
    """The function."""
    names: dict[str, Any] = {}
    exec(SOURCE, names)  # noqa: S102 - our own text
    return names["handler"]


def package() -> bytes:
    """A deployment package with it, as `app.handler`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", SOURCE)
    return packed.getvalue()
