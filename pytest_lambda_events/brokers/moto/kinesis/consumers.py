"""Enhanced fan-out consumers: registered, looked at, deregistered. The law: a consumer is known by its stream and name,
and its ARN says when it was registered.

Rules: API Reference, RegisterStreamConsumer, DescribeStreamConsumer, ListStreamConsumers, DeregisterStreamConsumer.
A consumer is ACTIVE at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.kinesis.models import Consumer

from pytest_lambda_events.brokers.moto.kinesis.describing import next_token, read_token
from pytest_lambda_events.brokers.moto.kinesis.requests import answer, number_from, streams_of
from pytest_lambda_events.brokers.moto.kinesis.resources import check_name
from pytest_lambda_events.model.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.brokers.moto.kinesis.streams import StreamHandle
    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = [
    "backend_deregister_stream_consumer",
    "backend_describe_stream_consumer",
    "backend_register_stream_consumer",
    "list_stream_consumers",
    "register",
]

_MOST_CONSUMERS: Final = 20
_MOST_LISTED: Final = 10_000
_DEFAULT_LISTED: Final = 100


def register(surface: MotoSurface, handle: StreamHandle, name: str) -> Any:
    """Register a consumer as RegisterStreamConsumer does; moto's object. Errors: `Refusal`."""
    check_name(name, "consumerName")
    consumers = handle.stream.consumers
    if any(consumer.consumer_name == name for consumer in consumers):
        raise Refusal(  # [?]
            "ResourceInUseException",
            f"Consumer {name} under stream {handle.name} already exists for account {handle.account}.",
        )
    if len(consumers) >= _MOST_CONSUMERS:
        raise Refusal(  # [?]
            "LimitExceededException",
            f"Stream {handle.name} under account {handle.account} cannot have more than {_MOST_CONSUMERS} consumers.",
        )
    consumer: Any = Consumer(name, handle.account, handle.region, handle.arn)
    consumer.consumer_arn = f"{handle.arn}/consumer/{name}:{surface.clock.now_ms // 1000}"
    consumers.append(consumer)
    return consumer


def backend_register_stream_consumer(
    surface: MotoSurface, _original: Callable[..., Any], backend: Any, stream_arn: str, consumer_name: str
) -> Any:
    """K47 the ARN ends in the second of the registration; K48 a name is given once."""
    return register(surface, streams_of(surface).of_request(backend, stream_arn, None), consumer_name)


def backend_describe_stream_consumer(
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    stream_arn: str | None = None,
    consumer_name: str | None = None,
    consumer_arn: str | None = None,
) -> Any:
    """By its ARN, or by its stream's and its name."""
    return _consumer(surface, backend, stream_arn, consumer_name, consumer_arn)[1]


def backend_deregister_stream_consumer(
    surface: MotoSurface,
    _original: Callable[..., Any],
    backend: Any,
    stream_arn: str | None = None,
    consumer_name: str | None = None,
    consumer_arn: str | None = None,
) -> None:
    """K49 the one that was named goes, the others stay."""
    handle, consumer = _consumer(surface, backend, stream_arn, consumer_name, consumer_arn)
    handle.stream.consumers.remove(consumer)


def _consumer(
    surface: MotoSurface, backend: Any, stream_arn: str | None, name: str | None, arn: str | None
) -> tuple[StreamHandle, Any]:
    reference = stream_arn or arn
    if reference is None or (arn is None and name is None):
        raise Refusal(  # [?]
            "InvalidArgumentException", "Either ConsumerARN, or StreamARN and ConsumerName should be provided."
        )
    handle = streams_of(surface).of_request(backend, reference, None)
    for consumer in handle.stream.consumers:
        if arn == consumer.consumer_arn or (arn is None and name == consumer.consumer_name):
            return handle, consumer
    raise Refusal("ResourceNotFoundException", f"Consumer {name or arn}, account {handle.account} not found.")


def list_stream_consumers(surface: MotoSurface, _original: Callable[..., Any], response: Any) -> Any:
    """A page of a stream's consumers."""
    handle = streams_of(surface).of_request(response.kinesis_backend, response._get_param("StreamARN"), None)
    limit = number_from(response, "MaxResults", default=_DEFAULT_LISTED, most=_MOST_LISTED)
    token = response._get_param("NextToken")
    begin = 0 if token is None else read_token(token, surface.clock.now_ms)["begin"]
    consumers = handle.stream.consumers[begin:]
    shown: dict[str, Any] = {"Consumers": [consumer.to_json() for consumer in consumers[:limit]]}
    if len(consumers) > limit:
        shown["NextToken"] = next_token({"begin": begin + limit}, surface.clock.now_ms)
    return answer(shown)
