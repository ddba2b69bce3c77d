"""`aispm user`: people who may sign in."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aispm.accounts import services
from aispm.accounts.models import Role, User
from aispm.core.errors import DomainError


class Command(BaseCommand):
    help = "Add people, list them, change their password or role, or keep them out."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="action")
        add = actions.add_parser("add", help="somebody who may sign in; the password is asked for, or read from stdin")
        add.add_argument("name")
        add.add_argument("--role", choices=Role.values, default=str(Role.VIEWER), help="default: %(default)s")
        add.add_argument("--email", default="")
        actions.add_parser("password", help="a new password; ends that person's sessions").add_argument("name")
        role = actions.add_parser("role", help="what that person may do")
        role.add_argument("name")
        role.add_argument("role", choices=Role.values)
        actions.add_parser("list", help="everybody, with role").add_argument("--json", action="store_true")
        actions.add_parser("deactivate", help="neither pages nor tokens any more").add_argument("name")
        actions.add_parser("activate", help="let that person in again").add_argument("name")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except DomainError as error:
            raise CommandError(str(error), returncode=2) from error

    def _add(self, options: dict[str, Any]) -> None:
        role = Role(options["role"])
        if User.objects.filter(username__iexact=options["name"]).exists():
            raise CommandError(f"There is somebody called {options['name']} already.", returncode=2)
        services.add_user(name=options["name"], role=role, password=_password(), email=options["email"])
        self.stdout.write(f"{options['name']} can sign in as {role.value}.")

    def _password(self, options: dict[str, Any]) -> None:
        services.set_password(user=_known(options["name"]), password=_password())
        self.stdout.write(
            f"{options['name']} has a new password; open sessions have ended. API tokens stay valid: "
            "their owner revokes them under Settings, and deactivating somebody stops them."
        )

    def _role(self, options: dict[str, Any]) -> None:
        services.set_role(user=_known(options["name"]), role=Role(options["role"]))
        self.stdout.write(f"{options['name']} is {options['role']} now.")

    def _deactivate(self, options: dict[str, Any]) -> None:
        services.set_active(user=_known(options["name"]), active=False)
        self.stdout.write(f"{options['name']} can no longer sign in.")

    def _activate(self, options: dict[str, Any]) -> None:
        services.set_active(user=_known(options["name"]), active=True)
        self.stdout.write(f"{options['name']} can sign in again.")

    def _list(self, options: dict[str, Any]) -> None:
        columns = ("username", "role", "email", "is_active", "last_login")
        rows = list(User.objects.order_by("username").values(*columns))
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2, default=str))
            return
        for row in rows:
            seen = f"last here {row['last_login']:%Y-%m-%d}" if row["last_login"] else "never signed in"
            state = seen if row["is_active"] else "deactivated"
            self.stdout.write(f"{row['username']:24}  {row['role']:14}  {state}")


def _known(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is nobody called {name}: aispm user list", returncode=2)
    return user


def _password() -> str:
    """Asked for twice at a terminal; otherwise the first line of stdin. Never an argument: others could see it."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass("Password: ")
    if first != getpass("Again: "):
        raise CommandError("The two differ: nothing was changed.", returncode=2)
    return first
