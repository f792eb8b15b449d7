"""Which IP addresses belong to the open internet: asked before anything is fetched from where somebody else chose."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_OWN = (ipaddress.IPv6Address("::"), ipaddress.IPv6Address("::1"))


def is_public(text: str) -> bool:
    """Whether an IP address is one of the open internet, also when it hides inside an IPv6 address."""
    ip = unwrapped(text)
    # Python counts both as global: site-local addresses (RFC 3879) and NAT64 inside one network (RFC 8215).
    if isinstance(ip, ipaddress.IPv6Address) and (ip.is_site_local or ip in _LOCAL_NAT64):
        return False
    return ip.is_global and not ip.is_multicast


def unwrapped(text: str) -> Address:
    """An IP address, or the IPv4 one that an IPv6 address stands for; ValueError when the text is none."""
    ip = ipaddress.ip_address(text.partition("%")[0])
    return (_inner(ip) if isinstance(ip, ipaddress.IPv6Address) else None) or ip


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Mapped, 6to4, Teredo, NAT64 (RFC 6052) or, long out of use, compatible."""
    if ip in _NAT64 or (ip in _COMPATIBLE and ip not in _OWN):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
