"""The event of Amazon MSK: what it has besides that of Kafka, one cluster in its ARN and its brokers' addresses."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes import KafkaEvent
from aws_lambda_powertools.utilities.kafka import ConsumerRecords, SchemaConfig
from aws_lambda_powertools.utilities.parser import envelopes, models
from aws_lambda_powertools.utilities.parser.envelopes import KafkaEnvelope
from aws_lambda_powertools.utilities.parser.models import KafkaMskEventModel
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.events import identify, kafka_event, msk_event, validate
from pytest_lambda_events.model.findings import Report
from pytest_lambda_events.sources.msk.check import check
from pytest_lambda_events.sources.msk.cluster import cluster_of, host_name

# Powertools makes its models when they are asked for, and pydantic fails to make them on frozen time. freezegun asks
# modules for everything that they list, so a test elsewhere that freezes by itself would fail: they are made here, now.
for lazy in (models, envelopes):
    for name in dir(lazy):
        getattr(lazy, name)

SAMPLES = Path(__file__).parents[1] / "data" / "aws-samples"
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
WORKSHOP = "arn:aws:kafka:us-west-2:123456789012:cluster/MSKWorkshopCluster/a93759a9-c9d0-4952-984c-492c6bfa2be8-13"
SERVERLESS = "arn:aws:kafka:eu-west-3:123456789012:cluster/powertools-kafka-esm/f138df86-9253-4d2a-b682-19e132396d4f-s3"

# recorded on AWS: aws-samples/serverless-patterns, msk-lambda-iam-python-sam (MIT-0)
RECORDED = {
    "eventSource": "aws:kafka",
    "eventSourceArn": WORKSHOP,
    "bootstrapServers": ",".join(
        f"b-{broker}.mskworkshopcluster.z9kc4f.c13.kafka.us-west-2.amazonaws.com:9098" for broker in (1, 3, 2)
    ),
    "records": {
        "myTopic-0": [
            {
                "topic": "myTopic",
                "partition": 0,
                "offset": offset,
                "timestamp": timestamp,
                "timestampType": "CREATE_TIME",
                "value": value,
                "headers": [],
            }
            for offset, timestamp, value in (
                (383, 1678484822068, "bTE="),
                (384, 1678484823448, "bTI="),
                (385, 1678484824763, "bTM="),
            )
        ]
    },
}
# recorded on AWS: Powertools for AWS Lambda, Kafka consumer, the event of a serverless cluster (MIT-0)
RECORDED_SERVERLESS = {
    "eventSource": "aws:kafka",
    "eventSourceArn": SERVERLESS,
    "bootstrapServers": "boot-z3majaui.c3.kafka-serverless.eu-west-3.amazonaws.com:9098",
    "records": {
        "python-with-avro-doc-3": [
            {
                "topic": "python-with-avro-doc",
                "partition": 3,
                "offset": 0,
                "timestamp": 1750547105187,
                "timestampType": "CREATE_TIME",
                "key": "MTIz",
                "value": "AwBXT2qalUhN6oaj2CwEeaEWFFBvd2VydG9vbHMK",
                "headers": [],
            }
        ]
    },
}
# recorded on AWS in September 2020, before Lambda sent headers and brokers
RECORDED_OLD = {
    "eventSource": "aws:kafka",
    "eventSourceArn": "arn:aws:kafka:us-east-2:123456789012:cluster/MyCluster/1cbf212b-3937-4536-a3b0-c09868d7e5f5-4",
    "records": {
        "mytopic-0": [
            {
                "topic": "mytopic",
                "partition": 0,
                "offset": 6,
                "timestamp": 1601289409497,
                "timestampType": "CREATE_TIME",
                "value": "TWVzc2FnZSAjNw==",
            }
        ]
    },
}


def servers_of(event: Any) -> list[str]:
    """The brokers' addresses."""
    return event["bootstrapServers"].split(",")


# -- the shape -----------------------------------------------------------------------------------------------------


def test_the_event_is_kafkas_with_an_arn() -> None:
    """In AWS's order; the records are the same as those of a self-managed cluster."""
    arguments: dict[str, Any] = {"key": "k", "headers": {"h": b"\xff"}, "partitions": 5, "seed": 3}
    event = msk_event({"order": 1}, None, **arguments)
    assert list(event) == ["eventSource", "eventSourceArn", "bootstrapServers", "records"]
    assert event["eventSource"] == "aws:kafka"
    assert event["records"] == kafka_event({"order": 1}, None, **arguments)["records"]


def test_the_arn_and_the_brokers_are_one_cluster() -> None:
    """Region, name, and the number at the end of the ARN, which is in the addresses, too."""
    event = msk_event(region="eu-west-1", account="210987654321", cluster="Shop-Events")
    arn = re.fullmatch(
        rf"arn:aws:kafka:eu-west-1:210987654321:cluster/Shop-Events/{UUID4}-(\d+)", event["eventSourceArn"]
    )
    assert arn is not None
    hosts = {
        re.fullmatch(rf"b-(\d)\.(shopevents\.[a-z0-9]{{6}})\.c{arn[1]}\.kafka\.eu-west-1\.amazonaws\.com:9098", server)
        for server in servers_of(event)
    }
    assert {host and host[1] for host in hosts} == {"1", "2", "3"}
    assert len({host and host[2] for host in hosts}) == 1


def test_a_cluster_is_the_same_one_in_every_event() -> None:
    """The seed decides on the order of its brokers, not on its ARN; another name is another cluster."""
    events = [msk_event(seed=seed) for seed in range(12)]
    assert len({event["eventSourceArn"] for event in events}) == 1
    assert len({event["bootstrapServers"] for event in events}) > 3
    assert len({tuple(sorted(servers_of(event))) for event in events}) == 1
    assert msk_event(cluster="users")["eventSourceArn"].split("/")[2] != events[0]["eventSourceArn"].split("/")[2]


def test_three_brokers_are_named_at_the_most() -> None:
    """Of six, any three; of one, that one."""
    numbers = {server.partition(".")[0] for seed in range(12) for server in servers_of(msk_event(brokers=6, seed=seed))}
    assert numbers == {f"b-{number}" for number in range(1, 7)}
    assert len(set(servers_of(msk_event(brokers=6)))) == 3
    assert [server.partition(".")[0] for server in servers_of(msk_event(brokers=1))] == ["b-1"]


@pytest.mark.parametrize(
    ("auth", "public", "port"),
    [
        ("plaintext", False, "9092"),
        ("tls", False, "9094"),
        ("scram", False, "9096"),
        ("iam", False, "9098"),
        ("tls", True, "9194"),
        ("scram", True, "9196"),
        ("iam", True, "9198"),
    ],
)
def test_the_port_says_how_clients_prove_who_they_are(auth: Any, public: bool, port: str) -> None:
    """One for each way, a hundred more from outside the VPC, where the hosts have other names, too."""
    for server in servers_of(msk_event(auth=auth, public=public)):
        assert server.endswith(f":{port}")
        assert ("-public." in server) == public


def test_a_serverless_cluster_has_one_address() -> None:
    """And an s before the number in its ARN."""
    event = msk_event(serverless=True, region="eu-west-3")
    cell = re.fullmatch(rf"arn:aws:kafka:eu-west-3:123456789012:cluster/orders/{UUID4}-s(\d)", event["eventSourceArn"])
    assert cell is not None
    server = rf"boot-[a-z0-9]{{8}}\.c{cell[1]}\.kafka-serverless\.eu-west-3\.amazonaws\.com:9098"
    assert re.fullmatch(server, event["bootstrapServers"])


def test_an_arn_says_everything() -> None:
    """Region, account, name and kind; what is said besides does not matter."""
    event = msk_event(cluster=WORKSHOP, region="eu-west-1", account="000000000000")
    assert event["eventSourceArn"] == WORKSHOP
    assert all(".mskworkshopcluster." in one and ".c13.kafka.us-west-2." in one for one in servers_of(event))
    assert ".c3.kafka-serverless.eu-west-3." in msk_event(cluster=SERVERLESS)["bootstrapServers"]
    assert msk_event(cluster=SERVERLESS, serverless=True) == msk_event(cluster=SERVERLESS)


@pytest.mark.parametrize(
    ("region", "start", "end"),
    [
        ("cn-north-1", "arn:aws-cn:kafka:cn-north-1:", ".amazonaws.com.cn:9098"),
        ("us-gov-west-1", "arn:aws-us-gov:kafka:us-gov-west-1:", ".us-gov-west-1.amazonaws.com:9098"),
    ],
)
def test_other_partitions_of_aws(region: str, start: str, end: str) -> None:
    """China and GovCloud."""
    event = msk_event(region=region)
    assert event["eventSourceArn"].startswith(start)
    assert all(server.endswith(end) for server in servers_of(event))
    assert validate(event) == []


@pytest.mark.parametrize(
    ("cluster", "cell", "host"),
    [
        ("mskcluster", 8, "mskcluster"),
        ("MSKWorkshopCluster", 13, "mskworkshopcluster"),
        ("digital-msk-batca1", 2, "digitalmskbatca1"),
        ("aicel-kafka-dev", 2, "aicelkafkadev"),
        ("AWSKafkaTutorialCluster", 3, "awskafkatutorialcluste"),
        ("StreamingBlogMSKCluster", 13, "streamingblogmskclust"),
    ],
)
def test_what_is_left_of_a_clusters_name_in_addresses(cluster: str, cell: int, host: str) -> None:
    """Recorded on AWS: lower case, no hyphens, cut so that name, six characters and cell have 32 together."""
    assert host_name(cluster, cell) == host
    assert len(f"{host_name('x' * 64, cell)}.foho0x.c{cell}") == 32


def test_clusters_from_before_2021_keep_their_hyphens() -> None:
    """Recorded on AWS: such addresses pass, too."""
    assert host_name("testkafka-noauth", 3, hyphens=True) == "testkafka-noauth"
    arn = "arn:aws:kafka:ap-southeast-1:123456789012:cluster/testkafka-noauth/39e95242-cbc6-4da2-ba33-ded81636c661-3"
    servers = "b-2.testkafka-noauth.foho0x.c3.kafka.ap-southeast-1.amazonaws.com:9092"
    assert validate(msk_event(cluster=arn, overrides={"bootstrapServers": servers})) == []
    (finding,) = validate(msk_event(cluster=arn, overrides={"bootstrapServers": servers.replace("no", "yes")}))
    assert finding.expected == "testkafkanoauth, of the cluster's name in eventSourceArn"


# -- what is refused -----------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a name": ({"cluster": "my_cluster"}, "cluster='my_cluster' is no cluster"),
    "no name": ({"cluster": ""}, "is no cluster"),
    "a long name": ({"cluster": "a" * 65}, "1 to 64 letters"),
    "an ARN of a topic": ({"cluster": "arn:aws:kafka:us-east-1:123456789012:topic/orders/x/y"}, "an ARN such as"),
    "an ARN of a queue": ({"cluster": WORKSHOP.replace("kafka", "sqs")}, "is no cluster"),
    "an ARN without number": ({"cluster": WORKSHOP.removesuffix("-13")}, "is no cluster"),
    "a short ARN": ({"cluster": WORKSHOP.replace("us-west-2:", "")}, "is no cluster"),
    "a region": ({"region": "Ireland"}, "region='Ireland'"),
    "an account": ({"account": "12345"}, "12 digits"),
    "a kind against the ARN": ({"cluster": WORKSHOP, "serverless": True}, "its ARN would end in -s1"),
    "a way to prove": ({"auth": "scam"}, "did you mean 'scram'"),
    "a serverless port": ({"serverless": True, "auth": "tls"}, "IAM only"),
    "a public serverless cluster": ({"serverless": True, "public": True}, "inside its VPCs"),
    "public plaintext": ({"auth": "plaintext", "public": True}, "without TLS"),
    "no brokers": ({"brokers": 0}, "brokers=0"),
    "a partition that there is not": ({"partition": 1}, "partition=1: the topic has 1"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_means_nothing_is_refused(case: str) -> None:
    """With the value, and what to write instead."""
    arguments, message = REFUSED[case]
    with pytest.raises(UsageError, match=message):
        msk_event("v", **arguments)


# -- what is checked -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", [RECORDED, RECORDED_SERVERLESS], ids=["provisioned", "serverless"])
def test_recorded_events_have_no_finding(event: Any) -> None:
    """They are what is called real here."""
    assert identify(event).name == "msk"
    assert validate(event) == []


def test_a_recorded_event_looks_like_ours() -> None:
    """Key for key in the same order, and one like it can be made."""
    event = msk_event(
        "m1",
        "m2",
        "m3",
        topic="myTopic",
        cluster=WORKSHOP,
        offset=383,
        timestamp=lambda number: (1678484822068, 1678484823448, 1678484824763)[number],
        overrides={"bootstrapServers": RECORDED["bootstrapServers"]},
    )
    assert json.dumps(event) == json.dumps(RECORDED)
    assert cluster_of(WORKSHOP, "", "", serverless=False).arn == WORKSHOP


def test_an_event_from_before_brokers_and_headers_has_no_error() -> None:
    """Notes say that today there would be some."""
    findings = [(one.severity, one.path) for one in validate(RECORDED_OLD)]
    assert findings == [("note", "records.mytopic-0[0].headers"), ("note", "bootstrapServers")]


def test_awss_own_sample_has_no_error() -> None:
    """Lambda Developer Guide, "Using Lambda with Amazon MSK": cluster, brokers and key are recognised."""
    sample = json.loads((SAMPLES / "msk.json").read_text(encoding="utf-8"))
    assert identify(sample).name == "msk"
    findings = validate(sample)
    assert {one.severity for one in findings} == {"note"}
    told = [one.path for one in findings if "documentation sample" in one.expected]
    assert told == ["bootstrapServers", "records.mytopic-0[0].key", "eventSourceArn"]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("eventSourceArn", WORKSHOP, "us-west-2, the region in eventSourceArn"),
        ("eventSourceArn", WORKSHOP.replace("us-west-2", "us-east-1"), "c13, the number at the end"),
        ("eventSourceArn", SERVERLESS, "addresses of a serverless cluster"),
        ("bootstrapServers", "broker-1.example.com:9092", "addresses of a provisioned cluster"),
    ],
)
def test_a_cluster_that_is_not_the_arns(path: str, value: str, expected: str) -> None:
    """One note at the brokers' addresses says what they should be."""
    (finding,) = validate(msk_event(overrides={path: value}))
    assert (finding.severity, finding.path) == ("note", "bootstrapServers")
    assert expected in finding.expected


def test_an_arn_that_is_none_is_an_error() -> None:
    """One of another form is a note."""
    assert [one.severity for one in validate(msk_event(overrides={"eventSourceArn": "orders"}))] == ["error"]
    of_another_form = "arn:aws:kafka:us-east-1:123456789012:cluster/orders/abc"
    assert [one.severity for one in validate(msk_event(overrides={"eventSourceArn": of_another_form}))] == ["note"]


event_like = st.fixed_dictionaries(
    {},
    optional={
        "eventSource": st.sampled_from(("aws:kafka", None, 7)),
        "eventSourceArn": st.sampled_from((WORKSHOP, SERVERLESS, "arn:aws:kafka", "", None, 7)) | st.text(),
        "bootstrapServers": st.text()
        | st.sampled_from((",", RECORDED["bootstrapServers"], RECORDED_SERVERLESS["bootstrapServers"], None, 7)),
        "records": st.none() | st.dictionaries(st.text(), st.none() | st.lists(st.none() | st.integers())),
    },
)


@given(event_like | st.none() | st.integers() | st.text() | st.lists(st.none()))
def test_checking_never_raises(event: Any) -> None:
    """Whatever JSON it is: it says what is wrong."""
    report = Report()
    check(event, report)
    assert report.findings


# -- who consumes it -----------------------------------------------------------------------------------------------


class Order(BaseModel):
    """A value as an application declares it."""

    order: int


@pytest.mark.parametrize("serverless", [False, True])
def test_powertools_reads_our_events(serverless: bool) -> None:
    """Data class, pydantic model, envelope, consumer."""
    event = msk_event({"order": 1}, {"order": 2}, key="k", headers={"h": b"\x80"}, serverless=serverless)
    data = KafkaEvent(copy.deepcopy(event))
    assert data.event_source_arn == event["eventSourceArn"]
    assert data.decoded_bootstrap_servers == servers_of(event)
    assert [record.json_value["order"] for record in data.records] == [1, 2]
    parsed = KafkaMskEventModel.model_validate(copy.deepcopy(event))
    assert parsed.bootstrapServers == servers_of(event)
    assert parsed.records["orders-0"][0].headers == [{"h": b"\x80"}]
    assert KafkaEnvelope().parse(data=copy.deepcopy(event), model=Order) == [Order(order=1), Order(order=2)]
    consumed = ConsumerRecords(event, SchemaConfig(value_schema_type="JSON"))
    assert [record.value for record in consumed.records] == [{"order": 1}, {"order": 2}]


def test_powertools_models_reject_an_event_from_before_brokers() -> None:
    """Brokers and headers are required there."""
    with pytest.raises(ValidationError, match="bootstrapServers"):
        KafkaMskEventModel.model_validate(copy.deepcopy(RECORDED_OLD))


def test_powertools_batch_processor_reports_an_offset() -> None:
    """The identifier is an object: topic-partition, and the offset."""

    def handle(record: Any) -> None:
        if record.json_value["order"] == 2:
            raise ValueError(record.offset)

    event = msk_event({"order": 1}, {"order": 2}, topic="shop-orders", offset=40)
    response = process_partial_response(event, handle, BatchProcessor(event_type=EventType.Kafka))
    assert response == {"batchItemFailures": [{"itemIdentifier": {"partition": "shop-orders-0", "offset": 41}}]}
