"""What pages are made of, for the tests of pages. The law: a page is a sequence of blocks, followed from the top.

- A block whose first line is `# name.py` (or another file's name) is that file, written where its reader writes it.
- Any other block of Python is a piece of one program.
- In a `console` block a line behind `$ ` is a command, and the lines below it are what it prints: a line `...` stands
  for any lines, `…` for the rest of its line. A command that shows nothing only has to work.
"""

from __future__ import annotations

import re
import shlex
import sys
from importlib import invalidate_caches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pytest_lambda_events.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]

_WITHOUT = ("randomly", "cacheprovider", "xdist", "hypothesispytest", "faker", "asyncio")
QUIET = tuple(word for name in _WITHOUT for word in ("-p", f"no:{name}"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# (\w[\w./-]*\.\w+)\n")
LIVE = ("kinesis", "dynamodb", "kafka", "activemq", "documentdb", "sqs", "rabbitmq", "logs")
"""Ways to capture that need a broker or an account: here they are read, not done; `tests/cli` has them done."""


class Block(NamedTuple):
    """A fenced block: its language, the file that it is (or None), and its text."""

    language: str
    file: str | None
    text: str


class Command(NamedTuple):
    """A command of a `console` block, and what the page shows of its output."""

    line: str
    shown: str


def blocks_of(text: str) -> Iterator[Block]:
    """The blocks of a page, in order."""
    for language, body in BLOCK.findall(text):
        named = NAMED.match(body)
        yield Block(language, named.group(1) if named and language != "console" else None, body)


def commands_of(block: Block) -> Iterator[Command]:
    """The commands of a `console` block."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        yield Command(line, shown)


def plain(text: str) -> list[str]:
    """Lines without what differs from run to run: blanks at the end, how long it took."""
    return [re.sub(r"\bin \d+\.\d\ds", "in 0.00s", line.rstrip()) for line in text.splitlines()]


def agrees(shown: str, printed: str) -> bool:
    """Whether what is shown is what is printed."""
    pattern = ""
    for line in plain(shown):
        if line == "...":
            pattern += r"(?:.*\n)*?"
        elif line.endswith("…"):
            pattern += f"{re.escape(line[:-1])}.*\n"
        else:
            pattern += f"{re.escape(line)}\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in plain(printed))) is not None


class Reader:
    """Somebody who does what a page says, in a folder of their own."""

    def __init__(self, pytester: pytest.Pytester, capfd: pytest.CaptureFixture[str]) -> None:
        self.pytester = pytester
        self.capfd = capfd
        self.tests: dict[str, bool] = {}  # file, and whether its present text has been run
        self.ran = 0

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        path = self.pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if Path(name).name.startswith("test_"):
            self.tests[name] = False

    def follow(self, text: str) -> None:
        """Write each file and run each command, from top to bottom; in the end every test passes."""
        for block in blocks_of(text):
            if block.file is not None:
                self.write(block.file, block.text)
            elif block.language == "console":
                for command in commands_of(block):
                    self.do(command)
        if self.tests:
            result = self.run_pytest([])
            assert result.ret == 0, str(result.outlines)
            assert result.parseoutcomes()["passed"] >= len(self.tests)

    def run_pytest(self, words: list[str]) -> pytest.RunResult:
        """Pytest in this process, as it is without other plugins."""
        invalidate_caches()
        result = self.pytester.runpytest_inprocess(*words, *QUIET)
        self.capfd.readouterr()
        return result

    def do(self, command: Command) -> None:
        """Run a command, and compare what it prints with what is shown."""
        *before, last = [part.strip() for part in command.line.split(" | ")]
        words = shlex.split(last.partition(" > ")[0], comments=True)
        if words[:2] == ["python", "-m"]:
            words = words[2:]
        if words[0] in {"pip", "tox", "python"}:  # what installs is tried elsewhere
            return
        if words[0] == "cd":
            return
        self.ran += 1
        if words[0] == "pytest":
            printed = "\n".join(self.run_pytest(words[1:]).outlines)
        else:
            assert words[0] == "lambda-events", f"what is {command.line!r}?"
            printed = self.lambda_events(words[1:], before)
        target = last.partition(" > ")[2].strip()
        if target:
            self.write(target, printed)
        elif command.shown.strip():
            assert agrees(command.shown, printed), f"$ {command.line}\n{printed}"

    def lambda_events(self, words: list[str], before: list[str]) -> str:
        """Our command in this process; the answer may be no, but it can be asked."""
        if words[0] == "capture" and words[1] in LIVE:
            read_only(words)
            return ""
        if before:
            return self.piped(words, before)
        invalidate_caches()
        self.capfd.readouterr()
        known = {*sys.modules}
        code = main(words)
        for name in {*sys.modules} - known:  # a handler that the next command finds anew
            if Path(getattr(sys.modules[name], "__file__", None) or "/").is_relative_to(self.pytester.path):
                del sys.modules[name]
        printed = self.capfd.readouterr()
        assert code in {0, 1}, printed.err
        return printed.out

    def piped(self, words: list[str], before: list[str]) -> str:
        """The same with the output of another command as its input: ours, or an example's of another program."""
        first = shlex.split(before[0])
        given = self.pytester.path / "piped.json"
        if first[0] == "lambda-events":
            given.write_text(self.lambda_events(first[1:], []), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch, given.open(encoding="utf-8") as stdin:
            patch.setattr(sys, "stdin", stdin)
            return self.lambda_events(words, [])


def read_only(words: list[str]) -> None:
    """Let a command read its options, and do nothing."""
    from argparse import ArgumentParser

    class Read(Exception):
        """The options were read."""

    real = ArgumentParser.parse_args
    depth = []

    def parse(self: ArgumentParser, *arguments: object, **named: object) -> object:
        depth.append(self.prog)
        options = real(self, *arguments, **named)
        if len(depth) > 1:
            raise Read
        return options

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ArgumentParser, "parse_args", parse)
        with pytest.raises(Read):
            main(words)


@pytest.fixture
def reader(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[], Reader]:
    """A reader with an empty folder, on a terminal of 80 columns; the folder is where Python looks first."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.syspath_prepend(str(pytester.path))
    return Reader(pytester, capfd)
