"""TLS authorities: the list of whom to trust, read once for the whole process."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """Return whom httpx trusts: certifi's list, or the environment's; a megabyte and 40 ms.

    https://www.python-httpx.org/advanced/ssl/
    """
    return httpx.create_ssl_context()
