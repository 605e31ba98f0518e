"""Mappings out of infrastructure code: SAM, CloudFormation and what CDK synthesizes, Terraform, serverless.yml. The
law: tests run against the mapping that will be deployed; what a template leaves open is asked for by name.

A template is told by its content. It is read whole into frozen values (`declared.Template`), in AWS's own names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_lambda_events.errors import TemplateError
from pytest_lambda_events.templates.identities import ACCOUNT, Where
from pytest_lambda_events.templates.parsing import parsed
from pytest_lambda_events.templates.placed import PlacedDict
from pytest_lambda_events.templates.typed import Notes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_lambda_events.templates.declared import Template

__all__ = ["read_template"]


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
    given = dict(parameters or {})
    for name in given:
        if not isinstance(name, str):
            raise TemplateError(f"parameters are values by name, and {name!r:.80} is no name")
    try:
        return _read(Path(path), given, region, account)
    except RecursionError:
        raise TemplateError(f"{path}: its references lead too deep") from None


def _read(file: Path, given: dict[str, Any], region: str | None, account: str) -> Template:
    region = given.pop("AWS::Region", None) or region or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    where = Where(str(region), str(given.pop("AWS::AccountId", account)))
    root = parsed(file)
    notes = Notes()
    if "planned_values" in root or ("values" in root and "terraform_version" in root):
        from pytest_lambda_events.templates.terraform_show import read_show

        return read_show(root, str(file), given, where, notes)
    if "resource" in root:
        from pytest_lambda_events.templates.terraform_json import read_configuration

        return read_configuration(root, str(file), given, where, notes)
    if "service" in root and "provider" in root:
        from pytest_lambda_events.templates.serverless import read_serverless

        return read_serverless(root, file, given, where, notes)
    if isinstance(root.get("Resources"), PlacedDict):
        return _cloudformation(root, str(file), given, where, notes)
    if "lineage" in root:
        raise TemplateError(f"{file} is Terraform's own state: give what `terraform show -json` prints of it")
    raise TemplateError(
        f"{file} is no template that is known here: CloudFormation, SAM and CDK have Resources, serverless.yml has "
        "service and provider, `terraform show -json` has planned_values or values, and .tf.json has resource"
    )


def _cloudformation(root: PlacedDict, file: str, given: Mapping[str, Any], where: Where, notes: Notes) -> Template:
    from pytest_lambda_events.templates.cloudformation import Stack
    from pytest_lambda_events.templates.sam import expand, is_sam
    from pytest_lambda_events.templates.stack import resources_of

    resources = resources_of(root)
    dialect = "cloudformation"
    if is_sam(root):
        resources, dialect = expand(resources, root, notes), "sam"
    return Stack(root, resources, file=file, dialect=dialect, given=given, where=where, notes=notes).read()
