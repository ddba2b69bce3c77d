"""Steps on AWS: from workloads to roles, from roles to others and to assets, from what is written to its users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_access import holders, outside_holders
from inventory.facts.aws_identity import STARTS
from inventory.facts.aws_images import tied
from inventory.facts.aws_principals import OWN_BY_AWS, complete, managed_document, numbers, population
from inventory.facts.aws_targets import trusted_services
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.paths.aws_entries import CALLED, FUNCTION, GUEST, HELD, WRITTEN, power_of_calls
from inventory.facts.paths.aws_goals import EVERY_GOAL, GOAL_KINDS, TAKE, TAKE_ON, Goal, Grant, grants
from inventory.facts.paths.aws_rewriting import retrusting, rewriting, widening
from inventory.facts.paths.graph import Change, Place, Step
from inventory.facts.unseen import first, unseen_origins, untold
from inventory.iam.context import Request
from inventory.iam.language import statements
from inventory.iam.masks import Tri, union
from inventory.iam.matching import covers, rests
from inventory.iam.questions import POLICY_FIELDS, QUESTIONS, Verb
from inventory.iam.reading import STRANGER
from inventory.iam.targets import ask_under

ROLE, SERVICE = "aws.iam.role", "aws.ecs.service"
POOL, TASK = "aws.cognito.identity_pool", "aws.ecs.task_definition"
REPOSITORY, IMAGE = "aws.ecr.repository", "aws.ecr.image"
NAMES_BUCKET, NAMES_TOOL = "its configuration names the bucket", "its configuration names the tool"
NAMES_NEXT, NAMES_IT = "its configuration names what it calls", "its configuration names it"
STARTING = {
    **STARTS, "lambda": ("CreateFunction",), "ec2": ("RunInstances",), "ecs-tasks": ("RunTask",),
}  # fmt: skip
# How an image or a store that was written gets into what answers: the link that leads there, and which kinds count.
USED_BY = {
    "runs_image": ("is run by", ("aws.sagemaker.model", "aws.agentcore.runtime", "aws.ecs.task_definition")),
    "stores_in": ("answers through", ("aws.bedrock.knowledge_base",)),
}

# Whoever exchanges what these load has code run with their role.
RUNS_IT = frozenset({"aws.sagemaker.model", "aws.agentcore.runtime"})
# What AWS leaves the role of guests, of all that paths ask about, unless a pool allows the classic flow.
LEFT_TO_GUESTS = "sagemaker:invokeendpoint"
USERS = frozenset({*GOAL_KINDS, TASK})
# What leads to what can be written, by itself or by a part of it.
WRITABLE: Mapping[str, Sequence[str]] = {
    "aws.s3.bucket": ("aws.s3.bucket",), REPOSITORY: (REPOSITORY, IMAGE),
    "aws.opensearch.domain": ("aws.opensearch.domain",),
    "aws.aoss.collection": ("aws.aoss.collection",),
}  # fmt: skip


@dataclass(slots=True)
class Ground:
    """All steps of an account; what a place leads to is worked out when somebody comes there."""

    estate: Estate
    granted: list[Grant] = field(default_factory=list)
    passing: dict[Place, list[Grant]] = field(default_factory=dict)
    blind: dict[str, Unknown] = field(default_factory=dict)
    roles: list[tuple[Node, Tri, str, str]] = field(default_factory=list)
    known: dict[Place, list[Step]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for found in grants(self.estate):
            if isinstance(found, Grant):
                self.granted.append(found)
                if found.passing is not None:
                    self.passing.setdefault(found.passing, []).append(found)
            else:
                self.blind.setdefault(*found)
        missing = complete(self.estate)
        if missing is not None:
            self.blind[EVERY_GOAL] = missing
        self.roles = list(self._roles())

    def steps_from(self, place: Place) -> Sequence[Step]:
        """What somebody can go on to."""
        if place not in self.known:
            last = place.kind == "aws.account" or not place.ref
            node = None if last else self.estate.get(place.kind, place.ref)
            found = self._steps(place, node) if node is not None else ()
            self.known[place] = sorted(found, key=lambda step: (step.end, step.change.key))
        return self.known[place]

    def supposing(self, place: Place) -> Sequence[Step]:
        """As `steps_from`, if code that somebody may only call had a flaw that gives them its role."""
        if place.power != CALLED:
            return self.steps_from(place)
        return [replace(step, start=place) for step in self.steps_from(place._replace(power=HELD))]

    def _steps(self, place: Place, node: Node) -> Iterator[Step]:
        if place.power == WRITTEN:
            yield from self._users(place, node)
        elif place.power == Verb.INVOKE:
            yield from self._tools(place, node)
        elif place.power == Verb.WRITE_ARTIFACT and node.kind in RUNS_IT:
            yield from self._roles_of(place, node)
        elif place.power not in (HELD, GUEST):
            yield from self._passed(place)
        elif node.kind == ROLE and place.power == GUEST:
            yield from self._as_guest(place, node)
        elif node.kind == ROLE:
            yield from self._as_role(place, node)
        else:
            yield from self._roles_of(place, node)
            yield from self._behind(place, node)

    def _roles_of(self, place: Place, node: Node) -> Iterator[Step]:
        """The role that a workload acts with."""
        for end, part in _role_links(node, self.estate):
            change = Change(f"role {end.external_id}", f"Let role {end.name} do only what its work needs")
            power = GUEST if place.power == GUEST else HELD
            yield Step(place, Place(ROLE, end.external_id, power), "acts with", change, f"{part} names the role")

    def _behind(self, place: Place, node: Node) -> Iterator[Step]:
        """What an API or gateway hands requests on to."""
        tools = [node, *self.estate.into(node, "part_of")] if node.kind == "aws.agentcore.gateway" else [node]
        change = Change(f"behind {node.external_id}", f"Take the functions from behind {node.name}")
        for tool in tools:
            for type_ in ("routes_to", "has_tool", "delegates_to"):
                for end in self.estate.out_nodes(tool, type_):
                    power, because = self._behind_it(end)
                    behind = Place(end.kind, end.external_id, power)
                    yield Step(place, behind, "hands requests to", change, NAMES_NEXT, because=because)

    def _behind_it(self, end: Node) -> tuple[str, str]:
        """What callers hold of it, and why that is not decided."""
        if end.kind != FUNCTION:
            return HELD if end.kind == "aws.agentcore.runtime" else "used", ""
        power = power_of_calls(end, self.estate)
        return (HELD, power.reason) if isinstance(power, Unknown) else (power, "")

    def _tools(self, place: Place, node: Node) -> Iterator[Step]:
        """What an agent that somebody may call looks up and does for them."""
        for owner in [node, *self.estate.into(node, "part_of")]:
            change = Change(f"tools of {node.external_id}", f"Take the tool from {node.name}")
            for tool in self.estate.out_nodes(owner, "has_tool"):
                if tool.kind == FUNCTION:
                    yield Step(place, Place(FUNCTION, tool.external_id, HELD), "calls the tool", change, NAMES_TOOL)
                elif tool.kind == "aws.bedrock.knowledge_base":
                    end = Place(tool.kind, tool.external_id, str(Verb.READ))
                    yield Step(place, end, "answers from", change, NAMES_TOOL, goal=Goal.DATA)

    def _users(self, place: Place, node: Node) -> Iterator[Step]:
        """What loads, reads or runs something that anybody, or whoever came here, has written."""
        for grant in self.granted:
            if grant.passing is not None and grant.passing.ref == place.ref:
                yield from self._if_anybody(place, grant)
        for source in [node, *self.estate.into(node, "part_of")] if node.kind == REPOSITORY else [node]:
            for type_, user in self.estate.links_into(source):
                how, kinds = USED_BY.get(type_, ("", ()))
                because = tied(user, node) if type_ == "runs_image" else ""
                if user.kind in kinds and because is not None:
                    yield replace(self._loads(place, user, how, NAMES_IT), because=because)

    def _if_anybody(self, place: Place, grant: Grant) -> Iterator[Step]:
        """The bucket's policy may be open for a part of it only."""
        user = self.estate.get(grant.end.kind, grant.end.ref)
        if user is not None:
            question = next(one for one in QUESTIONS[user.kind] if one.verb is grant.aim.verb)
            surely, perhaps = outside_holders(user, question, self.estate)
            because = "" if STRANGER.name in surely else "The bucket's policy could not be decided."
            if STRANGER.name in [*surely, *perhaps]:
                yield replace(self._loads(place, user, "is used by", NAMES_BUCKET), because=because)

    def _passed(self, place: Place) -> Iterator[Step]:
        """A bucket that was written for one asset."""
        for grant in self.passing.get(place, ()):
            user = self.estate.get(grant.end.kind, grant.end.ref)
            if user is not None:
                yield self._loads(place, user, "is used by", NAMES_BUCKET)

    def _loads(self, place: Place, user: Node, how: str, evidence: str) -> Step:
        change = Change(f"load {place.ref} {user.external_id}", f"Let {user.name} take it from a place of its own")
        power = HELD if user.kind.startswith("aws.ecs.") else str(Verb.WRITE_ARTIFACT)
        goal = "" if power == HELD else Goal.BEHAVIOUR
        return Step(place, Place(user.kind, user.external_id, power), how, change, evidence, goal=goal)

    def _as_guest(self, place: Place, role: Node) -> Iterator[Step]:
        number = self._number(role)
        for grant in self.granted if number is not None else ():
            if LEFT_TO_GUESTS in grant.actions:
                request = Request(action=LEFT_TO_GUESTS, resource=grant.end.ref, account=self.estate.account)
                held = population(self.estate).ask(request)
                yield from self._granted(place, role, replace(grant, held=held, actions=(LEFT_TO_GUESTS,)), number or 0)

    def _number(self, role: Node) -> int | None:
        return self.estate.once("iam numbers", lambda: numbers(population(self.estate))).get(role.external_id)

    def _as_role(self, place: Place, role: Node) -> Iterator[Step]:
        """Administrators may do everything: that is the end of the path, and no list of all they may."""
        number = self._number(role)
        if number is None:
            return
        control = next(grant for grant in self.granted if grant.aim.goal == Goal.CONTROL)
        mighty = control.held.of(number) is True
        for grant in [control] if mighty else self.granted:
            yield from self._granted(place, role, grant, number)
        if not mighty:
            yield from self._rewrites(place, role, number)
        changes = {action: _without(action, role) for action in {action for *_, action in self.roles}}
        for other, held, how, action in [] if mighty else self.roles:
            if other is not role and (because := _because(held, number)) is not None:
                end = Place(ROLE, other.external_id, HELD)
                yield Step(place, end, how, changes[action], actions=(action.lower(),), because=because)

    def _rewrites(self, place: Place, role: Node, number: int) -> Iterator[Step]:
        """Who can rewrite its own rights, or become an administrator, has control: one way is enough."""
        others = [
            (other, held)
            for other, held, *_ in (self.roles if self._widens().of(number) is not False else ())
            if other is not role and held.of(number) is not False
        ]
        ways = [
            (because, *way)
            for held, *way in rewriting(role, others, self.estate)
            if (because := _because(held, number)) is not None
        ]
        for because, action, ref, how in sorted(ways)[:1]:
            end = Place("aws.account", self.estate.account, "control")
            step = Step(
                place, end, how, _without(action, role), actions=(action.lower(),), goal=Goal.CONTROL, because=because
            )
            yield replace(step, evidence=allowed_by(role, replace(step, end=Place(ROLE, ref)), self.estate))

    def _widens(self) -> Tri:
        """Who can give every right to at least one role: mostly nobody, so that pairs need not be looked at."""

        def build() -> Tri:
            return union(who for role, *_ in self.roles for who, *_way in widening(role, self.estate))

        return self.estate.once("path widens", build)

    def _granted(self, place: Place, role: Node, grant: Grant, number: int) -> Iterator[Step]:
        because = _because(grant.held, number)
        if because is None:
            return
        goal = grant.aim.goal
        words = TAKE[goal] if goal is not None else TAKE_ON
        change = Change(f"take {goal or 'on'} {role.external_id}", words.format(role=role.name))
        if grant.passing is not None:
            yield Step(place, grant.passing, "can write to", change, actions=grant.actions, because=because)
        else:
            yield Step(place, grant.end, grant.aim.how, change, "", grant.actions, goal or "", because)

    def _roles(self) -> Iterator[tuple[Node, Tri, str, str]]:
        """Every role that others can become, who can, how, and by which action."""
        assume = next(one for one in QUESTIONS[ROLE] if one.verb is Verb.ASSUME)
        for role in self.estate.all(ROLE):
            if OWN_BY_AWS in role.external_id:
                continue
            asked = holders(role, assume, self.estate)
            if isinstance(asked, Unknown):
                self.blind.setdefault(EVERY_GOAL, asked)
            elif asked.yes or asked.maybe:
                yield role, asked, "may become", "sts:AssumeRole"
            rewrite = retrusting(role, self.estate)
            if rewrite.yes or rewrite.maybe:
                yield role, rewrite, "can let itself become", "iam:UpdateAssumeRolePolicy"
            for service in trusted_services(role):
                name = service.partition(".amazonaws.com")[0]
                if name in STARTING:
                    lent = self._lenders(role, service) & self._starters(name)
                    yield role, lent, f"may start work in {name} that runs as", "iam:PassRole"

    def _lenders(self, role: Node, service: str) -> Tri:
        values = {"iam:passedtoservice": (service,)}
        account = self.estate.account
        return population(self.estate).ask(
            Request(action="iam:passrole", resource=role.external_id, account=account, values=values)
        )

    def _starters(self, service: str) -> Tri:
        def build() -> Tri:
            prefix = service.removesuffix("-tasks")
            requests = [
                Request(action=f"{prefix}:{name.lower()}", resource=f"arn:aws:{prefix}:") for name in STARTING[service]
            ]
            return union(ask_under(population(self.estate), request, None) for request in requests)

        return self.estate.once(f"iam starters {service}", build)


def ground(estate: Estate) -> Ground:
    """The steps of an account, worked out once."""
    return estate.once("path ground", lambda: Ground(estate))


def _without(action: str, role: Node) -> Change:
    return Change(f"{action} {role.external_id}", f"Take {action} from role {role.name}")


def _because(held: Tri, number: int) -> str | None:
    """Empty for somebody who surely may, the reason for somebody who perhaps may, nothing for everybody else."""
    answer = held.of(number)
    if answer is None:
        return next(iter(held.reasons_of(number)), "A policy could not be decided.")
    return "" if answer else None


def _role_links(node: Node, estate: Estate) -> Iterator[tuple[Node, str]]:
    """The roles whose credentials somebody in the workload gets at, and the part of the document that names each."""
    if node.kind == SERVICE:
        for task in estate.out_nodes(node, "runs_as"):
            yield from _named(task, estate, (task.config.get("taskDefinition") or {}).get("taskRoleArn"), "taskRoleArn")
    elif node.kind == POOL:
        roles = (node.config.get("IdentityPoolRoles") or {}).get("Roles") or {}
        yield from _named(node, estate, roles.get("unauthenticated"), "Roles.unauthenticated")
    else:
        yield from ((role, "its configuration") for role in estate.out_nodes(node, "uses_role") if role.kind == ROLE)


def _named(node: Node, estate: Estate, arn: Any, part: str) -> Iterator[tuple[Node, str]]:
    yield from ((role, part) for role in estate.out_nodes(node, "uses_role") if role.external_id == arn)


def unled(node: Node, estate: Estate) -> Unknown | None:
    """Why it is not known where a way in leads."""
    sources = estate.out(node, "runs_as") if node.kind == SERVICE else [node]
    for source in sources:
        if isinstance(source, Dangling):
            if not source.complete:
                return Unknown("What the service runs was not read.")
            continue
        for type_ in ("uses_role", "routes_to"):
            missing = untold(source, type_)
            if missing is not None:
                return missing
            if any(isinstance(end, Dangling) and not end.complete for end in estate.out(source, type_)):
                return Unknown("What it leads to was not read.")
    return first(unseen_origins(estate, kind, among=USERS) for kind in WRITABLE.get(node.kind, ()))


def allowed_by(role: Node, step: Step, estate: Estate) -> str:
    """The policy of a role that allows a step, in words; where none of its own names what is meant, that one's."""
    granting = [
        (name, one)
        for name, document in _policies(role, estate)
        for one in statements(document)
        if one.allow and any(map(one.grants, step.actions))
    ]
    naming = [found for found in granting if _means(found[1].resources, step.end.ref)]
    if not naming and (not granting or step.end.kind in POLICY_FIELDS):
        return f"the policy at {step.end.ref.rpartition(':')[2]} allows {step.actions[0]}"
    name, one = (naming or granting)[0]
    said = ", ".join(one.actions[:3]) or "everything but some actions"
    return f"policy {name} allows {said} on {', '.join(one.resources[:2]) or 'all but some'}"


def _policies(role: Node, estate: Estate) -> Iterator[tuple[str, Any]]:
    for policy in role.config.get("RolePolicyList") or []:
        yield str(policy.get("PolicyName")), policy.get("PolicyDocument")
    for policy in role.config.get("AttachedManagedPolicies") or []:
        yield str(policy.get("PolicyName")), managed_document(str(policy.get("PolicyArn")), estate)


def _means(resources: Sequence[str], ref: str) -> bool:
    return not ref or not resources or covers(resources, ref) or any(rests(one, f"{ref}/") for one in resources)
