"""What a project says about its own events. The law: a rule that cannot mean anything is refused when it is read.

In `pyproject.toml`::

    [tool.lambda_events.redact]
    bodies = "keep"  # or "pseudonymise", "drop": what no rule names

    [[tool.lambda_events.redact.rules]]
    path = "$.customer.name"  # in any document, however deep it is wrapped
    action = "pseudonymise"

    [[tool.lambda_events.redact.rules]]
    path = "Records[*].messageAttributes"  # in the event
    action = "keep"
    source = "sqs"

    [[tool.lambda_events.redact.rules]]
    pattern = "ORD-[0-9]{6}"  # in any text of a payload
    action = "pseudonymise"

The first rule by path that fits decides; what a pattern keeps no other pattern and no form takes.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.model.nearest import nearest
from pytest_lambda_events.model.paths import EVERY, parse_path
from pytest_lambda_events.sources import SOURCES

if TYPE_CHECKING:
    from pytest_lambda_events.cassette.redact.where import Where
    from pytest_lambda_events.model.paths import Path as JsonPath

__all__ = ["ACTIONS", "KEY_ENV", "Action", "Rule", "Rules", "read_rules", "rules_from"]

Action = Literal["keep", "drop", "pseudonymise"]
ACTIONS: Final = ("keep", "drop", "pseudonymise")
KEY_ENV: Final = "LAMBDA_EVENTS_REDACT_KEY"
"""The environment variable that has the key, unless another is named."""

_TABLE: Final = "tool.lambda_events.redact"
_KEYS: Final = ("bodies", "key_env", "key_file", "rules")
_RULE_KEYS: Final = ("path", "pattern", "action", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: by `path` (steps, `EVERY` among them) or by `pattern`; for one source, or for all."""

    action: Action
    path: JsonPath | None = None
    pattern: re.Pattern[str] | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules of a project. `bodies` is what becomes of payloads that no rule names; `keep` lets forms and names
    decide. `key_env` and `key_file` say where the key of the pseudonyms is.
    """

    rules: tuple[Rule, ...] = ()
    bodies: Action = "keep"
    key_env: str = KEY_ENV
    key_file: Path | None = None

    def at(self, where: Where, source: str) -> Action | None:
        """What a rule by path says about a place, or about what is around it."""
        for rule in self.rules:
            if rule.path is not None and rule.source in (None, source) and _fits(rule.path, where):
                return rule.action
        return None

    def patterns(self, source: str) -> list[tuple[Action, re.Pattern[str]]]:
        """What the rules by pattern say that change something."""
        return [
            (rule.action, rule.pattern)
            for rule in self.rules
            if rule.pattern is not None and rule.source in (None, source) and rule.action != "keep"
        ]

    def kept_patterns(self, source: str) -> list[re.Pattern[str]]:
        """The patterns of what is kept."""
        return [
            rule.pattern
            for rule in self.rules
            if rule.pattern is not None and rule.source in (None, source) and rule.action == "keep"
        ]


def _fits(path: JsonPath, where: Where) -> bool:
    layers = where.layers[1:] if path[0] == "$" else where.layers[:1]
    return any(
        len(layer) >= len(path) and all(step in (EVERY, there) for step, there in zip(path, layer, strict=False))
        for layer in layers
    )


# -- from pyproject.toml -----------------------------------------------------------------------------------------------


def rules_from(folder: Path) -> Rules:
    """The rules of the project that a folder is in: of the nearest `pyproject.toml`; none where there is none."""
    for one in (folder, *folder.parents):
        file = one / "pyproject.toml"
        if file.is_file():
            return read_rules(file)
    return Rules()


def read_rules(file: Path) -> Rules:
    """The rules in a `pyproject.toml`. Errors: `UsageError`, which names what is wrong."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        tree: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    for key in _TABLE.split("."):
        tree = tree.get(key, {}) if isinstance(tree, dict) else {}
    if not isinstance(tree, dict):
        raise UsageError(f"{file}: [{_TABLE}] is a table")
    _check_keys(tree, _KEYS, f"{file}: [{_TABLE}]")
    found = tree.get("rules", [])
    if not isinstance(found, list):
        raise UsageError(f"{file}: rules is a list: write [[{_TABLE}.rules]]")
    return Rules(
        rules=tuple(_rule(one, f"{file}: rule {number} of [{_TABLE}]") for number, one in enumerate(found, 1)),
        bodies=_action(tree.get("bodies", "keep"), f"{file}: bodies"),
        key_env=_text(tree.get("key_env", KEY_ENV), f"{file}: key_env"),
        key_file=_key_file(tree["key_file"], file) if "key_file" in tree else None,
    )


def _rule(tree: Any, where: str) -> Rule:
    if not isinstance(tree, dict):
        raise UsageError(f"{where} is a table with {', '.join(_RULE_KEYS)}")
    _check_keys(tree, _RULE_KEYS, where)
    if ("path" in tree) == ("pattern" in tree):
        raise UsageError(f"{where} has a path or a pattern, and just one of them")
    source = tree.get("source")
    names = [one.name for one in SOURCES]
    if source is not None and source not in names:
        raise UsageError(f"{where}: there is no source {source!r}{nearest(str(source), names)}")
    action = _action(tree.get("action"), f"{where}: action")
    if "path" in tree:
        return Rule(action=action, source=source, path=parse_path(_text(tree["path"], f"{where}: path")))
    pattern = _text(tree["pattern"], f"{where}: pattern")
    try:
        return Rule(action=action, source=source, pattern=re.compile(pattern))
    except re.error as error:
        raise UsageError(f"{where}: {pattern!r} is no regular expression: {error}") from None


def _check_keys(tree: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in tree:
        if key not in known:
            raise UsageError(f"{where} has no {key!r}{nearest(key, known)}; there are {', '.join(known)}")


def _action(value: Any, where: str) -> Action:
    if value not in ACTIONS:
        raise UsageError(f"{where} is {value!r}, and it is one of {', '.join(ACTIONS)}")
    return cast("Action", value)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{where} is {value!r}, and it is a text")
    return value


def _key_file(value: Any, file: Path) -> Path:
    """Errors: `UsageError` for a file in the project: it would be committed with the cassettes."""
    path = Path(_text(value, f"{file}: key_file")).expanduser()
    path = path if path.is_absolute() else file.parent / path
    if file.parent.resolve() in path.resolve().parents:
        raise UsageError(
            f"{file}: key_file = {value!r} is inside of the project, where it would be committed beside the cassettes. "
            "Keep it elsewhere, such as ~/.config/lambda-events/redact.key"
        )
    return path
