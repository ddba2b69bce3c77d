"""A small world that changes at random, and what must be true of it, worked out in the simplest way."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from findings.posture.models import Finding, Judgement, PostureDay, Rule, ScoreChange, Shift, Tally, Transition
from findings.posture.services import evaluate
from inventory.models import Asset, Scope, Source
from tests.builders import make_asset, make_scope, make_source
from tests.findings.rulemaking import BUCKET, write

WEIGHT = {"critical": 10, "high": 6, "medium": 3, "low": 1}
STEPS = ("visibility", "vulnerabilities", "data", "runtime", "response")


@dataclass
class Asked:
    """A rule as the reference knows it."""

    step: str
    severity: str
    wanted: Any = True
    withdrawn: bool = False


@dataclass
class World:
    """Sources, assets and rules under random changes."""

    folder: Path
    seed: int
    sources: list[Source] = field(default_factory=list)
    rules: dict[str, Asked] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.numbers = 0
        self.sources = [make_source(), make_source()]
        for source in self.sources:
            make_scope(source, BUCKET)
        self.rules = {
            "r-public": Asked("data", "critical"),
            "r-logging": Asked("response", "low"),
            "r-names": Asked("runtime", "medium"),
            "r-public-too": Asked("runtime", "high"),
        }
        for name in self.rules:
            self.write(name)

    # --- what can happen ---------------------------------------------------------------------------------

    def happen(self) -> None:
        """One random event."""
        events = (
            [self.appear] * 5 + [self.change] * 8 + [self.hide_part] * 4 + [self.reclassify] * 4 + [self.go] * 2
            + [self.come_back] * 2 + [self.deny] * 2 + [self.allow] * 3 + [self.turn_rule] * 2 + [self.withdraw_rule]
            + [self.return_rule] * 2 + [self.regrade_rule]
        )  # fmt: skip
        self.random.choice(events)()

    def appear(self) -> None:
        source = self.random.choice(self.sources)
        make_asset(source, config=self.config(), **self.place(), last_seen=timezone.now())

    def change(self) -> None:
        if asset := self.any_asset():
            asset.config, asset.unread = self.config(), []
            self.save(asset)

    def hide_part(self) -> None:
        if asset := self.any_asset():
            part = self.random.choice(["Public", "Logging", "Names", "State", ""])
            asset.config = {key: value for key, value in asset.config.items() if key != part} if part else {}
            asset.unread = [{"part": part, "problem": "denied", "message": "no", "permission": "s3:Get"}]
            self.save(asset)

    def reclassify(self) -> None:
        if asset := self.any_asset():
            for name, value in self.place().items():
                setattr(asset, name, value)
            asset.save()

    def go(self) -> None:
        if asset := self.any_asset():
            asset.gone_at = timezone.now()
            asset.save()

    def come_back(self) -> None:
        gone = list(Asset.objects.filter(gone_at__isnull=False).order_by("pk"))
        if gone:
            asset = self.random.choice(gone)
            asset.gone_at, asset.config, asset.unread = None, self.config(), []
            self.save(asset)

    def deny(self) -> None:
        """The next collection is refused; now and then it had seen some assets before."""
        scope = Scope.objects.get(source=self.random.choice(self.sources))
        scope.state, scope.problem, scope.attempted_at = "denied", "denied", timezone.now() + timedelta(seconds=1)
        scope.save()
        for asset in Asset.objects.filter(scope=scope, gone_at=None).order_by("pk"):
            if self.random.random() < 0.3:
                Asset.objects.filter(pk=asset.pk).update(last_seen=scope.attempted_at)

    def allow(self) -> None:
        Scope.objects.filter(source=self.random.choice(self.sources)).update(state="complete", problem="")

    def turn_rule(self) -> None:
        rule = self.rules["r-public"]
        rule.wanted = not rule.wanted
        self.write("r-public")

    def withdraw_rule(self) -> None:
        name = self.random.choice(list(self.rules))
        self.rules[name].withdrawn = True
        (self.folder / f"{name}.yaml").unlink(missing_ok=True)

    def return_rule(self) -> None:
        for name, rule in self.rules.items():
            rule.withdrawn = False
            self.write(name)

    def regrade_rule(self) -> None:
        self.rules["r-logging"].severity = self.random.choice(["low", "high", "critical"])
        self.write("r-logging")

    # --- how it happens ----------------------------------------------------------------------------------

    def write(self, name: str) -> None:
        rule = self.rules[name]
        if rule.withdrawn:
            return
        common: dict[str, Any] = {"step": rule.step, "severity": rule.severity}
        questions: dict[str, dict[str, Any]] = {
            "r-public": {
                "reads": ["Public", "State"],
                "when": 'asset.State != "ignored"',
                "fail": f"asset.Public == {str(rule.wanted).lower()}",
            },
            "r-logging": {"reads": ["Logging"], "fail": "asset.Logging == null"},
            "r-names": {"reads": ["Names[]"], "fail": "size(asset.Names) > 0", "discriminator": "asset.Names"},
            "r-public-too": {"reads": ["Public"], "fail": "asset.Public == true"},
        }
        write(self.folder, name, **common, **questions[name])

    def config(self) -> dict[str, Any]:
        pick = self.random
        config: dict[str, Any] = {"State": pick.choice(["on", "on", "ignored"]), "Public": pick.random() < 0.5}
        if pick.random() < 0.6:
            config["Logging"] = {"Bucket": "logs"}
        config["Names"] = pick.sample(["a", "b", "c"], pick.randint(0, 3))
        return config

    def place(self) -> dict[str, Any]:
        return {
            "criticality": self.random.choice([1, 2, 3]),
            "environment": self.random.choice(["production", "staging"]),
            "exposure": self.random.choice(["internet", "internal", "unknown"]),
        }

    def any_asset(self) -> Asset | None:
        present = list(Asset.objects.filter(gone_at=None).order_by("pk"))
        return self.random.choice(present) if present else None

    def save(self, asset: Asset) -> None:
        self.numbers += 1
        asset.config_digest = f"c{self.numbers:031x}"
        asset.last_seen = timezone.now()
        asset.save()

    def evaluate(self) -> None:
        for source in self.sources:
            evaluate(source=source)

    # --- what must be true -------------------------------------------------------------------------------

    def expected(self, asset: Asset) -> dict[str, tuple[str, list[str]]]:
        """rule → (letter, names of the findings) of a present asset."""
        scope = asset.scope
        current = scope.state == "complete" or asset.last_seen >= scope.attempted_at
        return {
            name: self._verdict(name, rule, asset) if current else ("u", [])
            for name, rule in self.rules.items()
            if not rule.withdrawn
        }

    def _verdict(self, name: str, rule: Asked, asset: Asset) -> tuple[str, list[str]]:
        config = asset.config
        parts = {part["part"] for part in asset.unread}

        def unread(field: str) -> bool:
            return field in parts or ("" in parts and field not in config)

        if name == "r-public":
            if not unread("State") and config.get("State") == "ignored":
                return "n", []
            if unread("State") or unread("Public"):
                return "u", []
            return ("f", [""]) if config.get("Public") == rule.wanted else ("p", [])
        field_ = {"r-logging": "Logging", "r-names": "Names", "r-public-too": "Public"}[name]
        if unread(field_):
            return "u", []
        if name == "r-names":
            return ("f", sorted(config["Names"])) if config.get("Names") else ("p", [])
        if name == "r-logging":
            return ("p", []) if config.get("Logging") else ("f", [""])
        return ("f", [""]) if config.get("Public") is True else ("p", [])

    def check(self) -> None:
        """Everything at once; call it after `evaluate`."""
        assets = {asset.pk: asset for asset in Asset.objects.filter(gone_at=None).select_related("scope")}
        expected = {pk: self.expected(asset) for pk, asset in assets.items()}
        self._check_judgements(expected)
        self._check_findings(expected)
        self._check_tallies()
        self._check_scores(assets, expected)
        self._check_ledger()
        self._check_history()

    def _check_judgements(self, expected: dict[Any, dict[str, tuple[str, list[str]]]]) -> None:
        judged = {j.asset_id: j.verdicts for j in Judgement.objects.all()}
        assert judged == {pk: {name: v[0] for name, v in rules.items()} for pk, rules in expected.items() if rules}

    def _check_findings(self, expected: dict[Any, dict[str, tuple[str, list[str]]]]) -> None:
        for finding in Finding.objects.all():
            letter, names = expected.get(finding.asset_id, {}).get(finding.rule_id, ("", []))
            if letter == "f":
                assert (finding.status == "open") == (finding.discriminator in names), finding
                assert not finding.stale
            elif letter == "u":
                assert finding.stale == (finding.status == "open")
            else:
                assert finding.status == "resolved"
        standing = {
            (f.asset_id, f.rule_id, f.discriminator) for f in Finding.objects.filter(status="open", stale=False)
        }
        assert standing == {
            (pk, rule, name)
            for pk, rules in expected.items()
            for rule, (letter, names) in rules.items()
            if letter == "f"
            for name in names
        }

    def _check_tallies(self) -> None:
        counted: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
        words = {"p": "passed", "f": "failed", "u": "unknown", "n": "not_applicable"}
        weights = {"p": "pass_weight", "f": "fail_weight", "u": "unknown_weight", "n": "nothing"}
        for judgement in Judgement.objects.all():
            for rule, letter in judgement.verdicts.items():
                row = counted[judgement.source_id, judgement.environment, rule]
                row[words[letter]] += 1
                row[weights[letter]] += judgement.criticality
        for finding in Finding.objects.filter(status="open").select_related("asset"):
            row = counted[finding.source_id, finding.environment, finding.rule_id]
            row["open"] += 1
            asset = finding.asset
            row["severe"] += finding.severity == 4 and (asset.exposure == "internet" or asset.criticality == 3)
        names = ("passed", "failed", "unknown", "not_applicable", "pass_weight", "fail_weight", "unknown_weight",
                 "open", "severe")  # fmt: skip
        stored = {
            (t.source_id, t.environment, t.rule_id): {name: getattr(t, name) for name in names}
            for t in Tally.objects.all()
        }
        stored = {key: row for key, row in stored.items() if any(row.values())}
        assert stored == {key: {name: row[name] for name in names} for key, row in counted.items()}

    def _check_scores(self, assets: dict[Any, Asset], expected: dict[Any, dict[str, tuple[str, list[str]]]]) -> None:
        areas = {"all": assets.values()}
        areas |= {f"source:{s.pk}": [a for a in assets.values() if a.source_id == s.pk] for s in self.sources}
        for name in ("production", "staging"):
            areas[f"environment:{name}"] = [a for a in assets.values() if a.environment == name]
        rows = {(row.area, row.step): row for row in PostureDay.objects.order_by("day")}
        critical = list(Finding.objects.filter(status="open", severity=4).select_related("asset"))
        for area, members in areas.items():
            for step in STEPS:
                row = rows.get((area, step))
                numerator = denominator = 0
                for asset in members:
                    for rule, (letter, _) in expected[asset.pk].items():
                        if self.rules[rule].step == step:
                            weight = WEIGHT[self.rules[rule].severity] * asset.criticality
                            numerator += weight * (letter == "p")
                            denominator += weight * (letter in "pf")
                if row is None:
                    assert denominator == 0
                    continue
                assert (row.numerator, row.denominator) == (numerator, denominator), (area, step)
                cap = self._cap(step, {asset.pk for asset in members}, critical)
                value = None if not denominator else min(100 * numerator // denominator, cap)
                assert row.score == value, (area, step)

    def _cap(self, step: str, members: set[Any], critical: list[Finding]) -> int:
        here = [finding for finding in critical if finding.step == step and finding.asset_id in members]
        if any(f.asset.exposure == "internet" or f.asset.criticality == 3 for f in here):
            return 49
        return 69 if here else 100

    def _check_ledger(self) -> None:
        assert not Shift.objects.exists()
        movements: dict[tuple[str, str], dict[Any, list[ScoreChange]]] = defaultdict(lambda: defaultdict(list))
        for change in ScoreChange.objects.order_by("at", "pk"):
            movements[change.area, change.step][change.at].append(change)
        rows = {(row.area, row.step): row.score for row in PostureDay.objects.order_by("day")}
        for (area, step), by_time in movements.items():
            last = 0
            for parts in by_time.values():
                first = parts[0]
                assert (first.before or 0) == last, (area, step)
                assert all((part.before, part.after) == (first.before, first.after) for part in parts)
                assert sum(part.points for part in parts) == (first.after or 0) - (first.before or 0)
                assert all(part.points for part in parts)
                last = first.after or 0
            assert last // 100 == (rows[area, step] or 0)

    def _check_history(self) -> None:
        status: dict[Any, str] = {}
        for transition in Transition.objects.order_by("pk"):
            assert transition.before == status.get(transition.finding_id, "")
            assert (transition.cause == "coverage-lost") <= (transition.after == "open")
            status[transition.finding_id] = transition.after
        assert status == dict(Finding.objects.values_list("pk", "status"))
        assert Finding.objects.filter(status="open", rule__withdrawn_at__isnull=False).count() == 0
        assert Rule.objects.filter(withdrawn_at=None).count() == sum(not r.withdrawn for r in self.rules.values())
