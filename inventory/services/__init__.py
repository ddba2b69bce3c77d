"""Changes of rows."""

from inventory.services.deriving import Interrupted, derive
from inventory.services.recording import Recorded, Recorder
from inventory.services.sources import delete_source, ensure_source, rename_source, set_source_defaults

__all__ = [
    "Interrupted",
    "Recorded",
    "Recorder",
    "delete_source",
    "derive",
    "ensure_source",
    "rename_source",
    "set_source_defaults",
]
