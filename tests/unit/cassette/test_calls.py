"""HTTP calls as they are recorded, and which recorded one answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_lambda_events.cassette import HttpCall, HttpRequest, HttpResponse
from pytest_lambda_events.cassette.calls import HIDDEN, Tape, clean_request, clean_response
from pytest_lambda_events.cassette.redact.pseudonyms import Pseudonyms
from pytest_lambda_events.errors import CallNotRecorded

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def call(
    method: str = "GET", url: str = "https://api.example.com/orders", body: bytes | None = None, status: int = 200
) -> HttpCall:
    """A recorded call."""
    request = HttpRequest(method=method, url=url, body=body)
    return HttpCall(request=request, outcome=HttpResponse(status=status))


# -- nothing that authenticates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://user:pass@api.example.com/x?a=1#part", "https://api.example.com/x?a=1"),
        ("https://a.b/x?api_key=s3cret&page=2", f"https://a.b/x?api_key={HIDDEN}&page=2"),
        ("https://a.b/x?key=s3cret&Access_Token=t", f"https://a.b/x?key={HIDDEN}&Access_Token={HIDDEN}"),
        ("https://a.b/x?X-Amz-Signature=abc&sig=1", f"https://a.b/x?X-Amz-Signature={HIDDEN}&sig={HIDDEN}"),
        ("https://a.b/x?api%5Fkey=1", f"https://a.b/x?api%5Fkey={HIDDEN}"),
        ("https://a.b/x?token", "https://a.b/x?token"),
        ("https://a.b/x?monkey=1&keys=2&name=a%20b", "https://a.b/x?monkey=1&keys=2&name=a%20b"),
    ],
)
def test_urls(url: str, kept: str) -> None:
    """Passwords, fragments and secret values go; all else is as it was written."""
    assert clean_request("get", url, {}, None) == HttpRequest(method="GET", url=kept)


@pytest.mark.parametrize(
    ("headers", "body", "kept"),
    [
        ({}, b"", None),
        ({}, b'{"password":"s3cret","key":"orders/1"}', b'{"password":"hidden","key":"orders/1"}'),
        ({}, b'[{"client_secret": "s"}]', b'[{"client_secret":"hidden"}]'),
        ({}, b'{"n": {"accessToken": "t"}}', b'{"n":{"accessToken":"hidden"}}'),
        ({}, b'{"a" : 1}', b'{"a" : 1}'),
        ({}, b'{"token": 5}', b'{"token": 5}'),
        ({}, b"\xff\x00", b"\xff\x00"),
        (FORM, b"grant_type=x&client_secret=s&n=1", b"grant_type=x&client_secret=hidden&n=1"),
        ({}, b"client_secret=s", b"client_secret=s"),
    ],
)  # fmt: skip
def test_bodies(headers: dict[str, str], body: bytes, kept: bytes | None) -> None:
    """Members and fields with secret names are hidden; any other body stays byte by byte."""
    assert clean_request("POST", "https://a.b/", headers, body).body == kept


def test_of_the_headers_two_are_kept() -> None:
    """Nothing is matched by headers, so what may hold a secret is not needed."""
    headers = {"Authorization": "Bearer x", "Accept": "*/*", "Content-Type": "text/plain", "Cookie": "a", "X-Key": "b"}
    found = clean_request("GET", "https://a.b/", headers, None)
    assert found.headers == {"Accept": ("*/*",), "Content-Type": ("text/plain",)}


def test_a_forms_boundary_is_always_the_same() -> None:
    """It is random, and says nothing."""
    headers = {"content-type": 'multipart/form-data; boundary="a1b2"'}
    found = clean_request("POST", "https://a.b/", headers, b"--a1b2\r\n\r\nx\r\n--a1b2--\r\n")
    assert found.body == b"--boundary\r\n\r\nx\r\n--boundary--\r\n"
    assert found.headers == {"content-type": ('multipart/form-data; boundary="boundary"',)}


def test_a_response_without_what_only_the_connection_is_told_by() -> None:
    """No cookies, no date, no encoding: the body is kept decoded. A header may come twice."""
    headers = [("Content-Type", "text/plain"), ("Set-Cookie", "a"), ("Date", "x"), ("Link", "1"), ("Link", "2")]
    assert clean_response(200, headers, b"x") == HttpResponse(
        status=200, headers={"Content-Type": ("text/plain",), "Link": ("1", "2")}, body=b"x"
    )
    assert clean_response(204, [], b"").body is None


# -- which one answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        (call(url="https://api.example.com"), call(url="https://API.example.com:443/")),
        (call(url="http://a.b:80/x?b=2&a=1"), call(url="http://a.b/x?a=1&b=2")),
        (call(url="http://a.b/x?a=1&a=2"), call(url="http://a.b/x?a=1&a=2")),
        (call("POST", body=b'{"a":1,"b":[1.0]}'), call("POST", body=b'{"b": [1], "a": 1}')),
        (call("POST", body=None), call("POST", body=b"")),
        (call("POST", body=b"\xff"), call("POST", body=b"\xff")),
    ],
)
def test_the_same_call(recorded: HttpCall, asked: HttpCall) -> None:
    """Ports that go without saying, the query in any order, JSON as JSON."""
    assert Tape([recorded], "x.json").play(asked.request) is recorded


@pytest.mark.parametrize(
    ("recorded", "asked", "lines"),
    [
        (call(), call("POST"), ["method: recorded GET, now POST"]),
        (
            call(url="https://a.b/orders/1"),
            call(url="http://a.b:8080/orders/2"),
            ["server: recorded https://a.b, now http://a.b:8080", "path: recorded /orders/1, now /orders/2"],
        ),
        (
            call(url="https://a.b/x?a=1&c=3"),
            call(url="https://a.b/x?a=2&a=3"),
            ['query: a: recorded "1", now ["2", "3"]', 'query: c: recorded "3", now no such key'],
        ),
        (call("POST", body=b'{"a":1}'), call("POST", body=b'{"a":2}'), ["body: a: recorded 1, now 2"]),
        (call("POST", body=b"one"), call("POST", body=None), ["body: recorded 'one', now none"]),
        (call("POST", body=b"{}"), call("POST", body=b"x" * 200), [f"body: recorded '{{}}', now '{'x' * 96}..."]),
        (call("POST", body=b"\xff"), call("POST", body=b"\xfe"), [r"body: recorded '\\xff', now '\\xfe'"]),
    ],
)  # fmt: skip
def test_another_call_is_told_with_the_nearest(recorded: HttpCall, asked: HttpCall, lines: list[str]) -> None:
    """What differs, line by line, and what to do."""
    far = call("DELETE", "https://elsewhere.example.com/a/b/c/d")
    with pytest.raises(CallNotRecorded) as refused:
        Tape([far, recorded], "x.json, event 1").play(asked.request)
    first, *told, how = str(refused.value).splitlines()
    assert first == (
        f"x.json, event 1 has no answer to {asked.request.method} {asked.request.url}. The nearest recorded call is "
        f"{recorded.request.method} {recorded.request.url}"
    )
    assert told == [f"  {line}" for line in lines]
    assert "--lambda-events-record=new" in how


def test_nothing_recorded() -> None:
    """There is no nearest."""
    with pytest.raises(CallNotRecorded, match="no HTTP call was recorded there"):
        Tape([], "x.json").play(call().request)


def test_each_call_answers_once_in_order() -> None:
    """A retry gets what the retry got; one call more than recorded is refused."""
    busy, done = call(status=503), call(status=200)
    tape = Tape([busy, done], "x.json")
    assert tape.unused == [busy, done]
    assert [tape.play(call().request), tape.play(call().request)] == [busy, done]
    assert tape.unused == []
    with pytest.raises(CallNotRecorded, match="called 2 times when it was recorded, and is now called once more"):
        tape.play(call().request)
    once = Tape([busy], "x.json")
    once.play(call().request)
    with pytest.raises(CallNotRecorded, match="called once when it was recorded"):
        once.play(call().request)


def test_with_repeats_the_last_answers_again() -> None:
    """For a handler that a poller calls more often."""
    busy, done = call(status=503), call(status=200)
    tape = Tape([busy, done], "x.json", repeats=True)
    assert [tape.play(call().request) for _ in range(4)] == [busy, done, done, done]


def test_pseudonyms_stand_for_what_they_were() -> None:
    """In path, query and body, of what the handler does not take from the event."""
    names = Pseudonyms(b"k" * 16)
    email, account = names.email("noreply@shop.com"), names.account("210987654321")
    recorded = call("POST", f"https://a.b/{account}/x?from={email}", json.dumps({"from": email}).encode())
    asked = call("POST", "https://a.b/123456789012/x?from=a%40b.com", b'{"from":"a@b.com"}')
    assert Tape([recorded], "x.json").play(asked.request) is recorded
    other = names.email("another@shop.com")
    unlike: Any = call("POST", f"https://a.b/{account}/x?from={email}", json.dumps({"from": other}).encode())
    with pytest.raises(CallNotRecorded):
        Tape([recorded], "x.json").play(unlike.request)
    plain = call("POST", body=f"from {email}".encode())
    assert Tape([plain], "x.json").play(call("POST", body=b"from a@b.com").request) is plain
