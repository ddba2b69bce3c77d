"""Starting, supervising and stopping the processes of AISPM."""

ROLES = ("web", "worker", "tick", "watch", "prepare")
