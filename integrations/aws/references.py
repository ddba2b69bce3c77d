"""From what a document says to the external id of what it means."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.aws.paths import first, values
from integrations.aws.table import Link
from inventory.documents import Document, LinkTo

ECR_IMAGE = re.compile(r"^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/")
MODEL_GEOGRAPHY = re.compile(r"^(us|eu|apac|global|us-gov|jp|au|ca)\.(?=[a-z0-9-]+\.)")
MODEL_ID = re.compile(r"^[a-z0-9-]+\.[a-z0-9.:-]+$")
PRINCIPALS = ("aws.iam.role", "aws.iam.user")
MODELS = ("aws.bedrock.custom_model", "aws.bedrock.foundation_model")
Ambient = Mapping[str, str]
Target = tuple[str, str]


@dataclass(slots=True)
class Known:
    """Names learned while reading: other names of assets, and which assets are referred to. Thread-safe."""

    names: dict[str, str] = field(default_factory=dict)
    referred: dict[str, set[str]] = field(default_factory=dict)
    artifacts: dict[str, set[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def learn(self, name: str, external_id: str) -> None:
        with self._lock:
            self.names[name] = external_id

    def refer(self, links: Iterable[LinkTo]) -> None:
        with self._lock:
            for link in links:
                self.referred.setdefault(link.kind, set()).add(link.ref)

    def load(self, region: str, uris: Iterable[str]) -> None:
        with self._lock:
            self.artifacts.setdefault(region, set()).update(uris)

    def refers_to(self, kind: str) -> set[str]:
        with self._lock:
            return set(self.referred.get(kind, ()))


def links_of(links: Iterable[Link], document: Document, ambient: Ambient, known: Known) -> list[LinkTo]:
    """The edges of one document, each once, in a stable order."""
    found: dict[tuple[str, str, str], LinkTo] = {}
    for link in links:
        for value in values(document, link.path):
            if not isinstance(value, str) or not value or value in link.skip:
                continue
            target = resolve(link, value, _Around(document, ambient, known))
            if target and target[1]:
                found[(link.type, *target)] = LinkTo(link.type, *target)
    return [found[key] for key in sorted(found)]


def nameless(links: Iterable[Link], found: Iterable[LinkTo]) -> list[Link]:
    """Of these declared links the ones whose target goes by a name that only its own list could have explained."""
    by_type = {link.type: link for link in links}
    return list({to.type: by_type[to.type] for to in found if _is_nameless(by_type[to.type], to)}.values())


def _is_nameless(link: Link, to: LinkTo) -> bool:
    if link.as_ == "image":
        return to.kind == link.kind and "@" not in to.ref
    return not to.kind and (link.as_ == "known" or (link.as_ == "kms" and "alias/" in to.ref))


@dataclass(frozen=True, slots=True)
class _Around:
    document: Document
    ambient: Ambient
    known: Known


def resolve(link: Link, value: str, around: _Around) -> Target | None:
    """(kind, external id); the kind is empty when only the text is known, nothing when the value means nothing."""
    if link.as_.startswith("arn:"):
        return link.kind, _built(link.as_, value, around)
    return NAMED[link.as_](link.kind, value, around)


def _built(form: str, value: str, around: _Around) -> str:
    """`arn:service:path/{}` around a bare name; a value that is an ARN already stays."""
    if value.startswith("arn:"):
        return value
    ambient = around.ambient
    _, service, path = form.split(":", 2)
    path = path.replace("{lower}", value.lower()).replace("{}", value)
    path = re.sub(r"\{([\w.]+)\}", lambda match: _short(first(around.document, match[1])), path)
    return f"arn:{ambient['partition']}:{service}:{ambient['region']}:{ambient['account']}:{path}"


def _short(value: Any) -> str:
    """What a path is built of: the last word of an ARN, other values as they are."""
    return str(value or "").rpartition("/")[2]


def _unversioned(kind: str, value: str, around: _Around) -> Target:
    """An ARN with or without a version at its end → without it."""
    return kind, re.sub(r":\d+$", "", value)


def _arn(kind: str, value: str, around: _Around) -> Target:
    return kind, value


def _role(kind: str, value: str, around: _Around) -> Target:
    if value.startswith("arn:"):
        return kind, value
    return kind, f"arn:{around.ambient['partition']}:iam::{around.ambient['account']}:role/{value}"


def _principal(kind: str, value: str, around: _Around) -> Target:
    """A role or user of this account; others stay text."""
    own = f":iam::{around.ambient['account']}:"
    sort = next((sort for sort in PRINCIPALS if f"{own}{sort.rpartition('.')[2]}/" in value), "")
    return sort, value


def _s3(kind: str, value: str, around: _Around) -> Target | None:
    """An s3:// URI (or https form) → the bucket."""
    match = re.match(r"^(?:s3|S3)://([^/]+)", value) or re.match(
        r"^https://(?:s3[.-][a-z0-9-]+\.amazonaws\.com/)?([a-z0-9.-]+?)(?:\.s3[.-][a-z0-9.-]*amazonaws\.com)?/", value
    )
    return (kind, _bucket_arn(match[1], around)) if match else None


def _bucket(kind: str, value: str, around: _Around) -> Target:
    return kind, value if value.startswith("arn:") else _bucket_arn(value, around)


def _bucket_arn(name: str, around: _Around) -> str:
    return f"arn:{around.ambient['partition']}:s3:::{name}"


def _kms(kind: str, value: str, around: _Around) -> Target:
    """A key ARN, key id, alias or alias ARN → the key's ARN; AWS-managed and unknown aliases stay text."""
    ambient = around.ambient
    if re.fullmatch(r"[0-9a-f-]{36}|mrk-[0-9a-f]{32}", value):
        return kind, f"arn:{ambient['partition']}:kms:{ambient['region']}:{ambient['account']}:key/{value}"
    if "alias/" not in value:
        managed = around.known.names.get(f"managed:{value}")
        return ("", managed) if managed else (kind, value)
    alias = value[value.index("alias/") :]
    key = around.known.names.get(f"{ambient['region']}:{alias}")
    return (kind, key) if key else ("", value)


def _security_group(kind: str, value: str, around: _Around) -> Target:
    ambient = around.ambient
    return kind, f"arn:{ambient['partition']}:ec2:{ambient['region']}:{ambient['account']}:security-group/{value}"


def _image(kind: str, value: str, around: _Around) -> Target:
    """An image of our own registry → repository@digest where the tag is known; others stay text."""
    match = ECR_IMAGE.match(value)
    if not match or match[1] != around.ambient["account"]:
        return "", value
    if "@" in value:
        repository, _, digest = value.partition("@")
        return kind, f"{repository.partition(':')[0]}@{digest}"
    tagged = value if ":" in value.rpartition("/")[2] else f"{value}:latest"
    return kind, around.known.names.get(tagged, tagged)


def _log_group(kind: str, value: str, around: _Around) -> Target:
    """A name, or an ARN with or without `:*` → the log group's ARN without it."""
    ambient = around.ambient
    if value.startswith("arn:"):
        return kind, value.removesuffix(":*")
    return kind, f"arn:{ambient['partition']}:logs:{ambient['region']}:{ambient['account']}:log-group:{value}"


def _function(kind: str, value: str, around: _Around) -> Target:
    """A function ARN, with or without a version or alias → the function's own ARN."""
    parts = value.split(":")
    if len(parts) >= 7 and parts[2] == "lambda":
        return kind, ":".join(parts[:7])
    ambient = around.ambient
    return kind, f"arn:{ambient['partition']}:lambda:{ambient['region']}:{ambient['account']}:function:{value}"


def _foundation_model(kind: str, value: str, around: _Around) -> Target:
    """A model id, ARN or geographic inference profile → the foundation model; other profiles stay text."""
    ambient = around.ambient
    name = value.rpartition("/")[2] if value.startswith("arn:") else value
    if value.startswith("arn:") and ":foundation-model/" not in value and ":inference-profile/" not in value:
        return "", value
    name = MODEL_GEOGRAPHY.sub("", name)
    if not MODEL_ID.match(name):
        return "", value
    return kind, f"arn:{ambient['partition']}:bedrock:{ambient['region']}::foundation-model/{name}"


def _model(kind: str, value: str, around: _Around) -> Target:
    """A Bedrock model ARN of either sort."""
    if ":custom-model/" in value:
        return MODELS[0], value
    return _foundation_model(MODELS[1], value, around)


def target_kinds(link: Link) -> tuple[str, ...]:
    """Every kind that a declared link may lead to."""
    return {"model": MODELS, "principal": PRINCIPALS}.get(link.as_, (link.kind,))


def _rest_api(kind: str, value: str, around: _Around) -> Target:
    """An API's id → its ARN, which names no account."""
    return kind, f"arn:{around.ambient['partition']}:apigateway:{around.ambient['region']}::/restapis/{value}"


def _known(kind: str, value: str, around: _Around) -> Target:
    """A name learned from the asset itself (instance profile → role)."""
    found = around.known.names.get(value)
    return (kind, found) if found else ("", value)


NAMED: dict[str, Callable[[str, str, Any], Target | None]] = {
    "arn": _arn,
    "unversioned": _unversioned,
    "role": _role,
    "principal": _principal,
    "s3": _s3,
    "artifact": _s3,
    "bucket": _bucket,
    "kms": _kms,
    "security_group": _security_group,
    "image": _image,
    "log_group": _log_group,
    "function": _function,
    "foundation_model": _foundation_model,
    "model": _model,
    "known": _known,
    "rest_api": _rest_api,
}
