"""Cassettes on disk: whole or absent, small enough, under sound names, and never mistaken for missing."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_lambda_events.cassette import Interaction, load, store, write
from pytest_lambda_events.cassette.codec import LINES_FROM
from pytest_lambda_events.errors import (
    CassetteBroken,
    CassetteError,
    CassetteMissing,
    CassetteTooLarge,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_lambda_events.cassette import Cassette

    Maker = Callable[..., Cassette]

KILLS = 50

# Writes cassettes of one and of many interactions over each other for ever, and says so after each.
WRITER = """
import sys
from pytest_lambda_events.cassette import Captured, Cassette, Interaction, write

def cassette(count, number):
    interactions = tuple(Interaction(event={"write": number, "place": place}) for place in range(count))
    return Cassette(source="sqs", recorded_at="2025-01-01T00:00:00Z", recorded_by="x", captured=Captured(how="file"),
                    interactions=interactions)

for number in range(10**9):
    write(cassette((1, 150, 151)[number % 3], number), sys.argv[1], overwrite=True)
    print(number, flush=True)
"""


def many(cassette: Maker, count: int = LINES_FROM) -> Cassette:
    return cassette(*(Interaction(event={"n": number}) for number in range(count)))


def test_what_is_written_is_loaded(everything: Cassette, tmp_path: Path) -> None:
    """The folder is made where there is none; nothing but the cassette is left behind."""
    path = tmp_path / "cassettes" / "orders.json"
    assert write(everything, path) == [path]
    assert load(path) == everything
    assert list(path.parent.iterdir()) == [path]


def test_many_interactions_are_two_files(cassette: Maker, tmp_path: Path) -> None:
    """What the next version no longer needs goes."""
    path = tmp_path / "orders.json"
    before, after = many(cassette), many(cassette, LINES_FROM + 1)
    file, lines = write(before, path)
    assert (file, lines.suffix) == (path, ".jsonl")
    assert load(path) == before
    write(before, path, overwrite=True)
    assert set(tmp_path.iterdir()) == {file, lines}
    write(after, path, overwrite=True)
    assert lines not in tmp_path.iterdir()
    assert load(path) == after
    write(cassette(), path, overwrite=True)
    assert list(tmp_path.iterdir()) == [path]


def test_lines_of_another_name_are_not_removed(cassette: Maker, tmp_path: Path) -> None:
    """A cassette that was copied or made by somebody else may name the lines of its neighbour."""
    orders, lines = write(many(cassette), tmp_path / "orders.json")
    copied = tmp_path / "copied.json"
    copied.write_bytes(orders.read_bytes())
    assert load(copied) == load(orders)
    write(cassette(), copied, overwrite=True)
    assert lines.exists()
    assert load(orders) == many(cassette)


def test_lines_that_are_not_there_are_no_missing_cassette(cassette: Maker, tmp_path: Path) -> None:
    """Half a cassette is a broken one."""
    path, lines = write(many(cassette), tmp_path / "orders.json")
    lines.unlink()
    with pytest.raises(CassetteBroken, match="half of a cassette"):
        load(path)


def test_lines_elsewhere_are_not_read(cassette: Maker, tmp_path: Path) -> None:
    """A link could lead anywhere."""
    path, lines = write(many(cassette), tmp_path / "orders.json")
    elsewhere = tmp_path / "elsewhere"
    lines.rename(elsewhere)
    try:
        lines.symlink_to(elsewhere)
    except OSError:  # Windows, without the right to
        pytest.skip("no symbolic links here")
    with pytest.raises(CassetteBroken, match="symbolic link"):
        load(path)


def test_nothing_is_overwritten_unasked(cassette: Maker, tmp_path: Path) -> None:
    """And asked, only a cassette is."""
    path = tmp_path / "orders.json"
    write(cassette(), path)
    with pytest.raises(CassetteError, match="is there already"):
        write(cassette(), path)
    path.write_text('{"name": "somebody-elses-package"}', encoding="utf-8")
    with pytest.raises(CassetteBroken, match="is no cassette"):
        write(cassette(), path, overwrite=True)
    assert "somebody" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    ["orders", "orders.txt", "con.json", "NUL.json", "com1.x.json", ".hidden.json", "a:b.json", "a\x00.json", "é.json"],
)
def test_a_name_is_one_on_every_system(cassette: Maker, tmp_path: Path, name: str) -> None:
    """What is committed here is checked out there."""
    with pytest.raises(UsageError, match="is no name for a cassette"):
        write(cassette(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_missing_is_said_to_be_missing(tmp_path: Path) -> None:
    """And only that."""
    with pytest.raises(CassetteMissing, match="no such cassette"):
        load(tmp_path / "no-such.json")
    for unreadable in (tmp_path, tmp_path / "a\x00.json"):
        with pytest.raises(CassetteError) as caught:
            load(unreadable)
        assert not isinstance(caught.value, CassetteMissing)


@pytest.mark.parametrize("content", [b"", b"{}", b"{", b"\x00" * 100, b"[]\n"])
def test_a_broken_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    """Also for whoever would write over it."""
    path = tmp_path / "orders.json"
    path.write_bytes(content)
    with pytest.raises(CassetteBroken):
        load(path)


def test_the_cap_holds_for_reading_and_writing(cassette: Maker, tmp_path: Path) -> None:
    """Lines count, and nothing is left of what was refused."""
    path = tmp_path / "orders.json"
    with pytest.raises(CassetteTooLarge, match=r"would have [\d,]+ bytes, and 500 are the most"):
        write(cassette(), path, max_bytes=500)
    with pytest.raises(CassetteTooLarge, match="drop bodies"):
        write(many(cassette), path, max_bytes=1_000)
    assert list(tmp_path.iterdir()) == []
    write(many(cassette), path)
    with pytest.raises(CassetteTooLarge, match="100 are the most that are read"):
        load(path, max_bytes=100)
    with pytest.raises(CassetteTooLarge, match="jsonl has"):
        load(path, max_bytes=path.stat().st_size + 10)


def test_what_could_not_be_read_again_is_not_written(cassette: Maker, tmp_path: Path) -> None:
    """Too deep."""
    deep: object = 0
    for _ in range(300):
        deep = [deep]
    with pytest.raises(CassetteTooLarge, match="nests deeper"):
        write(cassette(Interaction(event={"deep": deep})), tmp_path / "orders.json")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(cassette: Maker, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CassetteError, match=r"orders\.json cannot be (written|read)"):
        write(cassette(), tmp_path / "file" / "orders.json")


def test_a_failed_write_leaves_the_old_one(cassette: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no draft."""
    path = tmp_path / "orders.json"
    write(cassette(), path)
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CassetteError, match="No space left on device"):
        write(many(cassette), path, overwrite=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_drafts_of_the_dead_are_cleared(cassette: Maker, tmp_path: Path) -> None:
    """Those of an hour ago; a fresh one may be somebody's who is writing."""
    path = tmp_path / "orders.json"
    old, fresh, other = (
        tmp_path / f".orders.json.{'0' * 16}.tmp",
        tmp_path / f".orders.json.{'1' * 16}.tmp",
        tmp_path / f".others.json.{'0' * 16}.tmp",
    )
    for draft in (old, fresh, other):
        draft.write_text("half", encoding="utf-8")
    for draft in (old, other):
        os.utime(draft, (1, 1))
    write(cassette(), path)
    assert set(tmp_path.iterdir()) == {path, fresh, other}


@pytest.mark.once
def test_a_killed_writer_leaves_a_whole_cassette_or_none(tmp_path: Path) -> None:
    """Fifty writers, each killed at some moment: what lies there is always absent or valid."""
    dice = random.Random(0)
    found, last = 0, -1
    for _ in range(KILLS // 2):
        # two at a time, each with a file of its own, so that the machine's cores are used and the moments differ more
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / f"{name}.json")], stdout=subprocess.PIPE)
            for name in ("one", "two")
        ]
        for writer in writers:
            assert writer.stdout is not None
            for _ in range(dice.randrange(4)):
                writer.stdout.readline()
            for _ in range(dice.randrange(100_000)):
                pass
            writer.kill()
            writer.communicate()
        for name in ("one", "two"):
            path = tmp_path / f"{name}.json"
            try:
                loaded = load(path)
            except CassetteMissing:
                continue
            found += 1
            numbers = {one.event["write"] for one in loaded.interactions}
            assert len(numbers) == 1, "parts of two cassettes"
            assert [one.event["place"] for one in loaded.interactions] == list(range(len(loaded.interactions)))
            last = max(last, *numbers)
    assert found
    assert last >= 0


@pytest.mark.parametrize("step", range(1, 12))
def test_a_writer_that_dies_at_any_step_leaves_the_old_or_the_new(
    cassette: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """At each call to the operating system in turn, with nothing tidied up: as a kill at exactly that point does."""
    path = tmp_path / "orders.json"
    old, new = many(cassette), many(cassette, LINES_FROM + 7)
    write(old, path)
    calls = iter(range(1, 1_000))

    class Killed(BaseException):
        pass

    def dying(call: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*arguments: object, **named: object) -> object:
            if next(calls) >= step:
                raise Killed
            return call(*arguments, **named)

        return wrapped

    with monkeypatch.context() as patches:
        for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (Path, "open")):
            patches.setattr(owner, name, dying(getattr(owner, name)))
        with contextlib.suppress(Killed):
            write(new, path, overwrite=True)
    assert load(path) in (old, new)


def test_a_cassette_that_is_replaced_while_it_is_read_is_read_anew(
    cassette: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines that it names may be gone when they are looked for."""
    path = tmp_path / "orders.json"
    old, new = many(cassette), many(cassette, LINES_FROM + 7)
    write(old, path)
    read = store.content_of

    def late(file: Path, most: int) -> bytes:
        data = read(file, most)
        monkeypatch.undo()
        write(new, path, overwrite=True)
        return data

    monkeypatch.setattr(store, "content_of", late)
    assert load(path) == new
