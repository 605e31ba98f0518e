"""The comparison of two runs in a browser, made by the command that people use."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events import Harness
from pytest_lambda_events.cli.diff import main
from pytest_lambda_events.report.trace_file import trace_text
from pytest_lambda_events.report.view import view_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

HOSTILE = '<script>document.title = "poisoned"</script><img src=x onerror=alert(1)>'
TEXTS = ("book", "poison", "pen", "slow", "late poison")
SHOWN = "[...document.querySelectorAll('.change')].filter(one => one.checkVisibility())"
HEADS = "[...document.querySelectorAll('.change-head')].map(one => one.textContent)"


def buggy(event: Any, _context: Any) -> None:
    """Refuses poison."""
    for record in event["Records"]:
        if "poison" in record["body"]:
            raise ValueError(f"no such order: {record['body']}")


def mended(event: Any, _context: Any) -> None:
    """Refuses nothing but what was fine before."""
    for record in event["Records"]:
        if "slow" in record["body"]:
            raise KeyError("speed")


def fine(_event: Any, _context: Any) -> None:
    """Takes everything."""


def trace_of(handler: Any, texts: Sequence[str] = TEXTS, *, seed: int = 1, **parameters: Any) -> str:
    """A run as the text of its trace."""
    with Harness(seed=seed, region="us-east-1") as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=3)
        mapping = aws.event_source_mapping(queue, handler, **parameters)
        queue.send(*texts)
        return trace_text(view_of(mapping.run_until_idle()), test=None)


@pytest.fixture
def compared(tmp_path: Path, chromium: Any) -> Callable[..., Path]:
    """`compared(one, other)`: the page that `lambda-events diff --html` writes of two traces."""

    def write(one: str, other: str, *, names: tuple[str, str] = ("before.json", "after.json")) -> Path:
        files = [tmp_path / name for name in names]
        for file, text in zip(files, (one, other), strict=True):
            file.write_text(text, encoding="utf-8")
        page = tmp_path / "diff.html"
        main([*map(str, files), "--html", str(page)])
        return page

    return write


@pytest.fixture
def bugs(compared: Any) -> Path:
    """A handler with a bug, and one with another."""
    return compared(trace_of(buggy, BatchSize=1), trace_of(mended, BatchSize=1))  # type: ignore[no-any-return]


def opened_everywhere(tab: Any) -> None:
    """All changes open."""
    tab.js("document.querySelectorAll('.change-head').forEach((button) => button.click())")
    tab.settle()


@pytest.mark.parametrize("width", [1280, 390, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_handler_and_a_mended_one(opened: Any, bugs: Path, tmp_path: Path, width: int, scheme: str) -> None:
    """Worse and better, first on the page; without a word in the console or a request, and no wider than the window."""
    tab = opened(bugs, width=width, scheme=scheme)
    assert tab.js("document.querySelector('main > section').className") == "test comparison"
    assert "3 of 5 records changed (1 for the worse, 2 for the better)" in tab.js(
        "document.querySelector('.headline').textContent"
    )
    tab.screenshot(tmp_path / f"closed-{width}-{scheme}.png")
    opened_everywhere(tab)
    assert tab.js("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert tab.screenshot(tmp_path / f"open-{width}-{scheme}.png").stat().st_size > 10_000
    assert tab.complaints == []


def test_worse_and_better_are_words_and_shapes(opened: Any, bugs: Path) -> None:
    """In the order of importance; both sides say what became of the records, whose colour is one of three signs."""
    tab = opened(bugs)
    assert tab.js(HEADS) == [
        "Worse 1 record slow before.json: processed after 1 attempt →after.json: dead-lettered after 3 attempts",
        "Better 2 records poison before.json: dead-lettered after 3 attempts →after.json: processed after 1 attempt",
    ]
    icons = "[...document.querySelectorAll('.kind svg')].map(one => one.querySelector('path').getAttribute('d'))"
    assert len(set(tab.js(icons))) == 2
    lefts = "[...document.querySelectorAll('.change-head .side:last-child, .heads span:last-child')]"
    assert len(set(tab.js(f"{lefts}.map(one => one.getBoundingClientRect().left)"))) == 1
    assert tab.js(f"{lefts}.every(one => one.getBoundingClientRect().left > innerWidth / 2)")


def test_details_on_demand(opened: Any, bugs: Path) -> None:
    """Moments, reasons, and the records; by keyboard, with the focus where it was when they are closed."""
    tab = opened(bugs)
    assert tab.js("document.querySelectorAll('.change table').length") == 0
    tab.js("document.querySelectorAll('.change-head')[1].focus()")
    tab.key("Enter")
    cells = "[...document.querySelectorAll('.change .three:not(.pairs) tbody tr')]"
    assert tab.js(f"{cells}.map(row => [...row.children].map(cell => cell.textContent))") == [
        ["attempts", "0, 30, 60 s", "0 s"],
        ["why", "raised ValueError: no such order: poison", "no failure"],
        ["left at", "90 s", "0 s"],
    ]
    assert tab.js("document.querySelector('.change caption').textContent") == "What differs of the first, poison"
    assert tab.js("[...document.querySelectorAll('.pairs tbody th')].map(one => one.textContent)") == [
        "poison",
        "late poison",
    ]
    tab.key("Tab")
    assert tab.js("document.activeElement.className") == "link id"
    tab.key("Escape")
    assert tab.js("document.querySelectorAll('.change table').length") == 0
    assert tab.js("document.activeElement.className") == "change-line change-head"


def test_each_record_leads_to_both_runs(opened: Any, bugs: Path) -> None:
    """To its row there, opened and with the focus; a filter that hides it is cleared."""
    tab = opened(bugs)
    opened_everywhere(tab)
    links = "[...document.querySelectorAll('.pairs .link')]"
    labels = tab.js(f"{links}.map(one => one.ariaLabel)")
    assert [label.rpartition(" ")[2] for label in labels] == ["before.json", "after.json"] * 3
    assert labels[2].startswith("poison ")
    tab.js(f"{links}[2].click()")
    tab.settle()
    focused = "document.activeElement.closest('.test').querySelector('.name').textContent"
    assert tab.js(focused) == "before.json"
    assert "tried 3 times" in tab.js("document.querySelector('.row .verdict').textContent")
    assert tab.js("location.hash") == "#open=0"
    tab.js(f"{links}[3].click()")
    tab.settle()
    assert tab.js(focused) == "after.json"
    assert tab.js("document.activeElement.dataset.record") == tab.js(f"{links}[3].title")
    assert tab.js("location.hash") == "#open=0.1"

    search(tab, "dead_lettered", "fate")
    tab.js("document.querySelectorAll('.change-head')[1].click()")
    tab.js(f"{links}[1].click()")  # processed in this run, so that the filter does not show it
    tab.settle()
    assert tab.js("document.getElementById('fate').value") == ""
    assert tab.js(focused) == "after.json"
    assert tab.complaints == []


def search(tab: Any, text: str, field: str = "query") -> None:
    """As if this was typed, or chosen."""
    tab.js(
        f"{{ const field = document.getElementById('{field}'); field.value = {json.dumps(text)};"
        " field.dispatchEvent(new Event('input')); }"
    )
    tab.settle()


def test_the_search_finds_changes(opened: Any, bugs: Path) -> None:
    """By what records carry, by id and by fate; tables of the whole runs stay."""
    tab = opened(bugs)
    search(tab, "late")
    (head,) = tab.js(HEADS)
    assert head.startswith("Better 1 of 2 records late poison before.json: dead-lettered after 3 attempts ")
    opened_everywhere(tab)
    assert tab.js("document.querySelectorAll('.pairs tbody tr').length") == 1
    assert tab.js("document.querySelectorAll('.sections table').length") == 2
    record_id = tab.js("document.querySelector('.pairs .link').title")
    search(tab, record_id.upper())
    assert tab.js(f"{SHOWN}.length") == 1
    search(tab, "book")
    assert tab.js(f"{SHOWN}.length") == 0
    note = "document.querySelector('.comparison .note').textContent"
    assert tab.js(note) == "None of the changed records that are listed here matches."
    search(tab, "")
    search(tab, "dead_lettered", "fate")
    assert tab.js(f"{SHOWN}.length") == 2
    assert tab.complaints == []


def test_two_seeds_are_the_same(opened: Any, compared: Any, tmp_path: Path) -> None:
    """Which is one line."""
    for width, scheme in ((1280, "light"), (390, "dark")):
        tab = opened(compared(trace_of(buggy, seed=1), trace_of(buggy, seed=2)), width=width, scheme=scheme)
        assert tab.js("document.querySelector('.comparison').textContent") == (
            "The runs are the same: 5 records fared alike."
        )
        search(tab, "book")
        assert tab.js("document.getElementById('matches').textContent") == "2 records in 2 runs match"
        assert tab.js("document.querySelector('.comparison').children.length") == 1
        tab.screenshot(tmp_path / f"same-{width}-{scheme}.png")
        assert tab.complaints == []


def test_a_file_and_itself(opened: Any, compared: Any) -> None:
    """Have one name, and are the same."""
    text = trace_of(buggy)
    tab = opened(compared(text, text, names=("a.json", "a.json")))
    assert tab.js("document.querySelector('.headline').textContent").startswith("The runs are the same")
    assert tab.complaints == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_another_batch_size(opened: Any, compared: Any, tmp_path: Path, width: int, scheme: str) -> None:
    """The mapping's parameters in a table with heads for rows and columns; records that only one run has."""
    page = compared(
        trace_of(buggy, [*TEXTS, "only before"], BatchSize=10),
        trace_of(buggy, [*TEXTS, *[f"only after {number}" for number in range(30)]], seed=2, BatchSize=1),
    )
    tab = opened(page, width=width, scheme=scheme)
    tables = "[...document.querySelectorAll('.sections table')]"
    assert tab.js(f"{tables}.map(one => one.caption.textContent)")[:2] == ["Mapping orders", "Invocations"]
    assert tab.js(f"[...{tables}[0].rows].map(row => [...row.cells].map(cell => cell.textContent))") == [
        ["", "before.json", "after.json"],
        ["BatchSize", "10", "1"],
    ]
    assert tab.js(f"[...{tables}[0].querySelectorAll('th')].map(one => one.scope)") == ["col", "col", "row"]
    assert "The same ending, another way 1 record late poison in reasons" in tab.js(HEADS)[2]
    heads = tab.js("[...document.querySelectorAll('.comparison h3')].map(one => one.textContent)")
    assert heads == ["Records that changed", "Only in after.json: 29 records", "Other changes"]
    search(tab, "only after 1")
    assert tab.js("document.querySelector('.comparison h3').textContent") == "Only in after.json: 11 of 29 records"
    search(tab, "")
    opened_everywhere(tab)
    assert tab.js("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    tab.screenshot(tmp_path / f"batch-{width}-{scheme}.png")
    assert tab.complaints == []


@pytest.mark.parametrize("width", [1280, 360])
def test_hostile_texts_stay_texts(opened: Any, compared: Any, tmp_path: Path, width: int) -> None:
    """In payloads, reasons, parameters and names; long ones are wrapped."""
    pattern = json.dumps({"body": [{"anything-but": [HOSTILE + "x" * 150]}]})
    texts = [HOSTILE, f"poison {HOSTILE}", "poison " + "y" * 380]
    page = compared(
        trace_of(buggy, texts, BatchSize=1),
        trace_of(fine, [*texts, f"late {HOSTILE}"], FilterCriteria={"Filters": [{"Pattern": pattern}]}),
        names=("<b>one" + "n" * 90 + ".json", "two & <i>.json"),
    )
    tab = opened(page, width=width, scheme="dark")
    opened_everywhere(tab)
    text = tab.js("document.querySelector('.comparison').textContent")
    assert text.count(HOSTILE) >= 5
    assert tab.js("document.querySelectorAll('.comparison img, .comparison script, .comparison b').length") == 0
    assert tab.js("document.title").startswith("<b>one")
    assert tab.js("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    tab.screenshot(tmp_path / f"hostile-{width}.png")
    assert tab.complaints == []


def test_many_changes(opened: Any, compared: Any, tmp_path: Path) -> None:
    """Of thousands that changed in the same way 200 are listed, in portions; the others are in the runs."""
    texts = [f"poison {number}" for number in range(1_000)]
    tab = opened(compared(trace_of(fine, texts), trace_of(buggy, texts, BatchSize=1)))
    assert tab.js(f"{HEADS}[0]").startswith("Worse 1,000 records poison 0 ")
    opened_everywhere(tab)
    rows = "document.querySelectorAll('.pairs tbody tr').length"
    more = "document.querySelector('.change .more')"
    assert tab.js(rows) == 10
    assert tab.js("document.querySelector('.change .note').textContent") == "and 800 more, which are in the runs below."
    tab.js(f"while (!{more}.hidden) {more}.click()")
    assert tab.js(rows) == 200
    tab.js("[...document.querySelectorAll('.pairs .link')].pop().click()")
    tab.settle()
    assert "tried 3 times" in tab.js("document.querySelector('.single .verdict').textContent")
    tab.screenshot(tmp_path / "many.png")
    assert tab.complaints == []


def test_many_ways(opened: Any, compared: Any) -> None:
    """In portions; and it is said how many are not there."""
    seen: dict[str, int] = {}

    def often(event: Any, _context: Any) -> None:
        for record in event["Records"]:
            seen[record["body"]] = seen.get(record["body"], 0) + 1
            if seen[record["body"]] <= int(record["body"]):
                raise ValueError(record["body"])

    texts = [str(number) for number in range(60)]
    parameters = {"BatchSize": 1}
    with Harness(seed=1, region="us-east-1") as aws:
        queue = aws.sqs_queue("orders", VisibilityTimeout=30, maxReceiveCount=100)
        mapping = aws.event_source_mapping(queue, often, **parameters)
        queue.send(*texts)
        after = trace_text(view_of(mapping.run_until_idle()), test=None)
    tab = opened(compared(trace_of(fine, texts, BatchSize=1), after))
    assert tab.js(f"{SHOWN}.length") == 12
    assert tab.js("document.querySelector('.comparison .note').textContent") == (
        "9 more records changed in 9 other ways, which are not listed here."
    )
    more = "document.querySelector('.comparison .more')"
    tab.js(f"while (!{more}.hidden) {more}.click()")
    assert tab.js(f"{SHOWN}.length") == 50
    assert tab.complaints == []


def test_names_for_those_who_do_not_see(opened: Any, bugs: Path) -> None:
    """Every control has a name, headings leave out no level, tables have captions and heads, ids are used once."""
    tab = opened(bugs)
    opened_everywhere(tab)
    controls = "[...document.querySelectorAll('button, select, input')]"
    assert tab.js(f"{controls}.every(one => one.textContent.trim() || one.ariaLabel || one.labels?.length)")
    levels = tab.js("[...document.querySelectorAll('h1, h2, h3, h4, h5')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert tab.js("[...document.querySelectorAll('table')].every(one => one.caption && one.querySelector('th[scope]'))")
    assert tab.js("[...document.querySelectorAll('tbody tr')].every(one => one.cells[0].scope === 'row')")
    ids = "[...document.querySelectorAll('[id]')].map(one => one.id)"
    assert tab.js(f"(ids => ids.length === new Set(ids).size)({ids})")
    section = "document.querySelector('.comparison')"
    assert tab.js(f"document.getElementById({section}.getAttribute('aria-labelledby')).tagName") == "H2"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(opened: Any, bugs: Path, scheme: str) -> None:
    """All text has a contrast of 4.5 to 1 with what is behind it, with everything open."""
    tab = opened(bugs, scheme=scheme)
    opened_everywhere(tab)
    assert tab.poor_contrasts == []
