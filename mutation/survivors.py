"""The list of survivors, with what was judged of each. The law: a judgement is written by hand into the last column and
stays there as long as the file, the line and the change read the same, however often the list is written anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from mutation.mutants import Mutant

UNJUDGED = "?"
CELLS = 4

HEAD = """# Mutants that survived

Written by `python -m mutation`; the last column by hand. *Equivalent*: nobody can see it, or what it changes is
promised nowhere. *Elsewhere*: a test that is not asked here (another process, an inner run of pytest, one beyond the
budget) notices it. *Gap*: a test could, and is missing. *Closed*: it was, until this list was judged.
"""

Key = tuple[str, str, str]


def judgements_in(text: str) -> dict[Key, str]:
    """What was judged, by path, old line and new line."""
    found = {}
    path = ""
    for line in text.splitlines():
        if line.startswith("## "):
            path = line.removeprefix("## ")
        cells = _cells(line)
        if len(cells) == CELLS and cells[1].startswith("`"):
            found[path, cells[1].strip("`"), cells[2].strip("`")] = cells[3]
    return found


def list_of(survivors: Iterable[Mutant], judgements: Mapping[Key, str], summary: str) -> str:
    """The file's text."""
    return "\n".join([HEAD, summary, *_sections(survivors, judgements)]) + "\n"


def key_of(mutant: Mutant) -> Key:
    """What a mutant is known by in the list."""
    return mutant.path, _cell(mutant.was), _cell(mutant.becomes)


def write(path: Path, survivors: Iterable[Mutant], summary: str) -> int:
    """Write the list anew, and keep what was judged before; how many are not judged."""
    judgements = judgements_in(path.read_text(encoding="utf-8")) if path.exists() else {}
    text = list_of(survivors, judgements, summary)
    path.write_text(text, encoding="utf-8")
    return text.count(f"| {UNJUDGED} |\n")


def _sections(survivors: Iterable[Mutant], judgements: Mapping[Key, str]) -> Iterator[str]:
    path = ""
    for mutant in sorted(survivors, key=lambda mutant: (mutant.path, mutant.edits)):
        if mutant.path != path:
            path = mutant.path
            yield f"\n## {path}\n\n| line | was | becomes | judgement |\n|---|---|---|---|"
        _, was, becomes = key_of(mutant)
        judged = judgements.get((path, was, becomes), UNJUDGED)
        yield f"| {mutant.line} | `{was}` | `{becomes}` | {judged} |"


def _cell(text: str) -> str:
    """A bar would end the cell, a backtick the code."""
    return text.replace("|", "\\|").replace("`", "'")


def _cells(line: str) -> list[str]:
    if not (line.startswith("| ") and line.endswith(" |")):
        return []
    return line[2:-2].split(" | ")
