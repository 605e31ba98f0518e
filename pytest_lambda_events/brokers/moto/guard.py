"""Nothing of AWS leaves the process. The law: the last step before the wire is ours, whatever client gets there.

Moto covers clients that were made after it was imported. Those made before (a module-level `boto3.client(...)`, the
commonest handler there is) would sign with whatever credentials they found and call AWS: here they are served by moto
too. What moto does not know is refused by name.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.credentials import Credentials
from botocore.endpoint import Endpoint
from botocore.exceptions import BotoCoreError, EndpointConnectionError
from botocore.httpsession import URLLib3Session
from botocore.signers import RequestSigner
from moto.backends import get_service_from_url
from moto.core.botocore_stubber import MockRawResponse
from moto.core.config import passthrough_service, passthrough_url
from moto.core.models import botocore_stubber

from pytest_lambda_events.brokers.moto.patches import original_of, put_in_place
from pytest_lambda_events.errors import CallLeftProcess

if TYPE_CHECKING:
    from contextlib import ExitStack

    from pytest_lambda_events.brokers.moto.surface import MotoSurface

__all__ = ["install"]

# where botocore looks for the credentials of a machine: instance, container, pod
_METADATA_HOSTS = frozenset({"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"})
_FAKE = ("FOOBARKEY", "FOOBARSECRET")  # moto's own, so that they belong to moto's default account

_running = threading.local()  # .call: the operation that the client of this thread is in


def install(surface: MotoSurface, stack: ExitStack) -> None:
    """Stand between botocore and the network until `stack` closes."""
    make_request = original_of(Endpoint, "make_request")
    get_auth_instance = original_of(RequestSigner, "get_auth_instance")
    send = original_of(URLLib3Session, "send")

    def guarded_make_request(endpoint: Any, operation_model: Any, *args: Any, **kwargs: Any) -> Any:
        call = f"{operation_model.service_model.service_id}.{operation_model.name}"
        if surface.on_call is not None:
            surface.on_call(call)
        before = getattr(_running, "call", None)
        _running.call = call
        try:
            return make_request(endpoint, operation_model, *args, **kwargs)
        finally:
            _running.call = before

    def guarded_get_auth_instance(signer: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("request_credentials") is None and not _usable(signer._credentials):
            kwargs["request_credentials"] = Credentials(*_FAKE)
        return get_auth_instance(signer, *args, **kwargs)

    def guarded_send(session: Any, request: Any) -> Any:
        if _asked_for(request.url):
            return send(session, request)
        return _answer(request)

    put_in_place(stack, Endpoint, "make_request", guarded_make_request)
    put_in_place(stack, RequestSigner, "get_auth_instance", guarded_get_auth_instance)
    put_in_place(stack, URLLib3Session, "send", guarded_send)


def _usable(credentials: Any) -> bool:
    """Whether a client can sign with what it has. Credentials that would have to be fetched anew cannot be."""
    if credentials is None:
        return False
    try:
        return credentials.get_frozen_credentials().access_key is not None
    except (BotoCoreError, CallLeftProcess, RuntimeError):  # botocore's own RuntimeError: refreshed, and still too old
        return False


def _asked_for(url: str) -> bool:
    """Whether the user told moto to let this through: `mock_aws(config={"core": {"passthrough": …}})`."""
    plain = url.partition("?")[0]
    if passthrough_url(plain):
        return True
    service = get_service_from_url(plain)
    return service is not None and passthrough_service(service)


def _answer(request: Any) -> Any:
    """Moto's answer to a request that was about to leave. Errors: `CallLeftProcess` where moto has none."""
    address = urlsplit(request.url)
    if address.hostname in _METADATA_HOSTS:
        raise EndpointConnectionError(endpoint_url=request.url)  # so botocore looks elsewhere for credentials
    answer = botocore_stubber.process_request(request)
    if answer is None:
        raise _left(
            request,
            "Moto does not answer for this host. If an endpoint_url, AWS_ENDPOINT_URL or a profile points there (to "
            "LocalStack, say), leave that out of the test: with a harness active, plain clients talk to moto.",
        )
    status, headers, body = answer
    if status == 404 and body == "Not yet implemented":  # noqa: PLR2004 - moto's words for a service it does not have
        raise _left(request, "Moto does not have this service: mock the call itself in the test.")
    response = AWSResponse(request.url, status, headers, MockRawResponse(body))  # type: ignore[arg-type]
    if not getattr(request, "stream_output", False):
        _ = response.content
    return response


def _left(request: Any, advice: str) -> CallLeftProcess:
    call = getattr(_running, "call", None)
    name = f"{call}: " if call else ""
    address = urlsplit(request.url)
    return CallLeftProcess(
        f"{name}{request.method} {address.scheme}://{address.netloc}{address.path} would have left the process, and "
        f"while a harness is active nothing does. {advice}"
    )
