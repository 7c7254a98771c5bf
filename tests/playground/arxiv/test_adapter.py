import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.arxiv.adapter import adapted

PIECES = st.sampled_from(
    [
        *("ti:", "au:", "all:", "title:", "submittedDate:", "lastUpdatedDate:", "(", ")", '"', " "),
        *("AND", "OR", "ANDNOT", "NOT", "a", "b_c", "x-y", "*", "[202513 TO 2025]", "\n", "é"),
    ]
)


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("attention", "all:attention"),
        ("attention heads", "all:attention OR all:heads"),
        ("ti:a au:b", "ti:a OR au:b"),
        ("ti:a (au:b)", "ti:a OR (au:b)"),
        ("title:a", "ti:a"),
        ("foo:a", "all:foo:a"),
        ("ti:(a b OR c)", "(ti:a OR ti:b OR ti:c)"),
        ("ti:(a abs:b)", "(ti:a OR abs:b)"),
        ("ti:au:(a)", "OR (all:a)"),
        ("ti:a NOT ti:b", "ti:a ANDNOT ti:b"),
        ("ti:a AND NOT ti:b", "ti:a ANDNOT ti:b"),
        ("ti:a AND NOT NOT ti:b", "ti:a NOT ti:b"),
        ("ti:a OR AND ti:b", "ti:a AND ti:b"),
        ('ti:"a', "ti:a"),
        ('ti:"a b"c', 'ti:"a b" OR all:c'),
        ('ti:a AND"b"', 'ti:a AND all:"b"'),
        ("ti:and", "ti:and"),
        ("ti:AND", "AND"),
        ("ti:\na", "ti:a"),
        ("au:lecun_y", 'au:"lecun y"'),
        ('au:"lecun_y"', 'au:"lecun y"'),
        ("au:lecun_y AND ti:a", 'au:"lecun y" AND ti:a'),
        ("ti:a AND au:lecun_y", "ti:a AND au:lecun_y"),
        ("au:a_b OR au:c_d", 'au:"a b" OR au:c_d'),
        ("submittedDate:[2025 TO 2025]", 'submittedDate:"202501010000 TO 202512312359"'),
        ("submittedDate:[202502 TO 202502]", 'submittedDate:"202502010000 TO 202502282359"'),
        ("submittedDate:[20250203 TO 20250204]", 'submittedDate:"202502030000 TO 202502042359"'),
        (
            "submittedDate:[20250203040506 TO 202502042211]",
            'submittedDate:"202502030405 TO 202502042211"',
        ),
        ("lastUpdatedDate:[2025 TO 2025]", 'submittedDate:"202501010000 TO 202512312359"'),
        ("submittedDate:[202513 TO 202514]", 'submittedDate:"202513010000 TO 202514"'),
        ("submittedDate:[2025 TO *]", "submittedDate:[2025 OR all:TO OR all:*]"),
        ("", None),
        (" \n", None),
        ("ti:", None),
        ('"', None),
    ],
)
def test_a_query_is_mended_as_arxiv_mends_it(query: str, read: str | None) -> None:
    assert adapted(query) == read


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_query_is_too_odd_to_be_read(query: str) -> None:
    read = adapted(query)
    assert read is None or read == read.strip() != ""
