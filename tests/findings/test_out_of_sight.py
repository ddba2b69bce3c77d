"""Nobody looked there: in regions that are not chosen, in other accounts, behind parts that could not be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from findings.posture.models import Finding, Judgement, ScoreChange, Tally, Transition
from findings.posture.queries import live
from findings.posture.services import evaluate
from inventory import queries
from inventory.documents import LinkTo, Observed, Problem, ScopeKey, ScopeState, Unread
from inventory.models import Asset, Scope, Source
from inventory.services import Recorder, derive
from tests.builders import bob, make_source, moment, observed, outcome
from tests.findings.rulemaking import BUCKET, write

pytestmark = pytest.mark.django_db

AGENT, GROUP, LAMBDA, MODEL = (
    "aws.bedrock.agent", "aws.bedrock.action_group", "aws.lambda.function", "aws.sagemaker.model",
)  # fmt: skip
GUARDRAIL, JOB, ROLE = "aws.bedrock.guardrail", "aws.sagemaker.training_job", "aws.iam.role"
HERE, THERE = "us-east-1", "eu-west-1"
CLOSED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)  # fmt: skip
DANGLING = "aws-ai-reference-dangling"


@pytest.fixture
def source() -> Source:
    return make_source(external_id="111122223333")


def read(source: Source, day: float, *scopes: tuple[str, str, list[Observed]], drop: ScopeKey | None = None) -> None:
    """Reads these scopes (kind, region, assets) to the end, then derives and judges."""
    recorder = Recorder(source=source, at=moment(day))
    for kind, region, assets in scopes:
        recorder.page(ScopeKey(region, kind), assets)
        recorder.close(outcome(kind, region))
    if drop is not None:
        recorder.drop(drop)
    derive(source=source, touched=recorder.finish().touched)
    evaluate(source=source)


def verdicts(rule: str) -> dict[str, str]:
    rows = Judgement.objects.select_related("asset")
    return {row.asset.name: row.verdicts[rule] for row in rows if rule in row.verdicts}


def arn(rest: str, service: str, region: str = HERE, account: str = "111122223333") -> str:
    return f"arn:aws:{service}:{region}:{account}:{rest}"


FUNCTION = arn("function:f", "lambda", THERE)
ACTIONS = observed(
    GROUP, arn("agent/a/version/1/action-group/g", "bedrock"), name="group", place=HERE,
    config={"agentActionGroup": {}}, links=[LinkTo("has_tool", LAMBDA, FUNCTION)],
)  # fmt: skip


def test_a_reference_into_a_region_that_was_never_chosen_is_unknown(source: Source) -> None:
    guardrail = arn("guardrail/g", "bedrock", THERE)
    agent = observed(
        AGENT, arn("agent/a", "bedrock"), name="agent", place=HERE,
        config={"agent": {"guardrailConfiguration": {"guardrailIdentifier": guardrail}}},
        links=[LinkTo("guarded_by", GUARDRAIL, guardrail)],
    )  # fmt: skip
    read(source, 0, (GROUP, HERE, [ACTIONS]), (AGENT, HERE, [agent]), (LAMBDA, HERE, []), (GUARDRAIL, HERE, []))
    assert verdicts(DANGLING) == {"group": "u", "agent": "u"}
    assert verdicts("aws-bedrock-agent-guardrail-missing") == {"agent": "u"}
    read(source, 1, (LAMBDA, THERE, []), (GUARDRAIL, THERE, []))
    assert verdicts(DANGLING) == {"group": "f", "agent": "f"}, "now somebody looked"
    assert verdicts("aws-bedrock-agent-guardrail-missing") == {"agent": "f"}


def test_a_region_that_is_taken_out_makes_no_reference_into_it_fail(source: Source) -> None:
    there = observed(LAMBDA, FUNCTION, place=THERE)
    read(source, 0, (GROUP, HERE, [ACTIONS]), (LAMBDA, HERE, []), (LAMBDA, THERE, [there]))
    assert verdicts(DANGLING) == {"group": "p"}
    read(source, 1, drop=ScopeKey(THERE, LAMBDA))
    assert verdicts(DANGLING) == {"group": "u"}
    assert not Finding.objects.filter(rule=DANGLING).exists()
    assert Scope.objects.get(region=THERE).state == ScopeState.NOT_CHOSEN
    assert queries.coverage(bob())[0].percent == 100, "what nobody chose is no gap"


def test_a_change_of_the_chosen_regions_has_links_into_them_judged_again(own_rules: Path, source: Source) -> None:
    write(own_rules, kind=GROUP, reads=["tool.Runtime"], fail="tool == null", **{"with": {"tool": "has_tool"}})
    read(source, 0, (GROUP, HERE, [ACTIONS]), (LAMBDA, HERE, []), (LAMBDA, THERE, []))
    assert verdicts("a-rule") == {"group": "f"}
    read(source, 1, drop=ScopeKey(THERE, LAMBDA))
    assert verdicts("a-rule") == {"group": "u"}
    assert Finding.objects.get().stale


def test_the_bucket_of_somebody_else_is_not_said_to_be_missing(source: Source) -> None:
    theirs = "arn:aws:s3:::jumpstart-cache-prod-us-east-1"
    model = observed(
        MODEL, arn("model/m", "sagemaker"), name="m", place=HERE,
        config={"PrimaryContainer": {"ModelDataUrl": "s3://jumpstart-cache-prod-us-east-1/x.tgz"}},
        links=[LinkTo("loads", BUCKET, theirs), LinkTo("uses_role", ROLE, arn("role/r", "iam", "", "999988887777"))],
    )  # fmt: skip
    read(source, 0, (MODEL, HERE, [model]), (BUCKET, "-", []), (ROLE, "-", []))
    assert verdicts(DANGLING) == {"m": "u"}
    shown = {one.type: (one.missing, one.elsewhere) for one in queries.links_of(bob(), Asset.objects.get()).outgoing}
    assert shown == {"loads": (None, False), "uses_role": (None, True)}


def test_training_data_in_a_bucket_that_nobody_read_is_not_private(own_rules: Path, source: Source) -> None:
    write(
        own_rules, kind=JOB, reads=["data[].facts.anyone_may[]"], fail="data.exists(b, size(b.facts.anyone_may) > 0)",
        **{"with": {"data": "reads_data[] aws.s3.bucket"}},
    )  # fmt: skip
    own, theirs = "arn:aws:s3:::mine", "arn:aws:s3:::theirs"
    job = observed(
        JOB, arn("training-job/t", "sagemaker"), name="t", place=HERE, config={"InputDataConfig": [{}, {}]},
        links=[LinkTo("reads_data", BUCKET, own), LinkTo("reads_data", BUCKET, theirs)],
    )  # fmt: skip
    bucket = observed(BUCKET, own, config={"Name": "mine", "Policy": None, "PublicAccessBlock": CLOSED})
    account = observed("aws.s3.account", source.external_id, config={"PublicAccessBlock": CLOSED})
    read(source, 0, (BUCKET, "-", [bucket]), ("aws.s3.account", "-", [account]), (JOB, HERE, [job]))
    assert verdicts("a-rule") == {"t": "u"}
    alone = observed(JOB, job.external_id, name="t", place=HERE, config=job.config | {"A": 1}, links=job.links[:1])
    read(source, 1, (JOB, HERE, [alone]))
    assert verdicts("a-rule") == {"t": "p"}


def test_links_that_an_unread_part_would_have_told_of_leave_their_target_unknown(
    own_rules: Path, source: Source
) -> None:
    write(
        own_rules, kind=ROLE, reads=["RoleName"], fail="size(users) == 0",
        **{"with": {"users": f"<uses_role[] {AGENT}"}},
    )  # fmt: skip
    role = observed(ROLE, arn("role/x", "iam", ""), name="x", config={"RoleName": "x"})
    hidden = Unread("agent", Problem.DENIED, "no", "bedrock:GetAgent")
    half = observed(AGENT, arn("agent/a", "bedrock"), place=HERE, config={"agentId": "a"}, unread=[hidden])
    whole = observed(AGENT, half.external_id, place=HERE, config={"agentId": "a", "agent": {}})
    read(source, 0, (ROLE, "-", [role]), (AGENT, HERE, [whole]))
    assert verdicts("a-rule") == {"x": "f"}
    Asset.objects.filter(kind=AGENT).delete()
    read(source, 1, (AGENT, HERE, [half]))
    assert verdicts("a-rule") == {"x": "u"}
    shown = live.live_verdicts(bob(), Asset.objects.get(kind=ROLE))
    assert [one.outcome for one in shown] == ["unknown"]
    read(source, 2, (AGENT, HERE, [whole]))
    assert verdicts("a-rule") == {"x": "f"}


def test_taking_out_the_worst_region_counts_as_coverage_and_fixes_nothing(own_rules: Path, source: Source) -> None:
    write(own_rules, kind=LAMBDA)
    good = observed(LAMBDA, arn("function:good", "lambda"), place=HERE, config={"Public": False})
    bad = observed(LAMBDA, FUNCTION, place=THERE, config={"Public": True})
    read(source, 0, (LAMBDA, HERE, [good]), (LAMBDA, THERE, [bad]))
    ScoreChange.objects.all().delete()
    read(source, 1, drop=ScopeKey(THERE, LAMBDA))
    finding = Finding.objects.get()
    assert (finding.status, finding.resolution) == ("resolved", "not-chosen")
    assert Tally.objects.get().failed == 0
    causes = set(ScoreChange.objects.filter(area="all", step="data").values_list("cause", flat=True))
    assert causes == {"coverage"}
    read(source, 2, (LAMBDA, THERE, [bad]))
    steps = list(Transition.objects.order_by("pk").values_list("cause", "note"))
    assert steps == [("new", ""), ("coverage-lost", "The region is no longer chosen."), ("coverage-back", "")]
