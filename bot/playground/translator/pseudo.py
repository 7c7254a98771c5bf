"""A translation of anything into anything that says nothing, but looks like the language.

Every plain word becomes, always the same, a word in the target's script; everything else (numbers,
names in mixed case, placeholders, punctuation) is left where it stands.
"""

import re
from zlib import crc32

_HAN = (
    "的是在了有和人这中大为上个国以要时来用生到作地于出就对成会可主发年动同工也能下过子说产种面而方后多"
    "定行学法所民得经进着等部度家电力里如水化高自理起小物现实加量都体制机当使点从业本去把性应开合还因由其些"
)
"""Nothing that counts ("两"), denies ("不"), agrees ("好") or talks to somebody: it is checked."""
_SIMPLIFIED = "这为个国时来对会发动过说产种学经进着电现实体制机当点从业开还"
_COUNTS = {
    "hundred": "百", "thousand": "千", "million": "百万", "billion": "十亿", "trillion": "万亿",
}  # fmt: skip
_DENIALS = re.compile(r"(?:no|not|never|none|cannot|without|nor|neither)|.*n['’]t")
_KANA = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
)
_ALPHABETS = {
    "zh": _HAN,
    "zt": "".join(sign for sign in _HAN if sign not in _SIMPLIFIED),
    "ja": _KANA,
    "ko": "".join(chr(0xAC00 + step * 28 * 7) for step in range(57)),
    "ru": "абвгдежзиклмнопрстуфхцчшэюя",
    "uk": "абвгдежзиклмнопрстуфхцчшюяіїє",
    "bg": "абвгдежзиклмнопрстуфхцчшщъюя",
    "el": "αβγδεζηθικλμνξοπρστυφχψω",
    "he": "אבגדהוזחטיכלמנסעפצקרשת",
    "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "fa": "ابپتثجچحخدذرزسشصضطظعغفقکگلمنهوی",
    "ur": "ابپتثجچحخدذرزسشصضطظعغفقکگلمنہوی",
    "hi": "अआइईउऊएऐओकखगघचछजझटठडढतथदधनपफबभमयरलवशषसह",
    "bn": "অআইঈউঊএঐওকখগঘচছজঝটঠডঢতথদধনপফবভমযরলশষসহ",
    "th": "กขคงจฉชซญฐณดตถทธนบปผฝพฟภมยรลวศษสหอฮ",
}  # fmt: skip
_ACCENTED = str.maketrans("aeiounscyAEIOUNSCY", "àéîöûñšçýÀÉÎÖÛÑŠÇÝ")
_LATIN = ("es", "fr", "de", "pt", "pb", "it", "pl", "cs", "sk", "sl", "ro", "hu", "nl", "sv", "da",
          "nb", "fi", "et", "lv", "lt", "tr", "az", "ca", "vi", "id", "ms")  # fmt: skip
LANGUAGES = (*_ALPHABETS, *_LATIN)
"""As LibreTranslate calls them."""

_SENTENCE_END = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\betc)(?<!\bcf)(?<!\bvs)(?<!\bFig)(?<!\.[A-Z])[.](?:\s+|$)"
)
_PLAIN_WORD = re.compile(
    r"(?<![^\s(\"'“‘\[⟧-])(?:[A-Z]?[a-z]+|[AI])(?:['’-][A-Za-z]?[a-z]+)*"
    r"(?=[)\]\"'”’,.;:!?]*(?:[\s⟦—-]|$))"
)
_SIGNS_A_LETTER = {"zh": 4, "zt": 4, "ja": 2.5, "ko": 2.5, "th": 1.2}


def pseudo_translate(text: str, language: str) -> str:
    """Return nonsense in a language's script, the same for the same text."""
    key = {"zh-CN": "zh", "zh-TW": "zt"}.get(language, language)
    alphabet = _ALPHABETS.get(key)
    if alphabet is None:
        return _PLAIN_WORD.sub(lambda match: _accented(match[0]), text)
    ratio = _SIGNS_A_LETTER.get(key, 1.0)
    translated = _PLAIN_WORD.sub(lambda match: _word(match[0].casefold(), alphabet, ratio), text)
    if key in {"zh", "zt", "ja"}:
        translated = re.sub(rf"(?<=[{alphabet}]) (?=[{alphabet}])", "", translated)
        translated = _SENTENCE_END.sub("。", translated)
    return translated


def _word(word: str, alphabet: str, ratio: float) -> str:
    head, hyphen, rest = word.partition("-")
    if alphabet == _HAN and (said := "不" if _DENIALS.fullmatch(head) else _COUNTS.get(head)):
        return said + (_word(rest, alphabet, ratio) if hyphen else "")
    length = max(1, round(len(word) / ratio))
    number = crc32(word.encode())
    signs: list[str] = []
    for _ in range(length):
        number, position = divmod(number, len(alphabet))
        signs.append(alphabet[position])
        number = number or crc32("".join(signs).encode())
    return "".join(signs)


def _accented(word: str) -> str:
    changed = word.translate(_ACCENTED)
    return changed if changed != word else word + "ø"
