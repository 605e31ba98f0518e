"""The options, once. The law: the command line, the ini keys and the CLI read this table, so they cannot drift.

Importing this module imports nothing: the plugin does it in every pytest run.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

__all__ = ["OPTIONS", "Option"]


_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class Option:
    """`name` is `--lambda-events-<name>` on the command line and `lambda_events_<name>` in an ini file.

    `default` None means: left to the harness; a `bool` is a switch. An option on the command line wins over the ini
    file. With `choices` it is one of these; `metavar` is what help calls the value. A plain class, because making a
    named tuple or dataclass takes a millisecond of every pytest run.
    """

    __slots__ = ("choices", "default", "help", "metavar", "name", "type")

    def __init__(
        self,
        name: str,
        default: object,
        type: type,  # noqa: A002 - argparse's own words
        help: str,  # noqa: A002
        choices: tuple[str, ...] | None = None,
        *,
        metavar: str | None = None,
    ) -> None:
        self.name = name
        self.default = default
        self.type = type
        self.help = help
        self.choices = choices
        self.metavar = metavar

    @property
    def flag(self) -> str:
        """The command line's form."""
        return f"--lambda-events-{self.name}"

    @property
    def ini(self) -> str:
        """The ini file's form."""
        return f"lambda_events_{self.name.replace('-', '_')}"

    @property
    def expected(self) -> str:
        """What may be given."""
        return self.type.__name__ if self.choices is None else f"one of {', '.join(self.choices)}"

    def read(self, written: str) -> object:
        """The value that is written in an ini file. Errors: `ValueError`."""
        if self.choices is not None and written not in self.choices:
            raise ValueError(written)
        if self.type is not bool:
            return self.type(written)
        if written.lower() not in _SWITCHES:
            raise ValueError(written)
        return _SWITCHES[written.lower()]


OPTIONS: tuple[Option, ...] = (
    Option("seed", 0, int, "seed of all identifiers; the same seed gives the same trace"),
    Option("start", "2025-01-01T00:00:00Z", str, "where virtual time begins, ISO 8601"),
    Option("region", None, str, "region of sources and functions (default: AWS_DEFAULT_REGION, else us-east-1)"),
    Option("strict", None, bool, "a run that ends with advice fails (default: off)"),
    Option("silence", None, str, "codes of advice that nobody wants to hear, separated by commas (default: none)"),
    Option(
        "record",
        "none",
        str,
        "what is recorded into cassettes: none; once, where a file is missing; new, what it has not; all, anew what it "
        "has; rewrite, as if it were missing (in CI: none)",
        ("none", "once", "new", "all", "rewrite"),
    ),
    Option("unused", "warn", str, "what to do about what a test did not use of its cassette", ("warn", "error")),
    Option("cassette-max-age", None, float, "days after which a cassette is warned about (default: never)"),
    Option(
        "report",
        None,
        str,
        "HTML file of what happened in every test that used a harness (default: none)",
        metavar="PATH",
    ),
    Option("traces", None, str, "folder of a JSON trace of every such test (default: none)", metavar="DIR"),
)
