"""Formatted text, read the way Telegram reads it."""

import html

import pytest
from aiogram.types import MessageEntity
from aiogram.utils.text_decorations import html_decoration
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.playground.telegram.autolinks import autolinks
from bot.playground.telegram.entities import (
    FormattedText,
    checked_url,
    formatted,
    given_entities,
    utf16_length,
)
from bot.playground.telegram.html_mode import parse_html
from bot.playground.telegram.nesting import Entity
from bot.playground.telegram.refusal import Refusal


def _read(source: str) -> FormattedText:
    return formatted(*parse_html(source))


def _seen(source: str) -> list[tuple[str, str]]:
    """Return (type, the text under it) for every entity."""
    result = _read(source)
    raw = result.text.encode("utf-16-le")
    return [
        (entity.type, raw[entity.offset * 2 : entity.end * 2].decode("utf-16-le"))
        for entity in result.entities
    ]


@pytest.mark.parametrize(
    ("source", "text", "seen"),
    [
        # https://core.telegram.org/bots/api#html-style
        ("<b>bold</b>, <strong>bold</strong>", "bold, bold", [("bold", "bold")] * 2),
        ("<i>italic</i>, <em>italic</em>", "italic, italic", [("italic", "italic")] * 2),
        ("<u>under</u>, <ins>under</ins>", "under, under", [("underline", "under")] * 2),
        (
            "<s>s</s>, <strike>t</strike>, <del>u</del>",
            "s, t, u",
            [("strikethrough", "s"), ("strikethrough", "t"), ("strikethrough", "u")],
        ),
        (
            '<span class="tg-spoiler">a</span>, <tg-spoiler>b</tg-spoiler>',
            "a, b",
            [("spoiler", "a"), ("spoiler", "b")],
        ),
        (
            "<b>bold <i>italic bold <s>struck</s></i> bold</b>",
            "bold italic bold struck bold",
            [
                ("bold", "bold italic bold struck bold"),
                ("italic", "italic bold struck"),
                ("strikethrough", "struck"),
            ],
        ),
        ('<a href="http://www.example.com/">URL</a>', "URL", [("text_link", "URL")]),
        ('<a href="tg://user?id=123456789">user</a>', "user", [("text_mention", "user")]),
        (
            '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
            "👍",
            [("custom_emoji", "👍")],
        ),
        ("<code>fixed-width</code>", "fixed-width", [("code", "fixed-width")]),
        ("<pre>block</pre>", "block", [("pre", "block")]),
        (
            '<pre><code class="language-python">x = 1</code></pre>',
            "x = 1",
            [("pre", "x = 1")],
        ),
        ("<blockquote>a\nb</blockquote>", "a\nb", [("blockquote", "a\nb")]),
        (
            "<blockquote expandable>a\nb</blockquote>",
            "a\nb",
            [("expandable_blockquote", "a\nb")],
        ),
        (
            '<blockquote expandable="">a</blockquote>',
            "a",
            [("expandable_blockquote", "a")],
        ),
        ('<tg-time unix="1647531900" format="wDT">soon</tg-time>', "soon", [("date_time", "soon")]),
        # what that page leaves open
        ("<B>x</b >", "x", [("bold", "x")]),
        ("<b>x</>", "x", [("bold", "x")]),
        ("a <b></b>b", "a b", []),
        ("<b> x </b>", "x", [("bold", "x")]),
        ("  <b>x</b>\n\n", "x", [("bold", "x")]),
        ("&lt;b&gt; &amp;amp; &quot;&#65;&#x42;&quot;", '<b> &amp; "AB"', []),
        ("&nbsp;&copy;&apos; AT&T &lt x &#; &#0;", "&nbsp;&copy;&apos; AT&T < x &#; &#0;", []),
        ("&#128512; <b>&#x1F600;</b>", "😀 😀", [("bold", "😀")]),
        ("&#xD83D;&#xDE00;", "😀", []),
        ("a > b & c", "a > b & c", []),
        ("<code>a <b>b</b></code>", "a b", [("code", "a b")]),
        ("<b>a <code>b</code> c</b>", "a b c", [("bold", "a "), ("code", "b"), ("bold", "c")]),
        ("<b>a<b>b</b></b>", "ab", [("bold", "ab")]),
        (
            '<a href="https://a.org">x <a href="https://b.org">y</a></a>',
            "x y",
            [("text_link", "x y")],
        ),
        ('<a href="nowhere">x</a>', "x", []),
        ('<a href="http://localhost:80/">x</a>', "x", []),
        ('<a href="example.org">x</a>', "x", [("text_link", "x")]),
        ("<a>example.org</a>", "example.org", [("text_link", "example.org")]),
        (
            "see https://arxiv.org/abs/1.2.",
            "see https://arxiv.org/abs/1.2.",
            [("url", "https://arxiv.org/abs/1.2")],
        ),
        ("cs.CV", "cs.CV", [("url", "cs.CV")]),
        ("<code>cs.CV</code>", "cs.CV", [("code", "cs.CV")]),
        ("x\0".replace("\0", "\t") + "y\r\nz\u2028", "x y\nz", []),
    ],
)
def test_html_becomes_what_telegram_shows(
    source: str, text: str, seen: list[tuple[str, str]]
) -> None:
    assert _read(source).text == text
    assert _seen(source) == seen


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("<x>y</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("é <p>", 'Unsupported start tag "p" at byte offset 3'),
        ("a < b > c", 'Unsupported start tag "" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0'),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("1 <2", "Unclosed start tag at byte offset 2"),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ('<a ="x">', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x_y>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</i>", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        (
            "<b><i>x</b></i>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ('<tg-emoji emoji-id="x">👍</tg-emoji>', "Invalid custom emoji identifier specified"),
        (
            "&#xD83D;",
            (
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            ),
        ),
        ("\0", "Text must not contain null bytes"),
    ],
)
def test_bad_html_is_refused_in_telegrams_words(source: str, problem: str) -> None:
    with pytest.raises(Refusal) as raised:
        parse_html(source)
    assert raised.value.description == f"Bad Request: can't parse entities: {problem}"


def test_offsets_are_counted_in_utf16_units() -> None:
    [entity] = _read("😀😀<b>x</b>").entities
    assert (entity.offset, entity.length) == (4, 1)


def test_a_block_of_code_keeps_its_language_and_inline_code_does_not() -> None:
    block = '<pre><code class="language-rust">x</code></pre>'
    assert _read(block).as_json() == [{"type": "pre", "offset": 0, "length": 1, "language": "rust"}]
    inline = '<code class="language-rust">x</code>'
    assert _read(inline).as_json() == [{"type": "code", "offset": 0, "length": 1}]
    turned = '<code class="language-rust"><pre>x</pre></code>'
    assert _read(turned).as_json() == _read(block).as_json()


def test_only_the_first_hundred_entities_stay_and_links_go_before_styles() -> None:
    source = "<i>i</i> " + '<a href="https://a.org/">x</a> ' * 100 + "<b>b</b>"
    kept = [entity.type for entity in _read(source).entities]
    assert kept == ["text_link"] * 100


@pytest.mark.parametrize("blank", ["", " ", "\n\n", "<b> </b>", "\r", "\u2028"])
def test_a_text_of_nothing_is_refused(blank: str) -> None:
    with pytest.raises(Refusal, match="text must be non-empty"):
        _read(blank)
    assert formatted(*parse_html(blank), may_be_empty=True) == FormattedText("")


def test_half_a_character_is_refused() -> None:
    with pytest.raises(Refusal, match="strings must be encoded in UTF-8"):
        formatted("\ud83d")


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://arxiv.org", "https://arxiv.org/"),
        ("HTTPS://arXiv.org/abs/1", "https://arXiv.org/abs/1"),
        ("arxiv.org/abs/1?x=a#b", "http://arxiv.org/abs/1?x=a#b"),
        ("tg://resolve?domain=x", "tg://resolve?domain=x"),
        ("ftp://arxiv.org/", None),
        ("javascript:alert(1)", None),
        ("mailto:a@b.org", None),
        ("https://", None),
        ("https://a b.org", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_links_are_stored_as_telegram_stores_them(url: str, stored: str | None) -> None:
    assert checked_url(url) == stored


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start now", ["bot_command:/start"]),
        ("/digest@paperboy_bot", ["bot_command:/digest@paperboy_bot"]),
        ("and/or 1/2 </x>", []),
        ("ask @paperboy_bot or a@b.org", ["mention:@paperboy_bot", "email:a@b.org"]),
        ("#OCR #123 x#y", ["hashtag:#OCR"]),
        ("https://github.com/a/b_(c), ok", ["url:https://github.com/a/b_(c)"]),
        ("(https://a.org/x)", ["url:https://a.org/x"]),
        ("http://localhost/x", []),
        ("arxiv.org/abs/2406.11840v2!", ["url:arxiv.org/abs/2406.11840v2"]),
        ("version 2.0 of x.Then", []),
        ("代码见 https://a.org/x。", ["url:https://a.org/x"]),
        ("cs.LG math.CO", ["url:math.CO"]),
    ],
)
def test_telegram_sees_links_and_commands_by_itself(text: str, found: list[str]) -> None:
    raw = text.encode("utf-16-le")
    assert [
        f"{kind}:{raw[offset * 2 : (offset + length) * 2].decode('utf-16-le')}"
        for kind, offset, length in autolinks(text)
    ] == found


@pytest.mark.parametrize(
    "items",
    [
        {},
        ["x"],
        [{"type": "bold"}],
        [{"type": "nonsense", "offset": 0, "length": 1}],
    ],
)
def test_entities_that_are_none_are_refused(items: object) -> None:
    with pytest.raises(Refusal, match="can't parse"):
        given_entities(items)


def test_given_entities_must_lie_within_the_text() -> None:
    entities = given_entities([{"type": "bold", "offset": 0, "length": 9}])
    with pytest.raises(Refusal, match="ends after the end of the text"):
        formatted("short", entities)
    with pytest.raises(Refusal, match="middle of a UTF-16 symbol"):
        formatted("😀", [Entity("bold", 0, 1)])
    link = given_entities([{"type": "text_link", "offset": 0, "length": 1, "url": "a.org"}])
    assert formatted("x", link).as_json()[0]["url"] == "http://a.org/"


@settings(deadline=None)
@given(st.text())
def test_escaped_text_is_never_refused_and_comes_out_as_it_was(text: str) -> None:
    source = text.replace("\0", "")
    assert parse_html(html.escape(source))[0] == source


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("<>/&;ab pre code\"'=#x1é😀")))
def test_any_text_is_read_or_refused_and_entities_stay_inside(source: str) -> None:
    try:
        result = _read(source)
    except Refusal:
        return
    length = utf16_length(result.text)
    assert all(0 <= e.offset < e.end <= length for e in result.entities)
    assert result.text == result.text.strip(" \n")


_TAGS = ["b", "i", "u", "s", "tg-spoiler", "blockquote", "code", "pre"]
_TREES = st.recursive(
    st.text(alphabet="ab <&é😀", min_size=1).map(html.escape),
    lambda inner: st.tuples(st.sampled_from(_TAGS), st.lists(inner, max_size=3)).map(
        lambda node: f"<{node[0]}>{''.join(node[1])}</{node[0]}>"
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.lists(_TREES, min_size=1, max_size=4).map("".join))
def test_what_is_shown_can_be_written_again_by_another_library(source: str) -> None:
    plain, entities = parse_html(source)
    assume(plain.strip())
    first = formatted(plain, entities)
    theirs = [MessageEntity.model_validate(entity) for entity in first.as_json()]
    second = _read(html_decoration.unparse(first.text, theirs))
    assert second.text == first.text
    assert set(second.entities) == set(first.entities)
