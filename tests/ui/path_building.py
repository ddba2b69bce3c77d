"""An attack path as it is stored, judged."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from findings.posture.models import Finding
from findings.posture.rule.loader import BUILT_IN
from findings.posture.services import evaluate
from inventory.models import Asset, Source
from tests.builders import make_asset

RULE = "aws-path-to-control"


def hop(asset: Asset, how: str, evidence: str, **more: Any) -> dict[str, Any]:
    plain = {"kind": asset.kind, "ref": asset.external_id, "name": asset.name, "cut": False}
    return plain | {"how": how, "evidence": evidence} | more


def build_path(source: Source, rules: Path, *names: str, key: str = "path-1") -> list[Finding]:
    """From functions of these names over one role, where it is cut, to the account."""
    shutil.copy(BUILT_IN / "aws" / f"{RULE}.yaml", rules)
    role = make_asset(source, kind="aws.iam.role", name="lab-role", external_id="arn:aws:iam::1:role/lab-role")
    account = {"kind": "aws.account", "ref": "1", "name": "account 1", "cut": False}
    account |= {"how": "may do anything in", "evidence": "policy permissions allows * on *"}
    for name in names:
        door = make_asset(source, kind="aws.lambda.function", name=name, external_id=f"arn:aws:lambda:{name}")
        hops = [
            hop(door, "can be called by anybody", "UrlConfig.AuthType is NONE"),
            hop(role, "acts with", "its configuration names the role", cut=True),
            account,
        ]
        told = {"hops": hops, "fix": "Let lab-role do less.", "fix_key": key, "more": ["one"], "more_number": 4}
        Asset.objects.filter(pk=door.pk).update(facts={"path_to_control": told})
    evaluate(source=source)
    return list(Finding.objects.filter(rule_id=RULE).order_by("asset__name"))
