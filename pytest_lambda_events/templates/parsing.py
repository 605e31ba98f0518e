"""From a file to its values. The law: JSON or YAML by its first letter, and nothing larger than there is use for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.limits import MOST_BYTES
from pytest_lambda_events.templates.placed import PlacedDict

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["parsed"]

_HCL: Final = (
    "is Terraform's own language, which only Terraform reads whole: give what `terraform plan -out plan` and "
    "`terraform show -json plan` print, or configuration in JSON (.tf.json)"
)


def parsed(file: Path) -> PlacedDict:
    """The mapping that a file holds. Errors: `TemplateError`."""
    if file.suffix == ".tf":
        raise TemplateError(f"{file} {_HCL}")
    try:
        if file.stat().st_size > MOST_BYTES:
            raise TemplateError(f"{file} is larger than {MOST_BYTES // 1024**2} MB")
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TemplateError(f"{file} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise TemplateError(f"{file} is not UTF-8: byte {error.start} is 0x{error.object[error.start]:02x}") from None
    if text.lstrip().startswith("{"):
        from pytest_lambda_events.templates.json_text import read_json

        root = read_json(text, str(file))
    else:
        from pytest_lambda_events.templates.yaml_text import read_yaml

        root = read_yaml(text, str(file))
    if not isinstance(root, PlacedDict):
        raise TemplateError(f"{file}: a template is a mapping")
    return root
