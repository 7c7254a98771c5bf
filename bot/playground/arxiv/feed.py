"""Atom feeds of the fake arXiv, in the form in which its API answered in 2026."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

_NAMESPACES = (
    'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
    ' xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom"'
)


def page(
    arguments: Mapping[str, str], *, total: int, start: int, size: int, entries: Iterable[str]
) -> str:
    """Return a page of results: what was asked, and as much of the answer as fits."""
    address = f"https://arxiv.org/api/query?{urlencode(arguments)}"
    asked = "&".join(f"{name}={value}" for name, value in arguments.items())
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {_NAMESPACES}>\n"
        f"  <id>https://arxiv.org/api/{abs(hash(address)):x}</id>\n"
        f"  <title>arXiv Query: {escape(asked)}</title>\n"
        f"  <updated>{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}</updated>\n"
        f'  <link href={quoteattr(address)} type="application/atom+xml"/>\n'
        f"  <opensearch:itemsPerPage>{size}</opensearch:itemsPerPage>\n"
        f"  <opensearch:totalResults>{total}</opensearch:totalResults>\n"
        f"  <opensearch:startIndex>{start}</opensearch:startIndex>\n"
        f"{''.join(entries)}</feed>\n"
    )


def error(message: str) -> str:
    """Return the feed of one entry by which arXiv reports an error."""
    place = f"https://arxiv.org/api/errors#{re.sub(r'[^A-Za-z0-9.]+', '_', message)}"
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
