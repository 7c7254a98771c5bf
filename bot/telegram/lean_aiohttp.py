"""aiohttp without the certificates that it reads when it is imported, twice, for who names none.

That is 50 ms of a start and 3 MB. The transport names its own (`ssl=`); whoever forgot to would
find that nobody is trusted. Import it from here, and what imports it as well.
https://github.com/aio-libs/aiohttp/blob/v3.14.0/aiohttp/connector.py
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _no_certificates() -> Iterator[None]:
    # The method is inherited: what hides it for a moment is deleted, and it is there again.
    ssl.SSLContext.set_default_verify_paths = lambda _context: None  # type: ignore[assignment]
    try:
        yield
    finally:
        del ssl.SSLContext.set_default_verify_paths


with _no_certificates():
    import aiohttp
    import aiohttp_socks

__all__ = ["aiohttp", "aiohttp_socks"]
