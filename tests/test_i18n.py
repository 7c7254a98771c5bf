"""What users read: complete in every language, and safe to send."""

import ast
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from markupsafe import Markup

from bot import i18n
from bot.i18n import SOURCE_LANGUAGE, Texts, catalogues, code, negotiate, own_name, texts, unlinked
from bot.locales.audiences import OF_A_CHANNEL, TO_A_GROUP
from bot.query.categories import FIELDS
from bot.query.presets import PRESETS

BOT = Path(i18n.__file__).parent
COMPLETE = ["es", "zh_CN"]
"""Beside English; what another catalogue lacks is shown in English."""
TRANSLATED = [language for language in catalogues() if language != SOURCE_LANGUAGE]


def names() -> set[str]:
    """Return the names in data that catalogues translate, in English."""
    return {*FIELDS.values(), *(topic.name for topic in PRESETS)}


@cache
def messages() -> frozenset[tuple[str, ...]]:
    keywords: dict[str, tuple[int, int] | None] = {"_": None, "plain": None, "plural": (1, 2)}
    found = extract_from_dir(BOT, [("**.py", "python")], keywords=keywords)
    return frozenset(
        m if isinstance(m, tuple) else (m,) for _file, _line, m, _notes, _context in found
    )


def hidden_in_f_strings() -> list[str]:
    """Return where wording stands in an f-string: before Python 3.12 Babel does not see it."""
    return [
        f"{path.name}:{call.lineno}"
        for path in BOT.rglob("*.py")
        for whole in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(whole, ast.JoinedStr)
        for call in ast.walk(whole)
        if isinstance(call, ast.Call)
        and (name := ast.unparse(call.func)).split(".")[0] == "_"
        and name.split(".")[-1] in {"_", "plain", "plural"}
    ]


@cache
def catalogue(language: str) -> Catalog:
    with (BOT / "locales" / language / "LC_MESSAGES" / "paperboy.po").open("rb") as source:
        return read_po(source, locale=language)


def translations(language: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    return {
        _tuple(message.id): _tuple(message.string)
        for message in catalogue(language)
        if message.id and not message.context
    }


def _tuple(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, (list, tuple)) else (str(text),)


def fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def tags(text: str) -> list[str]:
    return sorted(re.findall(r"</?\w+>|/[a-z]{3,}\b", text))


@pytest.mark.parametrize("language", ["zh_CN", "es"])
def test_a_language_that_is_promised_is_there(language: str) -> None:
    assert language in TRANSLATED


def test_there_is_wording_to_translate() -> None:
    assert len(messages()) > 100


def test_no_wording_is_hidden_from_the_catalogues() -> None:
    assert hidden_in_f_strings() == []


@pytest.mark.parametrize("language", COMPLETE)
def test_no_string_is_missing(language: str) -> None:
    assert messages() <= set(translations(language))


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_string_is_left_over(language: str) -> None:
    assert set(translations(language)) <= messages()


@pytest.mark.parametrize("language", COMPLETE)
def test_every_name_of_a_field_and_a_ready_made_topic_is_translated(language: str) -> None:
    named = {str(message.id) for message in catalogue(language) if message.context == "name"}
    assert named == names()


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_string_is_empty_or_unsure(language: str) -> None:
    for message in catalogue(language):
        assert not message.id or all(_tuple(message.string)), message.id
        assert not message.id or not message.fuzzy, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_has_the_original_s_values_tags_and_commands(language: str) -> None:
    for original, translated in translations(language).items():
        for text in translated:
            # English leaves `{n}` out of no form, so any of them will do for comparison.
            assert fields(text) == fields(original[-1]), original
            assert tags(text) == tags(original[-1]), original


@pytest.mark.parametrize(
    ("code_", "language"),
    [
        ("zh-hans", "zh_CN"),
        ("zh-CN", "zh_CN"),
        ("zh", "zh_CN"),
        ("zh_CN", "zh_CN"),
        ("en", "en"),
        ("en-GB", "en"),
        ("es", "es"),
        ("es-MX", "es"),
        ("es-419", "es"),
        ("eo", "en"),
        ("", "en"),
        (None, "en"),
        ("no such thing", "en"),
        ("../../etc", "en"),
    ],
)
def test_a_reader_gets_the_nearest_catalogue(code_: str | None, language: str) -> None:
    assert negotiate(code_) == language


def test_values_from_outside_are_escaped_and_our_own_markup_is_not() -> None:
    _ = texts("en")
    assert _("{x}!", x="<b>&") == "&lt;b&gt;&amp;!"
    assert _("{x}!", x=code("<b>")) == "<code>&lt;b&gt;</code>!"
    assert _.plain("{x}!", x="<b>&") == "<b>&!"
    assert _.plural("{n} {x}", "{n} {x}s", 2, x="<") == "2 &lt;s"


def test_braces_in_a_value_are_left_alone() -> None:
    assert texts("en")("{x}", x="{y} {0.__class__}") == "{y} {0.__class__}"


@pytest.mark.parametrize("language", catalogues())
def test_every_language_knows_its_own_name(language: str) -> None:
    assert own_name(language)
    assert isinstance(texts(language), Texts)


QUOTED = {
    "<b>Personal</b>: I learn from what you save and from “Less like this”.": "👎 Less like this",
    "↩ Undo “less like this”": "👎 Less like this",
    "Removed from your saved papers. Tap Save to undo.": "☆ Save",
    "Keep at least one day. To stop everything, choose ⏸ Pause.": "⏸ Pause",
}
"""Sentences that name a button, and the button."""


@pytest.mark.parametrize("language", [SOURCE_LANGUAGE, *COMPLETE])
@pytest.mark.parametrize(("sentence", "button"), QUOTED.items())
def test_a_sentence_that_names_a_button_has_its_words(
    language: str, sentence: str, button: str
) -> None:
    assert (sentence,) in messages()
    assert (button,) in messages()
    _ = texts(language)
    label = _.plain(button).lstrip("👎☆⏸ ")
    assert label.casefold() in _.plain(sentence).casefold()


TO_WHOEVER_TAPS = {
    "/admin – status",
    "/channels – new papers for your channel",
    "/subscribe – follow a topic: tap a ready-made one, or add your own words",
    "<b>Rich</b>: all papers in one message",
    "Back to your own topics.",
    "Did you mean",
    "Edit it if you like, and send it to me with /import, here or elsewhere.",
    "I don't understand “{words}”. You can write:",
    "Manage your channel",
    "Not among my papers. Search in private",
    "Rich messages stay off until you have seen a sample: /settings",
    "Sorry, that went wrong on my side.",
    "This deletes everything about you",
    "What are you looking for?",
    "Which one do you mean?",
    "You can't manage {title} any more.",
    "You need to be an admin of the channel",
    "You're now editing this channel.",
    "↩️ Back to my own topics",
    "⚠️ Something has been wrong on my side",
    # In private only, where plain words are read.
    "Is that the time where you are now?",
    # In private only, where Telegram lets somebody send a place.
    "OK, your time zone stays the same.",
    "Tap the button below. I only look up your time zone",
    "✖️ Keep my time zone",
    "📍 Send my location",
    "📍 Use my location",
}
"""What is said to one person wherever it is said, or by the bot of itself, by its beginning."""

A_PERSON = {
    "en": re.compile(r"\b(you|your|you're|yours|my|mine)\b", re.IGNORECASE),
    "es": re.compile(
        r"\b(tú|tus?|te|ti|tuy[ao]s?|mis?|sigues|recibes|quieres|guardas)\b", re.IGNORECASE
    ),
    "zh_CN": re.compile("[你您]|我的"),
}


def test_whatever_is_said_to_a_person_is_said_to_a_group_in_other_words() -> None:
    for message in messages():
        is_personal = A_PERSON["en"].search(re.sub(r"\{\w+\}", "", " ".join(message))) is not None
        if is_personal and not message[0].startswith(tuple(TO_WHOEVER_TAPS)):
            assert message[0] in {**TO_A_GROUP, **OF_A_CHANNEL}, message[0]


@pytest.mark.parametrize("language", catalogues())
@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_groups_and_channels_are_no_person(language: str, kind: str) -> None:
    assert set(OF_A_CHANNEL) | set(TO_A_GROUP) <= {message[0] for message in messages()}
    for original, (one, many) in (OF_A_CHANNEL if kind == "channel" else TO_A_GROUP).items():
        _, theirs = texts(language), texts(language, kind)
        said = theirs.plain(original, n=1, **VALUES)
        assert not A_PERSON[language].search(said), said
        assert said != _.plain(original, n=1, **VALUES)
        if one != many:
            assert theirs.plural(original, original, 2, **VALUES) != said


_NAMES = ("words", "example", "time", "when", "title", "dash", "zone", "label", "cap", "mine")
VALUES = dict.fromkeys(_NAMES, "x")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("cs.RO", "<code>cs.RO</code>"),
        ("Node.js & d.py", "<code>Node.js</code> &amp; <code>d.py</code>"),
        ("cat:cs.CV", "cat:<code>cs.CV</code>"),
        ("<b.io>", "&lt;<code>b.io</code>&gt;"),
        ("https://arxiv.org/abs/2406.11840", "https://arxiv.org/abs/2406.11840"),
        ("github.com/a/b", "github.com/a/b"),
        ("me@example.org", "me@example.org"),
        ("J. Li, A.Smith et al.", "J. Li, A.Smith et al."),
        ("3.5 of 4.Then", "3.5 of 4.Then"),
    ],
)
def test_what_telegram_would_take_for_an_address_is_code(text: str, html: str) -> None:
    assert unlinked(text) == html
    assert texts("en")("“{label}”", label=text) == f"“{html}”"
    assert texts("en")("{label}", label=Markup("<b>cs.RO</b>")) == "<b>cs.RO</b>"


def test_a_moment_is_the_day_that_it_is_where_it_is_told() -> None:
    moment = datetime(2026, 11, 28, 22, 40, tzinfo=UTC)
    there = moment.astimezone(ZoneInfo("Africa/Johannesburg"))
    assert there == moment, "so that a cache would take one for the other"
    told = [texts("en").date(one) for one in (there, moment, there)]
    assert told == ["Nov 29, 2026", "Nov 28, 2026", "Nov 29, 2026"]
