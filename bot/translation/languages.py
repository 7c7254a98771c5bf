"""The languages that abstracts can be read in, and what each engine calls them."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["LANGUAGES", "Language", "Script", "nearest"]


class Script(StrEnum):
    """What a language is written with; `bot.translation.checks` knows it by its letters."""

    LATIN = "latin"
    HAN = "han"
    JAPANESE = "japanese"
    HANGUL = "hangul"
    CYRILLIC = "cyrillic"
    GREEK = "greek"
    ARMENIAN = "armenian"
    GEORGIAN = "georgian"
    HEBREW = "hebrew"
    ARABIC = "arabic"
    DEVANAGARI = "devanagari"
    BENGALI = "bengali"
    TAMIL = "tamil"
    TELUGU = "telugu"
    THAI = "thai"


@dataclass(frozen=True, slots=True)
class Language:
    """One language; an engine's code is None where the engine does not have the language."""

    code: str
    """Ours: an IETF tag, as stored in `Chat.language`."""
    name: str
    """In the language itself."""
    english: str
    script: Script
    google: str | None
    """As in `GOOGLE_LANGUAGES_TO_CODES` of deep_translator.constants."""
    mymemory: str | None
    """As in `MY_MEMORY_LANGUAGES_TO_CODES` of deep_translator.constants."""
    libre: str | None
    """As LibreTranslate's `/languages` has it where the model is installed; `zh` and `zt` are
    understood by old servers and, as aliases of `zh-Hans` and `zh-Hant`, by new ones."""


_TABLE = (
    Language("en", "English", "English", Script.LATIN, "en", "en-GB", "en"),
    Language("zh-CN", "简体中文", "Chinese (simplified)", Script.HAN, "zh-CN", "zh-CN", "zh"),
    Language("zh-TW", "繁體中文", "Chinese (traditional)", Script.HAN, "zh-TW", "zh-TW", "zt"),
    Language("ja", "日本語", "Japanese", Script.JAPANESE, "ja", "ja-JP", "ja"),
    Language("ko", "한국어", "Korean", Script.HANGUL, "ko", "ko-KR", "ko"),
    Language("es", "Español", "Spanish", Script.LATIN, "es", "es-ES", "es"),
    Language("fr", "Français", "French", Script.LATIN, "fr", "fr-FR", "fr"),
    Language("de", "Deutsch", "German", Script.LATIN, "de", "de-DE", "de"),
    Language("pt", "Português", "Portuguese", Script.LATIN, "pt", "pt-BR", "pt"),
    Language("it", "Italiano", "Italian", Script.LATIN, "it", "it-IT", "it"),
    Language("ru", "Русский", "Russian", Script.CYRILLIC, "ru", "ru-RU", "ru"),
    Language("uk", "Українська", "Ukrainian", Script.CYRILLIC, "uk", "uk-UA", "uk"),
    Language("be", "Беларуская", "Belarusian", Script.CYRILLIC, "be", "be-BY", None),
    Language("bg", "Български", "Bulgarian", Script.CYRILLIC, "bg", "bg-BG", "bg"),
    Language("sr", "Српски", "Serbian", Script.CYRILLIC, "sr", "sr-Cyrl-RS", None),
    Language("kk", "Қазақша", "Kazakh", Script.CYRILLIC, "kk", "kk-KZ", None),
    Language("pl", "Polski", "Polish", Script.LATIN, "pl", "pl-PL", "pl"),
    Language("cs", "Čeština", "Czech", Script.LATIN, "cs", "cs-CZ", "cs"),
    Language("sk", "Slovenčina", "Slovak", Script.LATIN, "sk", "sk-SK", "sk"),
    Language("sl", "Slovenščina", "Slovenian", Script.LATIN, "sl", "sl-SI", "sl"),
    Language("hr", "Hrvatski", "Croatian", Script.LATIN, "hr", "hr-HR", None),
    Language("ro", "Română", "Romanian", Script.LATIN, "ro", "ro-RO", "ro"),
    Language("hu", "Magyar", "Hungarian", Script.LATIN, "hu", "hu-HU", "hu"),
    Language("nl", "Nederlands", "Dutch", Script.LATIN, "nl", "nl-NL", "nl"),
    Language("sv", "Svenska", "Swedish", Script.LATIN, "sv", "sv-SE", "sv"),
    Language("da", "Dansk", "Danish", Script.LATIN, "da", "da-DK", "da"),
    Language("nb", "Norsk bokmål", "Norwegian", Script.LATIN, "no", "nb-NO", "nb"),
    Language("fi", "Suomi", "Finnish", Script.LATIN, "fi", "fi-FI", "fi"),
    Language("et", "Eesti", "Estonian", Script.LATIN, "et", "et-EE", "et"),
    Language("lv", "Latviešu", "Latvian", Script.LATIN, "lv", "lv-LV", "lv"),
    Language("lt", "Lietuvių", "Lithuanian", Script.LATIN, "lt", "lt-LT", "lt"),
    Language("el", "Ελληνικά", "Greek", Script.GREEK, "el", "el-GR", "el"),
    Language("hy", "Հայերեն", "Armenian", Script.ARMENIAN, "hy", "hy-AM", None),
    Language("ka", "ქართული", "Georgian", Script.GEORGIAN, "ka", "ka-GE", None),
    Language("tr", "Türkçe", "Turkish", Script.LATIN, "tr", "tr-TR", "tr"),
    Language("az", "Azərbaycanca", "Azerbaijani", Script.LATIN, "az", "az-AZ", "az"),
    Language("ca", "Català", "Catalan", Script.LATIN, "ca", "ca-ES", "ca"),
    Language("ar", "العربية", "Arabic", Script.ARABIC, "ar", "ar-SA", "ar"),
    Language("fa", "فارسی", "Persian", Script.ARABIC, "fa", "fa-IR", "fa"),
    Language("ur", "اردو", "Urdu", Script.ARABIC, "ur", "ur-PK", "ur"),
    Language("he", "עברית", "Hebrew", Script.HEBREW, "iw", "he-IL", "he"),
    Language("hi", "हिन्दी", "Hindi", Script.DEVANAGARI, "hi", "hi-IN", "hi"),
    Language("bn", "বাংলা", "Bengali", Script.BENGALI, "bn", "bn-IN", "bn"),
    Language("ta", "தமிழ்", "Tamil", Script.TAMIL, "ta", "ta-IN", None),
    Language("te", "తెలుగు", "Telugu", Script.TELUGU, "te", "te-IN", None),
    Language("th", "ไทย", "Thai", Script.THAI, "th", "th-TH", "th"),
    Language("vi", "Tiếng Việt", "Vietnamese", Script.LATIN, "vi", "vi-VN", "vi"),
    Language("id", "Bahasa Indonesia", "Indonesian", Script.LATIN, "id", "id-ID", "id"),
    Language("ms", "Bahasa Melayu", "Malay", Script.LATIN, "ms", "ms-MY", "ms"),
    Language("sw", "Kiswahili", "Swahili", Script.LATIN, "sw", "sw-KE", None),
)

LANGUAGES: dict[str, Language] = {language.code: language for language in _TABLE}
"""By our code, in the order in which a person is shown them."""

_SAME = {"iw": "he", "no": "nb", "nn": "nb", "in": "id", "zh": "zh-CN"}
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


def nearest(code: str | None) -> str | None:
    """Return our code for a language tag such as Telegram's `language_code`, or None.

    `zh-hans` gives `zh-CN`, `zh-hant-tw` and `zh-HK` give `zh-TW`, `pt-br` gives `pt`.
    """
    subtags = (code or "").strip().lower().replace("_", "-").split("-")
    first = subtags[0]
    if first == "zh" and "hans" not in subtags and not _TRADITIONAL.isdisjoint(subtags):
        return "zh-TW"
    known = _SAME.get(first, first)
    return known if known in LANGUAGES else None
