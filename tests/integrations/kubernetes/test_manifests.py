"""Manifests are judged as the cluster that they would make, and what they cannot tell is never clean."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aispm.runtime.check import BAD_INPUT, CLEAN, FINDINGS, main
from tests.integrations.kubernetes import sarif

TOKEN = "hf_" + "aBcDeFgHiJ" * 3 + "kLmN"
CHAT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat, namespace: ml}
spec:
  selector: {matchLabels: {app: chat}}
  template:
    metadata: {labels: {app: chat}}
    spec:
      containers:
      - name: server
        image: vllm/vllm-openai:v0.11.0
        args: ["--model", "org/model"]
        securityContext: {privileged: true}
"""
WAY_IN = """
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: ml}
spec: {type: LoadBalancer, selector: {app: chat}, ports: [{port: 80}]}
"""
QUIET = "apiVersion: v1\nkind: Namespace\nmetadata: {name: quiet}\n"
POD = "apiVersion: v1\nkind: Pod"
PRIVILEGED = "k8s-ai-privileged"
Report = dict[str, Any]


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Report]:
    """Runs the command over files with these contents; `code` is its exit code."""
    monkeypatch.chdir(tmp_path)

    def run(files: dict[str, str], *options: str) -> Report:
        for name, content in files.items():
            file = tmp_path / "manifests" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        code = main(["manifests", "--format", "json", *options])
        report: Report = json.loads(capsys.readouterr().out)
        return report | {"code": code}

    return run


def rules_of(report: Report, part: str = "findings") -> set[str]:
    return {one["rule"] for one in report[part]}


def test_every_object_of_a_folder_is_judged_with_its_file_and_line(check: Callable[..., Report]) -> None:
    report = check({"b/chat.yaml": f"# chat\n---{CHAT}---{WAY_IN}", "a.yml": QUIET})
    found = {one["rule"]: one for one in report["findings"]}
    assert report["objects"] == 3
    assert (found[PRIVILEGED]["file"], found[PRIVILEGED]["line"]) == ("manifests/b/chat.yaml", 3)
    assert (found[PRIVILEGED]["object"], found[PRIVILEGED]["part"]) == ("Deployment ml/chat", "server")
    assert found["k8s-ai-service-published"]["line"] == 17


def test_objects_in_lists_have_lines_of_their_own(check: Callable[..., Report]) -> None:
    items = "".join(f"- {part.strip()}\n".replace("\n", "\n  ").rstrip(" ") for part in (QUIET, CHAT))
    report = check({"list.yaml": f"apiVersion: v1\nkind: List\nitems:\n{items}"})
    [found] = [one for one in report["findings"] if one["rule"] == PRIVILEGED]
    assert (report["objects"], found["line"]) == (2, 7)


def test_elements_of_a_typed_list_need_not_say_what_they_are(check: Callable[..., Report]) -> None:
    chat = json.dumps({"apiVersion": "v1", "kind": "NamespaceList", "items": [{"metadata": {"name": "quiet"}}]})
    assert check({"list.json": chat})["objects"] == 1


def test_standard_input_takes_what_a_renderer_writes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rendered = f"---\n# Source: chart/templates/chat.yaml{CHAT}---\n# Source: chart/templates/empty.yaml\n---{WAY_IN}"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(rendered.encode())))
    assert main(["-"]) == FINDINGS
    assert "stdin:3: critical: AI container is privileged (k8s-ai-privileged)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("critical", CLEAN), ("high", CLEAN), ("medium", FINDINGS), ("low", FINDINGS), ("never", CLEAN)],
)
def test_the_exit_code_follows_the_gravest_finding(check: Callable[..., Report], fail_on: str, code: int) -> None:
    restrained = CHAT.replace("privileged: true", "privileged: false")
    report = check({"chat.yaml": restrained}, "--fail-on", fail_on)
    assert {one["severity"] for one in report["findings"]} == {"medium", "low"}
    assert report["code"] == code


def test_what_manifests_cannot_tell_is_listed_apart_and_is_no_finding(check: Callable[..., Report]) -> None:
    report = check({"chat.yaml": CHAT})
    reasons = {one["rule"]: one["reason"] for one in report["unknown"]}
    assert reasons["k8s-ai-no-network-policy"] == "Not every network policy could be read."
    assert "Manifests do not say what runs" in reasons["k8s-ai-killed-for-memory"]
    assert not reasons.keys() & rules_of(report)


def test_a_pod_says_nothing_of_how_it_will_run(check: Callable[..., Report]) -> None:
    pod = POD + "\nmetadata: {name: a}\nspec: {containers: [{name: a, image: vllm/vllm-openai:v1}]}\n"
    assert "k8s-ai-killed-for-memory" in rules_of(check({"pod.yaml": pod}), "unknown")


def test_complete_manifests_tell_what_is_not_there(check: Callable[..., Report]) -> None:
    report = check({"chat.yaml": f"{CHAT}---{WAY_IN}"}, "--complete")
    assert {"k8s-ai-no-network-policy", "k8s-inference-open-to-internet"} <= rules_of(report)


def test_complete_manifests_do_not_tell_which_cluster_roles_there_are(check: Callable[..., Report]) -> None:
    assert "k8s-ai-account-cluster-admin" in rules_of(check({"chat.yaml": CHAT}, "--complete"), "unknown")


def test_an_object_without_a_namespace_is_not_said_to_be_in_the_default_one(check: Callable[..., Report]) -> None:
    homeless = CHAT.replace(", namespace: ml", "")
    report = check({"chat.yaml": homeless})
    assert "k8s-ai-default-namespace" in rules_of(report, "unknown")
    assert {one["object"] for one in report["findings"]} == {"Deployment chat"}
    assert "k8s-ai-default-namespace" in rules_of(check({"chat.yaml": homeless}, "--namespace", "default"))


def test_values_of_secrets_are_never_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData: {{token: {TOKEN}}}\n"
    chat = CHAT + f"        env: [{{name: HF_TOKEN, value: {TOKEN}}}]\n"
    broken = f"apiVersion: v1\nkind: Secret\nstringData: {{token: '{TOKEN}\n"
    file = tmp_path / "all.yaml"
    file.write_text(f"{held}---{chat}---\n{broken}")
    for form in ("text", "json", "sarif"):
        main([str(file), "--format", form])
        told = capsys.readouterr()
        assert "k8s-env-secret-literal" in told.out
        assert TOKEN not in told.out + told.err


BROKEN = {
    "bad YAML": (POD + "\nmetadata: {name: [\n", 4, "This is not YAML that can be read"),
    "a template": (POD + "\n{{- if .Values.on }}\nspec: {}\n", 3, "This is a template"),
    "a value to fill in": (POD + "\nmetadata: {name: a}\nspec: {nodeName: {{ x }}}\n", 4, "This is a template"),
    "a name to fill in": (POD + "\nmetadata: {name: '{{ name }}'}\n", 1, "This is a template"),
    "an image to fill in": (CHAT.replace("vllm/vllm-openai", "${REGISTRY}/vllm"), 2, "This is a template"),
    "a bomb of anchors": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\na: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)),
        10, "Its anchors unfold to more than",
    ),
    "an anchor that holds itself": (POD + "\nmetadata: {name: a}\na: &a [*a]\n", 4, "An anchor holds itself"),
    "far too many levels": (POD + f"\nx: {'[' * 100_000}\n", 1, "Nested more than"),
    "a field twice": (POD + "\nmetadata: {name: a}\nmetadata: {name: b}\n", 4, "This field is there twice"),
    "no name": (POD + "\nspec: {}\n", 1, "This Pod has no metadata.name"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_read_is_said_with_its_line_and_stops_nothing_else(
    check: Callable[..., Report], case: str
) -> None:
    content, line, message = BROKEN[case]
    report = check({"broken.yaml": f"{content.rstrip()}\n---{CHAT}", "good.yaml": WAY_IN})
    [error] = report["errors"]
    assert (error["file"], error["line"]) == ("manifests/broken.yaml", line)
    assert error["message"].startswith(message)
    assert report["objects"] == 2
    assert PRIVILEGED in rules_of(report)
    assert report["code"] == BAD_INPUT


def test_a_huge_file_is_named_and_not_read(check: Callable[..., Report], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.kubernetes.manifests.files.LARGEST", 400)
    report = check({"huge.yaml": CHAT * 2, "good.yaml": WAY_IN})
    assert [error["file"] for error in report["errors"]] == ["manifests/huge.yaml"]
    assert (report["objects"], report["code"]) == (1, BAD_INPUT)


def test_anchors_that_are_used_with_measure_are_read(check: Callable[..., Report]) -> None:
    labelled = CHAT.replace("matchLabels: {app: chat}", "matchLabels: &l {app: chat}").replace(
        "labels: {app: chat}", "labels: *l"
    )
    report = check({"chat.yaml": f"{labelled}---{WAY_IN}"}, "--complete")
    assert (report["errors"], "k8s-inference-exposed" in rules_of(report)) == ([], True)


def test_two_forms_of_one_object_are_not_judged_as_one(check: Callable[..., Report]) -> None:
    report = check({"base.yaml": CHAT, "overlay.yaml": CHAT.replace("privileged: true", "privileged: false")})
    [error] = report["errors"]
    assert error["message"].startswith("Deployment chat is also in manifests/base.yaml, line 2.")
    assert report["code"] == BAD_INPUT


def test_files_that_hold_no_manifests_are_counted_and_nothing_more(check: Callable[..., Report]) -> None:
    others = {
        "values.yaml": "replicas: 2\n",
        "Chart.yaml": "apiVersion: v2\nname: x\n",
        ".github/ci.yaml": "on: push\n",
    }
    report = check({"quiet.yaml": QUIET, **others})
    assert report["not_kubernetes"] == ["manifests/Chart.yaml", "manifests/values.yaml"]
    assert report["code"] == CLEAN


def test_kinds_without_rules_are_named(check: Callable[..., Report]) -> None:
    scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n"
    old = "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a}\n"
    told = check({"a.yaml": f"{scaler}---\n{old}"})["not_judged"]
    assert told == [
        {"kind": "Deployment (apps/v1beta1)", "count": 1},
        {"kind": "HorizontalPodAutoscaler (autoscaling/v2)", "count": 1},
    ]


@pytest.mark.parametrize("files", [{}, {"values.yaml": "replicas: 2\n"}])
def test_nothing_to_check_is_not_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str]
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    assert main([str(tmp_path)]) == BAD_INPUT
    assert "no Kubernetes object" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["not-there.yaml"]) == BAD_INPUT
    assert "not-there.yaml:1: It cannot be read: No such file or directory." in capsys.readouterr().out


def test_findings_come_with_the_patch_of_their_object(check: Callable[..., Report]) -> None:
    [found] = [one for one in check({"chat.yaml": CHAT})["findings"] if one["rule"] == PRIVILEGED]
    assert found["patch"]["how"] == "strategic"
    assert found["patch"]["document"]["metadata"] == {"name": "chat", "namespace": "ml"}


def test_own_rules_are_asked_too(tmp_path: Path, check: Callable[..., Report]) -> None:
    source = Path("findings/rules/kubernetes") / f"{PRIVILEGED}.yaml"
    own = tmp_path / "own"
    own.mkdir()
    built_in = Path(main.__code__.co_filename).parents[2] / source
    (own / "our-privileged.yaml").write_text(built_in.read_text().replace(f"id: {PRIVILEGED}", "id: our-privileged", 1))
    assert "our-privileged" in rules_of(check({"chat.yaml": CHAT}, "--rules", str(own)))


def test_a_terminal_is_shown_no_control_signs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "chat.yaml"
    file.write_text(CHAT.replace("name: server", r'name: "\e[2Jserver"'))
    main([str(file)])
    assert "\x1b" not in capsys.readouterr().out


def test_sarif_has_every_member_that_the_standard_asks_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "our chat.yaml").write_text(f"{CHAT}---\nkind: [\n")
    assert main(["our chat.yaml", "--format", "sarif"]) == BAD_INPUT
    log = json.loads(capsys.readouterr().out)
    sarif.assert_valid(log)
    [run] = log["runs"]
    first = run["results"][0]
    assert (first["ruleId"], first["level"]) == (PRIVILEGED, "error")
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == PRIVILEGED
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "our%20chat.yaml"}, "region": {"startLine": 2}}
    notes = [note["level"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert not run["invocations"][0]["executionSuccessful"]
    assert (notes[0], set(notes[1:])) == ("error", {"note"})


def test_a_finding_keeps_its_fingerprint_when_lines_move(check: Callable[..., Report], capsys: Any) -> None:
    def prints(content: str) -> list[str]:
        check({"chat.yaml": content})
        main(["manifests", "--format", "sarif"])
        [run] = json.loads(capsys.readouterr().out)["runs"]
        return [result["partialFingerprints"]["aispm/v1"] for result in run["results"]]

    assert prints(CHAT) == prints(f"# one line more\n{CHAT}")
