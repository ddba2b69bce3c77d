"""What a child process gives up and keeps: its user, and its life when the supervisor dies.

PostgreSQL refuses to run as root, so as root it runs as the system user `pgserver`. Where that user cannot
walk down to the state or to the server's own files (a home directory with mode 700), the child keeps the one
capability that lets it pass; the permissions of the machine's directories are never touched.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from aispm.runtime.trouble import Trouble

USER = "pgserver"
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION = 0x20080522


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that a child changes to."""

    uid: int
    gid: int


def unprivileged() -> Account | None:
    """Whom PostgreSQL runs as; None when we are not root and it simply runs as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        entry = _created()
    return Account(entry.pw_uid, entry.pw_gid)


def trusted_uids() -> set[int]:
    """Who may own our folders: we, and as root also the database's user."""
    if os.geteuid() != 0:
        return {os.geteuid()}
    return {0, *(entry.pw_uid for entry in pwd.getpwall() if entry.pw_name == USER)}


def _created() -> pwd.struct_passwd:
    if not shutil.which("useradd"):
        raise Trouble(
            f"PostgreSQL does not run as root, and the system user {USER!r} cannot be created here (no useradd).\n"
            f"Create that user, or start AISPM as an ordinary user."
        )
    made = subprocess.run(
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER],
        capture_output=True,
        text=True,
    )
    if made.returncode not in (0, 9):  # 9: another start created it meanwhile
        raise Trouble(f"The system user {USER!r} for PostgreSQL could not be created: {made.stderr.strip()}")
    return pwd.getpwnam(USER)


def can_reach(account: Account, paths: Iterable[Path]) -> bool:
    """Whether the account may pass through every directory above these paths, and enter or execute them."""
    resolved = [path.resolve() for path in paths]
    steps = {*resolved, *(parent for path in resolved for parent in path.parents)}
    return all(_passable(account, step.stat()) for step in steps)


def _passable(account: Account, status: os.stat_result) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def child_setup(account: Account | None, *, reach_all: bool, on_death: signal.Signals) -> Callable[[], None]:
    """What the child does between fork and exec."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def setup() -> None:
        if account is not None:
            if reach_all and libc is not None:
                libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
            os.setgroups([])
            os.setresgid(account.gid, account.gid, account.gid)
            os.setresuid(account.uid, account.uid, account.uid)
            if reach_all and libc is not None:
                _keep_override(libc)
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(on_death), 0, 0, 0)

    return setup


def _keep_override(libc: ctypes.CDLL) -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    mask = 1 << CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # effective, permitted, inheritable; low words first
    libc.capset(ctypes.byref(header), ctypes.byref(sets))
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)
