"""Internationalisation: what users read, in gettext catalogues under `bot/locales`.

A message id is the English sentence. Everything sent to Telegram is HTML, so the values that are
put into a sentence are escaped unless they are `Markup`; `plain` is for what Telegram shows as it
is (buttons, alerts, command descriptions, file names).
"""

import gettext
import io
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from bot.locales.audiences import OF_A_CHANNEL, TO_A_GROUP, Wording

SOURCE_LANGUAGE = "en"
_DOMAIN = "paperboy"
_HOST = re.compile(r"(?<![\w@./-])(?:[\w-]+\.)+(?:[a-z]{2,}|[A-Z]{2,})(?![\w/@])")
"""A name with a dot. Telegram knows of 1,500 endings, and capitals alone begin a sentence."""

_NAME = "name"
"""The context (msgctxt) of names that stand in data, and not in the code."""


class Texts:
    """Translations into one language; by convention the variable that holds it is called `_`."""

    def __init__(
        self, language: str, translations: gettext.NullTranslations, instead: Wording
    ) -> None:
        self.language = language
        self._translations = translations
        self._instead = instead
        self._locale = Locale.parse(language, sep="_")

    def __call__(self, message: str, /, **values: object) -> str:
        """Return the message as HTML, every value escaped and `unlinked` unless it is Markup."""
        return self._said(message).format_map(_escaped(values))

    def plain(self, message: str, /, **values: object) -> str:
        """Return the message as plain text, values as they are."""
        return self._said(message).format_map(values)

    def plural(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """Return the form for `n` (also available as `{n}`) as HTML, every value escaped."""
        forms = self._instead.get(singular, (singular, plural))
        message = self._translations.ngettext(*forms, n)
        return message.format_map(_escaped({"n": self.number(n), **values}))

    def name(self, english: str) -> str:
        """Return the name of a field of arXiv or a ready-made topic, English where it has none."""
        return self._translations.pgettext(_NAME, english)

    def date(self, value: date) -> str:
        """Return a day the way this language writes it, such as `24 Nov 2026`."""
        # The same moment is another day elsewhere, and equal to itself as a key of a cache.
        day = value.date() if isinstance(value, datetime) else value
        return _written_date(day, self._locale)

    def time(self, value: time | datetime) -> str:
        """Return hours and minutes, 24-hour clock, such as `09:00`."""
        return format_time(value, format="HH:mm", locale=self._locale)

    def _said(self, message: str) -> str:
        return self._translations.gettext(self._instead.get(message, (message,))[0])

    def number(self, value: float) -> str:
        """Return a number grouped the way this language does."""
        return _written_number(value, self._locale)


@lru_cache(maxsize=2_000)  # papers of a few days are shown again and again
def _written_date(value: date, locale: Locale) -> str:
    return format_date(value, format="medium", locale=locale)


@lru_cache(maxsize=2_000)
def _written_number(value: float, locale: Locale) -> str:
    return format_decimal(value, locale=locale)


def code(text: str) -> Markup:
    """Return a text to be typed or copied, as Telegram shows such."""
    return Markup("<code>{}</code>").format(text)


def unlinked(text: object) -> Markup:
    """Return a text as HTML, with names that Telegram would take for addresses as code: `cs.RO`."""
    escaped = escape(text)
    if "." not in escaped:
        return escaped
    return Markup(_HOST.sub(r"<code>\g<0></code>", str(escaped)))  # noqa: S704 - escaped above


def unlinked_whole(text: str) -> Markup | None:
    """Return a text as one piece of code where a name in it looks like an address, else None."""
    return code(text) if "." in text and _HOST.search(text) else None


def catalogues() -> list[str]:
    """Return the languages that the bot speaks, the source language first."""
    found = sorted(entry.name for entry in files("bot.locales").iterdir() if entry.is_dir())
    return [SOURCE_LANGUAGE, *(name for name in found if _po(name).is_file())]


_AUDIENCES: Mapping[str, Wording] = {
    "group": TO_A_GROUP,
    "supergroup": TO_A_GROUP,
    "channel": OF_A_CHANNEL,
}


@cache
def texts(language: str, kind: str = "private") -> Texts:
    """Return the wording of a language that `negotiate` or `catalogues` named.

    kind: Telegram's, of the chat that it is said to, or about which.
    """
    return Texts(language, _translations(language), _AUDIENCES.get(kind, {}))


@cache
def _translations(language: str) -> gettext.NullTranslations:
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    with _po(language).open("rb") as source:
        catalogue = read_po(source, locale=language, domain=_DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def names(english: str) -> Mapping[str, str]:
    """Return a name of a field or a ready-made topic in every language, by catalogue."""
    return {language: texts(language).name(english) for language in catalogues()}


@lru_cache(maxsize=256)  # whoever writes to the bot names the language
def negotiate(code: str | None) -> str:
    """Language negotiation: return the catalogue nearest to an IETF tag such as `language_code`.

    `zh-hans`, `zh-CN` and `zh` all give `zh_CN`; what no catalogue serves gives English.
    """
    if not code:
        return SOURCE_LANGUAGE
    try:
        wanted = Locale.parse(code.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return SOURCE_LANGUAGE
    for name in catalogues():
        known = Locale.parse(name, sep="_")
        if known.language == wanted.language:
            return name
    return SOURCE_LANGUAGE


def own_name(language: str) -> str:
    """Return what a catalogue's language calls itself, such as `English` or `中文 (中国)`."""
    locale = Locale.parse(language, sep="_")
    name = locale.get_language_name(language) or language
    return name[:1].upper() + name[1:]


def _po(language: str) -> Traversable:
    return files("bot.locales") / language / "LC_MESSAGES" / f"{_DOMAIN}.po"


def _escaped(values: Mapping[str, object]) -> dict[str, Markup]:
    return {
        name: escape(value) if hasattr(value, "__html__") else unlinked(value)
        for name, value in values.items()
    }
