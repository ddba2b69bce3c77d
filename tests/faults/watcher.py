"""`aispm watch` in a hurry, for tests that kill it: `python -m tests.faults.watcher`."""

from __future__ import annotations

import sys
from datetime import timedelta


def main() -> int:
    import django

    django.setup()
    from aispm.runtime import watching as process
    from aispm.runtime.turning import keep_turning
    from integrations.services import following, watching

    watching.LEASE, following.AGAIN_SECONDS = timedelta(seconds=4), 0.2
    return keep_turning(process.Watching, 0.3)


if __name__ == "__main__":
    sys.exit(main())
