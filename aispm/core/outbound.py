"""Which addresses we connect to when somebody else names them: clusters, gateways, proxies, receivers of messages.

Refused for everybody: the metadata services of clouds, link-local, multicast and unspecified addresses. Loopback is
allowed where AISPM_ALLOW_LOOPBACK is on. `check_url` resolves names before each use, so that people are told what is
wrong; `guarded` looks at every connection that was made, so that a name that changes in between leads nowhere.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import NewConnectionError

from aispm.core.errors import Invalid, TransientError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Metadata and host services that clouds answer at addresses outside the link-local range.
METADATA = frozenset(
    ipaddress.ip_address(one)
    for one in ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)
SHARED = ipaddress.ip_network("100.64.0.0/10")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
NAT64_OWN = ipaddress.ip_network("64:ff9b:1::/48")  # each network chooses where in it the IPv4 address stands
PREFIXES = (48, 56, 64)
COMPATIBLE = ipaddress.ip_network("::/96")
PORTS = {"http": 80, "https": 443}
NEVER = ", which is never connected to"


def check_url(url: str, *, allow_private: bool, where: str = "", must_resolve: bool = True) -> None:
    """Refuses with Invalid what must not be called; TransientError when the name cannot be resolved now.

    `allow_private`: whether private and loopback addresses are what people normally mean (a cluster, a gateway).
    `must_resolve` is off when a proxy does the resolving.
    """
    parts = check_form(url, where=where)
    try:
        addresses = _addresses(str(parts.hostname), parts.port or PORTS[parts.scheme])
    except OSError as error:
        if not must_resolve:
            return
        raise TransientError(f"The name {parts.hostname} cannot be resolved: {error.strerror or error}.") from error
    for address in addresses:
        reason = _refused(address, allow_private=allow_private)
        if reason:
            shown = parts.hostname if parts.hostname == str(address) else f"{parts.hostname} ({address})"
            raise Invalid(f"{shown} is {reason}. Give another address.", where=where)


def check_form(url: str, *, where: str = "") -> SplitResult:
    """The parts of an http or https address; Invalid when it is not one. Nothing is resolved."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(character.isspace() or ord(character) < 32 for character in url):
        raise Invalid(f"{url[:100]!r} is not an address: write it as https://host or https://host:port.", where=where)
    if parts.username or parts.password:
        raise Invalid(f"The address of {parts.hostname} holds a user name or a password. Remove them.", where=where)
    return parts


def guarded(pools: Mapping[str, type[HTTPConnectionPool]]) -> dict[str, type[HTTPConnectionPool]]:
    """The same kinds of connections, but those that lead to a refused address end before anything is sent."""
    return {
        scheme: type(pool.__name__, (pool,), {"ConnectionCls": type("Guarded", (_Guarded, pool.ConnectionCls), {})})
        for scheme, pool in pools.items()
    }


class _Guarded(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        peer = ipaddress.ip_address(str(made.getpeername()[0]).partition("%")[0])
        reason = _refused(peer, allow_private=True)
        if reason:
            made.close()
            raise NewConnectionError(self, f"{peer} is {reason}")
        return made


def _addresses(host: str, port: int) -> Sequence[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise OSError(f"{error}") from error
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _refused(address: Address, *, allow_private: bool) -> str:
    """Why the address is not called; empty when it may be."""
    reasons = (_refused_as(meant, allow_private=allow_private) for meant in _meant(address))
    return next((reason for reason in reasons if reason), "")


def _refused_as(address: Address, *, allow_private: bool) -> str:
    if address in METADATA or address.is_link_local:
        return f"a link-local address or a cloud's metadata service{NEVER}"
    if address.is_multicast or address.is_unspecified:
        return f"the address of no single machine{NEVER}"
    if address.is_loopback:
        if not allow_private:
            return f"this machine itself{NEVER}"
        return "" if settings.AISPM_ALLOW_LOOPBACK else "this machine itself, and AISPM_ALLOW_LOOPBACK is off"
    if not allow_private and (address.is_private or address.is_reserved or address in SHARED):
        return f"an address of a private network{NEVER}"
    return ""


def _meant(address: Address) -> Sequence[Address]:
    """What an address leads to: the IPv4 addresses that an IPv6 one may stand for, where it stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in NAT64:
        return [low]
    if address in NAT64_OWN:
        return [address, *(one for one in (low, *_embedded(address)) if int(one) >> 24)]
    if address in COMPATIBLE and int(address) > 1:
        return [low]
    return [address.ipv4_mapped or address.sixtofour or address]


def _embedded(address: ipaddress.IPv6Address) -> Sequence[ipaddress.IPv4Address]:
    """After a prefix of 48, 56 or 64 bits; the octet from bit 64 on is left out (RFC 6052)."""
    bits = (int(address) >> 64) << 56 | int(address) & (1 << 56) - 1
    return [ipaddress.IPv4Address(bits >> (120 - 32 - length) & 0xFFFFFFFF) for length in PREFIXES]
