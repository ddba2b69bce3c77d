"""What a run was asked for; handed from process to process as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """`assets`, `workloads`: 0 means what the design's numbers are stated for. `latency` in milliseconds.

    `together`: a measurement in one process, for tests: quicker, but the peak of one part is that of all.
    """

    name: str
    assets: int = 0
    accounts: int = 10
    workloads: int = 0
    findings: int = 100_000
    repeat: int = 20
    latency: int = 50
    seed: int = 1
    compact: bool = False
    together: bool = False

    def encoded(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def decoded(cls, text: str) -> Options:
        return cls(**json.loads(text))
