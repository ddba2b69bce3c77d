"""Credentials and clients: whose account, which endpoint, how patient."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials, create_assume_role_refresher
from botocore.parsers import ResponseParserError

from aispm.core.errors import PermanentError
from aispm.core.outbound import guarded
from integrations.aws import model
from integrations.aws.checking import ALL

HOME_REGION = "us-east-1"
SESSION_NAME = "aispm-collector"
SMALL_BODY = 4096
RETRY = re.compile(r"attempt=(?!1\b)")
# A role that refuses us is told to the user in one line; botocore would log it with its whole traceback.
logging.getLogger("botocore.credentials").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Tuning:
    """How patient and how parallel. Seconds; `attempts` counts the first one."""

    connect_timeout: float = 10
    read_timeout: float = 20
    attempts: int = 5
    mode: str = "adaptive"
    parallel: int = 16
    queue_pages: int = 64
    stop_within: float = 5


@dataclass(frozen=True, slots=True)
class Access:
    """Connection settings and secret, parsed. No regions means all that the account has enabled.

    `given_endpoint` is one that only the connection names; `endpoint_url` may also be the installation's own.
    """

    regions: tuple[str, ...] = ()
    role_arn: str = ""
    external_id: str = ""
    endpoint_url: str = ""
    given_endpoint: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""
    session_token: str = ""

    @classmethod
    def parse(cls, settings: Mapping[str, Any], secret: Mapping[str, Any] | None, endpoint_url: str = "") -> Access:
        """Refuses with PermanentError what cannot work, before anything is called."""
        secret = secret or {}
        regions, given = settings.get("regions") or ALL, str(settings.get("endpoint_url") or "")
        if bool(secret.get("access_key_id")) != bool(secret.get("secret_access_key")):
            raise PermanentError("An access key has two parts: give both the key id and the secret key.")
        return cls(
            regions=() if regions in (ALL, [ALL]) else tuple(dict.fromkeys(str(region) for region in regions)),
            role_arn=str(settings.get("role_arn") or ""),
            external_id=str(secret.get("external_id") or settings.get("external_id") or ""),
            endpoint_url=given or endpoint_url,
            given_endpoint=given if given != endpoint_url else "",
            access_key_id=str(secret.get("access_key_id") or ""),
            secret_access_key=str(secret.get("secret_access_key") or ""),
            session_token=str(secret.get("session_token") or ""),
        )

    @property
    def home(self) -> str:
        """The region from which global services are called."""
        return next((region for region in self.regions if region in model.partitions_by_region()), HOME_REGION)


class Clients:
    """botocore clients by (service, region), made once. Making one is not thread-safe, using one is."""

    def __init__(self, access: Access, tuning: Tuning) -> None:
        self._access, self._tuning = access, tuning
        self.before_retry: Callable[[str], None] | None = None  # told the service before it is asked once more
        self._made: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._session = self._core()

    def get(self, service: str, region: str) -> Any:
        found = self._made.get((service, region))
        if found is not None:
            return found  # without waiting for another one that is being made
        with self._lock:
            found = self._made.get((service, region))
            if found is None:
                found = self._made[(service, region)] = self._make(self._session, service, region)
            return found

    def close(self) -> None:
        with self._lock:
            for client in self._made.values():
                client.close()
            self._made.clear()

    def _core(self) -> Any:
        """A session with the account's credentials; it shares the parsed service models of the process."""
        core = self._bare()
        if self._access.access_key_id:
            core.set_credentials(
                self._access.access_key_id, self._access.secret_access_key, self._access.session_token or None
            )
        return self._assumed(core) if self._access.role_arn else core

    @staticmethod
    def _bare() -> Any:
        core = botocore.session.Session()
        core.register_component("data_loader", model.session().get_component("data_loader"))
        return core

    def _assumed(self, source: Any) -> Any:
        """A session in the role; its credentials renew themselves before they run out."""
        arguments = {"RoleSessionName": SESSION_NAME}
        if self._access.external_id:
            arguments["ExternalId"] = self._access.external_id
        arguments["RoleArn"] = self._access.role_arn
        sts = self._make(source, "sts", self._access.home)
        core = self._bare()
        core._credentials = DeferredRefreshableCredentials(
            refresh_using=create_assume_role_refresher(sts, arguments), method="assume-role"
        )
        return core

    def _make(self, core: Any, service: str, region: str) -> Any:
        client = core.create_client(
            service,
            region_name=region,
            endpoint_url=self._access.endpoint_url or None,
            config=self._config(),
        )
        client.meta.events.register("before-parse", refuse_foreign_body)
        client.meta.events.register("before-send", partial(self._sending, service))
        if self._access.given_endpoint:
            pools = client._endpoint.http_session._pool_classes_by_scheme  # botocore has no public way to these
            pools.update(guarded(pools))
        if service == "s3control" and self._access.endpoint_url:
            client.meta.events.register_first("before-sign.s3-control", self._without_account_in_host)
        return client

    def _sending(self, service: str, request: Any, **_kwargs: Any) -> None:
        if self.before_retry is not None and RETRY.search(str(request.headers.get("amz-sdk-request", ""))):
            self.before_retry(service)

    def _config(self) -> Config:
        retries = {"mode": self._tuning.mode, "total_max_attempts": self._tuning.attempts}
        return Config(
            connect_timeout=self._tuning.connect_timeout,
            read_timeout=self._tuning.read_timeout,
            retries=retries,
            max_pool_connections=self._tuning.parallel,
            user_agent_extra="aispm",
            s3={"addressing_style": "path"} if self._access.endpoint_url else None,
        )

    def _without_account_in_host(self, request: Any, **_kwargs: Any) -> None:
        """S3 control puts the account id before the host name, which a custom endpoint cannot resolve."""
        scheme, _, rest = request.url.partition("://")
        account, _, host = rest.partition(".")
        if account.isdigit() and self._access.endpoint_url.startswith(f"{scheme}://{host.partition('/')[0]}"):
            request.url = f"{scheme}://{host}"


def refuse_foreign_body(operation_model: Any, response_dict: dict[str, Any], **_kwargs: Any) -> None:
    """A success whose body is not the service's (a proxy's page, a truncated answer) must not parse as empty."""
    body = response_dict.get("body")
    if response_dict.get("status_code", 0) >= 300 or not isinstance(body, bytes):
        return
    shape = operation_model.output_shape
    protocol = operation_model.service_model.resolved_protocol
    if shape is not None and shape.members and not _plausible(body.strip(), protocol, shape):
        raise ResponseParserError("The body is not an answer of this service.")


def _plausible(body: bytes, protocol: str, shape: Any) -> bool:
    if not body or body[:9].lower() == b"<!doctype" or body[:5].lower() == b"<html":
        return False
    if protocol in ("json", "rest-json"):
        return body.startswith(b"{") and body.endswith(b"}") and _known_members(body, shape)
    return True


def _known_members(body: bytes, shape: Any) -> bool:
    """Whether a small JSON body holds at least one member of the answer, or nothing at all."""
    if len(body) > SMALL_BODY:
        return True
    try:
        found = json.loads(body)
    except ValueError:
        return False
    names = {member.serialization.get("name", name) for name, member in shape.members.items()}
    return not found or bool(names & set(found))
