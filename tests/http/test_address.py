"""Addresses lose what nobody else may read."""

from bot.http.address import shown


def test_an_address_is_told_without_what_may_be_a_key() -> None:
    assert shown("https://user:secret@example.org:8443/arxiv/query?key=secret#secret") == (
        "https://example.org:8443/arxiv/query"
    )
