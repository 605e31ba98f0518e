"""The reference, out of what the code says of itself: `python docs/_reference.py` writes `docs/reference/*.md`.

The law: the same on every Python and with every version of the dependencies. So names are followed
through the text of the source, signatures and docstrings are as written there, and a command's options are those of its
parser, never a printed help.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
import textwrap
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "pytest_lambda_events"
FOLDER = ROOT / "docs" / "reference"
COMMAND = "python docs/_reference.py"
NAME = "pytest_lambda_events"
WIDTH = 100

HANDLES = {
    "sqs_queue": "sources.sqs.broker.SqsQueue",
    "kinesis_stream": "sources.kinesis.broker.KinesisStream",
    "dynamodb_table": "sources.dynamodb.broker.DynamoDbTable",
    "kafka_topic": "sources.kafka.broker.KafkaTopic",
    "msk_topic": "sources.msk.broker.MskTopic",
    "rabbitmq_queue": "sources.rabbitmq.broker.RabbitMqQueue",
    "activemq_queue": "sources.activemq.broker.ActiveMqQueue",
    "documentdb_collection": "sources.documentdb.broker.DocumentDbCollection",
    "documentdb_database": "sources.documentdb.broker.DocumentDbDatabase",
    "s3_batch_job": "harness.job.S3BatchJob",
    "schema_registry": "brokers.schema_registry.SchemaRegistry",
    "lambda_cassette": "cassette.player.LambdaCassette",
    "event_source_mapping": "harness.factory.MappingFactory",
}
"""What the fixtures give or make that is not among the package's own names."""

MADE_BY_USERS = ("Harness", "LiveHarness")
"""Classes that a user calls; how the others are made is our business."""

ASIDE = {
    "Harness": "Its `event_source_mapping` is told with the [fixtures](sources.md#event_source_mapping), as is what "
    "its other methods make.",
}
"""What no docstring can say, because it is about these pages."""


class Found(NamedTuple):
    """Where a name is defined: the syntax tree of it, and the text that it was written in."""

    node: ast.AST
    source: str


# -- the source --------------------------------------------------------------------------------------------------------


@cache
def parsed(path: Path) -> tuple[ast.Module, str]:
    """A file's tree and text."""
    text = path.read_text(encoding="utf-8")
    return ast.parse(text), text


def path_of(module: str) -> Path:
    """The file of a module."""
    name = ROOT / module.replace(".", "/")
    return name / "__init__.py" if name.is_dir() else name.with_suffix(".py")


def definition(module: str, qualified: str) -> Found | None:
    """Where a class, a function or a constant is defined."""
    tree, text = parsed(path_of(module))
    body: list[ast.stmt] = tree.body
    found: ast.AST | None = None
    for part in qualified.split("."):
        found = next((node for node in reversed(body) if name_of(node) == part), None)
        if found is None:
            return None
        body = getattr(found, "body", [])
    return None if found is None else Found(found, text)


def name_of(node: ast.AST) -> str | None:
    """What a statement defines."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return None


def home_of(module: str, name: str) -> tuple[str, str]:
    """The module that a name is defined in, and its name there: as the imports say, those for types included."""
    for node in ast.walk(parsed(path_of(module))[0]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(NAME):
            for one in node.names:
                if (one.asname or one.name) == name:
                    return home_of(node.module or "", one.name)
    return module, name


def written(node: ast.AST | None, source: str) -> str:
    """A piece of source on one line."""
    segment = None if node is None else ast.get_source_segment(source, node)
    return re.sub(r"\s+", " ", segment or "").replace("( ", "(").replace("[ ", "[").replace(", ]", "]").strip()


# -- what is said of it ------------------------------------------------------------------------------------------------


def signature(node: ast.FunctionDef, source: str, name: str, *, bound: bool = False) -> str:
    """A call, as the source has it: on one line if it fits, else an argument a line."""
    given = node.args
    plain = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(given.defaults)) + list(given.defaults)
    parts = [argument(one, default, source) for one, default in zip(plain, defaults, strict=True)]
    if given.posonlyargs:
        parts.insert(len(given.posonlyargs), "/")
    if bound:
        parts = parts[1:]
    if given.vararg:
        parts.append(f"*{argument(given.vararg, None, source)}")
    elif given.kwonlyargs:
        parts.append("*")
    parts += [argument(one, default, source) for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    if given.kwarg:
        parts.append(f"**{argument(given.kwarg, None, source)}")
    end = f" -> {written(node.returns, source)}" if node.returns is not None and name != "__init__" else ""
    line = f"{name}({', '.join(parts)}){end}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), f"){end}"])


def argument(one: ast.arg, default: ast.expr | None, source: str) -> str:
    """An argument with its type and its default."""
    text = one.arg if one.annotation is None else f"{one.arg}: {written(one.annotation, source)}"
    if default is None:
        return text
    return (
        f"{text} = {written(default, source)}" if one.annotation is not None else f"{text}={written(default, source)}"
    )


def told(docstring: str | None) -> list[str]:
    """A docstring as Markdown: its arguments are a list, what stands behind `::` is a block."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    shown: list[str] = []
    while lines:
        line = lines.pop(0)
        if line in {"Args:", "Returns:", "Raises:", "Attributes:"}:
            items = taken(lines)
            shown += ["", *(re.sub(r"^(\*{0,2}\w+):", r"- `\1`:", item) for item in items), ""]
        elif line.endswith("::"):
            if line.rstrip(":"):
                shown.append(line[:-1])
            block = taken(lines)
            shown += ["", "```text", *block, "```", ""]
        else:
            shown.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(shown)).strip().splitlines()


def taken(lines: list[str]) -> list[str]:
    """The indented lines that come next, taken away from there."""
    block = []
    while lines and (not lines[0] or lines[0].startswith("    ")):
        block.append(lines.pop(0))
    return textwrap.dedent("\n".join(block)).strip("\n").splitlines()


def fenced(text: str) -> list[str]:
    """Source in a block."""
    return ["", "```py", text, "```", ""]


def entry(module: str, name: str, *, depth: int = 3, title: str | None = None) -> list[str]:
    """The section of a public name."""
    home, qualified = home_of(module, name)
    found = definition(home, qualified)
    lines = [f"{'#' * depth} `{title or name}`", ""]
    if found is None:
        return [*lines, f"Of `{home}`.", ""]
    match found.node:
        case ast.FunctionDef():
            lines += [*fenced(signature(found.node, found.source, name))[1:], *told(ast.get_docstring(found.node)), ""]
        case ast.ClassDef():
            lines += described(found.node, found.source, home, name)
        case _:
            lines += [*fenced(written(found.node, found.source))[1:], *told(behind(home, name)), ""]
    return lines


def behind(module: str, name: str) -> str:
    """The text under a constant."""
    body = parsed(path_of(module))[0].body
    place = max(number for number, node in enumerate(body) if name_of(node) == name)
    match body[place + 1 : place + 2]:
        case [ast.Expr(value=ast.Constant(value=str(text)))]:
            return text
        case _:
            return ""


# -- classes -----------------------------------------------------------------------------------------------------------


class Members(NamedTuple):
    """What is public in a class: types of fields, properties in a line, methods in some."""

    fields: dict[str, str]
    properties: dict[str, str]
    methods: dict[str, list[str]]


def described(node: ast.ClassDef, source: str, home: str, name: str) -> list[str]:
    """A class: how one is made, what it is, its fields, properties and methods, those of its bases included."""
    lines: list[str] = []
    made = next((one for one in node.body if name_of(one) == "__init__"), None)
    if isinstance(made, ast.FunctionDef) and name in MADE_BY_USERS:
        lines += fenced(signature(made, source, name, bound=True))[1:]
    lines += [*told(ast.get_docstring(node)), ""]
    if name in ASIDE:
        lines += [*textwrap.wrap(ASIDE[name], 118, break_on_hyphens=False), ""]
    members = Members({}, {}, {})
    for one, text in family(home, node, source):
        gather(one, text, members)
    if members.fields:
        rows = [f"| `{field}` | {cell(kind)} |" for field, kind in members.fields.items()]
        lines += ["| field | type |", "|---|---|", *rows, ""]
    if members.properties:
        lines += [*(f"- **`{name}`**{said}" for name, said in members.properties.items()), ""]
    return [*lines, *(line for method in members.methods.values() for line in method)]


def family(home: str, node: ast.ClassDef, source: str) -> Iterator[tuple[ast.ClassDef, str]]:
    """A class and those of ours that it inherits from, as they are written: a TypedDict forgets its bases."""
    yield node, source
    for base in node.bases:
        name = written(base.value if isinstance(base, ast.Subscript) else base, source)
        module, name = home_of(home, name)
        found = definition(module, name)
        if found is not None and isinstance(found.node, ast.ClassDef):
            yield from family(module, found.node, found.source)


def gather(node: ast.ClassDef, source: str, members: Members) -> None:
    """Add what is public in a class; what is there already is the heir's."""
    for one in node.body:
        name = name_of(one)
        if name is None or (name.startswith("_") and name != "__call__"):
            continue
        if isinstance(one, ast.AnnAssign):
            members.fields.setdefault(name, written(one.annotation, source))
        elif isinstance(one, ast.FunctionDef):
            marks = decorators(one)
            if {"property", "cached_property", "functools.cached_property"} & set(marks):
                kind = f" (`{written(one.returns, source)}`)" if one.returns is not None else ""
                members.properties.setdefault(name, f"{kind}: {' '.join(told(ast.get_docstring(one)))}")
            elif "overload" not in marks and f"{name}.setter" not in marks:
                call = fenced(signature(one, source, name, bound=True))
                members.methods.setdefault(name, [*call, *told(ast.get_docstring(one)), ""])


def decorators(node: ast.FunctionDef) -> list[str]:
    """The names that a function is decorated with."""
    return [ast.unparse(one) for one in node.decorator_list]


def cell(kind: str) -> str:
    """A type in a cell of a table."""
    return f"`{kind}`".replace("|", "\\|") if kind else ""


# -- commands ----------------------------------------------------------------------------------------------------------


class Asked(Exception):
    """A parser was asked for its help."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        super().__init__(parser.prog)
        self.parser = parser


def parser_of(words: list[str]) -> argparse.ArgumentParser:
    """The parser of a command, taken when it would print its help."""
    from pytest_lambda_events.cli import main

    def take(parser: argparse.ArgumentParser, file: Any = None) -> None:
        raise Asked(parser)

    try:
        with mock.patch.object(argparse.ArgumentParser, "print_help", take):
            main([*words, "--help"])
    except Asked as asked:
        return asked.parser
    raise LookupError(f"lambda-events {' '.join(words)} has no help")


def options_of(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Every option and argument with what its help says."""
    found = {}
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction) or action.help == argparse.SUPPRESS:
            continue
        text = (action.help or "").replace("%%", "%").replace("%(default)s", str(action.default))
        found[shape(action)] = re.sub(r"\s+", " ", text).replace("|", "\\|").strip()
    return found


def shape(action: argparse.Action) -> str:
    """An option with what goes behind it."""
    value = ""
    if action.nargs != 0 and not isinstance(action, argparse.BooleanOptionalAction):
        choices = "" if action.choices is None else "{" + ",".join(str(one) for one in action.choices) + "}"
        value = action.metavar if isinstance(action.metavar, str) else choices or action.dest.upper()
    if not action.option_strings:
        return value
    return f"{', '.join(action.option_strings)} {value}".strip()


def table_of(options: dict[str, str]) -> list[str]:
    """Options as a table."""
    rows = [f"| `{name.replace('|', chr(92) + '|')}` | {text} |" for name, text in options.items()]
    return ["| option | |", "|---|---|", *rows, ""] if rows else []


def command_section(words: list[str], depth: int = 2) -> list[str]:
    """A command: what it does, and its options."""
    parser = parser_of(words)
    lines = [f"{'#' * depth} {' '.join(words)}", ""]
    lines += [*paragraphs(parser.description or ""), ""]
    return [*lines, *table_of(options_of(parser))]


def paragraphs(text: str) -> list[str]:
    """A description, filled; one that is a list stays one."""
    if "\n" in text:
        return ["```text", *text.strip().splitlines(), "```"]
    return textwrap.wrap(text, 118, break_long_words=False, break_on_hyphens=False)


# -- pages -------------------------------------------------------------------------------------------------------------


def head(title: str, text: str) -> list[str]:
    """The beginning of a page."""
    note = f"<!-- Written by `{COMMAND}` out of the code: change it there. -->"
    return [f"# {title}", "", note, "", *textwrap.wrap(text, 118, break_on_hyphens=False), ""]


def names_of(module: str) -> list[str]:
    """The public names of a module."""
    return list(import_module(module).__all__)


def readme() -> list[str]:
    """What there is."""
    rows = [f"| [{title}]({name}) | {text} |" for name, (title, text, _) in PAGES.items() if name != "README.md"]
    return [*head("Reference", PAGES["README.md"][1]), "| page | |", "|---|---|", *rows, ""]


def python_page() -> list[str]:
    """The package's own names, errors left out, and `filters`."""
    errors = {*names_of(f"{NAME}.errors"), "InvalidPattern"}
    lines = head("Python", PAGES["python.md"][1])
    for name in names_of(NAME):
        if name not in errors:
            lines += entry(NAME, name, depth=2)
    lines += [f"## `{NAME}.filters`", ""]
    for name in names_of(f"{NAME}.filters"):
        if name in names_of(NAME):
            there = "errors.md" if name in errors else ""
            lines += [f"- `{name}`: [{'errors' if there else 'above'}]({there or '#' + name.lower()})"]
        else:
            lines += ["", *entry(f"{NAME}.filters", name)]
    return lines


def handles_page() -> list[str]:
    """What the fixtures make."""
    lines = head("What fixtures make", PAGES["sources.md"][1])
    for fixture, place in HANDLES.items():
        module, _, name = f"{NAME}.{place}".rpartition(".")
        lines += entry(module, name, depth=2, title=fixture)
    return lines


def modules_page(title: str, page: str, modules: Iterable[str]) -> list[str]:
    """The public names of some modules, a chapter for each."""
    lines = head(title, PAGES[page][1])
    for module in modules:
        lines += [f"## `{NAME}.{module}`", "", *told(import_module(f"{NAME}.{module}").__doc__), ""]
        for name in names_of(f"{NAME}.{module}"):
            lines += entry(f"{NAME}.{module}", name)
    return lines


def errors_page() -> list[str]:
    """The tree of errors, and each."""
    from pytest_lambda_events import errors

    lines = [*head("Errors", PAGES["errors.md"][1]), *told(errors.__doc__), ""]
    for name in sorted([*names_of(f"{NAME}.errors"), "InvalidPattern"]):
        lines += entry(NAME if name == "InvalidPattern" else f"{NAME}.errors", name, depth=2)
    return lines


def fixtures() -> dict[str, tuple[str, str]]:
    """Each fixture of the plugin: the type of what it gives, and its docstring."""
    found = {}
    for path in sorted((PACKAGE / "plugin").rglob("*.py")):
        tree, source = parsed(path)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and any(one.startswith("pytest.fixture") for one in decorators(node)):
                kind = re.sub(r"^(?:Iterator|Generator)\[(\w+).*\]$", r"\1", written(node.returns, source))
                found[node.name] = (kind, ast.get_docstring(node) or "")
    return found


def markers() -> dict[str, str]:
    """Each marker with what `pytest --markers` says."""
    found = {}
    for path in sorted((PACKAGE / "plugin").rglob("*.py")):
        for call in ast.walk(parsed(path)[0]):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "addinivalue_line":
                kind, line = (ast.literal_eval(one) for one in call.args)
                if kind == "markers":
                    shown, _, text = line.partition(":")
                    found[shown] = text.strip()
    return found


def pytest_page() -> list[str]:
    """Fixtures, markers, hooks and options."""
    from pytest_lambda_events.options import OPTIONS

    lines = [*head("pytest", PAGES["pytest.md"][1]), "## Fixtures", "", "| fixture | gives | |", "|---|---|---|"]
    for name, (kind, docstring) in sorted(fixtures().items()):
        text = " ".join(docstring.split())
        lines.append(f"| `{name}` | {cell(kind)} | {text} |")
    lines += ["", "Types are those of `pytest_lambda_events.typing`: [types](typing.md).", "", "## Markers", ""]
    for shown, text in markers().items():
        lines += [f"`@pytest.mark.{shown}`", "", *textwrap.wrap(text, 118, break_on_hyphens=False), ""]
    lines += ["## Options and ini keys", "", "The command line wins over the ini file.", ""]
    lines += ["| option | ini key | |", "|---|---|---|"]
    for option in OPTIONS:
        default = "" if option.default is None else f" (default: `{option.default}`)"
        lines.append(f"| `{option.flag}` | `{option.ini}` | {option.help}{default} |")
    tree, source = parsed(PACKAGE / "plugin" / "hookspecs.py")
    lines += ["", "## Hooks", "", "For a `conftest.py`.", ""]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            lines += [f"### `{node.name}`", *fenced(signature(node, source, node.name))]
            lines += [*told(ast.get_docstring(node)), ""]
    return lines


def commands_page() -> list[str]:
    """Every command with its options; those that all sources, or all ways to capture, share are told once."""
    from pytest_lambda_events.cli import COMMANDS
    from pytest_lambda_events.cli.capture import WAYS
    from pytest_lambda_events.sources import SOURCES

    lines = [*head("Command line", PAGES["commands.md"][1]), "| command | |", "|---|---|"]
    lines += [f"| [`{name}`](#{name}) | {text} |" for name, text in COMMANDS.items()]
    lines += [
        "",
        "Exit codes: 0 all is well; 1 the answer is no (a finding, no match); 2 the question cannot be asked.",
        "",
    ]
    for name in COMMANDS:
        if name == "generate":
            lines += several(name, [source.name for source in SOURCES], "source")
        elif name == "capture":
            lines += several(name, list(WAYS), "way")
        else:
            lines += command_section([name])
    return lines


def several(command: str, words: list[str], kind: str) -> list[str]:
    """A command of commands."""
    each = {word: options_of(parser_of([command, word])) for word in words}
    first = each[words[0]]
    shared = {name: text for name, text in first.items() if all(one.get(name) == text for one in each.values())}
    lines = [*command_section([command])[:-1]]
    if shared:
        lines += ["", f"Of every {kind}:", "", *table_of(shared)]
    for word, options in each.items():
        parser = parser_of([command, word])
        lines += ["", f"### {command} {word}", "", *paragraphs(parser.description or ""), ""]
        lines += table_of({name: text for name, text in options.items() if name not in shared})
    return lines


def advice_page() -> list[str]:
    """Every code, and where its fix stands."""
    from pytest_lambda_events.advice import MEANINGS

    rows = [f"| [`{code}`](../advice.md#{code}) | {text} |" for code, text in sorted(MEANINGS.items())]
    return [*head("Advice codes", PAGES["advice.md"][1]), "| code | |", "|---|---|", *rows, ""]


PAGES: dict[str, tuple[str, str, Callable[[], list[str]]]] = {
    "README.md": ("Reference", "Everything public, as the code describes it.", readme),
    "python.md": ("Python", "What `pytest_lambda_events` itself exports, and its module `filters`.", python_page),
    "sources.md": (
        "What fixtures make",
        "Queues, streams, topics, tables, jobs and cassettes, by the fixture that makes or is one.",
        handles_page,
    ),
    "events.md": (
        "Events, envelopes, responses",
        "Builders without a poller, and strategies for property tests.",
        lambda: modules_page(
            "Events, envelopes, responses", "events.md", ("events", "envelopes", "responses", "strategies")
        ),
    ),
    "typing.md": (
        "Types",
        "Annotations for handlers and tests; at run time they are names.",
        lambda: modules_page("Types", "typing.md", ("typing",)),
    ),
    "pytest.md": ("pytest", "Fixtures, markers, options, ini keys and hooks of the plugin.", pytest_page),
    "commands.md": ("Command line", "`lambda-events`, and `python -m pytest_lambda_events`.", commands_page),
    "errors.md": ("Errors", "What is raised, and how it hangs together.", errors_page),
    "advice.md": (
        "Advice codes",
        "What works here and bites in production. Fixes, and how to silence a code: [advice](../advice.md).",
        advice_page,
    ),
}
"""Each page: its title, a sentence, and what makes its lines."""


def rendered(page: str) -> str:
    """The text of a page."""
    text = "\n".join(line.rstrip() for line in PAGES[page][2]())
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(exist_ok=True)
    for page in PAGES:
        (FOLDER / page).write_text(rendered(page), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
