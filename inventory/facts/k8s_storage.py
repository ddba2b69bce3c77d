"""Whether volumes are encrypted at rest, as far as the cluster tells."""

from __future__ import annotations

from inventory.documents import Unknown
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.k8s_network import spec_of
from inventory.facts.k8s_pod import TEMPLATES, kind_and_name
from inventory.facts.k8s_security import writable_claims
from inventory.facts.registry import fact
from inventory.kinds import expand
from inventory.recognition.workloads import mapping, text

# Providers that encrypt every disk with keys of their own, whatever the class says.
_ALWAYS = ("pd.csi.storage.gke.io", "filestore.csi.storage.gke.io", "disk.csi.azure.com", "file.csi.azure.com")
_BY_PARAMETER = ("ebs.csi.aws.com", "kubernetes.io/aws-ebs")
_LOCAL = ("kubernetes.io/no-provisioner", "rancher.io/local-path", "docker.io/hostpath", "k8s.io/minikube-hostpath")
CLAIM = "k8s.persistent_volume_claim"
_LOOKS_AT = ("k8s.storage_class", "k8s.persistent_volume")


@fact("encrypted_at_rest", kinds=(CLAIM,), looks_at=_LOOKS_AT, title="Encrypted at rest")
def encrypted_at_rest(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the volume behind the claim is encrypted by its storage class or provider."""
    volumes = [target for target in estate.out(node, "bound_to") if not isinstance(target, Dangling)]
    for volume in volumes:
        spec = spec_of(volume)
        if mapping(spec.get("hostPath")) or mapping(spec.get("local")):
            return False
    name = text(spec_of(node).get("storageClassName"))
    if not name:
        return Unknown("The claim names no storage class.")
    known = estate.get("k8s.storage_class", name)
    if known is None:
        if estate.complete("k8s.storage_class"):
            return Unknown(f"There is no storage class {name}.")
        return Unknown("Not every storage class could be read.")
    return _by_class(known)


@fact("written_by", kinds=(CLAIM,), looks_at=(*TEMPLATES, "k8s.persistent_volume"), title="Workloads that can write it")
def written_by(node: Node, estate: Estate) -> list[str] | Unknown:
    """Whoever mounts it for writing, also by another claim on the same storage."""
    if not estate.complete("k8s.workload"):
        return Unknown("Not every workload could be read.")
    unread = estate.read.unread(TEMPLATES)
    if unread is not None:
        return unread
    claims = [node, *shared_claims(node, estate)]
    return sorted({kind_and_name(user) for claim in claims for user in _writers(claim, estate)})


@fact("shared_with", kinds=(CLAIM,), looks_at=("k8s.persistent_volume", CLAIM), title="Claims on the same storage")
def shared_with(node: Node, estate: Estate) -> list[str] | Unknown:
    """Claims, by namespace and name, that are bound to another volume with the same storage behind it."""
    if not estate.complete("k8s.persistent_volume"):
        return Unknown("Not every persistent volume could be read.")
    return sorted(claim.external_id for claim in shared_claims(node, estate))


def shared_claims(node: Node, estate: Estate) -> list[Node]:
    """The other claims whose volumes keep their data in the same place."""
    own = {place for volume in estate.out_nodes(node, "bound_to") if (place := _storage_of(volume))}
    volumes = estate.once("volumes by storage", lambda: _by_storage(estate)) if own else {}
    claims = [claim for place in own for volume in volumes.get(place, ()) for claim in estate.into(volume, "bound_to")]
    return [claim for claim in claims if claim.identity != node.identity]


def _by_storage(estate: Estate) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for volume in estate.all("k8s.persistent_volume"):
        found.setdefault(_storage_of(volume), []).append(volume)
    return found


def _storage_of(volume: Node) -> str:
    """Where a volume keeps its data, as far as it says so."""
    spec = spec_of(volume)
    csi, nfs = mapping(spec.get("csi")), mapping(spec.get("nfs"))
    if text(csi.get("volumeHandle")):
        return f"{text(csi.get('driver'))} {csi['volumeHandle']}"
    return f"nfs {text(nfs.get('server'))}:{text(nfs.get('path'))}" if nfs else ""


def _writers(claim: Node, estate: Estate) -> list[Node]:
    users = [user for user in estate.into(claim, "mounts") if user.kind in expand(*TEMPLATES)]
    return [user for user in users if claim.name in writable_claims(user)]


def _by_class(storage: Node) -> bool | Unknown:
    provisioner = text(storage.config.get("provisioner"))
    parameters = mapping(storage.config.get("parameters"))
    if provisioner in _ALWAYS:
        return True
    if provisioner in _BY_PARAMETER:
        if text(parameters.get("encrypted")).lower() == "true" or text(parameters.get("kmsKeyId")):
            return True
        if text(parameters.get("encrypted")).lower() == "false":
            return False
        return Unknown("The class does not say; the account may encrypt new volumes by default.")
    if provisioner in _LOCAL:
        return False
    return Unknown(f"How {provisioner or 'this provisioner'} encrypts is not told by the cluster.")
