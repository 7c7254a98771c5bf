"""Lazy regular expressions behave as those that are compiled at once."""

import re
import subprocess
import sys

import pytest

from bot.regex.lazy_pattern import lazily

_SOURCE = r"(?P<word>[a-z]+)\d"


@pytest.mark.parametrize("flags", [0, re.IGNORECASE])
def test_finds_splits_and_replaces_as_a_compiled_one_does(flags: int) -> None:
    lazy, compiled = lazily(_SOURCE, flags), re.compile(_SOURCE, flags)
    text = "ab1, CD2 and ef3"
    for pattern in (lazy, compiled):
        assert pattern.flags == compiled.flags
    assert lazy.findall(text) == compiled.findall(text)
    assert [found.span() for found in lazy.finditer(text)] == [
        found.span() for found in compiled.finditer(text)
    ]
    assert lazy.split(text) == compiled.split(text)
    assert lazy.sub("-", text) == compiled.sub("-", text)
    assert lazy.subn("-", text) == compiled.subn("-", text)
    for one, other in (
        (lazy.match(text), compiled.match(text)),
        (lazy.search(text, 4), compiled.search(text, 4)),
        (lazy.fullmatch("xy7"), compiled.fullmatch("xy7")),
    ):
        assert one is not None
        assert other is not None
        assert one.groupdict() == other.groupdict()
    assert (lazy.pattern, lazy.groups) == (compiled.pattern, compiled.groups)
    assert dict(lazy.groupindex) == dict(compiled.groupindex)


def test_compiles_when_it_is_first_asked_and_not_before() -> None:
    broken = lazily("(")
    with pytest.raises(re.error):
        broken.search("")


def test_has_nothing_that_a_pattern_has_not() -> None:
    assert not hasattr(lazily("a"), "serach")


def test_a_start_reads_no_catalogue_and_leaves_the_largest_patterns_alone() -> None:
    code = (
        "import re._compiler as c, bot.commands.run\n"
        "from bot.translation.text import untouchable\n"
        "from bot.i18n import _translations\n"
        "print(sorted(vars(untouchable._PATTERN)), _translations.cache_info().currsize)"
    )
    said = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "['_given'] 0"
