"""A topic of an MSK cluster. The law: that of `kafka`; what differs is how the cluster is named and reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_lambda_events.sources.kafka.broker import KafkaTopic
from pytest_lambda_events.sources.msk.cluster import cluster_of

if TYPE_CHECKING:
    from pytest_lambda_events.sources.kafka.broker import KafkaClusters, TopicSettings
    from pytest_lambda_events.sources.msk.cluster import Auth, Cluster

__all__ = ["MskTopic", "create_msk_topic"]


def create_msk_topic(
    clusters: KafkaClusters,
    name: str | None,
    settings: TopicSettings,
    *,
    cluster: str = "orders",
    serverless: bool = False,
    auth: Auth = "iam",
    public: bool = False,
    brokers: int = 3,
) -> MskTopic:
    """Make a topic of an MSK cluster, which is given by its name or ARN. Errors: `UsageError`."""
    home = cluster_of(cluster, clusters.region, clusters.account, serverless=serverless)
    return MskTopic(
        clusters.free_name(name, home.arn), clusters, settings, home=home, auth=auth, public=public, brokers=brokers
    )


class MskTopic(KafkaTopic):
    """A topic of an MSK cluster, in memory. `arn` is the topic's own, `cluster` the cluster's."""

    def __init__(
        self,
        name: str,
        clusters: KafkaClusters,
        settings: TopicSettings,
        *,
        home: Cluster,
        auth: Auth,
        public: bool,
        brokers: int,
    ) -> None:
        self._home = home
        self._reached = {"auth": auth, "public": public, "brokers": brokers}
        self._dice = clusters.identifiers.stream(f"brokers/{home.arn}")
        start, _, resource = home.arn.partition(":cluster/")
        super().__init__(
            name,
            clusters,
            settings,
            cluster=home.arn,
            arn=f"{start}:topic/{resource}/{name}",
            servers=tuple(sorted(self.shuffled_servers().split(","))),
        )

    @property
    def kind(self) -> str:
        """The registry's name of this source."""
        return "msk"

    @property
    def mapped_arn(self) -> str:
        """EventSourceArn of its mappings: the cluster's."""
        return self._home.arn

    def shuffled_servers(self) -> str:
        """The addresses of three of the cluster's brokers, anew for each event. Errors: `UsageError`."""
        reached: Any = self._reached
        return self._home.bootstrap_servers(**reached, dice=self._dice)

    def _known(self) -> dict[str, Any]:
        return {"Topics": [self.name]}
