"""The default of a list (AI assets that exist) does not reach the address of one asset."""

import pytest
from django.test import Client

from tests.builders import alice, make_asset, moment

pytestmark = pytest.mark.django_db


def test_an_asset_that_is_not_ai_or_gone_is_still_found_by_its_address(client: Client) -> None:
    client.force_login(alice())
    for asset in (make_asset(), make_asset(gone_at=moment())):
        assert client.get(f"/api/v1/assets/{asset.pk}/").status_code == 200
    assert client.get("/api/v1/assets/").json()["results"] == []
