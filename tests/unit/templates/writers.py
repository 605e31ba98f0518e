"""From the parameters of CreateEventSourceMapping to templates: the way back of the readers, written independently.

Each writer gives the text of a file and the parameters that its language has no word for.
"""

from __future__ import annotations

import json
import re
from typing import Any

FUNCTION = "shop"


def written_again(name: str) -> str:
    """`BatchSize` as Terraform writes it."""
    return re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", name).lower()


# -- CloudFormation ----------------------------------------------------------------------------------------------------


def cloudformation(kind: str, parameters: dict[str, Any]) -> tuple[str, frozenset[str]]:
    """JSON, with every number as a text, as CloudFormation takes them."""
    properties = {name: _texts(value) for name, value in parameters.items()}
    if "KMSKeyArn" in properties:
        properties["KmsKeyArn"] = properties.pop("KMSKeyArn")
    if "Tags" in properties:
        properties["Tags"] = [{"Key": key, "Value": value} for key, value in properties["Tags"].items()]
    if "SelfManagedEventSource" in properties:
        servers = parameters["SelfManagedEventSource"]["Endpoints"]["KAFKA_BOOTSTRAP_SERVERS"]
        properties["SelfManagedEventSource"] = {"Endpoints": {"KafkaBootstrapServers": servers}}
    resources = {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": FUNCTION}},
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"FunctionName": {"Ref": "Function"}, **properties},
        },
    }
    return json.dumps({"Resources": resources}), frozenset()


def _texts(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, dict):
        return {name: _texts(one) for name, one in value.items()}
    return [_texts(one) for one in value] if isinstance(value, list) else value


# -- SAM ---------------------------------------------------------------------------------------------------------------

SAM_TYPES = {
    "sqs": ("SQS", "Queue"),
    "sqs_fifo": ("SQS", "Queue"),
    "kinesis": ("Kinesis", "Stream"),
    "dynamodb": ("DynamoDB", "Stream"),
    "msk": ("MSK", "Stream"),
    "activemq": ("MQ", "Broker"),
    "rabbitmq": ("MQ", "Broker"),
    "documentdb": ("DocumentDB", "Cluster"),
    "kafka": ("SelfManagedKafka", ""),
}


def sam(kind: str, parameters: dict[str, Any]) -> tuple[str, frozenset[str]]:
    """YAML (JSON is YAML, too): SAM's events have no tags, and nothing about ConsumptionMode."""
    event, source = SAM_TYPES[kind]
    given = json.loads(json.dumps(parameters))
    given.pop("Tags", None)
    if "KMSKeyArn" in given:
        given["KmsKeyArn"] = given.pop("KMSKeyArn")
    if source:
        given[source] = given.pop("EventSourceArn")
    if "SelfManagedEventSource" in given:
        given["KafkaBootstrapServers"] = given.pop("SelfManagedEventSource")["Endpoints"]["KAFKA_BOOTSTRAP_SERVERS"]
    for config in ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig"):
        given.update({name: one for name, one in given.pop(config, {}).items() if name != "ConsumptionMode"})
    given.update(given.pop("DocumentDBEventSourceConfig", {}))
    if "DestinationConfig" in given:
        given["DestinationConfig"]["OnFailure"]["Type"] = "SQS"
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"FunctionName": FUNCTION, "Events": {"Mapping": {"Type": event, "Properties": given}}},
    }
    text = "# SAM\n" + json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"": function}}, indent=1)
    return text.replace('"":', '"F":'), frozenset(("Tags", "ConsumptionMode"))


# -- Terraform ---------------------------------------------------------------------------------------------------------

SPELT = {
    "Filters": "filter",
    "Destination": "destination_arn",
    "AccessConfigs": "access_config",
    "SchemaValidationConfigs": "schema_validation_config",
    "SourceAccessConfigurations": "source_access_configuration",
}


def terraform(kind: str, parameters: dict[str, Any]) -> tuple[str, frozenset[str]]:
    """A configuration in JSON, with blocks as lists."""
    return json.dumps({"resource": _resources(_arguments(parameters))}), frozenset()


def terraform_state(kind: str, parameters: dict[str, Any]) -> tuple[str, frozenset[str]]:
    """What `terraform show -json` prints, with zeros where nothing was given."""
    nothing = {"maximum_retry_attempts": 0, "tumbling_window_in_seconds": 0, "starting_position": "", "queues": []}
    values = {**(nothing if kind in ("sqs", "sqs_fifo") else {}), **_arguments(parameters)}
    resources = [
        {"address": f"{one}.this", "type": one, "name": "this", "mode": "managed", "values": body["this"]}
        for one, body in _resources(values).items()
    ]
    state = {"terraform_version": "1.9.8", "values": {"root_module": {"resources": resources}}}
    return json.dumps(state), frozenset()


def _resources(arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "aws_lambda_function": {"this": {"function_name": FUNCTION}},
        "aws_lambda_event_source_mapping": {"this": {"function_name": FUNCTION, **arguments}},
    }


def _arguments(parameters: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in parameters.items():
        if name == "SelfManagedEventSource":
            servers = ",".join(value["Endpoints"]["KAFKA_BOOTSTRAP_SERVERS"])
            found["self_managed_event_source"] = [{"endpoints": {"KAFKA_BOOTSTRAP_SERVERS": servers}}]
        elif name == "StartingPositionTimestamp":
            import datetime as dt

            moment = dt.datetime.fromtimestamp(value, tz=dt.timezone.utc)
            found["starting_position_timestamp"] = moment.isoformat().replace("+00:00", "Z")
        elif name == "Tags":
            found["tags"] = value
        else:
            found[SPELT.get(name) or written_again(name)] = _blocks(value)
    return found


def _blocks(value: Any) -> Any:
    if isinstance(value, dict):
        return [{SPELT.get(name) or written_again(name): _blocks(one) for name, one in value.items()}]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_blocks(one)[0] for one in value]
    return value


# -- serverless.yml ----------------------------------------------------------------------------------------------------

ACCESS = {
    "BASIC_AUTH": "saslPlainAuth",
    "CLIENT_CERTIFICATE_TLS_AUTH": "clientCertificateTlsAuth",
    "SASL_SCRAM_256_AUTH": "saslScram256Auth",
    "SASL_SCRAM_512_AUTH": "saslScram512Auth",
    "SERVER_ROOT_CA_CERTIFICATE": "serverRootCaCertificate",
    "VPC_SECURITY_GROUP": "vpcSecurityGroup",
    "VPC_SUBNET": "vpcSubnet",
}
PLAIN = {
    "BatchSize": "batchSize",
    "Enabled": "enabled",
    "EventSourceArn": "arn",
    "StartingPosition": "startingPosition",
    "StartingPositionTimestamp": "startingPositionTimestamp",
}
STREAM = {
    "BisectBatchOnFunctionError": "bisectBatchOnFunctionError",
    "MaximumRecordAgeInSeconds": "maximumRecordAgeInSeconds",
    "MaximumRetryAttempts": "maximumRetryAttempts",
    "ParallelizationFactor": "parallelizationFactor",
    "TumblingWindowInSeconds": "tumblingWindowInSeconds",
}


def serverless(kind: str, parameters: dict[str, Any]) -> tuple[str, frozenset[str]]:
    """An event of serverless.yml; it has words for less than half of the parameters of Kafka.

    For DocumentDB there is no event: the mapping is one of the resources.
    """
    if kind == "documentdb":
        resources = json.loads(cloudformation(kind, parameters)[0])
        service = {"service": "s", "provider": {"name": "aws"}, "resources": resources}
        return "# serverless\n" + json.dumps(service), frozenset()
    word = {"sqs_fifo": "sqs", "kinesis": "stream", "dynamodb": "stream"}.get(kind, kind)
    event: dict[str, Any] = {}
    lost = {"KMSKeyArn", "LoggingConfig", "MetricsConfig", "ProvisionedPollerConfig", "SchemaRegistryConfig", "Tags"}
    lost.add("ConsumptionMode")
    for name, value in parameters.items():
        made = _event(word, name, value)
        event.update(made or {})
        lost |= {name} if made is None else set()
    service = {
        "service": "shop",
        "provider": {"name": "aws"},
        "functions": {"f": {"name": FUNCTION, "handler": "f.handler", "events": [{word: event}]}},
    }
    return "# serverless\n" + json.dumps(service), frozenset(lost)


def _event(word: str, name: str, value: Any) -> dict[str, Any] | None:
    """The keys of an event for a parameter; None where there is no word."""
    window = "batchWindow" if word == "stream" else "maximumBatchingWindow"
    names = {**PLAIN, "MaximumBatchingWindowInSeconds": window, **(STREAM if word == "stream" else {})}
    if name in names:
        return {names[name]: value}
    if name.endswith("KafkaEventSourceConfig"):
        return {"consumerGroupId": value["ConsumerGroupId"]} if "ConsumerGroupId" in value else {}
    if name == "SourceAccessConfigurations":
        return _access(word, value)
    makers = {
        "FilterCriteria": lambda: {"filterPatterns": [json.loads(one["Pattern"]) for one in value["Filters"]]},
        "ScalingConfig": lambda: {"maximumConcurrency": value["MaximumConcurrency"]},
        "Topics": lambda: {"topic": value[0]},
        "Queues": lambda: {"queue": value[0]},
        "SelfManagedEventSource": lambda: {"bootstrapServers": value["Endpoints"]["KAFKA_BOOTSTRAP_SERVERS"]},
    }
    if word in ("sqs", "stream"):
        makers["FunctionResponseTypes"] = lambda: {"functionResponseType": value[0]}
    if word == "stream":
        target = {"arn": value["OnFailure"]["Destination"], "type": "sqs"} if name == "DestinationConfig" else {}
        makers["DestinationConfig"] = lambda: {"destinations": {"onFailure": target}}
    return makers[name]() if name in makers else None


def _access(word: str, value: list[dict[str, str]]) -> dict[str, Any]:
    event: dict[str, Any] = {}
    for one in value:
        if word == "kafka":
            uri = one["URI"].partition(":")[2] if one["Type"].startswith("VPC") else one["URI"]
            event.setdefault("accessConfigurations", {}).setdefault(ACCESS[one["Type"]], []).append(uri)
        else:
            key = {"BASIC_AUTH": "basicAuthArn", "VIRTUAL_HOST": "virtualHost", "SASL_SCRAM_512_AUTH": "saslScram512"}
            event[key[one["Type"]]] = one["URI"]
    return event


WRITERS = {
    "mapping.json": cloudformation,
    "template.yaml": sam,
    "main.tf.json": terraform,
    "state.json": terraform_state,
    "serverless.yml": serverless,
}
