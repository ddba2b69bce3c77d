"""The lineage page: a story that can be read without JavaScript, what is wrong, and what is not known."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from inventory.documents import ScopeState
from inventory.models import Asset
from tests.builders import charlie, make_asset, make_link, make_scope, make_source
from tests.ui.conftest import Estate, signed_in

pytestmark = pytest.mark.django_db
SM = "aws.sagemaker."
CALLERS = {
    "count": 6, "administrators": 2, "names": ["role/shop", "user/<b>ann</b>"], "unsure": 0, "unsure_names": [],
    "because": [], "outside": ["999988887777"], "outside_unsure": [],
}  # fmt: skip


def served_model(**facts: Any) -> Asset:
    """The endpoint `front` of a chain with hostile names and a bucket that is not there."""
    source = make_source()
    data = make_asset(source, "aws.s3.bucket", name="letters", ai_role="dataset")
    read = {"InputDataConfig": [{"DataSource": {"S3DataSource": {"S3Uri": "s3://letters/2026"}}}]}
    job = make_asset(source, f"{SM}training_job", name="<script>x</script>", config=read)
    model = make_asset(source, f"{SM}model", name="ranker", facts=facts)
    endpoint = make_asset(
        source, f"{SM}endpoint", name="front", facts={"who_can": {"answers": {"invoke": CALLERS}, "assumes": []}}
    )
    make_link(job, "reads_data", data)
    make_link(job, "produces", model)
    make_link(model, "loads", kind="aws.s3.bucket", ref="arn:aws:s3:::theirs")
    make_link(endpoint, "serves", model)
    return endpoint


def page_of(client: Client, asset: Asset) -> str:
    response = client.get(reverse("inventory:lineage", args=[asset.pk]))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def story_of(page: str) -> str:
    part = page.partition('id="story"')[2].partition("</section>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", part)))


def test_the_story_goes_from_the_data_to_the_callers(admin: Client) -> None:
    story = story_of(page_of(admin, served_model()))
    sentences = (
        "front goes back to 3 assets, its data comes from letters and nothing that was read depends on it.",
        "Training job <script>x</script> reads S3 bucket letters (s3://letters/2026) and made SageMaker model ranker.",
        "SageMaker model ranker loads arn:aws:s3:::theirs (not collected).",
        "SageMaker endpoint front serves SageMaker model ranker.",
        "SageMaker endpoint front can be called by account 999988887777, role/shop, user/<b>ann</b>, 2 administrators"
        " and 2 more.",
    )
    places = [story.find(sentence) for sentence in sentences]
    assert -1 not in places, story
    assert places == sorted(places)


def test_hostile_names_are_escaped_in_story_table_and_graph(admin: Client) -> None:
    page = page_of(admin, served_model())
    assert "<script>x" not in page
    assert "<b>ann" not in page


def test_what_is_wrong_is_marked_where_it_is(admin: Client) -> None:
    facts = {
        "outside_writers": ["999988887777"], "may_write_artifact": ["role/a", "role/b", "role/c", "role/d"],
        "from_training_job": False, "outside_stores": {"unknown": "Buckets were not read completely"},
        "replaced_by": ["repack"],
    }  # fmt: skip
    page = page_of(admin, served_model(**facts))
    line = next(one for one in page.split("<li>") if "ranker" in one and "loads" in one)
    for words in (
        "can be overwritten from outside", "999988887777", "may be overwritten by others",
        "role/a, role/b, role/c and 1 more", "no known origin", "artifact was replaced",
        "not known: store outside your organization", "Buckets were not read completely",
    ):  # fmt: skip
        assert words in line, words


def test_the_story_says_when_it_is_not_known_whether_an_artifact_was_replaced(admin: Client) -> None:
    page = page_of(admin, served_model(replaced_by={"unknown": "No file was found."}, outside_writers=[]))
    assert "not known: artifact was replaced" in page
    assert "No file was found." in page
    assert "overwritten" not in page


def test_a_bucket_that_another_account_writes_to_is_told_of_though_it_does_nothing_itself(admin: Client) -> None:
    source = make_source()
    answers = {"answers": {"write": CALLERS}, "assumes": []}
    bucket = make_asset(source, "aws.s3.bucket", name="open-bucket", facts={"who_can": answers})
    model = make_asset(source, f"{SM}model")
    make_link(model, "loads", bucket)
    story = story_of(page_of(admin, model))
    assert "S3 bucket open-bucket. another account can write to it 999988887777" in story


def test_who_can_call_it_may_not_be_known(admin: Client) -> None:
    endpoint = served_model()
    endpoint.facts = {"who_can": {"unknown": "Roles were not read completely."}}
    endpoint.save()
    assert "Who can call front is not known: Roles were not read completely." in story_of(page_of(admin, endpoint))


def test_the_table_says_the_same_with_open_findings(admin: Client, estate: Estate) -> None:
    job = make_asset(estate.source, f"{SM}training_job", name="learner")
    make_link(job, "reads_data", estate.open_door)
    table = page_of(admin, job).partition('id="chain"')[2]
    row = next(one for one in table.split("<tr") if "open-door" in one)
    assert "sev-critical" in row
    assert "Data" in row


def test_the_graph_has_a_column_a_stage(admin: Client) -> None:
    page = page_of(admin, served_model(outside_writers=["1"]))
    graph = json.loads(unescape(page.partition('data-graph="')[2].partition('"')[0]))
    assert graph["columns"] == ["Data", "Preparation and training", "Artifacts and stores", "Models and knowledge",
                                "Serving and tools"]  # fmt: skip
    columns = {node["full"]: node["column"] for node in graph["nodes"]}
    assert columns == {"letters": 0, "<script>x</script>": 1, "theirs": 2, "ranker": 3, "front": 4}
    assert [node["full"] for node in graph["nodes"] if node.get("wrong")] == ["ranker"]
    assert len(graph["edges"]) == 4


def test_what_follows_another_asset_of_its_stage_stands_in_a_column_beside_it(admin: Client) -> None:
    source = make_source()
    config, endpoint = make_asset(source, f"{SM}endpoint_config", name="setup"), make_asset(source, f"{SM}endpoint")
    make_link(endpoint, "serves", config)
    page = page_of(admin, config)
    graph = json.loads(unescape(page.partition('data-graph="')[2].partition('"')[0]))
    assert graph["columns"] == ["Serving and tools", ""]
    assert {node["full"]: node["column"] for node in graph["nodes"]} == {"setup": 0, endpoint.name: 1}


def test_an_asset_that_begins_with_what_is_not_there_does_not_begin_here(admin: Client) -> None:
    job = make_asset(make_source(), f"{SM}training_job", name="learner")
    make_link(job, "reads_data", kind="aws.s3.bucket", ref="arn:aws:s3:::nobody-has-this")
    assert "learner begins with what was not collected" in story_of(page_of(admin, job))


def test_no_lineage_and_not_read_are_two_things(admin: Client) -> None:
    source = make_source()
    lonely = make_asset(source)
    assert "No lineage is known" in page_of(admin, lonely)
    make_scope(source, f"{SM}model", state=ScopeState.DENIED)
    page = page_of(admin, lonely)
    assert "Lineage is not known" in page
    assert "SageMaker models were not read completely." in page


def test_the_asset_page_leads_to_the_lineage_of_what_takes_part(admin: Client, estate: Estate) -> None:
    endpoint = served_model()
    address = reverse("inventory:lineage", args=[endpoint.pk])
    assert address in admin.get(reverse("inventory:asset", args=[endpoint.pk])).content.decode()
    other = reverse("inventory:asset", args=[estate.closed_door.pk])
    assert "/lineage/" not in admin.get(other).content.decode()


def test_a_stranger_gets_no_lineage(db: None) -> None:
    endpoint = served_model()
    assert signed_in(charlie()).get(reverse("inventory:lineage", args=[endpoint.pk])).status_code != 200


def test_the_page_takes_a_fixed_number_of_queries(
    admin: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    endpoint = served_model()
    with django_assert_num_queries(9):  # session, user, asset, scopes, three steps, facts, findings
        page_of(admin, endpoint)


def test_the_api_gives_the_chain(admin: Client) -> None:
    endpoint = served_model()
    told = admin.get(f"/api/v1/assets/{endpoint.pk}/lineage/").json()
    assert {one["name"]: (one["stage"], one["distance"]) for one in told["assets"]} == {
        "front": ("serving", 0), "ranker": ("models", -1), "<script>x</script>": ("making", -2),
        "letters": ("data", -3),
    }  # fmt: skip
    assert len(told["hops"]) == 4
    assert {hop["type"] for hop in told["hops"]} == {"serves", "produces", "loads", "reads_data"}
    (lost,) = told["dangling"]
    assert (lost["ref"], lost["stage"], lost["missing"]) == ("arn:aws:s3:::theirs", "artifacts", False)
    assert (told["more"], told["unread"]) == (False, "")
    assert admin.get(f"/api/v1/assets/{endpoint.pk}/lineage/?depth=3").status_code == 422
    assert signed_in(charlie()).get(f"/api/v1/assets/{endpoint.pk}/lineage/").status_code in (401, 403)
