"""What is deployed is what is documented: variables, roles, least privilege, no default secrets."""

import base64
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from aispm.runtime import ROLES
from tests.architecture.sources import ROOT, product_modules

READS = re.compile(
    r"""(?:env\.(?:text|flag|number|words|secret)|environ\.get|_number)\(\s*["']((?:AISPM|DATABASE|REDIS|AWS)_[A-Z_]+)["']"""
)
MANIFESTS = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))


def variables_read() -> set[str]:
    found = {name for path in product_modules() for name in READS.findall(path.read_text(encoding="utf-8"))}
    return {name.removesuffix("_FILE") for name in found}


def variables_documented() -> set[str]:
    rows = re.findall(r"^\| (`[A-Z_]+`[^|]*) \|", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), re.M)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def compose() -> dict[str, Any]:
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def pods() -> list[tuple[Path, dict[str, Any]]]:
    documents = [(path, one) for path in MANIFESTS for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
    return [(path, one["spec"]["template"]["spec"]) for path, one in documents if "template" in one.get("spec", {})]


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    assert variables_documented() == variables_read()


def test_compose_passes_on_only_variables_that_are_read() -> None:
    for name, service in compose()["services"].items():
        known = variables_read() | {"AISPM_BROKER_PASSWORD"}
        unknown = {key for key in service["environment"] if not key.startswith("POSTGRES_")} - known
        assert not unknown, name


def test_compose_has_no_default_secret() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in re.findall(r"\$\{(AISPM_\w*(?:KEYS|KEY|PASSWORD))\b([^}]*)\}", text):
        assert name[1].startswith(":?"), name[0]


def test_the_generated_environment_is_all_that_compose_asks_for() -> None:
    made = subprocess.run([ROOT / "deploy" / "new-env"], capture_output=True, text=True, check=True).stdout
    values = dict(line.split("=", 1) for line in made.splitlines() if not line.startswith("#"))
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    assert set(values) == asked
    assert len(base64.urlsafe_b64decode(values["AISPM_ENCRYPTION_KEYS"])) == 32
    assert len(values["AISPM_SECRET_KEY"]) >= 50


def test_compose_runs_every_role_confined() -> None:
    services = compose()["services"]
    assert {service["command"][0] for service in services.values() if "build" in service} == set(ROLES)
    for name, service in services.items():
        if "build" in service:
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
        assert "healthcheck" in service or name == "web", "web has the image's own"


@pytest.mark.parametrize(("path", "pod"), pods(), ids=lambda value: getattr(value, "stem", ""))
def test_every_pod_is_confined_and_says_what_it_needs(path: Path, pod: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in pod["containers"]:
        assert container["args"][0] in ROLES
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]


def test_the_kustomization_names_every_manifest() -> None:
    listed = yaml.safe_load((ROOT / "deploy/kubernetes/kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    assert set(listed) == {path.name for path in MANIFESTS} - {"kustomization.yaml"}


def test_no_manifest_carries_a_secret_and_no_role_changes_anything() -> None:
    for path in MANIFESTS:
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            assert document["kind"] != "Secret", path
            for rule in document.get("rules", []):
                assert set(rule["verbs"]) <= {"get", "list", "watch"}, path
                assert not {"secrets", "*"} & set(rule.get("resources", [])), path


def test_the_image_runs_unprivileged_from_the_hashed_lock() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = text.rpartition("\nFROM ")[2]
    assert "\nUSER 10001" in final
    assert "HEALTHCHECK" in final
    assert "--require-hashes -r requirements.lock" in text
    assert "requirements-dev" not in text
