"""Mappings out of infrastructure code: SAM, CloudFormation and what CDK synthesizes, Terraform, serverless.yml. The
law: tests run against the mapping that will be deployed; what a template leaves open is asked for by name.

A template is told by its content. It is read whole into frozen values (`declared.Template`), in AWS's own names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.identities import ACCOUNT, Where
from pytest_lambda_events.templates.limits import MOST_BYTES
from pytest_lambda_events.templates.placed import PlacedDict
from pytest_lambda_events.templates.typed import Notes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.templates.declared import Template

__all__ = ["read_template"]

_HCL: Final = (
    "is Terraform's own language, which only Terraform reads whole: give what `terraform plan -out plan` and "
    "`terraform show -json plan` print, or configuration in JSON (.tf.json)"
)


def read_template(
    path: str | os.PathLike[str],
    parameters: Mapping[str, Any] | None = None,
    *,
    region: str | None = None,
    account: str = ACCOUNT,
) -> Template:
    """Read a template.

    `parameters` are values by name: parameters of the template, pseudo parameters ("AWS::StackName"), attributes of
    what it does not declare ("Shared.Arn"), and whatever else an error asks for. `region` (AWS_DEFAULT_REGION, else
    us-east-1) and `account` are where it would be deployed. Errors: `TemplateError`.
    """
    file = Path(path)
    given = dict(parameters or {})
    region = given.pop("AWS::Region", None) or region or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    where = Where(str(region), str(given.pop("AWS::AccountId", account)))
    root = _parsed(file)
    notes = Notes()
    if "planned_values" in root or ("values" in root and "terraform_version" in root):
        from pytest_lambda_events.templates.terraform_show import read_show

        return read_show(root, str(path), given, where, notes)
    if "resource" in root:
        from pytest_lambda_events.templates.terraform_json import read_configuration

        return read_configuration(root, str(path), given, where, notes)
    if "service" in root and "provider" in root:
        from pytest_lambda_events.templates.serverless import read_serverless

        return read_serverless(root, file, given, where, notes)
    if isinstance(root.get("Resources"), PlacedDict):
        return _cloudformation(root, str(path), given, where, notes)
    if "lineage" in root:
        raise TemplateError(f"{path} is Terraform's own state: give what `terraform show -json` prints of it")
    raise TemplateError(
        f"{path} is no template that is known here: CloudFormation, SAM and CDK have Resources, serverless.yml has "
        "service and provider, `terraform show -json` has planned_values or values, and .tf.json has resource"
    )


def _parsed(file: Path) -> PlacedDict:
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


def _cloudformation(root: PlacedDict, file: str, given: Mapping[str, Any], where: Where, notes: Notes) -> Template:
    from pytest_lambda_events.templates.cloudformation import Stack
    from pytest_lambda_events.templates.sam import expand, is_sam
    from pytest_lambda_events.templates.stack import resources_of

    resources = resources_of(root)
    dialect = "cloudformation"
    if is_sam(root):
        resources, dialect = expand(resources, root, notes), "sam"
    return Stack(root, resources, file=file, dialect=dialect, given=given, where=where, notes=notes).read()
