"""Hypothesis strategies for events of Amazon MSK. The law: that of `kafka`, from clusters of every kind."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pytest_lambda_events.drawing import regions
from pytest_lambda_events.sources.kafka.strategies import batches
from pytest_lambda_events.sources.msk.build import msk_event

__all__ = ["msk_events"]

_PROVISIONED = (("plaintext", False), ("tls", False), ("tls", True), ("scram", False), ("scram", True), ("iam", True))


@st.composite
def msk_events(draw: st.DrawFn, /, *, max_records: int = 10, **arguments: Any) -> Any:
    """Events of topics of MSK clusters of 1 to `max_records` records in up to twelve partitions.

    `arguments` are `msk_event`'s, and are not drawn.
    """
    payloads, drawn = draw(batches(max_records=max_records))
    serverless = draw(st.booleans())
    auth, public = ("iam", False) if serverless else draw(st.sampled_from((("iam", False), *_PROVISIONED)))
    cluster = {
        "cluster": draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", fullmatch=True)),
        "region": draw(regions() | st.sampled_from(("cn-north-1", "us-gov-west-1"))),
        "account": draw(st.from_regex(r"[0-9]{12}", fullmatch=True)),
        "serverless": serverless,
        "auth": auth,
        "public": public,
        "brokers": draw(st.integers(1, 30)),
    }
    return msk_event(*payloads, **{**drawn, **cluster, **arguments})
