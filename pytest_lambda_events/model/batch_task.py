"""Tasks of S3 Batch Operations: one object of a job's manifest. The law: the key is the object's, not URL-encoded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

__all__ = ["S3BatchTask"]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class S3BatchTask:
    """One task: `id` is its taskId; `version_id` is None where the manifest names no version; `bucket` is a name."""

    id: str
    key: str
    bucket: str
    version_id: str | None = None

    def json(self) -> Any:
        """The key, parsed as JSON: a manifest may have JSON in the place of keys, to say more about each task.

        Errors: `json.JSONDecodeError` when it is an ordinary key.
        """
        return json.loads(self.key)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, S3BatchTask) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        version = f" version {self.version_id}" if self.version_id is not None else ""
        return f"<S3BatchTask s3://{self.bucket}/{self.key}{version}>"
