"""`aispm prepare`: migrate the database and make the first administrator. Does nothing when all that is done.

A process of its own, so that the supervisor stays small.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no l, 1, I, O, 0
ADMINISTRATOR = "admin"


def create_database() -> None:
    """The embedded server starts empty; an outside database must exist already."""
    import psycopg
    from django.conf import settings
    from psycopg import sql

    name = str(settings.DATABASES["default"]["NAME"])
    host = str(settings.DATABASES["default"]["HOST"])
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def generated_password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def create_administrator(kept: Path) -> bool:
    """Make the first person who can sign in. A generated password is kept in the file `kept`."""
    from aispm.accounts.models import Role, User
    from aispm.runtime.home import write_private
    from aispm.settings import env

    if User.objects.exists():
        return False
    password = env.text("AISPM_ADMIN_PASSWORD", "")
    if not password:
        password = generated_password()
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(kept, password)
    User.objects.create_superuser(username=ADMINISTRATOR, email="", password=password, role=Role.ADMINISTRATOR)
    return True


def prepare() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    if settings.EMBEDDED_DATABASE:
        create_database()
    call_command("migrate", interactive=False, verbosity=1)
    create_administrator(Path(settings.AISPM_HOME) / "secrets" / "initial-admin")


def main() -> int:
    """Exit codes: 0 prepared, 1 the database refuses, 2 the settings are wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aispm.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    try:
        prepare()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except DatabaseError as error:
        sys.stderr.write(f"PostgreSQL refuses: {str(error).strip()}\nStart it, or correct DATABASE_URL.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
