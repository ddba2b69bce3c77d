"""Clusters that an account runs: where one is reached, and the tokens that the account's own identity opens it with."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aispm.core.errors import PermanentError
from integrations.aws.caller import Ask
from integrations.aws.collector import AwsCollector, default_endpoint
from integrations.aws.session import Access, Clients, Tuning

RENEW_S = 8 * 60  # EKS takes a token for a quarter of an hour
PREFIX, CLUSTER_HEADER = "k8s-aws-v1.", "x-k8s-aws-id"


@dataclass(frozen=True, slots=True)
class EksCluster:
    """How a cluster is reached. `token` gives one that is good for minutes, whenever it is asked."""

    name: str
    address: str
    ca: str
    token: Callable[[], str] = field(repr=False)


def eks_cluster(settings: Mapping[str, Any], secret: Mapping[str, Any], name: str, region: str) -> EksCluster:
    """Asks the account for the cluster. PermanentError says what is in the way."""
    collector = AwsCollector(settings, secret)
    collector.identify()
    answer = collector.ask_or_explain(Ask("eks", "describe_cluster", region, {"name": name}, needs=("cluster",)))
    cluster = answer["cluster"]
    address = str(cluster.get("endpoint") or "")
    if not address:
        raise PermanentError(f"The cluster {name} has no address yet: it is {cluster.get('status') or 'being made'}.")
    bundle = str((cluster.get("certificateAuthority") or {}).get("data") or "")
    sts = Clients(Access.parse(settings, secret, default_endpoint()), Tuning()).get("sts", region)
    return EksCluster(name, address, base64.b64decode(bundle).decode("ascii", "replace"), Token(sts, name))


class Token:
    """A request for the caller's identity, signed for one cluster, by which EKS learns who asks. Made anew in time."""

    def __init__(self, sts: Any, cluster: str) -> None:
        self._sts, self._cluster = sts, cluster
        self._text, self._made = "", 0.0
        self._lock = threading.Lock()
        sts.meta.events.register("before-sign.sts.GetCallerIdentity", self._for_the_cluster)

    def __call__(self) -> str:
        with self._lock:
            if not self._text or time.monotonic() - self._made > RENEW_S:
                self._text, self._made = self._sign(), time.monotonic()
            return self._text

    def _sign(self) -> str:
        try:
            url = self._sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        except (BotoCoreError, ClientError) as error:
            raise PermanentError(f"The account gives no credentials for a token of its cluster: {error}") from error
        return PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")

    def _for_the_cluster(self, request: Any, **_kwargs: Any) -> None:
        request.headers[CLUSTER_HEADER] = self._cluster
