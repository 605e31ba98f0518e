"""`lambda-events generate SOURCE [PAYLOAD…]`: print an event. The law: options are the builder's arguments, read from
its signature and docstring, so that the command line cannot drift from the library.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import inspect
import json
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.building import compact
from pytest_lambda_events.cli.text import read_bytes, read_text, say
from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.paths import ABSENT
from pytest_lambda_events.sources import SOURCES, builder, named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_lambda_events.model.source import Source

__all__ = ["main"]

_OBJECTS = ("items", "documents")
"""What a builder calls payloads that can be nothing but objects: here they are JSON without being asked."""

_OWN = ("count", "seed", "time", "overrides")
"""Arguments of every builder, which have options of their own here."""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    if not argv or argv[0] in ("-h", "--help"):
        _parser_of_sources().parse_args(list(argv))
    source = named(argv[0])
    build = builder(source)
    options = _parser(source, build).parse_args(list(argv[1:]))
    event = build(
        *_payloads(options),
        **_arguments(options, build),
        seed=options.seed,
        count=options.count,
        time=options.time,
        overrides=_overrides(options),
    )
    say(json.dumps(event, indent=2, ensure_ascii=False) if options.pretty else compact(event))
    return 0


# -- what can be asked ---------------------------------------------------------------------------------------------


def _parser_of_sources() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lambda-events generate",
        usage="lambda-events generate SOURCE [PAYLOAD ...] [options]",
        description="Print a realistic event of a source. `lambda-events generate SOURCE --help` tells its options.",
        epilog="\n".join(["sources:", *(f"  {source.name:11} {source.title}" for source in SOURCES)]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="SOURCE", choices=[source.name for source in SOURCES], help="see below")
    return parser


def _parser(source: Source, build: Callable[..., Any]) -> argparse.ArgumentParser:
    told = _told(build)
    parser = argparse.ArgumentParser(
        prog=f"lambda-events generate {source.name}",
        description=f"Print an event of {source.title}, as Lambda hands it to a function.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    payload = next(one for one in inspect.signature(build).parameters.values() if one.kind is one.VAR_POSITIONAL)
    parser.add_argument(
        "payloads",
        metavar="PAYLOAD",
        nargs="*",
        help=f"{told.get(payload.name, 'What the records carry.')} @FILE reads a file, - standard input.",
    )
    form = parser.add_mutually_exclusive_group()
    objects = payload.name in _OBJECTS
    form.add_argument("--json", action="store_true", default=objects, help="payloads are JSON values, not texts")
    form.add_argument("--base64", action="store_true", help="payloads are bytes, in base64")
    parser.add_argument("--count", type=int, help=told["count"])
    parser.add_argument("--seed", type=int, default=0, help=told["seed"])
    parser.add_argument("--time", help=told["time"])
    parser.add_argument(
        "--envelope",
        action="append",
        default=[],
        metavar="NAME[:ARG=VALUE,...]",
        help="wrap each payload: sns, eventbridge:source=shop … (several: from the inside out); "
        "s3_put:bucket=b,key=k makes a payload itself",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=JSON",
        dest="assignments",
        help="put a value at a path when all is derived: --set 'Records[0].awsRegion=\"eu-west-1\"'",
    )
    parser.add_argument("--unset", action="append", default=[], metavar="PATH", help="leave a key out")
    parser.add_argument("--pretty", action="store_true", help="indented; otherwise compact, as Lambda sends it")
    own = parser.add_argument_group(f"what {source.name} has")
    for one in _own_parameters(build):
        text = told.get(one.name, "").replace("%", "%%")
        own.add_argument(f"--{one.name.replace('_', '-')}", dest=one.name, help=text, **_form_of(one))
    return parser


def _own_parameters(build: Callable[..., Any]) -> list[inspect.Parameter]:
    parameters = inspect.signature(build).parameters.values()
    return [one for one in parameters if one.kind is one.KEYWORD_ONLY and one.name not in _OWN]


def _told(build: Callable[..., Any]) -> dict[str, str]:
    """What the builder's docstring says of each argument."""
    section = inspect.getdoc(build) or ""
    return dict(re.findall(r"^    (\w+): (.*)$", section.partition("Args:")[2], re.MULTILINE))


def _form_of(parameter: inspect.Parameter) -> dict[str, Any]:
    """How argparse reads an argument with this annotation."""
    kinds = [
        kind.strip()
        for kind in re.sub(r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]", "", str(parameter.annotation)).split("|")
    ]
    default = {"default": argparse.SUPPRESS}
    if "bool" in kinds:
        return {"action": argparse.BooleanOptionalAction, **default}
    if "int" in kinds and "str" not in kinds:
        return {"type": int, "metavar": "N", **default}
    if "Sequence" in kinds or "tuple" in kinds:
        return {"type": lambda text: tuple(text.split(",")), "metavar": "A,B", **default}
    if {"Mapping", "dict", "Any"} & set(kinds):
        return {"type": _json_or_text, "metavar": "JSON", **default}
    return {"metavar": "TEXT", **default}


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


# -- what is asked -------------------------------------------------------------------------------------------------


def _arguments(options: argparse.Namespace, build: Callable[..., Any]) -> dict[str, Any]:
    given = vars(options)
    return {one.name: given[one.name] for one in _own_parameters(build) if one.name in given}


def _payloads(options: argparse.Namespace) -> list[Any]:
    payloads = [_payload(text, options) for text in options.payloads]
    for asked in options.envelope:
        payloads = _enveloped(asked, payloads, options)
    return payloads


def _payload(text: str, options: argparse.Namespace) -> Any:
    name = text if text == "-" else text[1:] if text.startswith("@") else None
    if options.base64:
        content = read_bytes(name).decode("ascii", "replace") if name is not None else text
        try:
            return base64.b64decode("".join(content.split()), validate=True)
        except binascii.Error as error:
            raise UsageError(f"a payload is not base64: {error}: {content!r:.80}") from None
    content = read_text(name) if name is not None else text
    if not options.json:
        return content
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise UsageError(f"a payload is not JSON: {error}: {content!r:.80}") from None


def _enveloped(asked: str, payloads: list[Any], options: argparse.Namespace) -> list[Any]:
    envelopes = import_module("pytest_lambda_events.envelopes")
    name, _, rest = asked.partition(":")
    if name not in envelopes.__all__:
        near = nearest(name, envelopes.__all__)
        raise UsageError(f"there is no envelope {name!r}{near}; there are {', '.join(envelopes.__all__)}")
    wrap: Callable[..., Any] = getattr(envelopes, name)
    accepted = inspect.signature(wrap).parameters
    arguments: dict[str, Any] = {}
    for pair in filter(None, rest.split(",")):
        key, equals, value = pair.partition("=")
        if not equals or key not in accepted:
            names = ", ".join(one for one in accepted if accepted[one].kind is not inspect.Parameter.VAR_POSITIONAL)
            raise UsageError(
                f"--envelope {asked}: {pair!r} is none of its arguments, which are {names}, each NAME=VALUE"
            )
        arguments[key] = value if "str" in str(accepted[key].annotation) else _json_or_text(value)
    for key in ("seed", "time"):
        if key in accepted and getattr(options, key) is not None:
            arguments.setdefault(key, getattr(options, key))
    wants_object = "Mapping" in str(next(iter(accepted.values())).annotation)
    try:
        if not payloads:
            return [wrap(**arguments)]
        return [
            wrap(_json_or_text(one) if wants_object and isinstance(one, str) else one, **arguments) for one in payloads
        ]
    except TypeError as error:
        raise UsageError(f"--envelope {asked}: {error}") from None


def _overrides(options: argparse.Namespace) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for change in options.assignments:
        path, equals, value = change.partition("=")
        if not equals:
            raise UsageError(f'--set {change}: write PATH=JSON, such as Records[0].body="text"')
        changes[path] = _json_or_text(value)
    return {**changes, **dict.fromkeys(options.unset, ABSENT)}
