"""Atom feeds of the fake arXiv, in the form in which its API answered in 2026."""

from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha1
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

_NAMESPACES = (
    'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
    ' xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom"'
)


def page(*, query: str, ids: str, total: int, start: int, size: int, entries: Iterable[str]) -> str:
    """Return a page of results: the query as it was read, and as much of the answer as fits."""
    asked = {"search_query": query, "id_list": ids, "start": start, "max_results": size}
    told = "&".join(f"{name}={value}" for name, value in asked.items())
    digest = b64encode(sha1(told.encode(), usedforsecurity=False).digest()).decode().rstrip("=")
    linked = {"search_query": query, "start": start, "max_results": size, "id_list": ids}
    address = f"https://arxiv.org/api/query?{urlencode(linked, safe=':')}"
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {_NAMESPACES}>\n"
        f"  <id>https://arxiv.org/api/{digest}</id>\n"
        f"  <title>arXiv Query: {escape(told)}</title>\n"
        f"  <updated>{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}</updated>\n"
        f'  <link href={quoteattr(address)} type="application/atom+xml"/>\n'
        f"  <opensearch:itemsPerPage>{size}</opensearch:itemsPerPage>\n"
        f"  <opensearch:totalResults>{total}</opensearch:totalResults>\n"
        f"  <opensearch:startIndex>{start}</opensearch:startIndex>\n"
        f"{''.join(entries)}</feed>\n"
    )


def error(message: str, place: str) -> str:
    """Return the feed of one entry by which arXiv reports an error."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {_NAMESPACES}>\n"
        "  <id>https://arxiv.org/</id>\n  <title>arXiv Search Results</title>\n"
        f"  <updated>{now}</updated>\n"
        "  <opensearch:itemsPerPage>1</opensearch:itemsPerPage>\n"
        "  <opensearch:totalResults>1</opensearch:totalResults>\n"
        "  <opensearch:startIndex>0</opensearch:startIndex>\n"
        f"  <entry>\n    <id>{place}</id>\n    <title>Error</title>\n"
        f"    <updated>{now}</updated>\n"
        f'    <link href="{place}" rel="alternate" type="text/html"/>\n'
        f"    <summary>{escape(message)}</summary>\n"
        "    <author>\n      <name>arXiv api core</name>\n    </author>\n  </entry>\n</feed>\n"
    )
