"""Where reports are written: in one step, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_lambda_events.errors import UsageError
from pytest_lambda_events.report.files import claim, make_folder, place_of, put, seen_from


def test_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder on, unless they begin elsewhere."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert place_of("a/b.html", tmp_path) == tmp_path / "a" / "b.html"
    assert place_of(str(tmp_path / "c"), Path("elsewhere")) == tmp_path / "c"
    assert place_of("~/d", Path("elsewhere")) == tmp_path / "d"
    with pytest.raises(UsageError, match=r"~nobody-of-this-name/d: "):
        place_of("~nobody-of-this-name/d", tmp_path)


def test_a_file_is_claimed(tmp_path: Path) -> None:
    """Its folder is made, and nothing is left there."""
    claim(tmp_path / "a" / "b" / "report.html")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    with pytest.raises(UsageError, match="is a folder: name a file in it"):
        claim(tmp_path / "a")


@pytest.mark.parametrize("name", ["file", "file/below", "nul\0l"])
def test_a_folder_that_cannot_be_one(tmp_path: Path, name: str) -> None:
    """It is said why."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written into: "):
        make_folder(tmp_path / name)


def test_a_file_is_put(tmp_path: Path) -> None:
    """In UTF-8, in the place of another."""
    for text in ("old", "n\u00e9w \ud800"):
        put(tmp_path / "a.json", text)
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == "n\u00e9w \\ud800"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_or_it_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no draft is left."""
    put(tmp_path / "a.json", "old")

    def fails(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(UsageError, match=r"a\.json cannot be written: No space left"):
        put(tmp_path / "a.json", "new")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("a.json", "old")]


def test_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a browser follows them; on another drive, from the top."""
    assert seen_from(tmp_path / "out" / "report.html", tmp_path / "traces" / "a.json") == "../traces/a.json"

    def fails(*_: object) -> str:
        raise ValueError

    monkeypatch.setattr("os.path.relpath", fails)
    assert seen_from(tmp_path / "report.html", tmp_path / "a.json") == (tmp_path / "a.json").as_uri()
