"""Whether volumes are encrypted at rest, as far as the cluster tells."""

from __future__ import annotations

from inventory.documents import Unknown
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.k8s_network import spec_of
from inventory.facts.registry import fact
from inventory.recognition.workloads import mapping, text

# Providers that encrypt every disk with keys of their own, whatever the class says.
_ALWAYS = ("pd.csi.storage.gke.io", "filestore.csi.storage.gke.io", "disk.csi.azure.com", "file.csi.azure.com")
_BY_PARAMETER = ("ebs.csi.aws.com", "kubernetes.io/aws-ebs")
_LOCAL = ("kubernetes.io/no-provisioner", "rancher.io/local-path", "docker.io/hostpath", "k8s.io/minikube-hostpath")
_LOOKS_AT = ("k8s.storage_class", "k8s.persistent_volume")


@fact("encrypted_at_rest", kinds=("k8s.persistent_volume_claim",), looks_at=_LOOKS_AT, title="Encrypted at rest")
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
