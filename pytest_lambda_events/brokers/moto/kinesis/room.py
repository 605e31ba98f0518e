"""The door of this room: what a source does with streams beside putting. The law: it is what the API does, without the
way through boto3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.brokers.moto.kinesis import consumers, resharding, resources
from pytest_lambda_events.brokers.moto.kinesis.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.brokers.hashed_stream import HashedShard
    from pytest_lambda_events.brokers.moto.kinesis.streams import StreamHandle

__all__ = ["KinesisRoom"]


class KinesisRoom(Streams):
    """Kinesis of one harness."""

    def create(self, attributes: Mapping[str, Any]) -> StreamHandle:
        """Make a stream in the harness's account and region, as CreateStream does. Errors: `Refusal`."""
        return resources.create_here(self.surface, attributes)

    def names(self) -> set[str]:
        """The streams that there are in the harness's account and region."""
        return resources.names_here(self.surface)

    def split(
        self, handle: StreamHandle, shard_id: str, new_starting_hash_key: str | None
    ) -> tuple[HashedShard, HashedShard]:
        """Split a shard as SplitShard does, in the middle when no hash key is given. Errors: `Refusal`."""
        return resharding.split(self.surface, handle, shard_id, new_starting_hash_key)

    def merge(self, handle: StreamHandle, shard_id: str, adjacent_id: str) -> HashedShard:
        """Merge two shards as MergeShards does. Errors: `Refusal`."""
        return resharding.merge(self.surface, handle, shard_id, adjacent_id)

    def consumer(self, handle: StreamHandle, name: str) -> tuple[str, str]:
        """Name and ARN of the consumer of this name, registered if there is none. Errors: `Refusal`."""
        self.surface.clock.enter()
        with self.surface.lock:
            known = dict(self.consumers(handle)).get(name)
            return name, known or str(consumers.register(self.surface, handle, name).consumer_arn)

    @staticmethod
    def consumers(handle: StreamHandle) -> list[tuple[str, str]]:
        """Name and ARN of each consumer of a stream."""
        return [(consumer.consumer_name, consumer.consumer_arn) for consumer in handle.stream.consumers]
