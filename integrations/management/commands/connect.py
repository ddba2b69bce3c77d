"""`aispm connect aws|kubernetes|snapshot`: add a source from the terminal."""

from __future__ import annotations

import json
import re
import sys
import tarfile
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from aispm.core.errors import Conflict, DomainError, Invalid, PermanentError, TransientError
from integrations import grants, queries, services
from integrations.kubernetes.kubeconfig import decoded
from integrations.models import Connection, Origin
from integrations.queries import Member, Standing
from integrations.services import AwsAccess, MemberAccess, SourceDetails
from integrations.services.members import SAID
from inventory.models import Asset, Environment, Source

IN_PART = 3


class Command(BaseCommand):
    help = (
        "Connect an AWS account, a Kubernetes cluster or a cluster snapshot. The source is asked who it is; without an "
        "answer nothing is stored. Running workers then collect it within seconds. Connecting a source again replaces "
        "its access and keeps what is known of it. Exit code 3 when a member of the organization that was asked cannot "
        "be assumed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="what", required=True)
        aws = kinds.add_parser("aws", help="an AWS account, read-only")
        kubernetes = kinds.add_parser("kubernetes", help="a cluster, read-only")
        snapshot = kinds.add_parser(
            "snapshot", help="files of a cluster that cannot be reached; read once, load again to refresh"
        )
        _aws_arguments(aws)
        kubernetes.add_argument("--kubeconfig", type=Path, help="without it: the cluster that this runs in")
        kubernetes.add_argument("--context", default="", help="without it: the current context of the kubeconfig")
        kubernetes.add_argument("--eks", default="", help="a cluster of a connected account instead, by name or ARN")
        snapshot.add_argument(
            "path", type=Path, help="a folder, .zip, .tar.gz or file of list bodies or kubectl get -o json output"
        )
        kubernetes.add_argument("--show-access", action="store_true", help="print what has to be granted, and stop")
        for kind in (aws, kubernetes, snapshot):
            kind.add_argument("--name", default="", help="without it: the source's own name")
            kind.add_argument("--environment", choices=Environment.values)
            kind.add_argument("--criticality", type=int, choices=(1, 2, 3), help="1 low, 2 normal, 3 high")
            kind.add_argument("--owner", default="", help="who answers for what has no owner of its own")
            kind.add_argument("--json", action="store_true", help="print one JSON object instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        if form := options.get("show_access"):
            aws = options["what"] == "aws"
            self.stdout.write(grants.aws_access(form, _external_id(options)) if aws else grants.kubernetes_role())
            return
        if options.get("show_trust"):
            self.stdout.write(grants.aws_trust(_external_id(options)))
            return
        details = SourceDetails(
            name=options["name"],
            environment=options["environment"],
            criticality=options["criticality"],
            owner=options["owner"] or None,
        )
        try:
            connection = getattr(self, f"_{options['what']}")(options, details)
        except (DomainError, PermanentError, TransientError, OSError) as error:
            raise CommandError(_told(error), returncode=2) from error
        source = connection.source
        if not options.get("through"):
            with suppress(Conflict):  # what goes on already ends first; the connection is due then
                services.request_run(source=source, origin=Origin.CONNECT, handed_out=False)
        members = queries.members_for_system(connection) if options.get("organization") else None
        self._tell(source, members, as_json=options["json"])
        asked = _accounts(options) if members else []
        if any(one.standing is Standing.REFUSED and (not asked or one.account in asked) for one in members or ()):
            sys.exit(IN_PART)

    def _tell(self, source: Source, members: Sequence[Member] | None, *, as_json: bool) -> None:
        if as_json:
            answer = {"source": str(source.pk), "name": source.name, "external_id": source.external_id}
            self.stdout.write(
                json.dumps(answer if members is None else answer | {"members": list(map(_facts, members))})
            )
        elif members is not None:
            self.stdout.write("\n".join(_told_members(source, members)))
        else:
            again = "Its earlier access is replaced. " if source.collected_at else ""
            self.stdout.write(
                f"Connected {source.name} ({source.external_id}). {again}"
                "The workers collect it within seconds; to watch: aispm collect --wait"
            )

    def _aws(self, options: dict[str, Any], details: SourceDetails) -> Connection:
        connection = _known(options["through"]) if options["through"] else self._account(options, details)
        if options["organization"]:
            access = MemberAccess(
                role_name=options["role_name"] or None,
                external_id=options["external_id"],
                accounts=_accounts(options),
                regions=[options["regions"]] if options["regions"] else [],
                join=options["later"],
                **({name: options[name] or None for name in SAID} if options["through"] else {}),
            )
            services.connect_members(parent=connection, access=access)
        return connection

    def _account(self, options: dict[str, Any], details: SourceDetails) -> Connection:
        access = AwsAccess(
            regions=[options["regions"]],
            role_arn=options["role_arn"],
            external_id=_external_id(options),
            access_key_id=options["access_key_id"],
            secret_access_key=_secret_in(options["secret_key_file"]),
            session_token=_secret_in(options["session_token_file"]),
            endpoint_url=options["endpoint_url"],
        )
        return services.connect_aws(access=access, details=details)

    def _kubernetes(self, options: dict[str, Any], details: SourceDetails) -> Connection:
        if options["eks"]:
            return services.connect_eks(cluster=_eks_cluster(options["eks"]), details=details)
        path: Path | None = options["kubeconfig"]
        text = decoded(_filled(path)) if path else ""
        return services.connect_kubernetes(kubeconfig=text, context=options["context"], details=details)

    def _snapshot(self, options: dict[str, Any], details: SourceDetails) -> Connection:
        path: Path = options["path"]
        if not path.is_dir():
            return services.connect_snapshot(path=path, details=details)
        with tempfile.TemporaryDirectory(prefix="aispm-") as folder:
            archive = Path(folder) / "snapshot.tar.gz"
            with tarfile.open(archive, "w:gz", compresslevel=1) as target:
                for file in sorted(p for p in path.rglob("*") if p.is_file()):
                    target.add(file, arcname=str(file.relative_to(path)))
            return services.connect_snapshot(path=archive, details=details)


def _eks_cluster(wanted: str) -> Asset:
    """A cluster that was found in a connected account."""
    known = queries.eks_clusters_for_system()
    found = [one for one in known if wanted in (one.name, one.external_id)]
    if len(found) != 1:
        names = ", ".join(sorted(one.external_id for one in found or known)) or "none was found yet"
        raise CommandError(f"--eks: name one cluster of a connected account: {names}.", returncode=2)
    return found[0]


def _aws_arguments(aws: ArgumentParser) -> None:
    aws.add_argument("--regions", default="", help="needed: which to read, separated by commas or blanks, or all")
    aws.add_argument("--role-arn", default="", help="the role to assume")
    aws.add_argument("--external-id", help="what the role asks for; without it: this installation's own")
    aws.add_argument("--access-key-id", default="", help="without keys: AISPM's own identity, that of its workers")
    aws.add_argument("--secret-key-file", type=Path, help="file that holds the secret access key, and nothing else")
    aws.add_argument("--session-token-file", type=Path, help="the same for temporary keys, which end after hours")
    aws.add_argument("--endpoint-url", default="", help="a gateway or simulator instead of AWS itself")
    aws.add_argument(
        "--show-access",
        nargs="?",
        const="json",
        choices=grants.AWS_FORMS,
        help="print what has to be granted, and stop: the policies, or a whole role for CloudFormation, Terraform or, "
        "with a StackSet, an organization",
    )
    _organization_arguments(aws)
    aws.add_argument("--show-trust", action="store_true", help="print the role's trust policy, and stop")


def _organization_arguments(aws: ArgumentParser) -> None:
    aws.add_argument(
        "--organization",
        action="store_true",
        help="also connect the accounts that this one lists as members of its organization: now those that are known, "
        "after its next collection all others",
    )
    aws.add_argument(
        "--through",
        default="",
        help="with --organization: a connected account, by id or name, as it is; what --environment, --criticality and "
        "--owner say then holds for the members connected now and later, which otherwise have that account's own",
    )
    aws.add_argument(
        "--role-name", default="", help="the role to assume in every member; without it: as before, or the StackSet's"
    )
    aws.add_argument("--accounts", default="", help="ids of the members, separated by commas; without it: all")
    later = aws.add_mutually_exclusive_group()
    later.add_argument("--later", action="store_true", default=None, help="connect accounts that join later too; usual")
    later.add_argument("--not-later", dest="later", action="store_false", default=None, help="leave those out")


def _accounts(options: dict[str, Any]) -> list[str]:
    return [name for name in re.split(r"[,\s]+", options["accounts"]) if name and name != "all"]


def _known(name: str) -> Connection:
    found = Connection.objects.filter(kind="aws").select_related("source")
    connection = found.filter(Q(source__external_id=name) | Q(source__name=name)).first()
    if connection is None:
        raise Invalid(f"No AWS account that is connected is called {name}.")
    return connection


def _facts(member: Member) -> dict[str, str]:
    facts = {"account": member.account, "name": member.name, "standing": member.standing.value, "why": member.why}
    return facts | ({"source": str(member.source.pk)} if member.source else {})


def _told_members(source: Source, members: Sequence[Member]) -> list[str]:
    if not members:
        return [f"{source.name}: its members are connected when it has been collected; to watch: aispm collect --wait"]
    width = max(len(member.name) for member in members)
    lines = (
        f"{member.account}  {member.name:{width}}  {member.standing}{member.why and f': {member.why}'}"
        for member in members
    )
    return [f"Members of the organization of {source.name}:", *lines]


def _told(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} cannot be read: {error.strerror}."
    return str(error)


def _external_id(options: dict[str, Any]) -> str:
    given: str | None = options["external_id"]
    return grants.aws_external_id() if given is None else given


def _secret_in(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return _filled(file).decode("ascii").strip()
    except UnicodeDecodeError:
        raise Invalid(f"{file} is not a text file with one secret in it.") from None


def _filled(file: Path) -> bytes:
    content = file.read_bytes()
    if not content.strip():
        raise Invalid(f"The file {file} is empty.")
    return content
