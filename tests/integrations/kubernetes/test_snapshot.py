"""A snapshot answers what is in it; what is not in it is not known, and never taken to be gone."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from aispm.core.errors import Invalid, PermanentError
from demo.cluster.bodies import load
from integrations.kubernetes import archive
from integrations.kubernetes.collector import SnapshotCollector
from integrations.kubernetes.shapes import parsed
from integrations.kubernetes.textual import documents, slices
from inventory.documents import Problem, ScopeState
from tests.integrations.kubernetes.clusters import Seen, collect

COMPLETE = ScopeState.COMPLETE


def seen_in(path: Path) -> Seen:
    return collect(SnapshotCollector(path, name="demo"))


@pytest.fixture(scope="module")
def whole(demo_folder: Path) -> Seen:
    return seen_in(demo_folder)


@pytest.fixture
def folder(demo_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_folder, tmp_path / "copy"))


def pack_zip(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target / "s.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for file in folder.iterdir():
            packed.write(file, f"cluster/{file.name}")
    return target / "s.zip"


def pack_tar(folder: Path, target: Path) -> Path:
    with tarfile.open(target / "s.tar.gz", "w:gz") as packed:
        packed.add(folder, arcname=".")
    return target / "s.tar.gz"


def unpacked(folder: Path, target: Path) -> Path:
    for file in folder.glob("*.gz"):
        (target / file.name.removesuffix(".gz")).write_bytes(gzip.decompress(file.read_bytes()))
    return target


@pytest.mark.parametrize("pack", [pack_zip, pack_tar, unpacked])
def test_every_packing_gives_the_same_assets(
    pack: Callable[[Path, Path], Path], demo_folder: Path, tmp_path: Path, whole: Seen
) -> None:
    seen = seen_in(pack(demo_folder, tmp_path))
    assert seen.assets == whole.assets
    assert {k: o.state for k, o in seen.outcomes.items()} == {k: o.state for k, o in whole.outcomes.items()}


def kubectl(folder: Path, kinds: list[str]) -> dict[str, Any]:
    """What `kubectl get … -A -o json` prints: one List of mixed kinds."""
    items = []
    for body in load(folder).values():
        kind = str(body.get("kind")).removesuffix("List")
        if kind in kinds:
            items += [{"apiVersion": body["apiVersion"], "kind": kind} | one for one in body["items"]]
    return {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items}


KINDS = ["Namespace", "Deployment", "ReplicaSet", "Pod", "Service", "RayCluster"]


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_kubectl_output_is_read_but_is_not_taken_to_be_everything(
    form: str, demo_folder: Path, tmp_path: Path, whole: Seen
) -> None:
    document = kubectl(demo_folder, KINDS)
    file = tmp_path / f"all.{form}"
    file.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper) if form == "yaml" else orjson.dumps(document).decode())
    seen = seen_in(file)
    for kind in ("k8s.service", "k8s.ray.ray_cluster", "k8s.namespace"):
        assert {k: a.config for k, a in seen.of(kind).items()} == {k: a.config for k, a in whole.of(kind).items()}
        assert seen.outcomes[kind].state == ScopeState.INCOMPLETE
        assert "kubectl" in seen.outcomes[kind].message
    assert seen.outcomes["k8s.stateful_set"].state == ScopeState.NEVER
    assert seen.of("k8s.deployment").keys() == whole.of("k8s.deployment").keys()


def test_secrets_in_a_snapshot_are_not_read(demo_folder: Path, tmp_path: Path) -> None:
    document = kubectl(demo_folder, ["Namespace"])
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "shop"},
        "data": {"k": "dG9w"},
    }
    document["items"].append(secret)
    (tmp_path / "all.json").write_bytes(orjson.dumps(document))
    assert "dG9w" not in repr(seen_in(tmp_path).assets)
    body = {"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": [secret]}
    (tmp_path / "api_v1_services.json").write_bytes(orjson.dumps(body))
    seen = seen_in(tmp_path)
    assert "dG9w" not in repr(seen.assets)
    assert seen.outcomes["k8s.service"].problem == Problem.MALFORMED


def test_a_kind_that_is_missing_is_not_known(folder: Path, whole: Seen) -> None:
    for name in ("apis_apps_v1_deployments.json.gz", "index.json"):
        (folder / name).unlink()
    seen = seen_in(folder)
    assert seen.outcomes["k8s.deployment"].state == ScopeState.NEVER
    assert seen.outcomes["k8s.deployment"].message == "Not in the snapshot."
    assert seen.outcomes["k8s.stateful_set"].state == COMPLETE


def test_a_file_that_the_index_promises_and_that_is_missing_is_named(folder: Path) -> None:
    (folder / "apis_apps_v1_deployments.json.gz").unlink()
    outcome = seen_in(folder).outcomes["k8s.deployment"]
    assert (outcome.state, outcome.problem) == (ScopeState.INCOMPLETE, Problem.MALFORMED)
    assert "/apis/apps/v1/deployments" in outcome.message


def test_fewer_items_than_the_index_promises_are_not_everything(folder: Path) -> None:
    file = folder / "api_v1_services.json.gz"
    body = orjson.loads(gzip.decompress(file.read_bytes()))
    body["items"].pop()
    file.write_bytes(gzip.compress(orjson.dumps(body)))
    seen = seen_in(folder)
    assert seen.outcomes["k8s.service"].state == ScopeState.INCOMPLETE
    assert "promises" in seen.outcomes["k8s.service"].message
    assert len(seen.of("k8s.service")) == len(body["items"])


def spoil_cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def spoil_words(_content: bytes) -> bytes:
    return gzip.compress(b"{this is not JSON")


def spoil_first_page(content: bytes) -> bytes:
    body = orjson.loads(gzip.decompress(content))
    body["metadata"]["continue"] = "more"
    return gzip.compress(orjson.dumps(body))


def spoil_kind(content: bytes) -> bytes:
    return gzip.compress(orjson.dumps(orjson.loads(gzip.decompress(content)) | {"kind": "PodList"}))


def spoil_tail(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content)[:-20])


@pytest.mark.parametrize("spoil", [spoil_cut, spoil_words, spoil_first_page, spoil_kind, spoil_tail])
@pytest.mark.parametrize("name", ["apis_apps_v1_deployments", "apis_ray.io_v1_rayclusters"])
def test_a_broken_file_among_good_ones_makes_its_scope_incomplete_and_is_named(
    spoil: Callable[[bytes], bytes], name: str, folder: Path
) -> None:
    (folder / "index.json").unlink()
    file = folder / f"{name}.json.gz"
    file.write_bytes(spoil(file.read_bytes()))
    seen = seen_in(folder)
    kind = "k8s.deployment" if "apps" in name else "k8s.ray.ray_cluster"
    assert seen.outcomes[kind].state == ScopeState.INCOMPLETE
    assert file.name in seen.outcomes[kind].message
    assert {k for k, o in seen.outcomes.items() if o.state == ScopeState.INCOMPLETE} == {kind}


def test_a_kind_of_a_group_that_the_snapshot_knows_to_be_absent_is_not_offered(whole: Seen, folder: Path) -> None:
    assert whole.outcomes["k8s.kaito.workspace"].state == ScopeState.NOT_OFFERED
    assert whole.outcomes["k8s.ray.ray_cluster"].state == COMPLETE
    (folder / "apis.json.gz").unlink()
    assert seen_in(folder).outcomes["k8s.kaito.workspace"].state == ScopeState.NEVER


@pytest.mark.parametrize("words", ["a: &x [1]\nb: *x\n", "&x a: 1\nb: [*x]\n", "- &x 1\n- *x\n"])
def test_yaml_with_aliases_is_not_read(words: str) -> None:
    with pytest.raises(ValueError, match="aliases"):
        documents("a.yaml", words.encode())


def test_yaml_without_end_to_its_levels_is_refused_and_ends_nothing() -> None:
    """The library would take the whole process with it."""
    with pytest.raises(ValueError, match="levels"):
        documents("a.yaml", b"[" * 100_000)


def test_a_config_map_cannot_end_the_process_that_reads_it() -> None:
    assert parsed("config.yaml", "[" * 60_000) is None
    assert parsed("config.yaml", "a: [1]") == {"a": [1]}


def test_yaml_keeps_times_as_text() -> None:
    assert documents("a.yaml", b"at: 2026-08-01T10:00:00Z\nrun: a && b 2>&1\n") == [
        {"at": "2026-08-01T10:00:00Z", "run": "a && b 2>&1"}
    ]


def make_empty(path: Path) -> Path:
    path.mkdir()
    return path


def make_pictures(path: Path) -> Path:
    path.mkdir()
    (path / "holiday.png").write_bytes(b"\x89PNG")
    (path / "package.json").write_text('{"name": "not-a-cluster"}')
    return path


def make_half_archive(path: Path) -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("apis.json", "{}" * 5_000)
    path.write_bytes(buffer.getvalue()[:200])
    return path


@pytest.mark.parametrize("make", [make_empty, make_pictures])
def test_what_is_not_a_snapshot_is_refused_with_what_was_expected_and_found(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match="Expected a folder"):
        SnapshotCollector(make(tmp_path / "wrong")).identify()


@pytest.mark.parametrize("name", ["wrong", "wrong.zip"])
def test_an_archive_that_is_cut_off_is_called_damaged(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match=rf"The archive {name} is damaged or not complete"):
        SnapshotCollector(make_half_archive(tmp_path / name)).identify()


@pytest.mark.parametrize(
    ("name", "content"), [("pods.json", '{"kind": "PodList", "items": ['), ("pods.yaml", "kind: [Pod\n")]
)
def test_a_file_that_is_cut_off_is_called_so(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    for path in (tmp_path / name, tmp_path):
        with pytest.raises(Invalid, match=rf"Not complete JSON or YAML: {name}\. Was it cut off"):
            SnapshotCollector(path).identify()


def test_what_was_found_instead_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"Found: package\.json, holiday\.png"):
        SnapshotCollector(make_pictures(tmp_path / "wrong")).identify()


def test_a_path_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="There is no file or folder nothing"):
        SnapshotCollector(tmp_path / "nothing").identify()


def test_a_snapshot_without_namespaces_does_not_say_whose_it_is(demo_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "all.json").write_bytes(orjson.dumps(kubectl(demo_folder, ["Deployment"])))
    with pytest.raises(PermanentError, match="kubectl get namespaces"):
        SnapshotCollector(tmp_path).identify()


def test_names_that_climb_out_of_an_archive_write_nothing(demo_folder: Path, tmp_path: Path, whole: Seen) -> None:
    target = tmp_path / "deep" / "er"
    target.mkdir(parents=True)
    with tarfile.open(target / "s.tar", "w") as packed:
        for file in demo_folder.iterdir():
            packed.add(file, arcname=f"../../../{file.name}")
        link = tarfile.TarInfo("api_v1_secrets.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    assert seen_in(target / "s.tar").assets == whole.assets
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["s.tar"]


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
def test_nothing_is_left_behind_not_even_while_it_is_read(
    pack: Callable[[Path, Path], Path], demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = pack(demo_folder, tmp_path)
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(passing))
    collector = SnapshotCollector(packed)
    for _ in collector.collect(lambda: False):
        assert not list(passing.iterdir())


def test_links_in_a_folder_are_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    (folder / "api_v1_nodes.json.gz").rename(outside)
    (folder / "api_v1_nodes.json.gz").symlink_to(outside)
    assert not seen_in(folder).of("k8s.node")


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("all.json", b" " * (archive.MAX_RATIO * 50_000 + 1))
    with pytest.raises(Invalid, match="unpacks to far more"):
        SnapshotCollector(tmp_path / "bomb.zip").identify()


def test_more_files_than_any_cluster_has_lists_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILES", 3)
    for number in range(6):
        (tmp_path / f"{number}.json").write_text("{}")
    with pytest.raises(Invalid, match="more than 3 files"):
        SnapshotCollector(tmp_path).identify()


HEAD = '{"kind":"PodList","apiVersion":"v1","metadata":{}'


@pytest.mark.parametrize(
    "body",
    [
        HEAD + ',"items":[]}',
        HEAD + ' , "items" : [ {"a":1} , {"b":[1,2]} ] , "more":{"x":"]"} } ',
        '{"apiVersion":"v1","items":[{"a":"}]"}],"kind":"PodList"}',
        HEAD + ',"items":[' + ",".join('{"n":1}' for _ in range(25)) + "]}",
    ],
)
def test_slices_of_a_body_are_its_elements(body: str) -> None:
    whole = orjson.loads(body)
    parts = list(slices(body.encode(), 10))
    assert [one for _, items in parts for one in items] == whole.pop("items")
    assert parts[-1][0] == whole


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", HEAD, HEAD + "}", HEAD + ',"items":[', HEAD + ',"items":[{}', HEAD + ',"items":[{}]',
     HEAD + ',"items":[{},]}', HEAD + ',"items":[{}]}x', HEAD + ',"items":{}}', HEAD + ',"items":[{}] "x":1}', "\xff"],
)  # fmt: skip
def test_a_body_that_is_not_whole_is_never_taken_for_one(body: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        list(slices(body.encode("latin-1"), 10))
