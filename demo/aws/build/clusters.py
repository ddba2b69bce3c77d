"""Who gets into clusters and accounts: EKS access entries, pod identities and add-ons; Identity Center."""

from __future__ import annotations

from demo.aws.build.site import Site

POLICIES = "arn:aws:eks::aws:cluster-access-policy"


def addon(site: Site, cluster: str, name: str, status: str = "ACTIVE") -> None:
    made = site.made_uuid("addon", cluster, name)
    document = {
        "addonName": name,
        "clusterName": cluster,
        "status": status,
        "addonVersion": "v1.3.8-eksbuild.2",
        "health": {"issues": []},
        "addonArn": site.arn("eks", f"addon/{cluster}/{name}/{made}"),
        "createdAt": site.now(),
    }
    site.put("eks.addon", document)


def pod_identity(site: Site, cluster: str, account: str, role: str) -> None:
    """Pods of a service account (`namespace/name`) take a role."""
    namespace, _, name = account.partition("/")
    made = f"a-{site.made_id('association', cluster, account, size=17).lower()}"
    document = {
        "clusterName": cluster,
        "namespace": namespace,
        "serviceAccount": name,
        "roleArn": role,
        "associationArn": site.arn("eks", f"podidentityassociation/{cluster}/{made}"),
        "associationId": made,
        "createdAt": site.now(),
        "modifiedAt": site.now(),
    }
    site.put("eks.pod_identity_association", document)


def access_entry(site: Site, cluster: str, principal: str, policy: str, *namespaces: str) -> None:
    """Somebody gets into the cluster with one of AWS's access policies, in these namespaces or everywhere."""
    made = site.made_uuid("entry", cluster, principal)
    document = {
        "clusterName": cluster,
        "principalArn": principal,
        "kubernetesGroups": [],
        "accessEntryArn": site.arn("eks", f"access-entry/{cluster}/{made}"),
        "createdAt": site.now(),
        "username": principal,
        "type": "STANDARD",
    }
    site.put("eks.access_entry", document)
    scope = {"type": "namespace", "namespaces": list(namespaces)} if namespaces else {"type": "cluster"}
    granted = {"policyArn": f"{POLICIES}/{policy}", "accessScope": scope, "associatedAt": site.now()}
    site.put("eks.access_policy", {"_clusterName": cluster, "_principalArn": principal, **granted})


def identity_center(site: Site, **sets: tuple[str, ...]) -> None:
    """The company's Identity Center with permission sets: name → managed policies of AWS."""
    instance = "arn:aws:sso:::instance/ssoins-7223a4b5c6d7e8f9"
    document = {
        "InstanceArn": instance,
        "IdentityStoreId": "d-9067aa11bb",
        "OwnerAccountId": site.account,
        "Name": "halden",
        "Status": "ACTIVE",
    }
    site.put("sso.instance", document)
    for name, policies in sets.items():
        arn = f"{instance.replace('instance', 'permissionSet')}/ps-{site.made_id('set', name, size=16).lower()}"
        site.put("sso.permission_set", {"PermissionSetArn": arn, "Name": name, "SessionDuration": "PT4H"})
        for policy in policies:
            held = {"Name": policy, "Arn": f"arn:aws:iam::aws:policy/{policy}"}
            site.put("sso.managed_policy", {"_PermissionSetArn": arn, **held})
