"""The `aispm` console script: Django's commands, plus `up`, which starts the whole stack, and its parts alone."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aispm.settings")
    if sys.argv[1:2] == ["up"]:
        from aispm.runtime.up import main as up

        return int(up(sys.argv[2:]))
    if sys.argv[1:2] and sys.argv[1] in ("web", "worker", "tick", "prepare"):
        from aispm.runtime.programs import become

        return become(sys.argv[1])
    from django.core.management import execute_from_command_line

    execute_from_command_line(["aispm", *sys.argv[1:]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
