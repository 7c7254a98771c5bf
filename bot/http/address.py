"""Addresses: how they may be shown, and those that can't be listened on."""

from urllib.parse import urlsplit, urlunsplit


class CannotListenError(OSError):
    """An address that can't be listened on; `strerror` says why."""


def shown(url: str) -> str:
    """Return an address without what may be a key or a password in it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
