"""Attack paths of an AWS account: for each asset that the internet gets into, the shortest way to each goal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_principals import IDENTITIES, LENS
from inventory.facts.estate import Estate, Node
from inventory.facts.paths.aws_entries import API, CALLED, ENTRIES, FUNCTION, NOTEBOOK, entry_of
from inventory.facts.paths.aws_goals import EVERY_GOAL, GOAL_KINDS, GRAVE, Goal
from inventory.facts.paths.aws_steps import ROLE, allowed_by, ground, unled
from inventory.facts.paths.graph import CRITICAL, HIGH, Change, Path, Place, Step, Ways, best_cuts
from inventory.facts.registry import FactFunction, fact
from inventory.facts.unseen import first

ON_THE_WAY = (
    "aws.s3.account", "aws.kms.key", "aws.ecr.image",
    "aws.ec2.security_group", "aws.ec2.subnet", "aws.ec2.route_table", "aws.ecs.task_definition",
    "aws.agentcore.gateway_target", "aws.bedrock.action_group",
    "aws.bedrock.guardrail_version", "aws.aoss.network_policy", "aws.aoss.access_policy",
)  # fmt: skip
LOOKS_AT = tuple(sorted({*IDENTITIES, *ENTRIES, *GOAL_KINDS, *ON_THE_WAY}))
# Ways in by a call of code, by itself or behind an API.
CALLABLE = (FUNCTION, API)
MOST_NAMED = 5
TITLES = {
    Goal.CONTROL: "Path to control of the account",
    Goal.KEYS: "Path to secrets such as keys of AI providers",
    Goal.BEHAVIOUR: "Path to what models and agents learn and do",
    Goal.DEFENCES: "Path to guardrails and logs",
    Goal.DATA: "Path to training and knowledge data",
    Goal.MODELS: "Path to models and agents",
}


def _declared(goal: Goal) -> FactFunction:
    def path_to(node: Node, estate: Estate) -> dict[str, Any] | Unknown | None:
        return _path_to(node, goal, estate)

    name = f"path_to_{goal}"
    return fact(name, kinds=tuple(ENTRIES), looks_at=LOOKS_AT, through=LENS, title=TITLES[goal])(path_to)


def _path_to(node: Node, goal: Goal, estate: Estate) -> dict[str, Any] | Unknown | None:
    """{hops, fix, fix_key, more, more_number, unread}; nothing without a path.

    `unread`: why there may be further or shorter ways. {covered}: who has control needs no way of its own.
    """
    entry = _entry(node, estate)
    if entry is None or isinstance(entry, Unknown):
        return entry
    if entry.end.power == CALLED:
        return None
    here, ways = ground(estate), _all_paths(estate).get(entry, {})
    unread = first((unled(node, estate), here.blind.get(EVERY_GOAL), here.blind.get(goal)))
    found = ways.get(goal)
    if found is not None:
        return _told(found, _cuts(estate)[found], estate) | {"unread": unread.reason if unread is not None else ""}
    if unread is not None:
        return unread
    if Goal.CONTROL in ways:
        return {"covered": True}
    possible = _paths_of(entry, estate, undecided=True).get(goal)
    return Unknown(_why(possible, estate)) if possible is not None else None


def _entry(node: Node, estate: Estate) -> Step | Unknown | None:
    return estate.once(f"entry {node.kind} {node.external_id}", lambda: entry_of(node, estate))


@fact(
    "path_to_role_by_flaw",
    kinds=CALLABLE,
    looks_at=LOOKS_AT,
    through=LENS,
    title="Path that a flaw in code which anybody calls would open",
)
def path_to_role_by_flaw(node: Node, estate: Estate) -> dict[str, Any] | Unknown | None:
    """To the gravest goal that has no path without a flaw; as `path_to_…`."""
    entry = _entry(node, estate)
    if entry is None or isinstance(entry, Unknown):
        return entry
    unread = first((unled(node, estate), *ground(estate).blind.values()))
    found = _all_by_flaw(estate).get(entry)
    if found is not None:
        cut = estate.once("path cuts by flaw", lambda: _cuts_by_flaw(estate))[found]
        return _told(found, cut, estate) | {"unread": unread.reason if unread is not None else ""}
    possible = _by_flaw(entry, estate, undecided=True) if unread is None else None
    return unread if possible is None else Unknown(_why(possible, estate))


def _all_by_flaw(estate: Estate) -> Mapping[Step, Path]:
    def build() -> dict[Step, Path]:
        found = {one: _by_flaw(one, estate) for one in _entries(estate, CALLABLE)}
        return {one: path for one, path in found.items() if path is not None}

    return estate.once("paths by flaw", build)


def _by_flaw(entry: Step, estate: Estate, *, undecided: bool = False) -> Path | None:
    sure = _paths_of(entry, estate)
    found = {} if Goal.CONTROL in sure else _supposed(estate, undecided=undecided).paths(entry)
    left = (found[goal] for goal in Goal if goal in found and goal not in sure)
    return next((path for path in left if any(step.end.power == CALLED for step in path.steps)), None)


def _supposed(estate: Estate, *, undecided: bool = False) -> Ways:
    def build() -> Ways:
        plain = _ways(estate, undecided=undecided)
        if all(place.power != CALLED for place in plain.places()):
            return plain
        return Ways(_entries(estate, CALLABLE), ground(estate).supposing, undecided=undecided)

    return estate.once(f"ways by flaw {undecided}", build)


def _cuts_by_flaw(estate: Estate) -> Mapping[Path, Change]:
    return best_cuts(list(_all_by_flaw(estate).values()), _supposed(estate), lambda path: 1)


def _entries(estate: Estate, kinds: Iterable[str]) -> list[Step]:
    found = (_entry(node, estate) for node in estate.all(*kinds))
    return [one for one in found if isinstance(one, Step)]


def _all_paths(estate: Estate) -> Mapping[Step, Mapping[str, Path]]:
    return estate.once("paths", lambda: {one: _paths_of(one, estate) for one in _entries(estate, sorted(ENTRIES))})


def _paths_of(entry: Step, estate: Estate, *, undecided: bool = False) -> dict[str, Path]:
    found = _ways(estate, undecided=undecided).paths(entry)
    return found if entry.end.kind != NOTEBOOK or any(map(_leads_on, found.values())) else {}


def _ways(estate: Estate, *, undecided: bool = False) -> Ways:
    def build() -> Ways:
        if undecided and _ways(estate).decided:
            return _ways(estate)
        return Ways(_entries(estate, sorted(ENTRIES)), ground(estate).steps_from, undecided=undecided)

    return estate.once(f"ways {undecided}", build)


def _leads_on(path: Path) -> bool:
    """Beyond what the role of a notebook may use itself, which is what the notebook is there for."""
    return path.goal == Goal.CONTROL or sum(step.end.kind == ROLE for step in path.steps) > 1


def _cuts(estate: Estate) -> Mapping[Path, Change]:
    """The best change for each path, of all paths of the account."""

    def build() -> Mapping[Path, Change]:
        found = [path for by_goal in _all_paths(estate).values() for path in by_goal.values()]
        return best_cuts(found, _ways(estate), lambda path: CRITICAL if path.goal in GRAVE else HIGH)

    return estate.once("path cuts", build)


def _told(path: Path, cut: Change, estate: Estate) -> dict[str, Any]:
    more = path.more
    return {
        "hops": [_hop(step, cut, estate) for step in path.steps],
        "fix": f"{cut.words}.",
        "fix_key": f"path-{blake2b(cut.key.encode(), digest_size=8).hexdigest()}",
        "more": [_name(place, estate) for place in more[:MOST_NAMED]],
        "more_number": len(more),
    }


def _hop(step: Step, cut: Change, estate: Estate) -> dict[str, Any]:
    evidence = step.evidence
    start = estate.get(step.start.kind, step.start.ref) if step.start.ref else None
    if not evidence and start is not None:
        evidence = allowed_by(start, step, estate)
    return {
        "kind": step.end.kind,
        "ref": step.end.ref,
        "name": _name(step.end, estate),
        "how": step.how,
        "evidence": evidence,
        "cut": step.change.key == cut.key,
    }


def _name(place: Place, estate: Estate) -> str:
    if place.kind == "aws.account":
        return f"account {place.ref}"
    node = estate.get(place.kind, place.ref) if place.ref else None
    return (node.name or node.external_id) if node is not None else "models of Bedrock"


def _why(path: Path, estate: Estate) -> str:
    step = next(one for one in path.steps if one.because)
    return f"Whether {_name(step.start, estate)} {step.how} {_name(step.end, estate)} is not decided. {step.because}"


FACTS: Mapping[Goal, Callable[[Node, Estate], Any]] = {goal: _declared(goal) for goal in Goal}
