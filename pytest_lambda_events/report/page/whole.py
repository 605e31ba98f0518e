"""The page, put together from entries. The law: no external resource, and nothing that an entry says can end the
element that holds it.
"""

from __future__ import annotations

import base64
import hashlib
import html
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from pytest_lambda_events.report.page.shown import safe

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["page_of"]

# in the order in which they need each other
_SCRIPTS: Final = (
    *("basics", "scale", "marks", "charts", "story", "timeline", "calls", "test", "filter"),
    *("comparison", "main"),
)

_ESCAPES: Final = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def page_of(entries: Iterable[str], *, title: str, made: str, comparisons: Iterable[str] = ()) -> str:
    """The whole file. `entries` are what `entry_of` made, in any order; `made` says when, or by what, for the footer.

    `comparisons` are what `comparison_entry` made, one for each two runs that are compared: those whose entries have
    its `names` as their tests.
    """
    script = "".join(_text(f"{name}.js") for name in _SCRIPTS)
    script = f'"use strict";\n(() => {{\n{script}}})();\n'
    data: list[str] = []
    for entry in entries:
        head, _, body = entry.partition("\n")
        data.extend((_element("head", head), _element("body", body)))
    data.extend(_element("comparison", comparison) for comparison in comparisons)
    filled = {
        "TITLE": _shown(title),
        "MADE": _shown(made),
        "STYLE": _text("page.css"),
        "HASH": base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
        "DATA": "\n".join(data),
        "SCRIPT": script,
    }
    first, *rest = _text("page.html").split("{{")
    parts = [first]
    for part in rest:
        name, _, after = part.partition("}}")
        parts.extend((filled[name], after))
    return "".join(parts)


def _element(kind: str, text: str) -> str:
    """Data for the script. In JSON a `<` stands in a string only, where it may be written in another way."""
    text = safe(text)
    for letter, escape in _ESCAPES.items():
        text = text.replace(letter, escape)
    return f'<script type="application/json" data-kind="{kind}">{text}</script>'


def _shown(text: str) -> str:
    return html.escape(text.encode("utf-8", "replace").decode("utf-8"))


def _text(name: str) -> str:
    return files("pytest_lambda_events.report.page").joinpath(name).read_text(encoding="utf-8")
