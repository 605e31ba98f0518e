"""From a file to its values. The law: JSON or YAML by its first letter, and nothing larger than there is use for."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.limits import MOST_BYTES
from pytest_lambda_events.templates.placed import PlacedDict

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["decoded", "parsed", "read_text"]


_HCL: Final = (
    "is Terraform's own language, which only Terraform reads whole: give what `terraform plan -out plan` and "
    "`terraform show -json plan` print, or configuration in JSON (.tf.json)"
)


def parsed(file: Path, what: str = "template") -> PlacedDict:
    """The mapping that a file holds; `what` is the word for it. Errors: `TemplateError`."""
    if file.suffix == ".tf":
        raise TemplateError(f"{file} {_HCL}")
    text = read_text(file)
    if text.lstrip().startswith("{"):
        from pytest_lambda_events.templates.json_text import read_json

        root = read_json(text, str(file))
    else:
        from pytest_lambda_events.templates.yaml_text import read_yaml

        root = read_yaml(text, str(file), what)
    if not isinstance(root, PlacedDict):
        raise TemplateError(f"{file}: a {what} is a mapping, not {root!r:.80}")
    return root


def read_text(file: Path) -> str:
    """The text of a file. Errors: `TemplateError`."""
    try:
        with file.open("rb") as opened:
            return decoded(opened, str(file))
    except OSError as error:
        raise TemplateError(f"{file} cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a path with a NUL in it
        raise TemplateError(f"{file!s} cannot be read: {error}") from None


def decoded(stream: BinaryIO, name: str) -> str:
    """The text of a stream, of which no more is read than there is use for. Errors: `TemplateError`."""
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise TemplateError(f"{name} is larger than {MOST_BYTES // 1024**2} MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError(f"{name} is not UTF-8: byte {error.start} is 0x{content[error.start]:02x}") from None
