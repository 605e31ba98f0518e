"""`lambda-events advise TEMPLATE…`: advice on mappings before they are deployed. The law: 1 when there is any."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.advice import MEANINGS
from pytest_lambda_events.cli.text import add_parameter_option, parameters_of, say
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.templates import read_template
from pytest_lambda_events.templates.advising import advise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_lambda_events.templates.advising import Advised, Remark
    from pytest_lambda_events.templates.placed import Place

__all__ = ["main"]


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="lambda-events advise",
        description="Say what works and bites in production, of every event source mapping that a template declares: "
        "SAM, CloudFormation, CDK's output, `terraform show -json`, .tf.json, serverless.yml. Nothing runs. Exit code "
        "1 when there is advice, 2 when the template cannot be read or leaves something open.",
        allow_abbrev=False,
    )
    parser.add_argument("templates", nargs="+", metavar="TEMPLATE", help="a file")
    parser.add_argument(
        "--function", action="append", default=[], metavar="ID", help="only the mappings of this function (repeatable)"
    )
    add_parameter_option(parser)
    parser.add_argument("--silence", default="", metavar="CODES", help="codes that nobody wants to hear, with commas")
    parser.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="text, one JSON object a template, or SARIF"
    )
    parser.add_argument("--output", metavar="FILE", help="where to write it (default: standard output)")
    options = parser.parse_args(list(argv))
    silenced = _silenced(options.silence)
    parameters = parameters_of(options)
    region = os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    advised = []
    for name in options.templates:
        found = advise(read_template(name, parameters), options.function, region=region)
        advised.append(_without(found, silenced))
    _write(_rendered(advised, options.format), options.output)
    return 1 if any(one.remarks for one in advised) else 0


def _silenced(codes: str) -> frozenset[str]:
    wanted = frozenset(code.strip() for code in codes.split(",") if code.strip())
    for code in sorted(wanted):
        if code not in MEANINGS:
            raise UsageError(f"--silence: there is no advice {code!r}{nearest(code, MEANINGS)}")
    return wanted


def _without(advised: Advised, silenced: frozenset[str]) -> Advised:
    from dataclasses import replace

    return replace(advised, remarks=tuple(one for one in advised.remarks if one.code not in silenced))


def _rendered(advised: Sequence[Advised], form: str) -> str:
    if form == "sarif":
        from importlib.metadata import version

        from pytest_lambda_events.templates.sarif import sarif_log

        return json.dumps(sarif_log(advised, version("pytest-lambda-events")), indent=2, ensure_ascii=False)
    if form == "json":
        return "\n".join(json.dumps(_plain(one), ensure_ascii=False) for one in advised)
    return "\n".join(line for one in advised for line in _lines(one))


def _lines(advised: Advised) -> list[str]:
    lines = [f"{note.place}: note: {note.message}" for note in advised.notes]
    for one in advised.remarks:
        where = one.place.file if one.place.line is None else f"{one.place.file}:{one.place.line}"
        lines.append(f"{where}: {one.level}: {one.mapping}: {one.code}: {one.message}")
    count = len(advised.remarks)
    told = f"{count} piece{'' if count == 1 else 's'} of advice" if count else "no advice"
    mappings = len(advised.mappings)
    return [*lines, f"{advised.file}: {mappings} mapping{'' if mappings == 1 else 's'}, {told}"]


def _plain(advised: Advised) -> dict[str, Any]:
    return {
        "template": advised.file,
        "mappings": list(advised.mappings),
        "advice": [_remark(one) for one in advised.remarks],
        "notes": [{"message": note.message, **_place(note.place)} for note in advised.notes],
    }


def _remark(one: Remark) -> dict[str, Any]:
    return {
        "code": one.code,
        "level": one.level,
        "message": one.message,
        "function": one.function,
        "mapping": one.mapping,
        **_place(one.place),
    }


def _place(place: Place) -> dict[str, Any]:
    return {"line": place.line, "path": place.path}


def _write(text: str, output: str | None) -> None:
    if output is None:
        say(text)
        return
    try:
        Path(output).write_text(f"{text}\n", encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}") from None
