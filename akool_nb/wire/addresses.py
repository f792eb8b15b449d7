"""Addresses: which are public, which proxy and which certificates a request to one uses.

`proxy_for` and `ca_file` are the one rule for API calls, pictures, the watchdog, the sandbox's fetcher and `doctor`.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from akool_nb.errors import CertificateError, TransportError
from akool_nb.wire import pasted
from akool_nb.wire.redact import Secret

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

Proxies = str | Mapping[str, str]
"""One proxy for all addresses, or one for each scheme: {"https": "http://proxy:3128"}. Empty: no proxy."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_OWN = (ipaddress.IPv6Address("::"), ipaddress.IPv6Address("::1"))

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def is_public(text: str) -> bool:
    """Whether an IP address is one of the open internet, also when it is inside an IPv6 address."""
    ip = unwrapped(text)
    # Python counts both as global: site-local addresses (RFC 3879) and NAT64 inside one network (RFC 8215).
    if isinstance(ip, ipaddress.IPv6Address) and (ip.is_site_local or ip in _LOCAL_NAT64):
        return False
    return ip.is_global and not ip.is_multicast


def unwrapped(text: str) -> Address:
    """An IP address, or the IPv4 one inside an IPv6 address; ValueError when the text is none."""
    ip = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        return _inner(ip) or ip
    return ip


def is_ip(host: str) -> bool:
    """Whether a host is given by its IP address and not by a name."""
    try:
        unwrapped(host)
    except ValueError:
        return False
    return True


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    return (urlsplit(url).hostname or "") in LOOPBACK


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def host_of(url: str) -> str:
    """Host and port of an address, without a name and a password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def base_address(text: str, name: str) -> str:
    """The address of a service, cleaned of what pasting added; TransportError says what is wrong with `name`.

    It is https, or http on this machine: anything else would send credentials that others can read.
    """
    address = pasted.visible(pasted.cleaned(text)).rstrip("/")
    if wrong := pasted.first_wrong(address, lambda character: character.isascii() and "!" <= character <= "~"):
        raise TransportError(f"{name} holds {wrong}. Copy the address again.")
    if "://" not in address:
        address = f"https://{address}"
    parts = _parts(address, name)
    if parts.username is not None or parts.password is not None:
        raise TransportError(f"{name} holds a user name or a password. Pass credentials by their own arguments.")
    if parts.query or parts.fragment:
        raise TransportError(f"{name} holds a query or a fragment. Leave out everything from '?' or '#' on.")
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(address)):
        return address
    raise TransportError(f"{name} begins with {parts.scheme}://, so that others could read credentials. Use https.")


def proxy_for(url: str, proxies: Proxies | None = None) -> Secret | None:
    """The proxy for an address, None for a direct connection; never one for this machine.

    It is the one named in `proxies`; without that argument the environment decides (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY,
    NO_PROXY, and what the system's settings say). TransportError for one that cannot be used. The proxy's address may
    hold a password.
    """
    if is_loopback(url):
        return None
    if proxies is None:
        return _usable(*_of_environment(url))
    scheme = urlsplit(url).scheme
    named = proxies if isinstance(proxies, str) else proxies.get(scheme) or proxies.get("all")
    return _usable(named, "proxies")


def checked_proxies(proxies: Proxies | None) -> dict[str, Secret] | None:
    """The `proxies` argument, kept as secrets; TypeError or TransportError for one that cannot be used."""
    if proxies is None:
        return None
    if isinstance(proxies, str):
        proxies = {"all": proxies}
    if not isinstance(proxies, Mapping) or not all(isinstance(one, str) for pair in proxies.items() for one in pair):
        raise TypeError('proxies is an address or {"https": "http://proxy:3128"}; {} is for no proxy.')
    usable = {scheme: _usable(proxy, "proxies") for scheme, proxy in proxies.items()}
    return {scheme: proxy for scheme, proxy in usable.items() if proxy}


def ca_file(named: str | os.PathLike[str] | None = None) -> str | None:
    """The file or folder of certificates that is named on purpose, by the argument or the environment; else None.

    CertificateError when it is not there. Without one, requests' own certificates are used.
    """
    if named is not None:
        return _existing(named, "ca")
    for variable in _CA_VARIABLES:
        if path := os.environ.get(variable):
            return _existing(path, variable)
    return None


def _existing(path: str | os.PathLike[str], name: str) -> str:
    full = Path(path).expanduser()
    if full.exists():
        return str(full)
    error = CertificateError(f"{name} names a certificate file that does not exist: {full.name}.")
    error.advice = "Check the path."
    raise error


def _of_environment(url: str) -> tuple[str | None, str]:
    """The environment's proxy for an address, and the name of the setting that it comes from."""
    import urllib.request  # here, because the sandbox's process needs neither of the two at its start

    if not urllib.request.getproxies():
        return None, ""
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(url, get_environ_proxies(url))
    names = [name for name, value in os.environ.items() if value == proxy and name.lower().endswith("_proxy")]
    return proxy, next(iter(sorted(names)), "the system's proxy setting")


def _usable(proxy: str | None, name: str) -> Secret | None:
    """A proxy that can be used; TransportError names the setting, but not its value, which may hold a password."""
    address = pasted.cleaned(Secret(proxy or "").reveal())
    if not address:
        return None
    if "://" not in address:
        address = f"http://{address}"
    parts = _parts(address, name)
    if parts.scheme.startswith("socks"):
        raise TransportError(
            f"{name} names a SOCKS proxy, which is not supported. Name an http proxy in HTTPS_PROXY, or except the "
            "host in NO_PROXY."
        )
    if parts.scheme not in ("http", "https"):
        raise TransportError(f"{name} names a proxy of an unknown kind. Its address begins with http:// or https://.")
    if parts.query or parts.fragment or parts.path not in ("", "/"):
        raise TransportError(_unreadable(name))
    return Secret(address)


def _parts(address: str, name: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        is_readable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_readable = False
    if not is_readable:
        raise TransportError(_unreadable(name))
    return parts


def _unreadable(name: str) -> str:
    return (
        f"{name} holds an address that cannot be read. It looks like https://host:port; in a name or a password, "
        "write # as %23, / as %2F and @ as %40."
    )


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Mapped, 6to4, Teredo, NAT64 (RFC 6052) or compatible, which is long out of use."""
    if ip in _NAT64 or (ip in _COMPATIBLE and ip not in _OWN):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.teredo:
        return ip.teredo[1]
    return ip.ipv4_mapped or ip.sixtofour
