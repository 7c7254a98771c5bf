"""Proxies: HTTP and SOCKS, by the environment variables that curl, requests and httpx know.

Every library has its own reading of these variables. So they are read once, written back in the
one form that all of them understand, and this machine itself is never asked through a proxy.
"""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

_SCHEMES = {"http": "http", "https": "https", "socks5": "socks5h", "socks5h": "socks5h"}
"""SOCKS with names looked up by the proxy: where one is needed, names at home may be false."""

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def normalised(address: str) -> str:
    """Return a proxy's address as every library takes it; without a scheme it is http.

    Raises:
        ValueError: it is none; nothing of it is quoted, for it may hold a password.

    """
    message = "is not a proxy's address: http://, https:// or socks5://, a host and its port"
    parts = urlsplit(address if "://" in address else f"http://{address}")
    scheme = _SCHEMES.get(parts.scheme.lower())
    try:
        known = scheme and parts.hostname and (parts.port or parts.scheme.startswith("http"))
    except ValueError:  # a port that is no number
        known = None
    if not known or scheme is None:
        raise ValueError(message)
    return urlunsplit((scheme, parts.netloc, "", "", ""))


def use(proxies: Mapping[str, str | None]) -> None:
    """Let this process ask through these, named as in the environment: `https_proxy`, `no_proxy`.

    For clients that are made from now on. What is None stays as it is.
    """
    given = {name.lower(): value for name, value in proxies.items() if value}
    bypassed = [part.strip() for part in given.pop("no_proxy", "").split(",")]
    every = ",".join(dict.fromkeys([*filter(None, bypassed), *_THIS_MACHINE]))
    every = "*" if "*" in bypassed else every  # it means all hosts only where it stands alone
    for name, value in {**given, "no_proxy": every}.items() if given else ():
        # Both: each library prefers another.
        os.environ[name] = os.environ[name.upper()] = value


def proxy_for(url: str) -> str | None:
    """Return the proxy through which an address is asked; None: none."""
    parts = urlsplit(url)
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return normalised(found)


def without_password(proxy: str) -> str:
    """Return a proxy's address as it may be shown."""
    parts = urlsplit(proxy)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", ""))
