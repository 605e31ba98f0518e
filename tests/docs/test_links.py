"""Links within the project, to files and headings. The law: they work on a forge and in the built pages alike."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(path for room in ("docs", "examples", "benchmarks", "cassettes") for path in (ROOT / room).rglob("*.md")),
    ]
)
LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)|^\[[^\]]+\]:\s+(\S+)|(?:href|src)=\"([^\"]+)\"", re.MULTILINE)

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def prose(text: str) -> str:
    """A document without its code."""
    return re.sub(r"`[^`\n]*`", "``", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))


def links(path: Path) -> list[str]:
    """Where a document leads to within the project."""
    found = [next(filter(None, groups)) for groups in LINK.findall(prose(path.read_text(encoding="utf-8")))]
    return [link for link in found if not re.match(r"[a-z][a-z+.-]*:", link)]


def anchors(path: Path) -> set[str]:
    """What a heading is called: as GitHub, GitLab and MkDocs do it, where they agree."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+?)\s*$", text, re.MULTILINE):
        words = re.sub(r"[^\w\s-]", "", heading.lower())
        slug = re.sub(r"\s", "-", words.strip())
        if "--" not in slug:  # where they do not
            found.add(slug)
    return found


def test_there_are_links() -> None:
    """The cases below are not empty."""
    assert len([link for path in DOCUMENTS for link in links(path)]) > 100


@each_document
def test_every_link_leads_somewhere(path: Path) -> None:
    """To a file that is there, and to a heading of it."""
    broken = []
    for link in links(path):
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and (target.is_dir() or anchor not in anchors(target))):
            broken.append(link)
    assert broken == []


@each_document
def test_a_link_stays_where_the_pages_are_built(path: Path) -> None:
    """From a page of `docs/` to a page of it, not to a folder; and never to a machine's own path."""
    found = links(path)
    assert [link for link in found if link.startswith("/")] == []
    if path.is_relative_to(DOCS):
        targets = {link: (path.parent / link.partition("#")[0]).resolve() for link in found if link[0] != "#"}
        assert [link for link, target in targets.items() if not target.is_relative_to(DOCS)] == []
        assert [link for link, target in targets.items() if target.is_dir()] == []


def test_every_page_can_be_found_from_the_first() -> None:
    """By links alone, as on a forge, where there is no navigation."""
    seen, left = set(), [DOCS / "index.md"]
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        names = (link.partition("#")[0] for link in links(path))
        left += [(path.parent / name).resolve() for name in names if name.endswith(".md")]
    pages = [path for path in DOCUMENTS if path.is_relative_to(DOCS)]
    assert [path.relative_to(DOCS).as_posix() for path in pages if path not in seen] == []


def test_the_sites_navigation_has_every_page() -> None:
    """Each once, and in an order that somebody chose."""
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    named = re.findall(r"([\w./-]+\.md)$", text, re.MULTILINE)
    assert sorted(named) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def test_the_site_asks_nobody_else() -> None:
    """No fonts, scripts or styles from other hosts."""
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert "  font: false\n" in text
    assert re.findall(r"https?://|extra_(?:css|javascript)|analytics", text) == []
