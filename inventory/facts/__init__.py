"""Facts: what CEL cannot say in a readable line. Importing this package declares all of them."""

from inventory.facts.estate import Dangling, Edge, Estate, Node, ScopeView, unread_reason
from inventory.facts.registry import decode, encode, fact_names, facts_of, views_of

# One import a topic module, in alphabetical order: `from inventory.facts import aws_iam as aws_iam`.

__all__ = [
    "Dangling",
    "Edge",
    "Estate",
    "Node",
    "ScopeView",
    "decode",
    "encode",
    "fact_names",
    "facts_of",
    "unread_reason",
    "views_of",
]
