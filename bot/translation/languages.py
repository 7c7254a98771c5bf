"""The languages that abstracts can be read in, and what each engine calls them."""

from dataclasses import dataclass
from enum import StrEnum


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
    microsoft: str | None
    """As in https://learn.microsoft.com/azure/ai-services/translator/language-support; `pt` is
    Brazil's."""
    deepl: str | None
    """As in https://developers.deepl.com/docs/getting-started/supported-languages, without what is
    in beta there."""


_TABLE = (
    Language("en", "English", "English", Script.LATIN, "en", "en-GB", "en", "en", "EN"),
    Language(
        "zh-CN",
        "简体中文",
        "Chinese (simplified)",
        Script.HAN,
        "zh-CN",
        "zh-CN",
        "zh",
        "zh-Hans",
        "ZH-HANS",
    ),
    Language(
        "zh-TW",
        "繁體中文",
        "Chinese (traditional)",
        Script.HAN,
        "zh-TW",
        "zh-TW",
        "zt",
        "zh-Hant",
        "ZH-HANT",
    ),
    Language("ja", "日本語", "Japanese", Script.JAPANESE, "ja", "ja-JP", "ja", "ja", "JA"),
    Language("ko", "한국어", "Korean", Script.HANGUL, "ko", "ko-KR", "ko", "ko", "KO"),
    Language("es", "Español", "Spanish", Script.LATIN, "es", "es-ES", "es", "es", "ES"),
    Language("fr", "Français", "French", Script.LATIN, "fr", "fr-FR", "fr", "fr", "FR"),
    Language("de", "Deutsch", "German", Script.LATIN, "de", "de-DE", "de", "de", "DE"),
    Language("pt", "Português", "Portuguese", Script.LATIN, "pt", "pt-BR", "pt", "pt", "PT-BR"),
    Language("it", "Italiano", "Italian", Script.LATIN, "it", "it-IT", "it", "it", "IT"),
    Language("ru", "Русский", "Russian", Script.CYRILLIC, "ru", "ru-RU", "ru", "ru", "RU"),
    Language("uk", "Українська", "Ukrainian", Script.CYRILLIC, "uk", "uk-UA", "uk", "uk", "UK"),
    Language("be", "Беларуская", "Belarusian", Script.CYRILLIC, "be", "be-BY", None, None, None),
    Language("bg", "Български", "Bulgarian", Script.CYRILLIC, "bg", "bg-BG", "bg", "bg", "BG"),
    Language("sr", "Српски", "Serbian", Script.CYRILLIC, "sr", "sr-Cyrl-RS", None, "sr-Cyrl", None),
    Language("kk", "Қазақша", "Kazakh", Script.CYRILLIC, "kk", "kk-KZ", None, "kk", None),
    Language("pl", "Polski", "Polish", Script.LATIN, "pl", "pl-PL", "pl", "pl", "PL"),
    Language("cs", "Čeština", "Czech", Script.LATIN, "cs", "cs-CZ", "cs", "cs", "CS"),
    Language("sk", "Slovenčina", "Slovak", Script.LATIN, "sk", "sk-SK", "sk", "sk", "SK"),
    Language("sl", "Slovenščina", "Slovenian", Script.LATIN, "sl", "sl-SI", "sl", "sl", "SL"),
    Language("hr", "Hrvatski", "Croatian", Script.LATIN, "hr", "hr-HR", None, "hr", None),
    Language("ro", "Română", "Romanian", Script.LATIN, "ro", "ro-RO", "ro", "ro", "RO"),
    Language("hu", "Magyar", "Hungarian", Script.LATIN, "hu", "hu-HU", "hu", "hu", "HU"),
    Language("nl", "Nederlands", "Dutch", Script.LATIN, "nl", "nl-NL", "nl", "nl", "NL"),
    Language("sv", "Svenska", "Swedish", Script.LATIN, "sv", "sv-SE", "sv", "sv", "SV"),
    Language("da", "Dansk", "Danish", Script.LATIN, "da", "da-DK", "da", "da", "DA"),
    Language("nb", "Norsk bokmål", "Norwegian", Script.LATIN, "no", "nb-NO", "nb", "nb", "NB"),
    Language("fi", "Suomi", "Finnish", Script.LATIN, "fi", "fi-FI", "fi", "fi", "FI"),
    Language("et", "Eesti", "Estonian", Script.LATIN, "et", "et-EE", "et", "et", "ET"),
    Language("lv", "Latviešu", "Latvian", Script.LATIN, "lv", "lv-LV", "lv", "lv", "LV"),
    Language("lt", "Lietuvių", "Lithuanian", Script.LATIN, "lt", "lt-LT", "lt", "lt", "LT"),
    Language("el", "Ελληνικά", "Greek", Script.GREEK, "el", "el-GR", "el", "el", "EL"),
    Language("hy", "Հայերեն", "Armenian", Script.ARMENIAN, "hy", "hy-AM", None, "hy", None),
    Language("ka", "ქართული", "Georgian", Script.GEORGIAN, "ka", "ka-GE", None, "ka", None),
    Language("tr", "Türkçe", "Turkish", Script.LATIN, "tr", "tr-TR", "tr", "tr", "TR"),
    Language("az", "Azərbaycanca", "Azerbaijani", Script.LATIN, "az", "az-AZ", "az", "az", None),
    Language("ca", "Català", "Catalan", Script.LATIN, "ca", "ca-ES", "ca", "ca", None),
    Language("ar", "العربية", "Arabic", Script.ARABIC, "ar", "ar-SA", "ar", "ar", "AR"),
    Language("fa", "فارسی", "Persian", Script.ARABIC, "fa", "fa-IR", "fa", "fa", None),
    Language("ur", "اردو", "Urdu", Script.ARABIC, "ur", "ur-PK", "ur", "ur", None),
    Language("he", "עברית", "Hebrew", Script.HEBREW, "iw", "he-IL", "he", "he", "HE"),
    Language("hi", "हिन्दी", "Hindi", Script.DEVANAGARI, "hi", "hi-IN", "hi", "hi", None),
    Language("bn", "বাংলা", "Bengali", Script.BENGALI, "bn", "bn-IN", "bn", "bn", None),
    Language("ta", "தமிழ்", "Tamil", Script.TAMIL, "ta", "ta-IN", None, "ta", None),
    Language("te", "తెలుగు", "Telugu", Script.TELUGU, "te", "te-IN", None, "te", None),
    Language("th", "ไทย", "Thai", Script.THAI, "th", "th-TH", "th", "th", "TH"),
    Language("vi", "Tiếng Việt", "Vietnamese", Script.LATIN, "vi", "vi-VN", "vi", "vi", "VI"),
    Language("id", "Bahasa Indonesia", "Indonesian", Script.LATIN, "id", "id-ID", "id", "id", "ID"),
    Language("ms", "Bahasa Melayu", "Malay", Script.LATIN, "ms", "ms-MY", "ms", "ms", None),
    Language("sw", "Kiswahili", "Swahili", Script.LATIN, "sw", "sw-KE", None, "sw", None),
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
