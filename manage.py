#!/usr/bin/env python3
"""Run any AISPM command: the same as the `aispm` console script."""

import sys

from aispm.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
