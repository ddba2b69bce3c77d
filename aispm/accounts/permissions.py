"""What can be permitted, and which role may do it. Anything not named here is denied."""

from enum import StrEnum


class Permission(StrEnum):
    READ_INVENTORY = "inventory:read"
    READ_FINDINGS = "findings:read"
    READ_POSTURE = "posture:read"
    READ_SOURCES = "sources:read"
    RUN_COLLECTION = "runs:write"
    MANAGE_SOURCES = "sources:write"
    MANAGE_TOKENS = "tokens:write"


READ = frozenset(
    {Permission.READ_INVENTORY, Permission.READ_FINDINGS, Permission.READ_POSTURE, Permission.READ_SOURCES}
)
BY_ROLE: dict[str, frozenset[Permission]] = {
    "viewer": READ | {Permission.MANAGE_TOKENS},
    "analyst": READ | {Permission.MANAGE_TOKENS, Permission.RUN_COLLECTION},
    "administrator": frozenset(Permission),
}
