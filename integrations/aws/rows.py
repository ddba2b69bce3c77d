"""From one row of a list answer to one asset: its details, what of them could not be read, its links and tags."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from integrations.aws.caller import Ask, Meter
from integrations.aws.errors import MALFORMED, CallFailed
from integrations.aws.paths import drop, first, plain, render, values
from integrations.aws.reading import NEWLY_TAGGED, Context, Reading
from integrations.aws.redaction import without_secrets
from integrations.aws.references import links_of, nameless
from integrations.aws.table import ALL_REGIONS, Absent, Detail, Keep, Resource
from inventory.documents import Document, LinkTo, Observed, Problem, Unread


class Gone(Exception):
    """The asset disappeared between the list and the describing call."""


@dataclass(slots=True)
class Seen:
    """One row on its way to becoming an asset."""

    document: Document
    unread: list[Unread] = field(default_factory=list)
    failure: CallFailed | None = None

    def miss(self, part: str, failure: CallFailed, *, doubt: bool = True) -> None:
        """Note an unread part; `doubt` when the document may say in it what it refers to."""
        self.unread.append(_unread(part, failure))
        if doubt:
            self.failure = self.failure or failure

    def missed(self, path: str) -> bool:
        return self.why_missed(path) is not None

    def why_missed(self, path: str) -> Unread | None:
        """The unread part that a path starts in."""
        word = path.partition(".")[0].removesuffix("[]")
        if word in self.document:
            return None
        return next((part for part in self.unread if part.part in ("", word)), None)


class Rows:
    """Makes assets of one kind in one region."""

    def __init__(self, resource: Resource, region: str, reading: Reading, meter: Meter) -> None:
        self.resource, self.region, self.reading, self.meter = resource, region, reading, meter
        self.context: Context = reading.context(region)
        self._once: dict[str, Any] = {}
        self._once_lock = threading.Lock()
        self._referred: set[str] | None = None

    def begin(self, row: Mapping[str, Any], parent: Document | None) -> Seen:
        """The row as a document: with what it takes over from its parent and from the regional tables."""
        document: Document = plain(dict(row))
        for name, path in self.resource.carry.items():
            document.setdefault(name, first(parent or {}, path))
        seen = Seen(document)
        for table in self.resource.context:
            self._from_table(seen, table)
        return seen

    def _from_table(self, seen: Seen, table: str) -> None:
        if table in self.context.problems:
            seen.miss(table, self.context.problems[table], doubt=False)
        elif table == "Aliases":
            seen.document["Aliases"] = self.context.aliases.get(str(seen.document.get("KeyId")), [])
        elif table == "Tags":
            tags = self.context.tags.get(self.identity(seen.document), {})
            seen.document["Tags"] = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]

    def wanted(self, seen: Seen) -> bool:
        keep = self.resource.keep
        return keep is None or kept(keep, seen.document, lambda: self._referred_to(seen.document))

    def _referred_to(self, document: Document) -> bool:
        if self._referred is None:
            self._referred = self.reading.known.refers_to(self.resource.kind)
        return self.identity(document) in self._referred

    def finish(self, seen: Seen) -> Observed | None:
        """The asset; nothing when it has gone or turns out not to be one."""
        try:
            for detail in self.resource.detail:
                self._detail(detail, seen)
        except Gone:
            return None
        return self.asset(seen) if self._confirmed(seen) else None

    def _confirmed(self, seen: Seen) -> bool:
        if self.resource.confirm is None:
            return True
        path, value = self.resource.confirm
        if seen.missed(path):
            return True
        found = values(seen.document, path)
        wanted = value.replace("{account}", self.reading.account)
        return any(_is(one, wanted) for one in found)

    def _detail(self, detail: Detail, seen: Seen) -> None:
        if not self._applies(detail, seen):
            return
        try:
            answer = self._answer(detail, seen)
            if answer is None:
                return
            if detail.into:
                seen.document[detail.into] = answer
            else:
                seen.document.update(answer)
        except CallFailed as failure:
            seen.miss(detail.into, failure, doubt=self._names_others(detail.into))
            if detail.describes and detail.into:
                # What holds no secret as far as we saw may still hold one in the part that we did not see.
                seen.unread.append(_unread("SecretsFound", failure))

    def _names_others(self, part: str) -> bool:
        """Whether links start in this part of the document."""
        heads = {link.path.partition(".")[0].removesuffix("[]") for link in self.resource.links}
        return not part or part in heads

    def _applies(self, detail: Detail, seen: Seen) -> bool:
        """Whether to make the call. What was not read does not speak against it, unless it says what to ask for."""
        if detail.unless and detail.unless[1] in values(seen.document, detail.unless[0]):
            return False
        if detail.when is None:
            return True
        path, allowed = detail.when
        found = values(seen.document, path)
        if not found and seen.missed(path):
            return not any(f"{{{path}}}" in one for one in detail.parameters.values())
        return bool(found) if not allowed else any(_is(value, one) for value in found for one in allowed)

    def _answer(self, detail: Detail, seen: Seen) -> Any:
        """What a detail call told, None when that is "not set"; Gone when it says that there is no such asset."""
        try:
            return self._remembered(detail, seen) if detail.once else self._called(detail, seen)
        except CallFailed as failure:
            if not any(is_absent(absent, failure) for absent in detail.absent):
                raise
            if detail.describes:
                raise Gone from failure
            return None

    def _remembered(self, detail: Detail, seen: Seen) -> Any:
        with self._once_lock:
            if detail.operation not in self._once:
                try:
                    self._once[detail.operation] = self._called(detail, seen)
                except CallFailed as failure:
                    self._once[detail.operation] = failure
            found = self._once[detail.operation]
        if isinstance(found, CallFailed):
            raise found
        return found

    def _called(self, detail: Detail, seen: Seen) -> Any:
        ask = Ask(
            detail.client or self.resource.client,
            detail.operation,
            self._ambient(seen)["region"],
            self._parameters(detail.parameters, seen),
            (detail.needs or detail.take,) if (detail.needs or detail.take) and not detail.optional else (),
        )
        caller = self.reading.caller
        if detail.pages:
            pages = list(caller.pages(ask, self.meter))
            return [plain(row) for page in pages for row in listed(page, detail.take)]
        answer = plain({key: value for key, value in caller.one(ask, self.meter).items() if key != "ResponseMetadata"})
        taken = answer.get(detail.take) if detail.take else answer
        return decoded(taken) if detail.decode else taken

    def _parameters(self, parameters: Mapping[str, str], seen: Seen) -> Document:
        return parameters_of(parameters, seen.document, self._ambient(seen))

    def _ambient(self, seen: Seen) -> dict[str, str]:
        """Global resources are asked about in their own region, where they have one."""
        ambient = self.reading.ambient(self.region)
        if self.region == ALL_REGIONS:
            place = first(seen.document, "BucketRegion")
            ambient["region"] = place or ambient["region"]
        return ambient

    def identity(self, document: Document) -> str:
        found = render(self.resource.identity, document, self.reading.ambient(self.region))
        if not found:
            raise CallFailed(Problem.MALFORMED, f"{MALFORMED} A row has no identity.")
        return found[0]

    def asset(self, seen: Seen) -> Observed:
        resource, ambient = self.resource, self._ambient(seen)
        self._tidy(seen)
        document = without_secrets(seen.document)
        external_id = self.identity(document)
        for template in resource.also:
            for name in render(template if "{" in template else f"{{{template}}}", document, ambient):
                self.reading.known.learn(name, external_id)
        self.reading.known.load(
            self.region,
            (uri for link in resource.links if link.as_ == "artifact" for uri in values(document, link.path)),
        )
        links = links_of(resource.links, document, ambient, self.reading.known)
        tags = self._tags(seen, document, external_id)
        return Observed(
            kind=resource.kind,
            external_id=external_id,
            name=self._name(document, ambient, external_id),
            place=(render(resource.place, document, ambient) or [ALL_REGIONS])[0],
            config=document,
            unread=(*seen.unread, *self._not_looked_up(links)),
            links=tuple(links),
            tags=tags,
        )

    def _not_looked_up(self, links: Sequence[LinkTo]) -> Iterator[Unread]:
        """Links that may lead elsewhere, because what gives names to their targets was not read."""
        for link in nameless(self.resource.links, links):
            scopes = self.reading.closed_in(link.kind, ALL_REGIONS)
            failure = next((reason for closed in scopes if (reason := closed.reason())), None)
            failure = self.context.problems.get("Aliases", failure) if link.as_ == "kms" else failure
            if failure is not None:
                yield _unread(link.type, failure)

    def _name(self, document: Document, ambient: Mapping[str, str], external_id: str) -> str:
        name = (render(self.resource.name, document, ambient) or [external_id])[0]
        return _short(name) if name.startswith("arn:") else name.strip()

    def _tidy(self, seen: Seen) -> None:
        """Drop what changes without the asset changing, and open JSON that AWS hands over as text."""
        document = seen.document
        for path in ("ResponseMetadata", *self.resource.noise):
            drop(document, path)
        for name in self.resource.decode:
            if isinstance(document.get(name), str):
                try:
                    document[name] = decoded(document[name])
                except CallFailed as failure:
                    document.pop(name)
                    seen.miss(name, failure)
        if self.resource.only and isinstance(document.get(self.resource.only[0]), list):
            listing, flag = self.resource.only
            document[listing] = [item for item in document[listing] if item.get(flag)]

    def _tags(self, seen: Seen, document: Document, external_id: str) -> dict[str, str]:
        if self.resource.tags == "@":
            problem = self.context.problems.get("Tags")
            if problem is None and self.resource.service in NEWLY_TAGGED:
                problem = self.context.newer
            if problem is not None:
                seen.unread.append(_unread("Tags", problem))
            return dict(self.context.tags.get(external_id, {}))
        missed = seen.why_missed(self.resource.tags) if self.resource.tags else None
        if missed is not None and missed.part != "Tags":
            seen.unread.append(replace(missed, part="Tags"))
        return tags_in(first(document, self.resource.tags)) if self.resource.tags else {}


def _is(value: Any, wanted: str) -> bool:
    """Whether it is this value; `~pattern` searches it."""
    return bool(re.search(wanted[1:], str(value))) if wanted.startswith("~") else bool(value == wanted)


def _short(arn: str) -> str:
    """What people call the thing that an ARN names: without its type and its serial number, with its version."""
    parts = arn.split(":", 5)[5].split("/")
    if "version" in parts[1:-1]:
        at = parts.index("version")
        return f"{parts[at - 1]} {parts[at + 1]}"
    named = [part for part in parts[1:] or parts if not part.isdigit()]
    return named[-1] if named else parts[-1]


def _unread(part: str, failure: CallFailed) -> Unread:
    return Unread(part, failure.problem, failure.message, failure.permission)


def listed(page: Mapping[str, Any], result: str) -> list[Any]:
    """The rows of a page. A list answer without its list is malformed, not empty."""
    rows = page.get(result)
    if not isinstance(rows, list):
        raise CallFailed(Problem.MALFORMED, f"{MALFORMED} It has no list {result}.")
    return rows


def decoded(text: Any) -> Any:
    """JSON inside a string, such as a policy; documents that botocore opened already stay."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise CallFailed(Problem.MALFORMED, f"{MALFORMED} A document in it is not JSON.") from None


def is_absent(absent: Absent, failure: CallFailed) -> bool:
    return absent.code == failure.code and absent.saying.lower() in failure.message.lower()


def parameters_of(parameters: Mapping[str, Any], document: Document, ambient: Mapping[str, str]) -> Document:
    """Request parameters: paths into the document, `=constants` (JSON where it is a number or starts with a bracket).

    `bucket:{path}` and `key:{path}` are the two parts of the S3 address at a path.
    """
    made: Document = {}
    for name, path in parameters.items():
        if not isinstance(path, str):
            made[name] = path
        elif re.match(r"=(\[|\d+$)", path):
            made[name] = json.loads(path[1:])
        elif path.startswith(("bucket:", "key:")):
            made[name] = _of_address(path, document, ambient)
        elif "{" in path:
            made[name] = render(path, document, ambient)[0]
        else:
            made[name] = first(document, path)
    return {name: value for name, value in made.items() if value is not None}


def _of_address(path: str, document: Document, ambient: Mapping[str, str]) -> str:
    part, _, template = path.partition(":")
    bucket, _, key = render(template, document, ambient)[0].removeprefix("s3://").partition("/")
    return bucket if part == "bucket" else key


def kept(keep: Keep, document: Document, referred: Callable[[], bool]) -> bool:
    """Whether a row is an asset at all (table.Keep)."""
    if any(_matches(document, *rule) for rule in keep.never):
        return False
    if any(_matches(document, *rule) for rule in keep.matching):
        return True
    return any(any(values(document, path)) for path in keep.present) or (keep.referenced and referred())


def _matches(document: Document, path: str, pattern: str) -> bool:
    return any(isinstance(value, str) and re.search(pattern, value) for value in values(document, path))


def tags_in(tags: Any) -> dict[str, str]:
    """AWS writes tags in three ways: {k: v}, [{Key, Value}], [{key, value}]."""
    if isinstance(tags, dict):
        return {str(key): str(value) for key, value in tags.items()}
    found: dict[str, str] = {}
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, dict):
            key = tag.get("Key", tag.get("key"))
            found[str(key)] = str(tag.get("Value", tag.get("value", "")))
    return found
