"""Changes of rows."""

from inventory.derivation.values import Interrupted
from inventory.services.deriving import derive
from inventory.services.recording import Recorded, Recorder
from inventory.services.sources import delete_source, ensure_source

__all__ = [
    "Interrupted",
    "Recorded",
    "Recorder",
    "delete_source",
    "derive",
    "ensure_source",
]
