"""Whether the files that a model loads are still the ones that it was made of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from inventory.documents import Document, Unknown
from inventory.facts.aws_lineage import INPUTS, MODEL, OUTPUTS, PACKAGE, RUN, inputs_of
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first, untold

AT_ONCE = timedelta(minutes=1)  # times are told to the second here, finer there


@fact(
    "replaced_by",
    kinds=(MODEL, PACKAGE),
    looks_at=(*OUTPUTS, RUN, MODEL, PACKAGE),
    title="What came in the place of its artifact",
)
def replaced_by(node: Node, estate: Estate) -> list[str] | Unknown:
    """What was written where it, or the packages that it loads, have their files, after it was described."""
    answers = [_replaced(node, estate)]
    for package in estate.out(node, "loads"):
        if isinstance(package, Dangling) and package.kind == PACKAGE:
            answers.append(Unknown("The package that it loads was not read."))
        elif isinstance(package, Node) and package.kind == PACKAGE:
            answers.append(_replaced(package, estate))
    found = sorted({name for one in answers if not isinstance(one, Unknown) for name in one})
    unsure = (one for one in answers if isinstance(one, Unknown))
    doubt = None if found else first([untold(node, "loads", PACKAGE), *unsure])
    return found if doubt is None else doubt


def _replaced(one: Node, estate: Estate) -> list[str] | Unknown:
    """By the files themselves where they were listed, else by what other documents say of them."""
    missing = one.unknown(*INPUTS[one.kind], "Artifact")
    if missing is not None:
        return missing
    since, addresses = _moment(one.config.get("CreationTime")), inputs_of(one)
    written = _written(one, addresses, since) if addresses else []
    if not isinstance(written, Unknown):
        return written
    found, confirmed = _told_by_others(one, since, estate)
    return sorted(found) if found or confirmed else written


def _written(one: Node, addresses: set[str], since: datetime | None) -> list[str] | Unknown:
    """The files at its address that were written later."""
    listing = one.config.get("Artifact") or {}
    bucket, hashes, files = f"s3://{listing.get('Name')}", _hashes(one.config), list(_files(listing))
    address = f"{bucket}/{listing.get('Prefix') or ''}"
    if since is None or address not in addresses or not files:
        return Unknown("No file was found at its address.")
    later = [str(file["Key"]) for file in files if _changed(file, hashes.get(f"{bucket}/{file['Key']}"), since)]
    if later:
        return sorted(later)
    if len(addresses) > 1 or listing.get("IsTruncated"):
        return Unknown("Not all files at its addresses were looked at.")
    return []


def _files(listing: Document) -> Iterator[Document]:
    """The file at the address, or those in the folder; not others whose names only begin alike."""
    prefix = str(listing.get("Prefix") or "")
    for file in listing.get("Contents") or []:
        if file["Key"] == prefix or file["Key"].startswith(f"{prefix.rstrip('/')}/".lstrip("/")):
            yield file


def _changed(file: Document, expected: str | None, since: datetime) -> bool:
    """By its hash where that is on record, else by its time."""
    if expected:
        return str(file.get("ETag")).strip('"') != expected.strip('"')
    return _is_later(since, _moment(file.get("LastModified")))


def _told_by_others(one: Node, since: datetime | None, estate: Estate) -> tuple[set[str], bool]:
    """Jobs begun later that wrote to its address and later hashes of it; whether a later hash is the same."""
    mine = _hashes(one.config)
    jobs = (job for job in estate.into(one, "produces") if job.kind in OUTPUTS)
    found, confirmed = {job.name for job in jobs if _is_later(since, _moment(job.config.get("CreationTime")))}, False
    for other in estate.all(MODEL, PACKAGE) if mine else ():
        later = other is not one and _is_later(since, _moment(other.config.get("CreationTime")))
        theirs = _hashes(other.config) if later else {}
        found |= {f"{other.name}: {theirs[uri]}" for uri in mine if theirs.get(uri, mine[uri]) != mine[uri]}
        confirmed |= theirs.items() >= mine.items() and inputs_of(one) <= mine.keys()
    return found, confirmed


def _is_later(since: datetime | None, then: datetime | None) -> bool:
    return since is not None and then is not None and then - since > AT_ONCE


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _hashes(value: Any) -> dict[str, str]:
    """The hash that a document gives for each address it names."""
    found: dict[str, str] = {}
    if isinstance(value, list):
        for one in value:
            found |= _hashes(one)
    elif isinstance(value, dict):
        pairs = (("ModelDataUrl", "ModelDataETag"), ("S3Uri", "ETag"))
        found |= {str(value[uri]): str(value[tag]) for uri, tag in pairs if value.get(uri) and value.get(tag)}
        for one in value.values():
            found |= _hashes(one)
    return found
