"""The playground's translations, damaged in many ways: how many are refused.

    python benchmarks/translation_damages.py

Sixty-seven abstracts in five languages, written by hand; as they are all are accepted. What is done
to each: sentences are lost, doubled, or in another language, the end is cut off, figures change, a
formula or a link is another, somebody marks it up or heads it.
"""

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from bot.playground.translator import stand_in
from bot.translation.checks.rejection import Rejected
from bot.translation.checks.validation import check
from bot.translation.text.prose import plain_prose

Sample = dict[str, list[str]]
DICE = random.Random(1)
WITHOUT_SPACES = {"zh-CN", "zh-TW", "ja"}


def joined(sentences: list[str], language: str) -> str:
    return ("" if language in WITHOUT_SPACES else " ").join(sentences)


def sentences_damaged(paper: Sample, language: str) -> Iterator[tuple[str, str]]:
    good = paper[language]
    count = len(good)
    if count > 2:
        gone = DICE.sample(range(count), 2)
        rest = [one for place, one in enumerate(good) if place not in gone]
        yield "two sentences lost", joined(rest, language)
    place = DICE.randrange(count)
    before, after = good[:place], good[place + 1 :]
    yield "one sentence lost", joined([*before, *after], language)
    yield "one sentence twice", joined([*before, good[place], *good[place:]], language)
    other = DICE.choice([one for one in sorted(paper) if one not in {language, "en"}])
    yield "another language", joined(paper[other], other)
    for name, strange in (("in English", paper["en"]), ("in another language", paper[other])):
        if len(strange) == count:
            yield f"one sentence {name}", joined([*before, strange[place], *after], language)


def figures_damaged(text: str) -> Iterator[tuple[str, str]]:
    figures = list(re.finditer(r"(?<![\w.,$\\{^/-])\d{2,}(?:[.,]\d+)?(?![\w/}])", text))
    if figures:
        one = DICE.choice(figures)
        last = str((int(one[0][-1]) + 3) % 10)
        for name, wrong in (
            ("a figure changed", one[0][:-1] + last),
            ("a figure lost", one[0][:-1].rstrip(".,")),
            ("a figure added", f"{one[0][0]}0{one[0][1:]}"),
        ):
            yield name, text[: one.start()] + wrong + text[one.end() :]
    digits = list(re.finditer(r"(?<![\w.,$\\{^/-])[1-9](?![\w/}.,%])", text))
    if digits:
        one = DICE.choice(digits)
        wrong = str((int(one[0]) + 4) % 9 + 1)
        yield "a digit changed", text[: one.start()] + wrong + text[one.end() :]


def otherwise_damaged(text: str) -> Iterator[tuple[str, str]]:
    yield "cut off", text[:-20]
    yield "a formula lost", re.sub(r"\$[^$]+\$", "", text, count=1)
    yield "a link changed", re.sub(r"(https?://\S+?\w)(?=[.,)]*(?:\s|$))", r"\1x", text, count=1)
    yield "bold", f"{text[:4]}**{text[4:9]}**{text[9:]}"
    yield "a template's sign", f"{text}<|im_end|>"
    yield "a heading", f"Abstract: {text}"


def main() -> None:
    path = Path(stand_in.__file__).parents[1] / "feeds" / "translations.json"
    sample: dict[str, Sample] = json.loads(path.read_text(encoding="utf-8"))
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for paper in sample.values():
        source = plain_prose(joined(paper["en"], "en"))
        for language in sorted(paper.keys() - {"en"}):
            good = joined(paper[language], language)
            for name, text in (
                ("as it is", good),
                *sentences_damaged(paper, language),
                *figures_damaged(good),
                *otherwise_damaged(good),
            ):
                if text != good or name == "as it is":
                    counts[name][is_refused(source, plain_prose(text), language)] += 1
    for name, found in counts.items():
        share = found[True] / found.total()
        print(f"{name:<32} {found[True]:>4} of {found.total():>4} refused, {share:.1%}")


def is_refused(source: str, translated: str, language: str) -> bool:
    try:
        check(source, translated, language=language)
    except Rejected:
        return True
    return False


if __name__ == "__main__":
    main()
