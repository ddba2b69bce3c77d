"""The folder that holds the embedded stack's state: what is where, who may read it, and the generated secrets."""

from __future__ import annotations

import base64
import errno
import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from aispm.core import places
from aispm.runtime.privileges import Account, trusted_uids
from aispm.runtime.trouble import Trouble

LOG_KEPT_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Home:
    """Paths under AISPM_HOME."""

    root: Path

    @property
    def run(self) -> Path:
        """Sockets, the lock and the record of running processes; short enough for a socket's path."""
        return places.run_dir(self.root)

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def record(self) -> Path:
        return self.root / "processes.json"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def prepare(self, account: Account | None) -> None:
        """Create what is missing. `account`: whom PostgreSQL runs as, when not ourselves."""
        with explained(self.root):
            # The database's user has to pass through, nobody has to look around.
            _folder(self.root, 0o711 if account else 0o700, parents=True)
            for folder in (self.logs, self.secrets, self.valkey):
                _folder(folder, 0o700)
            for folder in (self.run, self.postgres):
                _folder(folder, 0o700)
                if account is not None:
                    os.chown(folder, account.uid, account.gid)
            _secret(self.secrets / "secret-key", secrets.token_urlsafe(48))
            _secret(self.secrets / "encryption-keys", base64.urlsafe_b64encode(os.urandom(32)).decode())

    def open_log(self, name: str) -> IO[bytes]:
        """The process's log; the one before is kept once as `.1` when it has grown large."""
        path = self.log(name)
        with explained(path):
            if path.exists() and path.stat().st_size > LOG_KEPT_BYTES:
                path.replace(path.with_suffix(".log.1"))
            return path.open("ab")

    def tail(self, name: str, lines: int = 8) -> str:
        """The end of a log, for an error message."""
        try:
            text = self.log(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def _folder(path: Path, mode: int, *, parents: bool = False) -> None:
    try:
        path.mkdir(mode=mode, parents=parents)
    except FileExistsError:
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from None
        # A folder in /tmp could have been put there by anybody.
        if path.parent == Path(tempfile.gettempdir()) and (
            path.is_symlink() or path.stat().st_uid not in trusted_uids()
        ):
            raise Trouble(f"{path} belongs to somebody else. Remove it, or choose a shorter AISPM_HOME.") from None
    if os.geteuid() in (0, path.stat().st_uid):
        path.chmod(mode)


def _secret(path: Path, value: str) -> None:
    """Write once, readable by us alone; complete or not there at all."""
    if path.exists():
        path.chmod(0o600)
        return
    write_private(path, value)


def package_folder(name: str) -> Path:
    """Where a wheel lies, found without running its code."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(f"The package {name} is not installed. Run: make setup")
    return Path(spec.submodule_search_locations[0])


def write_private(path: Path, text: str) -> None:
    """Replace a file that only we may read, in one step."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def lock(home: Home) -> IO[str] | None:
    """The lock that one supervisor holds; None when another has it. It goes away with its process."""
    with explained(home.root):
        file = (home.root / "lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


WHY = {
    errno.ENOSPC: "the disk is full. Free some space, or point AISPM_HOME at another disk",
    errno.EDQUOT: "the disk quota is used up. Free some space, or point AISPM_HOME elsewhere",
    errno.EROFS: "the file system is read-only. Point AISPM_HOME at a folder that can be written",
    errno.EACCES: "permission denied. Point AISPM_HOME at a folder that you can write",
    errno.EPERM: "permission denied. Point AISPM_HOME at a folder that you can write",
    errno.ENOTDIR: "a part of that path is a file, not a folder. Point AISPM_HOME elsewhere",
}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write into words."""
    try:
        yield
    except OSError as error:
        why = WHY.get(error.errno or 0, f"{error.strerror or error}. Point AISPM_HOME at a folder that can be written")
        raise Trouble(f"AISPM cannot write its state to {error.filename or path}: {why}.") from error
