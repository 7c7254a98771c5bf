"""Normalisation of spoken times: "half past three", "las tres y media", 三点一刻 in digits."""

import re

_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve",
    "una dos tres cuatro cinco seis siete ocho nueve diez once doce",
)
_HOURS = {word: n for words in _WORDS for n, word in enumerate(words.split(), 1)}
_MINUTES = {"half": 30, "media": 30, "quarter": 15, "cuarto": 15, "twenty": 20, "veinte": 20}
_MINUTES |= {word: _HOURS[word] for word in ("five", "ten", "cinco", "diez")}

_ENGLISH, _SPANISH = ("|".join(words.split()) for words in _WORDS)
_IN_ENGLISH = re.compile(
    r"\b(?:a )?(half|quarter|five|ten|twenty|[0-5]?\d(?= (?:minutes )?past))(?: minutes)?"
    rf" (past|to) ({_ENGLISH}|\d{{1,2}})\b"
)
_IN_SPANISH = re.compile(
    rf"\b(las?) ({_SPANISH}|\d{{1,2}}) (y|menos) (media|cuarto|cinco|diez|veinte|[0-5]?\d)\b"
)
_HOUR = re.compile(
    rf"\b({_ENGLISH})(?= ?(?:o'?clock|[ap]\.?m\b|in the (?:morning|afternoon|evening)|at night))"
    rf"|(?<=\blas )({_SPANISH})\b|(?<=\bla )(una)\b"
)
_QUARTER = re.compile(r"(?<=点)([一三])刻")


def in_digits(text: str) -> str:
    """Return a text with its spoken times in digits: "it's 3:30", "son las 3:30", 三点15分.

    text: in small, simplified letters without accents. What is no time stays as it is.
    """
    text = _IN_ENGLISH.sub(lambda told: _clock(told[3], told[2], told[1]), text)
    text = _IN_SPANISH.sub(lambda told: f"{told[1]} {_clock(told[2], told[3], told[4])}", text)
    text = _HOUR.sub(lambda told: str(_HOURS[told[0]]), text)
    return _QUARTER.sub(lambda told: "15分" if told[1] == "一" else "45分", text)


def _clock(hour: str, way: str, minutes: str) -> str:
    """Return a time with so many minutes after the hour, or before it."""
    at, minute = _number(hour, _HOURS), _number(minutes, _MINUTES)
    if way in {"to", "menos"}:
        at, minute = (at - 2) % 12 + 1, 60 - minute
    return f"{at}:{minute:02}"


def _number(said: str, words: dict[str, int]) -> int:
    return int(said) if said.isdecimal() else words[said]
