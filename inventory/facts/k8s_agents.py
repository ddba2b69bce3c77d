"""What the agents of a cluster are allowed to do, as far as their settings say."""

from __future__ import annotations

import re

from inventory.documents import Document
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_images import in_cluster
from inventory.facts.k8s_pod import TEMPLATES, containers
from inventory.facts.registry import fact

_RISKY_TOOLS = {
    "commands": ("shell", "bash", "exec", "execute", "terminal", "command", "ssh"),
    "code": ("python", "python_repl", "code", "code_interpreter"),
    "queries": ("sql", "database"),
    "requests": ("http", "requests", "browser"),
    "cluster": ("kubectl", "kubernetes"),
    "files": ("filesystem", "file_write"),
}
_RISKY = frozenset(tool for tools in _RISKY_TOOLS.values() for tool in tools)
_TOOL_LIST = re.compile(r"(?:^|_)TOOLS?(?:_|$)")
_TOOL_SERVER = re.compile(r"(?:^|_)MCP(?:_|$)")
_SERVER = re.compile(r"\b(https?)://([A-Za-z0-9.-]+)(:\d+)?")


@fact("tool_calls", kinds=TEMPLATES, title="What an agent may do")
def tool_calls(node: Node, estate: Estate) -> Document:
    """`risky`: tools that run commands, code, queries or requests; `servers`: tool servers outside the cluster."""
    risky: set[str] = set()
    servers: set[str] = set()
    for container in containers(node):
        for name, value in container.env.items():
            if value and _TOOL_LIST.search(name):
                risky |= set(re.findall(r"[a-z_]+", value.lower())) & _RISKY
            if value and _TOOL_SERVER.search(name):
                servers |= _outside(value)
        if "mcp" in container.line.lower():
            servers |= _outside(container.line)
    return {"risky": sorted(risky), "servers": sorted(servers)}


def _outside(value: str) -> set[str]:
    return {f"{scheme}://{host}{port}" for scheme, host, port in _SERVER.findall(value) if not in_cluster(host)}
