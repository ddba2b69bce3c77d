"""A judged source, and clients that call the API as different people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from aispm.accounts.models import User
from aispm.accounts.permissions import BY_ROLE
from aispm.accounts.services import issue_token
from findings.posture.services import evaluate
from integrations.models import Connection, ConnectionKind
from inventory.models import Asset, Source
from inventory.services import derive
from tests import builders

NOTEBOOK = "aws.sagemaker.notebook_instance"


@pytest.fixture
def source(db: None) -> Source:
    found = builders.make_source(name="research")
    Connection.objects.create(source=found, kind=ConnectionKind.AWS, settings={"regions": ["eu-central-1"]})
    return found


@pytest.fixture
def notebook(source: Source) -> Asset:
    config = {"NotebookInstanceStatus": "InService", "DirectInternetAccess": "Enabled", "RootAccess": "Enabled"}
    asset = builders.make_asset(source, NOTEBOOK, name="explore", config=config)
    builders.make_asset(source, NOTEBOOK, name="quiet", config=config | {"DirectInternetAccess": "Disabled"})
    derive(source=source, touched=None)
    evaluate(source=source)
    return asset


@pytest.fixture
def calls_as() -> Callable[[User], APIClient]:
    def client(user: User) -> APIClient:
        _token, secret = issue_token(user=user, name="test", scopes=sorted(BY_ROLE[user.role]), days=1)
        made = APIClient()
        made.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return made

    return client


@pytest.fixture
def viewer(calls_as: Callable[[User], APIClient]) -> APIClient:
    return calls_as(builders.make_user("bob"))
