"""The proxies that the environment names.

httpx reads them too, and fails at a ``NO_PROXY`` with networks of IPv6, and at a proxy that it can't use even if
``NO_PROXY`` covers the service.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from typing import Final
from urllib.request import getproxies

import httpx

MAX_PORT: Final = 65535


def environment_proxies(service: str) -> dict[str, tuple[str, str] | None]:
    """Return the proxies by httpx's URL patterns, each with its variable; ``None`` for a direct connection.

    Args:
        service: The address of the service, which a network of ``NO_PROXY`` may cover.
    """
    named = getproxies()
    proxies: dict[str, tuple[str, str] | None] = {
        f"{scheme}://": (_variable(scheme), url if "://" in url else f"http://{url}")
        for scheme in ("http", "https", "all")
        if (url := named.get(scheme, "").strip())
    }
    exceptions = [entry.strip() for entry in named.get("no", "").split(",") if entry.strip()]
    if not proxies or "*" in exceptions:
        return {}
    return proxies | {pattern: None for entry in exceptions for pattern in _patterns(entry, service)}


def _variable(scheme: str) -> str:
    names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    return next((name for name in names if os.environ.get(name)), "the system's proxy settings")


def _patterns(entry: str, service: str) -> Iterator[str]:
    """Yield the URL pattern of an entry of ``NO_PROXY``, if any address can match it."""
    try:
        network = ipaddress.ip_network(entry.strip("[]").partition("%")[0], strict=False)
    except ValueError:
        host = entry.removeprefix("*")
        # A name covers its subdomains, one with a leading dot only these.
        pattern = entry if "://" in entry else f"all://{host}" if host.lower() == "localhost" else f"all://*{host}"
    else:
        address = network.network_address if network.num_addresses == 1 else _address_within(network, service)
        if address is None:
            return
        pattern = f"all://[{address}]" if network.version == 6 else f"all://{address}"
    try:
        httpx.URL(pattern)
    except (httpx.InvalidURL, ValueError):
        return  # no address can match it
    yield pattern


def _address_within(network: ipaddress.IPv4Network | ipaddress.IPv6Network, service: str) -> object:
    try:
        address = ipaddress.ip_address(httpx.URL(service).host)
    except ValueError:
        return None
    return address if address in network else None
