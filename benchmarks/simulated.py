"""What `lambda-events simulate` of ten records costs, beyond importing boto3 and moto."""

from __future__ import annotations

import os
import resource  # POSIX only: os.times() counts in hundredths of a second
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Bar

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROUNDS = 15

_TEMPLATE = """{
  "Resources": {
    "Orders": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60, "RedrivePolicy":
      {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 5}}},
    "Dead": {"Type": "AWS::SQS::Queue"},
    "F": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "app.handler", "Runtime": "python3.12",
      "Code": ".", "Timeout": 10}},
    "New": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "F"},
      "EventSourceArn": {"Fn::GetAtt": ["Orders", "Arn"]}, "FunctionResponseTypes": ["ReportBatchItemFailures"]}}
  }
}
"""

_HANDLER = """
def handler(event, context):
    failed = [record for record in event["Records"] if record["body"] == "poison"]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}
"""

# what the mapping needs of both: the mock of SQS comes with moto's first use of it
_IMPORTS = "import boto3, moto, moto.sqs.models"
_STARTED = f"""{_IMPORTS}
moto.mock_aws().start()
moto.sqs.models.sqs_backends["123456789012"]["us-east-1"]
"""


def _cpu(folder: str, *arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # installed packages are compiled once: so is a working tree here, whatever the shell says
    compiled = {"PYTHONPYCACHEPREFIX": str(Path(folder, "compiled"))}
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**given, **compiled}
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def run() -> Iterator[Bar]:
    """The command, the imports alone, and moto started for SQS, in turns; the best of each."""
    asked = ("simulate", "template.json", "--function=F", "--handler=app:handler", "--records=records.jsonl")
    command = ("-m", "pytest_lambda_events", *asked, "--allow=dead_lettered")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "template.json").write_text(_TEMPLATE, encoding="utf-8")
        Path(folder, "app.py").write_text(_HANDLER, encoding="utf-8")
        rows = [f'{{"body": "{"poison" if number == 3 else number}", "at": {number}}}\n' for number in range(10)]
        Path(folder, "records.jsonl").write_text("".join(rows), encoding="utf-8")
        cases = (command, ("-c", _IMPORTS), ("-c", _STARTED))
        for case in cases:
            _cpu(folder, *case)
        rounds = [[_cpu(folder, *case) for case in cases] for _ in range(_ROUNDS)]
    whole, imports, started = (min(column) for column in zip(*rounds, strict=True))
    yield Bar(
        what="simulate costs, beyond its imports of boto3 and moto",
        measured=whole - imports,
        most=0.2,
        unit=" s",
        detail=f"{whole:.2f} s in all; imports {imports:.2f} s, and moto started for SQS {started:.2f} s",
    )
