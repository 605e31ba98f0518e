"""Whole cassettes: responses, errors, HTTP calls, known accounts, what is made true again, and a project's own hook."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.cassette import (
    Captured,
    Failure,
    HttpCall,
    HttpRequest,
    HttpResponse,
    Interaction,
    Redacted,
    Returned,
)
from pytest_lambda_events.cassette.making import new_cassette
from pytest_lambda_events.cassette.redact import Redactor, Rules
from pytest_lambda_events.cassette.redact.scan import secrets_in
from pytest_lambda_events.envelopes import dynamodb_to_kinesis
from pytest_lambda_events.events import (
    activemq_event,
    documentdb_event,
    dynamodb_event,
    kafka_event,
    kinesis_event,
    msk_event,
    rabbitmq_event,
    s3_batch_event,
    sqs_event,
    sqs_fifo_event,
    validate,
)
from pytest_lambda_events.model.dynamodb_changes import size_of
from pytest_lambda_events.model.messages import content_deduplication_id, md5_of_body
from pytest_lambda_events.model.paths import parse_path
from pytest_lambda_events.sources import SOURCES, redaction_of

if TYPE_CHECKING:
    from pytest_lambda_events.cassette import (
        Cassette,
    )

KEY = b"a key of sixteen bytes or more"
REDACTOR = Redactor(key=KEY)


def of(source: str, *interactions: Interaction) -> Cassette:
    return new_cassette(source, interactions, how="file", recorded_at="2025-01-01T00:00:00Z")


# -- what is made true again -------------------------------------------------------------------------------------------


def test_sums_of_sqs_are_true_again() -> None:
    """Of the body, the attributes, and a deduplication id that was made of the body."""
    attributes = {"mail": "jane@corp.com", "raw": b"jane@corp.com"}
    event = sqs_fifo_event({"mail": "jane@corp.com"}, message_attributes=attributes)
    (record,) = REDACTOR.event(event, "sqs_fifo")["Records"]
    assert record["md5OfBody"] == md5_of_body(record["body"]) != event["Records"][0]["md5OfBody"]
    assert record["attributes"]["MessageDeduplicationId"] == content_deduplication_id(record["body"])
    assert record["md5OfMessageAttributes"] != event["Records"][0]["md5OfMessageAttributes"]
    assert b64decode(record["messageAttributes"]["raw"]["binaryValue"]).startswith(b"user-")
    own = sqs_fifo_event({"mail": "jane@corp.com"}, message_deduplication_id="mine")
    assert REDACTOR.event(own, "sqs_fifo")["Records"][0]["attributes"]["MessageDeduplicationId"] == "mine"


@pytest.mark.parametrize("host", ["ip-10-0-3-7.ec2.internal", "build-7", "janes-laptop"])
def test_a_message_id_of_activemq_does_not_name_its_producers_host(host: str) -> None:
    """Nor does what the handler answers with; the rest of the id stays, so that it is one."""
    made = f"ID:{host}-45741-1735689600123-1:95"
    event = activemq_event("a", overrides={"messages[0].messageID": f"{made}:1:1:1"})
    response = {"done": [f"{made}:1:1:1"]}
    redacted = REDACTOR.redacted(of("activemq", Interaction(event=event, outcome=Returned(response))))
    (interaction,) = redacted.interactions
    (message,) = interaction.event["messages"]
    assert interaction.outcome == Returned({"done": [message["messageID"]]})
    assert re.fullmatch(r"ID:host-[a-z0-9]{10}\.example\.com-45741-1735689600123-1:95:1:1:1", message["messageID"])
    assert REDACTOR.redacted(redacted).interactions == redacted.interactions
    assert {one.path for one in validate(interaction.event)} <= {one.path for one in validate(event)}


@pytest.mark.parametrize("response", ["orders", {"by": ["orders"]}])
def test_a_user_that_the_handler_answers_with_is_the_events(response: Any) -> None:
    """It has one pseudonym in both, and the queue of that name keeps it, in the payload as well."""
    event = rabbitmq_event({"queue": "orders"}, queue="orders", user_id="orders")
    redacted = REDACTOR.redacted(of("rabbitmq", Interaction(event=event, outcome=Returned(response))))
    (interaction,) = redacted.interactions
    (messages,) = interaction.event["rmqMessagesByQueue"].values()
    user = messages[0]["basicProperties"]["userId"]
    assert re.fullmatch(r"name-[a-z2-7]{10}", user)
    assert interaction.outcome == Returned(json.loads(json.dumps(response).replace("orders", user)))
    assert messages[0]["data"] == event["rmqMessagesByQueue"]["orders::/"][0]["data"]
    assert REDACTOR.redacted(redacted).interactions == redacted.interactions


def headers_of(event: Any) -> Any:
    return event["rmqMessagesByQueue"]["orders::/"][0]["basicProperties"]["headers"]


def document_of(event: Any) -> Any:
    return event["events"][0]["event"]["fullDocument"]


def image_of(event: Any) -> Any:
    return event["Records"][0]["dynamodb"]["NewImage"]


KEYS = {"Ann@shop.io": 1, "ann@shop.io": 2, "ANN@shop.io": {"ann@shop.io": 3, "Ann@shop.io": 4}}


@pytest.mark.parametrize(
    ("source", "event", "found"),
    [
        ("sqs", sqs_event(KEYS), lambda event: json.loads(event["Records"][0]["body"])),
        ("rabbitmq", rabbitmq_event("a", headers=KEYS), headers_of),
        ("documentdb", documentdb_event({"_id": 1, "keys": KEYS}), lambda event: document_of(event)["keys"]),
        ("dynamodb", dynamodb_event({"id": "1", "keys": KEYS}), lambda event: image_of(event)["keys"]["M"]),
        ("sqs", sqs_event("a", overrides={"Records[0].extra": KEYS}), lambda event: event["Records"][0]["extra"]),
    ],
)
def test_two_keys_stay_two(source: str, event: Any, found: Any) -> None:
    """Spellings of one e-mail address are one pseudonym: without a number the value of one would be lost."""
    once = REDACTOR.event(event, source)
    keys = list(found(once))
    assert [keys[0], f"{keys[0]} (2)", f"{keys[0]} (3)"] == keys
    assert re.fullmatch(r"user-[a-z2-7]{10}@example\.com", keys[0])
    assert once == REDACTOR.event(once, source)


def test_a_key_that_comes_twice_comes_twice() -> None:
    """As its sender wrote it; and what a response has stays apart as well."""
    redacted = REDACTOR.text('{"Ann@shop.io": 1, "ann@shop.io": 2, "Ann@shop.io": 3}', "sqs")
    (first, second, third) = re.findall(r'"([^"]+)"', redacted)
    assert [first, f"{first} (2)", first] == [first, second, third]
    outcome = REDACTOR.interaction(Interaction(event=sqs_event("a"), outcome=Returned(KEYS)), "sqs").outcome
    assert isinstance(outcome, Returned)
    assert [first, second, f"{first} (3)"] == list(outcome.value)


def test_the_loopback_of_a_message_id_stays() -> None:
    """It names nobody."""
    event = activemq_event("a", overrides={"messages[0].messageID": "ID:localhost-45741-1735689600123-1:95:1:1:1"})
    assert REDACTOR.event(event, "activemq")["messages"][0]["messageID"].startswith("ID:localhost-")


def test_what_is_sound_and_holds_nothing_stays_as_it_is() -> None:
    """Byte for byte, but for the identifiers."""
    body = '{ "total" : 1.50, "text": "\\u00e9" }'
    (record,) = REDACTOR.event(sqs_event(body), "sqs")["Records"]
    assert record["body"] == body
    data = kinesis_event(body)["Records"][0]["kinesis"]["data"]
    assert REDACTOR.event(kinesis_event(body), "kinesis")["Records"][0]["kinesis"]["data"] == data


def test_sizes_are_true_again() -> None:
    """Of an item's images, and of a message's body; in Keys and images stands the same pseudonym."""
    item = {"id": "jane@corp.com", "set": {"jane@corp.com", "x"}, "n": 1}
    change = REDACTOR.event(dynamodb_event(item), "dynamodb")["Records"][0]["dynamodb"]
    assert change["Keys"]["id"] == change["NewImage"]["id"]
    assert change["Keys"]["id"]["S"].startswith("user-")
    assert change["SizeBytes"] != dynamodb_event(item)["Records"][0]["dynamodb"]["SizeBytes"]
    event = REDACTOR.event(rabbitmq_event("jane@corp.com"), "rabbitmq")
    assert validate(event) == []


def test_a_change_that_dynamodb_puts_into_kinesis_has_a_true_size() -> None:
    """As in a stream of its own; what merely has such a key is left alone."""
    data = dynamodb_to_kinesis({"id": "jane@corp.com", "n": 1})
    after = json.loads(b64decode(REDACTOR.event(kinesis_event(data), "kinesis")["Records"][0]["kinesis"]["data"]))
    assert after["dynamodb"]["Keys"]["id"]["S"].startswith("user-")
    assert after["dynamodb"]["SizeBytes"] == size_of(after["dynamodb"]) != json.loads(data)["dynamodb"]["SizeBytes"]
    for other in (
        b'{"SizeBytes": 7, "mail": "jane@corp.com"}',
        b'{"dynamodb": {"SizeBytes": 7}, "mail": "jane@corp.com"}',
    ):
        (record,) = REDACTOR.event(kinesis_event(other), "kinesis")["Records"]
        assert b'"SizeBytes": 7' in b64decode(record["kinesis"]["data"])


def test_what_is_not_what_it_should_be_stays_and_is_walked() -> None:
    """A capture may be broken in any way; what has a form goes all the same."""
    events: list[tuple[str, Any]] = [
        ("sqs", {"Records": ["jane@corp.com", {"body": 7, "messageAttributes": {"a": None}}, None]}),
        ("sqs", {"Records": "jane@corp.com"}),
        (
            "sqs",
            {
                "Records": [
                    {"messageAttributes": {"a": {"stringValue": "jane@corp.com"}}, "md5OfMessageAttributes": "x"}
                ]
            },
        ),
        ("dynamodb", {"Records": [{"dynamodb": {"Keys": "jane@corp.com", "NewImage": {"a": ["jane@corp.com"]}}}]}),
        (
            "dynamodb",
            {"Records": [{"dynamodb": {"NewImage": {"a": {"SS": [{}, "jane@corp.com"], "x": 1}, "N": {"N": 5}}}}]},
        ),
        (
            "dynamodb",
            {
                "Records": [
                    {"dynamodb": {"NewImage": {"a": {"SS": [{}, "jane@corp.com"]}, "b": {"L": "x"}}, "SizeBytes": 1}}
                ]
            },
        ),
        ("dynamodb", {"Records": {"jane@corp.com": 1}}),
        ("kinesis", {"Records": [{"kinesis": {"data": "jane@corp.com", "partitionKey": None}}]}),
        ("rabbitmq", {"rmqMessagesByQueue": {"jane@corp.com::/": ["jane@corp.com", {"data": 7}]}}),
        ("rabbitmq", {"rmqMessagesByQueue": [1], "x": "jane@corp.com"}),
        ("rabbitmq", {"rmqMessagesByQueue": {"a::/": "jane@corp.com"}}),
        ("rabbitmq", {"rmqMessagesByQueue": {"a::/": [{"data": "amFuZUBjb3JwLmNvbQ==", "basicProperties": None}]}}),
        (
            "kafka",
            {
                "bootstrapServers": "",
                "records": {"a-0": [{"key": 1, "headers": [{"x": [300]}, {"y": "jane@corp.com"}]}]},
            },
        ),
        ("documentdb", {"events": [{"event": {"fullDocument": "jane@corp.com", "documentKey": [1, None]}}]}),
        ("s3_batch", {"tasks": [{"s3Key": 5, "taskId": ["jane@corp.com"]}], "invocationId": ""}),
    ]
    for source, event in events:
        before = json.dumps(event)
        after = REDACTOR.event(event, source)
        assert json.dumps(event) == before, "the event itself was changed"
        assert "jane" not in json.dumps(after)
        assert REDACTOR.event(after, source) == after
        assert secrets_in(of(source, Interaction(event=after))) == []


def test_documents_are_redacted_in_every_form_of_extended_json() -> None:
    """Numbers, binary data, code; ids and times stay."""
    document = {
        "_id": {"$oid": "0123456789abcdef01234567"},
        "accountId": {"$numberLong": "601427279990"},
        "raw": {"$binary": {"base64": b64encode(b"jane@corp.com").decode(), "subType": "00"}},
        "code": {"$code": "send('jane@corp.com')", "$scope": {"to": "jane@corp.com"}},
        "re": {"$regularExpression": {"pattern": "jane@corp.com", "options": ""}},
        "at": {"$date": "2025-01-01T00:00:00Z"},
        "big": {"$numberLong": 5},
    }
    change = {"operationType": "insert", "fullDocument": document, "documentKey": {"_id": document["_id"]}}
    after = REDACTOR.event({"events": [{"event": change}]}, "documentdb")["events"][0]["event"]
    assert "jane" not in json.dumps(after)
    assert after["fullDocument"]["accountId"]["$numberLong"].startswith("9990")
    assert b64decode(after["fullDocument"]["raw"]["$binary"]["base64"]).startswith(b"user-")
    assert after["documentKey"] == {"_id": document["_id"]}
    assert after["fullDocument"]["at"] == document["at"]


def test_states_of_tumbling_windows_are_payloads() -> None:
    """What the function returned before."""
    window = {"TumblingWindowInSeconds": 60}
    event = kinesis_event("a", **window) if "TumblingWindowInSeconds" in kinesis_event.__kwdefaults__ else {}
    event = event or {**kinesis_event("a"), "state": {}}
    event["state"] = {"mail": "jane@corp.com", "total": 1.5, "password": "x", "accountId": 601427279990, "ok": True}
    state = REDACTOR.event(event, "kinesis")["state"]
    assert state["mail"].startswith("user-")
    assert state["password"].startswith("redacted-")
    assert str(state["accountId"]).startswith("9990")
    assert (state["total"], state["ok"]) == (1.5, True)


# -- known accounts and hosts ------------------------------------------------------------------------------------------


def test_an_account_that_was_met_is_replaced_everywhere() -> None:
    """Also where nothing says that it is one: in another event, alone in a sentence, as a number, in bytes."""
    account = "601427279990"
    one = Interaction(event=sqs_event("x", queue=f"arn:aws:sqs:eu-west-1:{account}:orders"))
    two = Interaction(
        event=sqs_event(f"bill {account} and logs-{account}-eu", {"who": int(account), "n": 601427279991})
    )
    after = REDACTOR.redacted(of("sqs", one, two))
    text = json.dumps([interaction.event for interaction in after.interactions])
    assert account not in text
    assert "601427279991" in text
    sender = sqs_event(account, sender_id=account)
    assert account not in json.dumps(REDACTOR.event(sender, "sqs"))
    binary = kafka_event(b"\xff" + account.encode() + b"\xff", key=f"arn:aws:sqs:eu-west-1:{account}:orders")
    assert account.encode() not in b64decode(REDACTOR.event(binary, "kafka")["records"]["orders-0"][0]["value"])


def test_a_broker_that_was_met_is_replaced_in_bodies() -> None:
    """The host of a self-managed cluster has no form of its own; what is local stays."""
    servers = "kafka1.corp.internal:9092,localhost:9092,kafka2"
    event = kafka_event("see kafka1.corp.internal", bootstrap_servers="kafka1.corp.internal:9092,localhost:9092")
    event["bootstrapServers"] = servers
    after = REDACTOR.event(event, "kafka")
    first, second, third = after["bootstrapServers"].split(",")
    assert first.startswith("host-")
    assert second == "localhost:9092"
    assert third.startswith("host-")
    host = first.partition(":")[0]
    assert b64decode(after["records"]["orders-0"][0]["value"]) == f"see {host}".encode()
    assert REDACTOR.event(after, "kafka") == after


def test_a_cluster_and_its_brokers_agree() -> None:
    """As `validate` says; an ActiveMQ broker's id is the same in its ARN and its messages' ids."""
    for event, source in (
        (msk_event("a", serverless=True), "msk"),
        (msk_event("a"), "msk"),
        (activemq_event("a"), "activemq"),
    ):
        after = REDACTOR.event(event, source)
        assert validate(after) == []
        assert after != event


# -- responses, errors, HTTP -------------------------------------------------------------------------------------------


def test_a_response_names_its_task_by_the_same_pseudonym() -> None:
    """Of S3 Batch Operations; other responses are payloads."""
    event = s3_batch_event("a.jpg")
    results = [{"taskId": event["tasks"][0]["taskId"], "resultCode": "Succeeded", "resultString": "for jane@corp.com"}]
    response = {"invocationId": event["invocationId"], "results": results}
    (after,) = REDACTOR.redacted(of("s3_batch", Interaction(event=event, outcome=Returned(response)))).interactions
    assert isinstance(after.outcome, Returned)
    assert after.outcome.value["results"][0]["taskId"] == after.event["tasks"][0]["taskId"]
    assert after.outcome.value["invocationId"] == after.event["invocationId"]
    assert "jane" not in json.dumps(after.outcome.value)
    plain = Interaction(event=sqs_event("a"), outcome=Returned({"mail": "jane@corp.com", "batchItemFailures": []}))
    (after,) = REDACTOR.redacted(of("sqs", plain)).interactions
    assert isinstance(after.outcome, Returned)
    assert after.outcome.value["batchItemFailures"] == []
    assert after.outcome.value["mail"].startswith("user-")


def test_who_owns_a_bucket_is_a_customer_of_s3() -> None:
    """Its principalId is an id of a form of its own."""
    event = sqs_event(
        {"ownerIdentity": {"principalId": "A3NL1KOZZKEXAMPLE"}, "principalId": "AWS:AIDAJDPLRKLG7UEXAMPLE"}
    )
    body = json.loads(REDACTOR.event(event, "sqs")["Records"][0]["body"])
    assert body["ownerIdentity"]["principalId"].startswith("name-")
    assert body["principalId"].startswith("AWS:AIDA")
    assert body["principalId"] != "AWS:AIDAJDPLRKLG7UEXAMPLE"


def test_messages_of_errors_and_notes_are_redacted() -> None:
    """They quote what they could not stand."""
    failed = Interaction(event=sqs_event("a"), outcome=Failure(type="ValueError", message="no jane@corp.com"))
    cassette = dataclasses.replace(of("sqs", failed), captured=Captured(how="file", notes=("asked jane@corp.com",)))
    after = REDACTOR.redacted(cassette)
    assert "jane" not in str(after)
    assert isinstance(after.interactions[0].outcome, Failure)
    assert after.interactions[0].outcome.type == "ValueError"


def test_http_calls_are_redacted_and_what_headers_say_is_true() -> None:
    """URL, headers, bodies of any kind; lengths and sums of what changed."""
    body = json.dumps({"mail": "jane@corp.com", "password": "x"}).encode()
    request = HttpRequest(
        method="POST",
        url="https://api.test/u?token=abcdef&to=jane%40corp.com",
        headers={
            "Authorization": ("Bearer abcdef",),
            "Cookie": ("a=b", "c=d"),
            "Content-Length": (str(len(body)),),
            "Content-MD5": (b64encode(hashlib.md5(body).digest()).decode(),),
            "X-Amz-Content-SHA256": (hashlib.sha256(body).hexdigest(),),
            "Accept": ("application/json",),
        },
        body=body,
    )
    answer = HttpResponse(
        status=200, headers={"x-amzn-RequestId": ("9bcfa592-423a-4942-879d-eb284b418fc8",)}, body=gzip.compress(body)
    )
    failed = Failure(type="Timeout", message="of jane@corp.com")
    calls = (HttpCall(request=request, outcome=answer), HttpCall(request=request, outcome=failed))
    before = of("sqs", Interaction(event=sqs_event("a"), http=calls))
    assert {one.what for one in secrets_in(before)} == {"secret by its name"}
    after = REDACTOR.redacted(before)
    one, two = after.interactions[0].http
    assert one.request.headers["Authorization"][0].startswith("Bearer redacted-")
    assert all(value.startswith("redacted-") for value in one.request.headers["Cookie"])
    assert one.request.body is not None
    assert one.request.headers["Content-Length"] == (str(len(one.request.body)),)
    assert one.request.headers["Content-MD5"] == (b64encode(hashlib.md5(one.request.body).digest()).decode(),)
    assert one.request.headers["X-Amz-Content-SHA256"] == (hashlib.sha256(one.request.body).hexdigest(),)
    assert one.request.headers["Accept"] == ("application/json",)
    assert "jane" not in one.request.url
    assert "token=redacted-" in one.request.url
    assert isinstance(one.outcome, HttpResponse)
    assert one.outcome.headers["x-amzn-RequestId"][0].startswith("00000000-")
    assert b"jane" not in gzip.decompress(one.outcome.body or b"")
    assert isinstance(two.outcome, Failure)
    assert "jane" not in two.outcome.message
    assert REDACTOR.redacted(after) == after
    assert secrets_in(after) == []


# -- cassettes ---------------------------------------------------------------------------------------------------------


def test_it_is_said_with_which_key() -> None:
    """And stays said: what another key has nothing to do with keeps the first."""
    after = REDACTOR.redacted(of("sqs", Interaction(event=sqs_event("a"))))
    assert after.redacted == Redacted(key=REDACTOR.key_name)
    assert Redactor(key=b"another key, also long").redacted(after) is after
    unmarked = dataclasses.replace(after, redacted=None)
    assert Redactor().redacted(unmarked).redacted == Redacted(
        key=Redactor().key_name if Redactor().key_name != "random" else "random"
    )


def test_a_hook_comes_first_and_what_it_changes_is_made_true() -> None:
    """It gets a copy of the event, and its source."""
    asked: list[str] = []

    def before(event: Any, source: str) -> None:
        asked.append(source)
        event["Records"][0]["body"] = "hidden from jane@corp.com"

    event = sqs_event("plain")
    after = Redactor(key=KEY, before=before).event(event, "sqs")
    assert asked == ["sqs"]
    assert event == sqs_event("plain")
    assert after["Records"][0]["body"].startswith("hidden from user-")
    assert validate(after) == []


@pytest.mark.parametrize("source", [source.name for source in SOURCES])
def test_every_declared_path_is_one(source: str) -> None:
    """And each source declares payloads."""
    redaction = redaction_of(source)
    assert redaction.payloads
    for path in (*redaction.payloads, *redaction.identifiers, *redaction.response_identifiers):
        assert parse_path(path)


@pytest.mark.parametrize(
    ("source", "event"),
    [
        ("sqs", sqs_event("a", message_attributes={"a": "b"})),
        ("kinesis", kinesis_event("a")),
        ("dynamodb", dynamodb_event({"id": "a"})),
        ("rabbitmq", rabbitmq_event("a", headers={"a": [1, b"x", "y", True]})),
        ("documentdb", documentdb_event({"_id": "a"})),
    ],
)
def test_a_payload_that_a_rule_keeps_is_as_it_was(source: str, event: Any) -> None:
    """Wrapping by wrapping."""
    rules = Rules(bodies="keep")
    after = Redactor(rules, key=KEY).event(event, source)
    assert validate(after) == []
