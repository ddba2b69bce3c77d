"""`aispm up --demo`."""

from __future__ import annotations

from aispm.runtime.supervisor import Supervisor


def start(supervisor: Supervisor) -> None:
    raise NotImplementedError
