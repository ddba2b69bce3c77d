"""The `aispm` console script: Django's commands, the stack (`up`), its parts alone, and `bench`."""

import os
import sys

from aispm.runtime import ROLES

HELP = """The stack:
  aispm up [--demo]      start everything on this machine, with embedded servers unless others are named
  aispm prepare          migrate the database and make the first administrator
  aispm web              serve pages and API         } each alone,
  aispm worker           collect and judge           } for containers
  aispm tick             ask what is due             } and clusters
  aispm watch            follow clusters live        }
  aispm user             people who may sign in
  aispm bench            measure this machine, in throw-away databases

What it finds:
  aispm connect          an AWS account, a Kubernetes cluster or a snapshot
  aispm collect          ask the workers to read sources, and watch
  aispm assets           what exists
  aispm evaluate         judge what changed
  aispm findings         what is wrong
  aispm posture          the scores and how they add up
  aispm rules            list and test the rules
  aispm check PATH       judge manifests before they reach a cluster

More of one: aispm COMMAND --help. All, with those of Django: aispm help --commands
"""


SETTINGS_CHECK = frozenset({"--deploy", "--tag", "-t", "--list-tags", "--fail-level", "--database"})
"""Django has a `check` of its own, which looks at the settings: with one of these, or with nothing."""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aispm.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command == "up":
        from aispm.runtime.up import main as up

        return int(up(sys.argv[2:]))
    if command in ROLES:
        from aispm.runtime.programs import become

        return become(command)
    if command == "check" and sys.argv[2:] and not SETTINGS_CHECK.intersection(sys.argv[2:]):
        from aispm.runtime.check import main as check

        return check(sys.argv[2:])
    if command == "bench":
        from bench.command import main as bench

        return bench(sys.argv[2:])
    if command in ("help", "--help", "-h") and len(sys.argv) < 3:
        sys.stdout.write(HELP)
        return 0
    from aispm.runtime.commanding import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
