"""Session of requests to arXiv: the key, and redirects within arXiv alone.

Imported when arXiv is first asked, because of what requests brings along.
"""

import re
from urllib.parse import urljoin, urlsplit

import requests

from bot.http.client import USER_AGENT
from bot.http.deadline import Session

_MAX_REDIRECTS = 3
_OF_ARXIV = re.compile(r"(?:[\w-]+\.)*arxiv\.org")


class ArxivSession(Session):
    """Follows redirects within arXiv over https, or within a server of one's own."""

    def __init__(self, key: str | None) -> None:
        super().__init__()
        self.headers["User-Agent"] = USER_AGENT
        self.max_redirects = _MAX_REDIRECTS
        if key:
            self.auth = _Key(key)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where an answer leads to, None where it is the last."""
        target = super().get_redirect_target(resp)
        return target if target and _may_follow(resp.url, urljoin(resp.url, target)) else None


def _may_follow(url: str, target: str) -> bool:
    """Say whether a redirect stays where it was asked: nobody else's word is arXiv's."""
    here, there = urlsplit(url), urlsplit(target)
    if here.hostname == there.hostname and there.scheme in {here.scheme, "https"}:
        return True
    return there.scheme == "https" and all(
        _OF_ARXIV.fullmatch(parts.netloc) for parts in (here, there)
    )


class _Key(requests.auth.AuthBase):
    """The key in every request; the session takes it out where a redirect leads to another host.

    How arXiv will want it is not said yet. This is the standard way (RFC 6750), and the one of
    arXiv's API for submissions: https://github.com/arXiv/arxiv-submission-core.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request
