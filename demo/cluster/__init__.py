"""A believable cluster for the demo, larger ones for measurements, and an API server double that serves them."""

from pathlib import Path

from demo.cluster.bodies import Bodies
from demo.cluster.bodies import write as write_bodies
from demo.cluster.company import company, generate


def write(folder: Path) -> None:
    """The demo's cluster as a snapshot folder. The same bytes every time."""
    write_bodies(company(), folder)


__all__ = ["Bodies", "company", "generate", "write", "write_bodies"]
