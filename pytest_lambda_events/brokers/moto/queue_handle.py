"""One of moto's queues, as the rest of the package sees it. The law: it owns nothing, and asks moto each time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.moto.engines import exists

if TYPE_CHECKING:
    from pytest_lambda_events.brokers.moto.engines import Engines
    from pytest_lambda_events.brokers.visibility_queue import VisibilityQueue

__all__ = ["QueueHandle", "redrive_allow_policy"]


def redrive_allow_policy(queue: Any) -> str:
    """RedriveAllowPolicy as text, empty without one: moto keeps it as it came, and CloudFormation's is an object."""
    policy = getattr(queue, "redrive_allow_policy", None) or ""
    return policy if isinstance(policy, str) else json.dumps(policy, separators=(",", ":"))


class QueueHandle:
    """A queue by its names: `name`, `arn`, `url`, `region`, `account`, `is_fifo`. Equal when it is the same queue."""

    __slots__ = ("_engines", "account", "arn", "is_fifo", "name", "queue", "region", "url")

    def __init__(self, queue: Any, engines: Engines) -> None:
        self.queue = queue
        self._engines = engines
        self.name: str = queue.name
        self.arn: str = queue.queue_arn
        self.region: str = queue.region
        self.account: str = queue.account_id
        self.is_fifo: bool = queue.fifo_queue
        suffix = ".cn" if self.arn.startswith("arn:aws-cn:") else ""
        self.url = f"https://sqs.{self.region}.amazonaws.com{suffix}/{self.account}/{self.name}"

    @property
    def engine(self) -> VisibilityQueue:
        """The exact queue behind moto's surface."""
        return self._engines.of(self.queue)

    def attributes(self) -> dict[str, str]:
        """What GetQueueAttributes gives for All."""
        attributes = {name: str(value) for name, value in self.queue.attributes.items() if value is not None}
        policy = redrive_allow_policy(self.queue)
        if policy:
            attributes["RedriveAllowPolicy"] = policy
        return attributes

    def dead_letter(self) -> QueueHandle | None:
        """The queue that its redrive policy names, None without one or when that queue is gone."""
        target = self.queue.dead_letter_queue
        return QueueHandle(target, self._engines) if target is not None and exists(target) else None

    def exists(self) -> bool:
        """Whether moto still has it. A queue made anew under the same name is another queue."""
        return exists(self.queue)

    def __eq__(self, other: object) -> bool:
        return self.queue is other.queue if isinstance(other, QueueHandle) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.arn)

    def __repr__(self) -> str:
        return f"<QueueHandle {self.arn}>"
