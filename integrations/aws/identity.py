"""Who this installation is in AWS, so that a trust policy can name it. Asks quickly, and for nothing that may hang."""

from __future__ import annotations

import time

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from integrations.aws import model
from integrations.aws.session import HOME_REGION

KEPT_S = 300.0
PATIENCE = Config(connect_timeout=2, read_timeout=2, retries={"total_max_attempts": 1})
_known: tuple[str, float] = ("", 0.0)


def own_arn(endpoint_url: str = "") -> str:
    """The ARN of the installation's own user or role; empty when it has none, or when AWS does not say."""
    global _known
    arn, until = _known
    if time.monotonic() >= until:
        arn = _asked(endpoint_url)
        _known = (arn, time.monotonic() + KEPT_S)
    return arn


def forget() -> None:
    """Asks anew at the next question."""
    global _known
    _known = ("", 0.0)


def _asked(endpoint_url: str) -> str:
    session = botocore.session.Session()
    session.register_component("data_loader", model.session().get_component("data_loader"))
    try:
        providers = session.get_component("credential_provider")
        providers.remove("iam-role")  # the machine's metadata service: away from EC2 it is a long silence
        if providers.load_credentials() is None:
            return ""
        sts = session.create_client("sts", region_name=HOME_REGION, endpoint_url=endpoint_url or None, config=PATIENCE)
        return principal(str(sts.get_caller_identity().get("Arn") or ""))
    except (BotoCoreError, ClientError, ValueError):
        return ""


def principal(arn: str) -> str:
    """The role behind a session of it: trust policies name roles, and sessions come and go."""
    head, _, rest = arn.partition(":assumed-role/")
    if not rest:
        return arn
    return f"{head.replace(':sts:', ':iam:')}:role/{rest.split('/')[0]}"
