"""The attack paths of the demo's company, over HTTP: which there are, and what making the change does to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aispm.accounts.models import Role
from demo.aws import SimulatedAws, estate
from demo.aws.server import REGIONS
from findings.posture import queries
from findings.posture.models import Finding, Resolution, Status, Transition
from findings.posture.services import evaluate
from integrations.base import Page
from inventory.models import Asset, Source
from inventory.services import Recorder, derive
from tests.builders import make_source, make_user, moment
from tests.integrations.aws.collecting import collector

pytestmark = pytest.mark.django_db
NOTEBOOKS = ("aiko", "bruno", "chiara", "deniz")
SHARED, GOALS = "lab-notebooks", ("control", "keys", "behaviour", "defences", "data", "models")
RULES = [f"aws-path-to-{goal}" for goal in GOALS]
# way in | goals
EXPECTED: dict[str, tuple[str, ...]] = {
    **{f"{person}-experiments": GOALS for person in NOTEBOOKS},
    "import-test": GOALS,
    "pilot-tools": GOALS[1:],
    "pilot": GOALS[1:],
    "summarise-reviews": GOALS,
    "refund-payout": ("keys",),
    "ollama-box": ("control",),
    "litellm-trial": ("control",),
    "pilot-answers": ("models",),
    "pilot-app": ("models",),
    "recommender-preview": ("models",),
    "pilot-domain": ("behaviour",),
}


@pytest.fixture
def own_company() -> Iterator[SimulatedAws]:
    with SimulatedAws() as simulated:
        estate.seed(simulated)
        yield simulated


def read(source: Source, aws: SimulatedAws, *kinds: str, day: int = 0) -> None:
    """Records what the account shows (of these kinds, or all), derives and judges, as a run does."""
    recorder = Recorder(source=source, at=moment(day))
    for event in collector(aws, regions=REGIONS, kinds=kinds).collect(lambda: False):
        if isinstance(event, Page):
            recorder.page(event.scope, event.assets)
        else:
            recorder.close(event)
    derive(source=source, touched=recorder.finish().touched)
    evaluate(source=source)


def open_paths() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for finding in Finding.objects.open().filter(rule__in=RULES).select_related("asset"):
        found.setdefault(finding.asset.name, set()).add(finding.rule_id.removeprefix("aws-path-to-"))
    return found


def strip_shared_role(aws: SimulatedAws) -> dict[str, Any]:
    """Makes the change: the role may do nothing any more. Gives the policies of its own that it had."""
    iam = aws.client("iam")
    names = iam.list_role_policies(RoleName=SHARED)["PolicyNames"]
    had = {name: iam.get_role_policy(RoleName=SHARED, PolicyName=name)["PolicyDocument"] for name in names}
    for name in names:
        iam.delete_role_policy(RoleName=SHARED, PolicyName=name)
    for policy in iam.list_attached_role_policies(RoleName=SHARED)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=SHARED, PolicyArn=policy["PolicyArn"])
    return had


def test_paths_are_found_closed_by_their_change_and_come_back(
    own_company: SimulatedAws, client: Client, django_assert_max_num_queries: Any
) -> None:
    """One long story, because reading the company takes most of it."""
    source = make_source(external_id=own_company.account_id)
    read(source, own_company)
    assert open_paths() == {name: set(goals) for name, goals in EXPECTED.items()}
    control = Finding.objects.get(asset__name="aiko-experiments", rule_id="aws-path-to-control")
    assert [hop["name"] for hop in control.evidence["facts.path_to_control.hops[]"]][:2] == ["aiko-experiments", SHARED]
    alike = set(Finding.objects.filter(fix_key=control.fix_key).values_list("pk", flat=True))
    assert len(alike) == 5 * len(GOALS)

    reader = make_user(role=Role.VIEWER)
    client.force_login(reader)
    _the_page_shows_it(client, control, len(alike))
    shared = Asset.objects.get(name=SHARED)
    with django_assert_max_num_queries(1):
        passing = queries.paths_through(reader, shared)
    assert (len(passing.findings), passing.more) == (10, True)
    first = queries.what_first(reader, 40)
    assert next(fix.count for fix in first if fix.key == control.fix_key) == len(alike)

    had = strip_shared_role(own_company)
    read(source, own_company, "aws.iam.role", day=1)
    resolved = Finding.objects.filter(rule__in=RULES, status=Status.RESOLVED)
    assert set(resolved.values_list("pk", flat=True)) == alike
    assert set(resolved.values_list("resolution", flat=True)) == {Resolution.FIXED}
    control.refresh_from_db()
    assert control.evidence["facts.path_to_control.hops[]"], "what was closed keeps the way that it was"
    assert derive(source=source, touched=None) == set(), "piece by piece ends where deriving all does"

    for name, document in had.items():
        own_company.client("iam").put_role_policy(RoleName=SHARED, PolicyName=name, PolicyDocument=json.dumps(document))
    read(source, own_company, "aws.iam.role", day=2)
    assert set(Finding.objects.open().filter(fix_key=control.fix_key).values_list("pk", flat=True)) == alike
    assert Transition.objects.filter(finding=control).order_by("at").last().cause == Transition.Cause.REGRESSION  # type: ignore[union-attr]


def _the_page_shows_it(client: Client, finding: Finding, closes: int) -> None:
    page = client.get(reverse("posture:finding", args=[finding.pk])).content.decode()
    shared = Asset.objects.get(name=SHARED)
    for words in (
        "Internet", "is taken over by a package or page that its user fetches",
        reverse("inventory:asset", args=[shared.pk]), "cut here",
        "policy permissions allows", f"closes {closes} open paths",
    ):  # fmt: skip
        assert words in page, words
    assert "facts.path_to_control.hops" not in page
    told = client.get(f"/api/v1/findings/{finding.pk}/").json()["path"]
    assert [hop["cut"] for hop in told["hops"]].count(True) == 1
    assert told["fix"] == "Let role lab-notebooks do only what its work needs."
    listed = client.get("/api/v1/findings/", {"fix": finding.fix_key, "limit": "100"}).json()["results"]
    assert len(listed) == closes
    assert "Attack paths through it" in client.get(reverse("inventory:asset", args=[shared.pk])).content.decode()
