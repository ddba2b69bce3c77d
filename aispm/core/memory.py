"""How often Python looks for cyclic garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = (100_000, 50, 50)  # new objects, then young and middle-aged collections, before one is made


@contextmanager
def rare_collection() -> Iterator[None]:
    """For work on a whole source: a hundred thousand objects live on purpose, and going through them again and again
    takes as long as the work itself. Also a decorator."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
