"""Templates written in a test, read at once."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from pytest_lambda_events.templates import read_template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_lambda_events.templates.declared import Template


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Template]:
    """Write a text to a file and read it: `read("template.yaml", text, Stage="dev")`; the file stands in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    def write_and_read(name: str, text: str, **parameters: Any) -> Template:
        (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
        return read_template(name, parameters)

    return write_and_read
