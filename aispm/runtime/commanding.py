"""Runs one of the management commands; what a person cannot help by reading a traceback is said in one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

UNAVAILABLE = 4
UNDEFINED_TABLE = "42P01"


def run(argv: Sequence[str]) -> int:
    """Exit codes: those of the command; 2 the settings are wrong, 4 the database or the broker does not answer."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import InterfaceError, OperationalError, ProgrammingError
    from kombu.exceptions import OperationalError as QueueError
    from redis import RedisError

    try:
        execute_from_command_line(["aispm", *argv])
        sys.stdout.flush()
    except BrokenPipeError:
        return unread()
    except ImproperlyConfigured as error:
        return _say(argv, str(error), code=2)
    except (OperationalError, InterfaceError) as error:
        return _say(argv, f"PostgreSQL does not answer: {_line(error)}. {_where('DATABASE_URL')}")
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") != UNDEFINED_TABLE:
            raise
        return _say(argv, "the database is not prepared. Run: aispm prepare")
    except (QueueError, RedisError) as error:
        return _say(argv, f"Redis or Valkey does not answer: {_line(error)}. {_where('REDIS_URL')}")
    return 0


def unread() -> int:
    """Whoever read our output has gone, `head` for instance: nothing is wrong, and nothing more is written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _where(variable: str) -> str:
    from django.conf import settings

    if os.environ.get(variable) or os.environ.get(f"{variable}_FILE"):
        return f"Start it, or correct {variable}."
    return f"The state is {settings.AISPM_HOME}: start it with `aispm up`, or point AISPM_HOME at the one that runs."


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _say(argv: Sequence[str], words: str, code: int = UNAVAILABLE) -> int:
    sys.stderr.write(f"aispm {argv[0] if argv else ''}: {words}\n")
    return code
