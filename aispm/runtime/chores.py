"""Work in the background that no worker's queue can hold up: sources judged again after a change of rules, of code, or
after a run that was cut short; sources removed. The tick starts this process when there is some, and it ends with it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import structlog

log = structlog.get_logger(__name__)
LATER = 75  # something is left that could not be done now
AFTER_START = "--after-start"


def main(argv: Sequence[str]) -> int:
    """Exit codes: 0 all done, 75 something is left for later. `--after-start`: look at every source."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aispm.settings")
    import django

    django.setup()
    from integrations import services

    for run_id in services.removals_due():
        try:
            services.perform_removal(run_id=run_id)
        except Exception:
            # The boundary of background work: one removal that breaks must not keep the others, nor judging, from it.
            log.exception("removal_broken", run=str(run_id))
    done = services.judge_differing(all_of_them=AFTER_START in argv)
    return 0 if done else LATER


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
