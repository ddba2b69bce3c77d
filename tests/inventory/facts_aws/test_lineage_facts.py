"""Who made what others begin with, and whether it can be trusted. Unread is never clean."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, Problem, ScopeState, Unknown, Unread
from inventory.facts.aws_artifacts import replaced_by
from inventory.facts.aws_controls import BUCKET
from inventory.facts.aws_images import untrusted_images
from inventory.facts.aws_lineage import MAKERS, RECORDED, feeds, from_training_job, makes_models, recorded_products
from inventory.facts.aws_origins import (
    KNOWLEDGE,
    MACIE,
    SOURCE,
    masks_personal,
    outside_stores,
    outside_writers,
    sensitive_sources,
    trains_live,
)
from inventory.facts.aws_relations import SERVING, buckets_outside
from inventory.facts.estate import Estate, Node
from tests.builders import estate, node

MODEL, PACKAGE, JOB = (f"aws.sagemaker.{name}" for name in ("model", "model_package", "training_job"))
PROCESSING, RUN = "aws.sagemaker.processing_job", "aws.sagemaker.trial_component"
ORGANIZATION, MEMBER = "aws.organizations.organization", "aws.organizations.account"
AGENT, GUARDRAIL = "aws.bedrock.agent", "aws.bedrock.guardrail"


def model(uri: str, **config: Any) -> Node:
    return node(MODEL, config={"PrimaryContainer": {"ModelDataUrl": uri}, **config})


def job(output: str, name: str = "train-7", **config: Any) -> Node:
    return node(
        JOB, name=name, config={"TrainingJobName": name, "OutputDataConfig": {"S3OutputPath": output}, **config}
    )


def to(type: str, target: Node) -> LinkTo:
    return LinkTo(type, target.kind, target.external_id)


def linked(*triples: tuple[Node, str, Node]) -> Any:
    return {origin.identity: [to(type, target)] for origin, type, target in triples}


def refs(links: list[LinkTo]) -> list[str]:
    return [link.ref for link in links]


@pytest.mark.parametrize(
    ("loaded", "made"),
    [
        ("s3://b/out/train-7/output/model.tar.gz", True),
        ("s3://b/out/train-7/", True),
        ("s3://b/out/train-7", True),
        ("s3://b/out/train-70/output/model.tar.gz", False),
        ("s3://b/out/model.tar.gz", False),
        ("s3://other/out/train-7/output/model.tar.gz", False),
        ("s3://b/", True),
        ("s3://b", True),
        ("s3://bb", False),
    ],
)
def test_a_job_made_what_lies_in_the_folder_that_it_wrote(loaded: str, made: bool) -> None:
    trained, served = job("s3://b/out/"), model(loaded)
    assert refs(makes_models(trained, estate(trained, served))) == [served.external_id] * made


def test_a_job_made_what_loads_a_folder_around_its_artifact() -> None:
    trained, served = job("s3://b/out"), model("s3://b/out")
    assert refs(makes_models(trained, estate(trained, served))) == [served.external_id]


def test_what_a_job_prepared_feeds_the_jobs_that_read_it() -> None:
    prepared = node(
        PROCESSING, config={"ProcessingOutputConfig": {"Outputs": [{"S3Output": {"S3Uri": "s3://b/clean"}}]}}
    )
    reading = [{"DataSource": {"S3DataSource": {"S3Uri": uri}}} for uri in ("s3://b/raw", "s3://b/clean/2026")]
    trained = job("s3://b/out", InputDataConfig=reading)
    found = feeds(prepared, estate(prepared, trained))
    assert found == [LinkTo("feeds", JOB, trained.external_id)]
    assert feeds(trained, estate(prepared, trained)) == []


@pytest.mark.parametrize(("arn", "fed"), [("arn:aws:s3:::b", True), ("arn:aws:s3:::other", False)])
def test_what_a_job_wrote_feeds_a_source_of_knowledge_that_reads_the_whole_bucket(arn: str, fed: bool) -> None:
    prepared = node(PROCESSING, config={"ProcessingOutputConfig": [{"S3Uri": "s3://b/clean"}]})
    read = {"dataSourceConfiguration": {"s3Configuration": {"bucketArn": arn}}}
    source = node(SOURCE, config={"dataSource": read})
    assert refs(feeds(prepared, estate(prepared, source))) == [source.external_id] * fed


def test_a_job_that_writes_to_a_whole_bucket_feeds_the_job_that_reads_a_folder_of_it() -> None:
    prepared = node(PROCESSING, config={"ProcessingOutputConfig": [{"S3Uri": "s3://b"}]})
    trained = job("s3://out", InputDataConfig=[{"S3Uri": "s3://b/clean/2026"}])
    assert refs(feeds(prepared, estate(prepared, trained))) == [trained.external_id]


def test_a_recorded_run_tells_what_was_made_only_when_its_job_is_not_there() -> None:
    trained, served = job("s3://elsewhere/x"), model("s3://b/m/model.tar.gz")
    run = node(RUN, config={"TrialComponentSource": {"SourceArn": trained.external_id}})
    artifact = node(RECORDED[0], config={"Source": {"SourceUri": "s3://b/m/model.tar.gz"}})
    record = {"SourceArn": run.external_id, "DestinationArn": artifact.external_id, "AssociationType": "Produced"}
    told = [run, artifact, node(RECORDED[1], config=record), served]
    assert refs(recorded_products(run, estate(*told))) == [served.external_id]
    assert recorded_products(run, estate(*told, trained)) == []


READ = (MODEL, PACKAGE, *MAKERS, *RECORDED, *SERVING)


def test_the_origin_of_a_model_is_that_of_the_package_it_loads() -> None:
    trained = job("s3://b/out")
    package = node(
        PACKAGE, config={"InferenceSpecification": {"Containers": [{"ModelDataUrl": "s3://b/out/train-7/m"}]}}
    )
    served = node(MODEL, config={"PrimaryContainer": {"ModelPackageName": "p"}})
    links = linked((served, "loads", package))
    assert from_training_job(served, estate(served, package, trained, links=links, complete=READ)) is True
    assert from_training_job(served, estate(served, package, links=links, complete=READ)) is False
    lost = estate(served, links=links, complete=READ, states={PACKAGE: ScopeState.DENIED})
    assert isinstance(from_training_job(served, lost), Unknown)


def test_a_job_that_was_not_described_may_have_made_it() -> None:
    served = model("s3://b/m")
    blind = node(JOB, unread=[Unread("", Problem.DENIED)])
    assert isinstance(from_training_job(served, estate(served, blind, complete=READ)), Unknown)


def named(name: str, kind: str = BUCKET) -> LinkTo:
    return LinkTo("reads_data", kind, name)


@pytest.mark.parametrize(
    ("link", "outside"),
    [
        (named("arn:aws:s3:::theirs"), True),
        (named("arn:aws:s3:::jumpstart-cache-prod-eu-west-1"), False),
        (named("arn:aws:s3:::ours"), False),
        (named("arn:aws:es:eu-west-1:222222222222:domain/x", "aws.opensearch.domain"), True),
        (named("arn:aws:es:eu-west-1:333333333333:domain/x", "aws.opensearch.domain"), False),
        (named("arn:aws:es:eu-west-1:111111111111:domain/x", "aws.opensearch.domain"), False),
    ],
)
def test_a_store_is_outside_unless_it_is_ours_or_of_the_organization(link: LinkTo, outside: bool) -> None:
    trained = job("s3://ours/out")
    ours = node(BUCKET, "arn:aws:s3:::ours")
    found = estate(trained, member("333333333333"), ours, links={trained.identity: [link]})
    found.account, found.connected = "111111111111", frozenset({"333333333333"})
    assert outside_stores(trained, found) == [link.ref] * outside


def member(account: str) -> Node:
    return node(MEMBER, f"arn:aws:organizations::1:account/o-1/{account}", config={"Id": account})


def told(*members: Node, state: ScopeState = ScopeState.COMPLETE) -> Estate:
    """What the management account says of the organization."""
    found = estate(*members, states=dict.fromkeys((ORGANIZATION, MEMBER), state))
    found.account = "999999999999"
    return found


SISTERS = named("arn:aws:es:eu-west-1:222222222222:domain/x", "aws.opensearch.domain")


def trained_on(link: LinkTo, organization: Estate) -> tuple[Node, Estate]:
    trained = job("s3://ours/out")
    found = estate(trained, complete=[BUCKET], links={trained.identity: [link]})
    found.account, found.organization = "111111111111", organization
    return trained, found


def test_a_store_of_a_sister_account_is_not_outside_in_a_member() -> None:
    assert outside_stores(*trained_on(SISTERS, told(member("222222222222")))) == []
    assert outside_stores(*trained_on(SISTERS, told(member("333333333333")))) == [SISTERS.ref]


def test_whose_a_store_is_stays_open_while_members_were_not_read() -> None:
    assert isinstance(outside_stores(*trained_on(SISTERS, told(state=ScopeState.DENIED))), Unknown)


def test_a_bucket_that_nobody_has_may_be_of_a_member_that_is_not_connected() -> None:
    trained, found = trained_on(named("arn:aws:s3:::theirs"), told(member("222222222222")))
    assert isinstance(outside_stores(trained, found), Unknown)
    assert isinstance(buckets_outside(trained, found), Unknown)
    found.connected = frozenset({"222222222222"})
    assert outside_stores(trained, found) == ["arn:aws:s3:::theirs"]
    assert buckets_outside(trained, found) == ["theirs"]


def test_a_bucket_that_aws_publishes_is_known_whoever_is_connected() -> None:
    published = "jumpstart-cache-prod-eu-west-1"
    trained, found = trained_on(named(f"arn:aws:s3:::{published}"), told(member("222222222222")))
    assert buckets_outside(trained, found) == [published]


@pytest.mark.parametrize(("account", "outside"), [("222222222222", False), ("444444444444", True)])
def test_an_image_of_the_organization_is_not_from_outside(account: str, outside: bool) -> None:
    image = f"{account}.dkr.ecr.eu-west-1.amazonaws.com/fraud:1"
    served, public = model("s3://b/m"), "docker.io/someone/llm:1"
    served.config["PrimaryContainer"]["Image"] = image
    _trained, found = trained_on(SISTERS, told(member("222222222222")))
    assert untrusted_images(served, found) == [image] * outside
    found.organization = told(state=ScopeState.DENIED)
    assert isinstance(untrusted_images(served, found), Unknown)
    served.config["PrimaryContainer"]["Image"] = public
    assert untrusted_images(served, found) == [public]


def test_whose_a_bucket_is_stays_open_while_buckets_or_the_job_were_not_read() -> None:
    trained = job("s3://theirs/out")
    links = {trained.identity: [named("arn:aws:s3:::theirs")]}
    assert isinstance(
        outside_stores(trained, estate(trained, links=links, states={BUCKET: ScopeState.DENIED})), Unknown
    )
    blind = node(JOB, unread=[Unread("InputDataConfig", Problem.DENIED)])
    assert isinstance(outside_stores(blind, estate(blind, complete=[BUCKET])), Unknown)


def bucket_with(policy: Any) -> Node:
    return node(BUCKET, "arn:aws:s3:::b", name="b", config={"Policy": policy} if policy else {})


def allowing(principal: str) -> Any:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:PutObject"}
    return {"Statement": [statement | {"Resource": "arn:aws:s3:::b/m/*"}]}


@pytest.mark.parametrize(
    ("policy", "writers"),
    [
        (None, []),
        (allowing("arn:aws:iam::222222222222:root"), ["222222222222"]),
        (allowing("arn:aws:iam::111111111111:root"), []),
        (allowing("*"), ["anybody"]),
    ],
)
def test_who_outside_may_overwrite_a_model(policy: Any, writers: list[str]) -> None:
    served = model("s3://b/m/model.tar.gz")
    shut = {"PublicAccessBlock": {}}
    found = Estate([served, bucket_with(policy), node("aws.s3.account", config=shut)], account="111111111111")
    assert outside_writers(served, found) == writers


def test_an_unread_policy_leaves_open_who_may_overwrite_a_model() -> None:
    served = model("s3://b/m/model.tar.gz")
    blind = node(BUCKET, "arn:aws:s3:::b", unread=[Unread("Policy", Problem.DENIED)])
    assert isinstance(outside_writers(served, estate(served, blind)), Unknown)


def test_a_job_trains_what_is_live_when_its_model_is_served() -> None:
    trained, served, config, endpoint = job("s3://b/o"), model("s3://b/o/train-7"), node(SERVING_CONFIG), node(ENDPOINT)
    links = linked((trained, "produces", served), (config, "serves", served), (endpoint, "serves", config))
    everything = (trained, served, config, endpoint)
    assert trains_live(trained, estate(*everything, links=links, complete=READ)) is True
    idle = linked((trained, "produces", served))
    assert trains_live(trained, estate(*everything, links=idle, complete=READ)) is False
    unread = estate(trained, links={}, complete=READ, states={MODEL: ScopeState.DENIED})
    assert isinstance(trains_live(trained, unread), Unknown)


SERVING_CONFIG, ENDPOINT = "aws.sagemaker.endpoint_config", "aws.sagemaker.endpoint"


def test_a_bucket_that_others_load_from_too_makes_no_job_live() -> None:
    trained, other, bucket = job("s3://b/o"), model("s3://b/other"), bucket_with(None)
    config, endpoint = node(SERVING_CONFIG), node(ENDPOINT)
    links = linked(
        (trained, "produces", bucket), (other, "loads", bucket), (config, "serves", other), (endpoint, "serves", config)
    )
    found = estate(trained, other, bucket, config, endpoint, links=links, complete=READ)
    assert trains_live(trained, found) is False


@pytest.mark.parametrize(("begun", "replaced"), [("2026-03-05T00:00:00+00:00", True), ("2026-03-01", False)])
def test_an_artifact_is_replaced_by_a_job_that_wrote_there_later(begun: str, replaced: bool) -> None:
    config = {"CreationTime": "2026-03-02T12:00:00+00:00", "InferenceSpecification": {"ModelDataUrl": "s3://b/m"}}
    package = node(PACKAGE, config=config)
    repack = node(PROCESSING, name="repack", config={"CreationTime": begun})
    found = replaced_by(package, estate(package, repack, links=linked((repack, "produces", package))))
    assert found == ["repack"] if replaced else isinstance(found, Unknown)


def packaged(*written: tuple[str, str], hash: str = "", **listing: Any) -> Node:
    """A package of s3://b/m/x.tar.gz, described on the 2nd, with what lies there: names and days."""
    container = {"ModelDataUrl": "s3://b/m/x.tar.gz", **({"ModelDataETag": hash} if hash else {})}
    files = [{"Key": key, "LastModified": f"{day}T00:00:00Z", "ETag": f'"{key}-{day}"'} for key, day in written]
    artifact = {"Name": "b", "Prefix": "m/x.tar.gz", "Contents": files, **listing}
    return node(
        PACKAGE,
        name="shop 1",
        config={
            "CreationTime": "2026-03-02T12:00:00Z",
            "InferenceSpecification": {"Containers": [container]},
            "Artifact": artifact,
        },
    )


BEFORE, AFTER = "2026-03-01", "2026-03-05"


@pytest.mark.parametrize(
    ("package", "said"),
    [
        (packaged(("m/x.tar.gz", BEFORE)), []),
        (packaged(("m/x.tar.gz", AFTER)), ["m/x.tar.gz"]),
        (packaged(("m/x.tar.gz", BEFORE), ("m/x.tar.gz.bak", AFTER)), []),
        (packaged(("m/x.tar.gz", AFTER), hash=f"m/x.tar.gz-{AFTER}"), []),
        (packaged(("m/x.tar.gz", BEFORE), hash="another"), ["m/x.tar.gz"]),
        (packaged(), None),
        (packaged(("m/x.tar.gz", BEFORE), IsTruncated=True), None),
        (packaged(("m/x.tar.gz", BEFORE), Prefix="other"), None),
    ],
)
def test_a_file_was_replaced_when_it_was_written_later_or_has_another_hash(
    package: Node, said: list[str] | None
) -> None:
    found = replaced_by(package, estate(package))
    assert isinstance(found, Unknown) if said is None else found == said


def test_a_job_that_wrote_to_the_folder_later_replaced_nothing_when_the_file_is_older() -> None:
    package = packaged(("m/x.tar.gz", BEFORE))
    repack = node(PROCESSING, name="repack", config={"CreationTime": "2026-03-05T00:00:00Z"})
    assert replaced_by(package, estate(package, repack, links=linked((repack, "produces", package)))) == []


def test_a_model_is_replaced_with_the_package_that_it_loads() -> None:
    served = node(MODEL, config={"PrimaryContainer": {"ModelPackageName": "p"}, "CreationTime": "2026-03-03"})
    for package, said in ((packaged(("m/x.tar.gz", AFTER)), ["m/x.tar.gz"]), (packaged(("m/x.tar.gz", BEFORE)), [])):
        links = linked((served, "loads", package))
        assert replaced_by(served, estate(served, package, links=links)) == said
        assert isinstance(replaced_by(served, estate(served, links=links)), Unknown)


def test_files_that_were_not_listed_leave_open_whether_they_were_replaced() -> None:
    config = {"PrimaryContainer": {"ModelDataUrl": "s3://b/m"}, "CreationTime": "2026-03-02"}
    blind = node(MODEL, config=config, unread=[Unread("Artifact", Problem.DENIED)])
    assert isinstance(replaced_by(blind, estate(blind)), Unknown)


@pytest.mark.parametrize(("tag", "said"), [("e2", ["later: e2"]), ("e1", [])])
def test_a_later_document_tells_by_its_hash_whether_an_artifact_was_replaced(tag: str, said: list[str]) -> None:
    def described(name: str, day: int, etag: str) -> Node:
        container = {"ModelDataUrl": "s3://b/m", "ModelDataETag": etag}
        config = {"CreationTime": f"2026-03-0{day}T00:00:00", "InferenceSpecification": {"Containers": [container]}}
        return node(PACKAGE, name=name, config=config)

    first, later = described("first", 1, "e1"), described("later", 2, tag)
    assert replaced_by(first, estate(first, later)) == said
    assert isinstance(replaced_by(later, estate(first, later)), Unknown)


def agent_with(score: int | None, guard: Any = None, *, macie: bool = True) -> tuple[Node, Estate]:
    agent, base, source = node(AGENT), node(KNOWLEDGE), node(SOURCE)
    letters = node(BUCKET, "arn:aws:s3:::letters", name="letters")
    rated = node(MACIE, "arn:aws:s3:::letters", name="letters", config={"sensitivityScore": score})
    rail = node(GUARDRAIL, config={"sensitiveInformationPolicy": {"piiEntities": [guard]}} if guard else {})
    links = linked((base, "stores_in", letters), (source, "part_of", base), (agent, "has_tool", base))
    links[source.identity].append(to("reads_data", letters))
    if guard is not None:
        links[agent.identity].append(to("guarded_by", rail))
    seen = [agent, base, source, letters, rail, *([rated] if macie else [])]
    return agent, estate(*seen, links=links)


def test_an_agent_answers_from_personal_data_that_macie_found() -> None:
    assert sensitive_sources(*agent_with(90)) == ["letters"]
    assert sensitive_sources(*agent_with(10)) == []


def test_what_macie_did_not_look_at_is_not_known_to_be_harmless() -> None:
    assert isinstance(sensitive_sources(*agent_with(None)), Unknown)
    assert isinstance(sensitive_sources(*agent_with(0, macie=False)), Unknown)


def test_only_a_guardrail_that_acts_masks_personal_data() -> None:
    assert masks_personal(*agent_with(90)) is False
    assert masks_personal(*agent_with(90, {"type": "NAME", "action": "ANONYMIZE"})) is True
    assert masks_personal(*agent_with(90, {"type": "NAME", "action": "NONE"})) is False


def test_a_guardrail_that_is_not_there_leaves_open_whether_it_masks() -> None:
    agent = node(AGENT)
    links = {agent.identity: [LinkTo("guarded_by", GUARDRAIL, "a"), LinkTo("guarded_by", GUARDRAIL, "b")]}
    assert isinstance(masks_personal(agent, estate(agent, links=links)), Unknown)
