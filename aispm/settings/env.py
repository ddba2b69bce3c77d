"""Typed readers of the environment: the only module that reads it.

`NAME_FILE` may name a file that holds the value of `NAME` (secrets mounted as files).
"""

import base64
import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from aispm.core import places

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})
KEY_BYTES = 32
MAKE_A_KEY = "use 32 random bytes in URL-safe base64 (44 characters), as deploy/new-env makes them."


def text(name: str, default: str | None = None) -> str:
    """The value of `name`, or of the file named by `name_FILE`; without either and without a default, refuse."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}") from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name}, or {name}_FILE to a file that holds it.")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: use on or off.")


def number(name: str, default: int, *, least: int = 0) -> int:
    value = text(name, str(default))
    try:
        parsed = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}: use a whole number.") from None
    if parsed < least:
        raise ImproperlyConfigured(f"{name} is {parsed}: it must be at least {least}.")
    return parsed


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def home() -> Path:
    """Where the embedded stack keeps its state and generated secrets."""
    return places.home(text("AISPM_HOME", ""))


def secret(name: str, file_in_home: str) -> str:
    """A secret from the environment, else the one generated under AISPM_HOME at first start."""
    if os.environ.get(name) or os.environ.get(f"{name}_FILE"):
        return text(name)
    path = home() / "secrets" / file_in_home
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        raise ImproperlyConfigured(
            f"No {name}: set it (or {name}_FILE), or start the embedded stack once with `aispm up`, "
            f"which generates {path}."
        ) from None


def encryption_keys(given: str) -> list[str]:
    """Fernet keys, the first for new credentials; each is looked at, so that a wrong one is not found when needed."""
    name = "AISPM_ENCRYPTION_KEYS"
    keys = [key.strip() for key in given.replace("\n", ",").split(",") if key.strip()]
    if not keys:
        raise ImproperlyConfigured(f"{name} is empty: {MAKE_A_KEY}")
    for place, key in enumerate(keys, start=1):
        try:
            size = len(base64.urlsafe_b64decode(key))
        except ValueError:
            size = 0
        if size != KEY_BYTES:
            raise ImproperlyConfigured(f"Key {place} of {len(keys)} in {name} is not a Fernet key: {MAKE_A_KEY}")
    return keys


def database(url: str, *, statement_timeout_ms: int = 0) -> dict[str, object]:
    """Django's DATABASES entry for a postgres:// URL; `?host=/dir` selects a unix socket. 0 ms: no limit."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/database")
    options = {"connect_timeout": "5"} | dict(parse_qsl(parts.query))
    if statement_timeout_ms:
        options.setdefault("options", f"-c statement_timeout={statement_timeout_ms}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
