"""Capturing from SQS over HTTP: what the function would get, and a queue that is as it was."""

from __future__ import annotations

import json
import time

import pytest

from pytest_lambda_events.cassette.capture.aws import Account
from pytest_lambda_events.cassette.capture.sqs import FEWEST_RECEIVES, SqsTap, refusal
from pytest_lambda_events.sources import identify, validate

RISK = "--take-risk"


def standing(aws, url):
    """Visible and in flight."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return tuple(int(attributes[name]) for name in names)


def received(aws, url, *, hide=0):
    """Everything that a consumer would get now, in its order: bodies and receive counts."""
    client, found = aws.client("sqs"), []
    while True:
        answer = client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=hide or 60, AttributeNames=["All"]
        )
        messages = answer.get("Messages", [])
        if not messages:
            return found
        found += [(one["Body"], int(one["Attributes"]["ApproximateReceiveCount"])) for one in messages]


def test_the_event_is_what_the_function_would_get(aws, captured, records):
    """With attributes of every kind, system attributes, md5s and ARN, as SQS said them; nothing is invented."""
    url, client = aws.queue(), aws.client("sqs")
    client.send_message(
        QueueUrl=url,
        MessageBody='{"order":  1, "who": "Ünï"}',
        MessageAttributes={
            "kind": {"DataType": "String.label", "StringValue": "a"},
            "size": {"DataType": "Number", "StringValue": "12"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        },
        MessageSystemAttributes={
            "AWSTraceHeader": {
                "DataType": "String",
                "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
            }
        },
    )

    cassette = captured("sqs", url, RISK)

    (interaction,) = cassette.interactions
    (record,) = records(cassette)
    assert identify(interaction.event).name == cassette.source == "sqs"
    assert [] == [one for one in validate(interaction.event) if one.severity == "error"]
    assert interaction.invented == ()
    assert record["body"] == '{"order":  1, "who": "Ünï"}'
    assert record["messageAttributes"] == {
        "kind": {"stringValue": "a", "stringListValues": [], "binaryListValues": [], "dataType": "String.label"},
        "size": {"stringValue": "12", "stringListValues": [], "binaryListValues": [], "dataType": "Number"},
        "raw": {"binaryValue": "AP8=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
    }
    assert record["eventSourceARN"] == f"arn:aws:sqs:us-east-1:123456789012:{url.rpartition('/')[2]}"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["AWSTraceHeader"].startswith("Root=1-")


@pytest.mark.parametrize("number", [1, 10, 23])
def test_the_queue_is_as_it_was_but_for_one_receive(aws, captured, records, number):
    """Contents, order and visibility; each message was received once, and can be received again at once."""
    bodies = [f"message {place}" for place in range(number)]
    url = aws.queue(*bodies)

    cassette = captured("sqs", url, RISK)

    assert [record["body"] for record in records(cassette)] == bodies
    assert standing(aws, url) == (number, 0)
    assert received(aws, url) == [(body, 2) for body in bodies]


def test_only_so_many_are_touched(aws, captured, records):
    """A count bounds the receives, too."""
    url = aws.queue(*"abcdef")

    cassette = captured("sqs", url, RISK, "--count", "4", "--batch-size", "3")

    assert [len(one.event["Records"]) for one in cassette.interactions] == [3, 1]
    assert received(aws, url) == [("a", 2), ("b", 2), ("c", 2), ("d", 2), ("e", 1), ("f", 1)]


def test_a_window_of_the_mapping_shows_in_records_without_attributes(aws, captured, records):
    """As recorded: null with a window, absent without."""
    url = aws.queue("a")
    (with_window,) = records(captured("sqs", url, RISK, "--window"))
    assert with_window["md5OfMessageAttributes"] is None


def test_a_filter_keeps_what_passes(aws, captured, records):
    """The others were received all the same, and are back as well."""
    url = aws.queue('{"kind":"a"}', '{"kind":"b"}', "no JSON")

    cassette = captured("sqs", url, RISK, "--filter", '{"body": {"kind": ["b"]}}')

    assert [record["body"] for record in records(cassette)] == ['{"kind":"b"}']
    assert standing(aws, url) == (3, 0)
    assert "1 of 3 records" in cassette.captured.notes[0]


@pytest.mark.parametrize("form", ["url", "name", "arn"])
def test_a_queue_is_named_in_three_ways(aws, captured, form):
    """By URL, name or ARN; the file is called after its name."""
    url = aws.queue("a")
    name = url.rpartition("/")[2]
    given = {"url": url, "name": name, "arn": f"arn:aws:sqs:us-east-1:123456789012:{name}"}[form]
    assert captured("sqs", given, RISK).captured.how == "sqs"


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_without_the_option_it_explains_and_touches_nothing(aws, cli):
    """Not even a receive."""
    url = aws.queue("a")

    code, out, err = cli("capture", "sqs", url, "--endpoint-url", aws.url)

    assert (code, out) == (2, "")
    assert "receives each message once" in err
    assert "--take-risk" in err
    assert received(aws, url) == [("a", 1)]


@pytest.mark.parametrize(
    ("attributes", "refused"),
    [
        ({"QueueArn": "arn:aws:sqs:r:1:q.fifo"}, "FIFO"),
        ({"QueueArn": "arn:aws:sqs:r:1:q", "FifoQueue": "true"}, "FIFO"),
        ({"QueueArn": "arn:aws:sqs:r:1:q", "RedrivePolicy": '{"maxReceiveCount":1}'}, "after 1 receive, "),
        ({"QueueArn": "arn:aws:sqs:r:1:q", "RedrivePolicy": '{"maxReceiveCount":"4"}'}, "after 4 receives"),
        ({"QueueArn": "arn:aws:sqs:r:1:q", "RedrivePolicy": f'{{"maxReceiveCount":{FEWEST_RECEIVES}}}'}, None),
        ({"QueueArn": "arn:aws:sqs:r:1:q"}, None),
    ],
)
def test_queues_that_a_receive_could_hurt_are_refused(attributes, refused):
    """FIFO, and a small maxReceiveCount."""
    told = refusal(attributes)
    assert (told is None) if refused is None else (refused in told and "capture handler" in told)


def test_a_refused_queue_is_left_alone(aws, cli):
    """Messages of a FIFO queue stay receivable."""
    url = aws.queue(FifoQueue="true", ContentBasedDeduplication="true")
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="a", MessageGroupId="g")

    code, _, err = cli("capture", "sqs", url, RISK, "--endpoint-url", aws.url)

    assert code == 2
    assert "FIFO" in err
    assert received(aws, url) == [("a", 1)]


def test_a_file_that_is_there_is_noticed_before_anything_is_received(aws, cli, tmp_path):
    """Nobody pays a receive for nothing."""
    url = aws.queue("a")
    (tmp_path / "there.json").write_text("{}", encoding="utf-8")

    code, _, err = cli("capture", "sqs", url, RISK, "--endpoint-url", aws.url, "--out", "there.json")

    assert code == 2
    assert "there already" in err
    assert received(aws, url) == [("a", 1)]


def test_it_stops_at_a_message_that_has_used_up_its_receives(aws, cli):
    """And says which: the next receive moves it to the dead-letter queue."""
    dead = aws.client("sqs").get_queue_attributes(QueueUrl=aws.queue(), AttributeNames=["QueueArn"])["Attributes"]
    policy = json.dumps({"deadLetterTargetArn": dead["QueueArn"], "maxReceiveCount": 5})
    url, client = aws.queue("worn", RedrivePolicy=policy), aws.client("sqs")
    for _ in range(4):
        client.receive_message(QueueUrl=url, VisibilityTimeout=0)
    client.send_message(QueueUrl=url, MessageBody="fresh")

    code, _, err = cli("capture", "sqs", url, RISK, "--endpoint-url", aws.url, "--count", "2")

    assert code == 0
    assert "warning: the capture stopped at" in err
    assert "maxReceiveCount (5)" in err
    assert standing(aws, url) == (2, 0)


def test_what_a_receive_moves_to_the_dead_letter_queue_is_said(aws, cli):
    """SQS moves a message when it is received once too often, whoever receives."""
    sqs = aws.client("sqs")
    dead_url = aws.queue()
    dead = sqs.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    url = aws.queue("spent", RedrivePolicy=json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 5}))
    for _ in range(5):
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)
    sqs.send_message(QueueUrl=url, MessageBody="fresh")

    code, _, err = cli("capture", "sqs", url, RISK, "--endpoint-url", aws.url)

    assert code == 0
    assert "warning: the dead-letter queue has 1 more than before" in err


def test_an_empty_queue_gives_nothing(aws, cli, tmp_path):
    """1, and no file; there was nothing to put back."""
    code, out, err = cli("capture", "sqs", aws.queue(), RISK, "--endpoint-url", aws.url)
    assert (code, out) == (1, "")
    assert "nothing was received" in err
    assert list(tmp_path.rglob("*.json")) == []


def test_a_queue_that_is_not_there_is_awss_error(aws, cli):
    """In its words."""
    code, _, err = cli("capture", "sqs", "no-such-queue", RISK, "--endpoint-url", aws.url)
    assert code == 2
    assert "NonExistentQueue" in err


# -- against a queue that misbehaves -----------------------------------------------------------------------------------


class Client:
    """A queue that answers as told."""

    def __init__(self, *answers, failed=(), attributes=None):
        self.answers = list(answers)
        self.failed = failed
        self.released = []
        self.attributes = {"QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", **(attributes or {})}

    def get_queue_url(self, **_asked):
        return {"QueueUrl": "https://q"}

    def get_queue_attributes(self, **_asked):
        return {"Attributes": self.attributes}

    def receive_message(self, **asked):
        self.asked = asked
        return {"Messages": self.answers.pop(0)} if self.answers else {}

    def change_message_visibility_batch(self, *, Entries, **_asked):
        if isinstance(self.failed, Exception):
            raise self.failed
        assert {one["VisibilityTimeout"] for one in Entries} == {0}
        self.released += [one["ReceiptHandle"] for one in Entries]
        return {"Failed": [{"Id": "0", "Code": code} for code in self.failed]}


def tap_of(monkeypatch, client, **options):
    monkeypatch.setattr(Account, "client", lambda self, service, attempts=3: client)
    return SqsTap(Account(), "q", **options)


def message(number, **more):
    return {"MessageId": f"m{number}", "ReceiptHandle": f"h{number}", "Body": "b", **more}


def test_what_an_endpoint_does_not_say_is_marked_as_invented(monkeypatch):
    """Some emulators leave system attributes out."""
    tap = tap_of(monkeypatch, Client([message(1, Attributes={"SenderId": "AIDAX", "SentTimestamp": "7"})]))

    (taken,) = tap.take(10, 0)

    assert set(taken.invented) == {
        "attributes.ApproximateReceiveCount",
        "attributes.ApproximateFirstReceiveTimestamp",
    }
    assert taken.shown["attributes"]["SentTimestamp"] == "7"


def test_a_message_that_comes_twice_is_captured_once_and_both_receives_are_undone(monkeypatch):
    """SQS delivers at least once."""
    client = Client([message(1)], [message(1, ReceiptHandle="again"), message(2)])
    tap = tap_of(monkeypatch, client)

    assert [len(tap.take(10, 0)), len(tap.take(10, 0))] == [1, 1]
    tap.close()
    assert client.released == ["h1", "again", "h2"]


def test_the_sweep_is_over_before_a_message_could_come_back(monkeypatch):
    """Half of the time that messages are hidden; waiting for the first takes none of it."""
    moments = iter((0.0, 100.0, 104.9, 105.0))
    client = Client([], [message(1)])
    tap = tap_of(monkeypatch, client, hide_seconds=10, now=lambda: next(moments))

    assert (tap.take(10, 5), client.asked["WaitTimeSeconds"], tap.over) == ([], 2, False)
    assert len(tap.take(10, 5)) == 1
    assert (client.asked["VisibilityTimeout"], tap.over, tap.over) == (10, False, True)


def test_what_was_hidden_for_too_long_is_left_alone(monkeypatch):
    """It is visible already, and may be with a consumer: our old receipt could show it to another."""
    moments = iter((0.0, 4.0, 4.5, 11.0))
    client = Client([message(1)], [message(2)])
    tap = tap_of(monkeypatch, client, hide_seconds=10, now=lambda: next(moments))
    tap.take(10, 0)
    tap.take(10, 0)
    assert not tap.over

    closed = tap.close()

    assert client.released == ["h2"]
    assert "1 could not be made visible" in closed.told[1]
    assert "it took more than 10 s" in closed.told[1]


def test_a_receive_is_never_tried_again_by_the_client(aws, monkeypatch):
    """The first may have hidden messages before its answer was lost."""
    made = []
    client = Account.client
    monkeypatch.setattr(
        Account,
        "client",
        lambda self, service, attempts=3: made.append(client(self, service, attempts=attempts)) or made[-1],
    )
    SqsTap(Account(endpoint_url=aws.url), aws.queue())
    assert [one.meta.config.retries["total_max_attempts"] for one in made] == [3, 1]


@pytest.mark.parametrize("failed", [("ReceiptHandleIsInvalid",), OSError])
def test_what_could_not_be_made_visible_is_said(monkeypatch, failed):
    """With the reason, and when it comes back by itself."""
    from botocore.exceptions import EndpointConnectionError

    broken = EndpointConnectionError(endpoint_url="http://q") if failed is OSError else failed
    tap = tap_of(monkeypatch, Client([message(1)], failed=broken))
    tap.take(10, 0)

    closed = tap.close()

    assert not closed.sound
    assert "1 could not be made visible and come back by themselves within 10 s" in closed.told[1]


def test_messages_in_flight_afterwards_are_a_warning(monkeypatch):
    """They may be ours."""
    client = Client([message(1)])
    tap = tap_of(monkeypatch, client)
    tap.take(10, 0)
    client.attributes = {**client.attributes, "ApproximateNumberOfMessagesNotVisible": "1"}
    assert not tap.close().sound


def test_a_dead_letter_queue_that_may_not_be_looked_at_is_not_counted(monkeypatch):
    """Nothing else depends on it."""
    from botocore.exceptions import ClientError

    policy = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:1:dlq", "maxReceiveCount": 9})
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetQueueAttributes")

    class Closed(Client):
        def get_queue_url(self, **asked):
            if asked["QueueName"] == "dlq" and self.hidden == "url":
                raise refused
            return {"QueueUrl": asked["QueueName"]}

        def get_queue_attributes(self, *, QueueUrl, **_asked):
            if QueueUrl == "dlq":
                raise refused
            return {"Attributes": self.attributes}

    for hidden in ("url", "attributes"):
        client = Closed([message(1)], attributes={"RedrivePolicy": policy})
        client.hidden = hidden
        tap = tap_of(monkeypatch, client)
        tap.take(10, 0)
        assert tap.close().sound


def test_it_is_quick(aws, captured):
    """A sweep of a full hundred takes a second or two of HTTP, not ten of visibility timeout."""
    url = aws.queue(*map(str, range(40)))
    began = time.monotonic()
    captured("sqs", url, RISK)
    assert time.monotonic() - began < 10
