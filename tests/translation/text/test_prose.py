"""Abstracts as engines read them, without TeX's styles."""

import time

import pytest

from bot.translation.text.prose import plain_prose
from tests.seldom import seldom

LONGEST = 10_000


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"\textbf{T}raining-free", "Training-free"),
        (r"{\bf Bold} and \emph{it \textit{is} so}", "Bold and it is so"),
        (r"\abstract{We study the cat of Rényi}", "We study the cat of Rényi"),
        (r"\abstract{We study \emph{the} cat of \cite{key}}", r"We study the cat of \cite{key}"),
        (r"\cite{key} stays, and \emph{is open", r"\cite{key} stays, and \emph{is open"),
        (r"\emph{a \} b} c", r"a \} b c"),
        (r"$\mathrm{we do not read any of it}$", r"$\mathrm{we do not read any of it}$"),
        (r"\href{https://a.org}{here} and \url{b.org}", "here (https://a.org) and b.org"),
    ],
)
def test_words_are_words_and_formulas_stay(text: str, plain: str) -> None:
    assert plain_prose(text) == plain


@pytest.mark.parametrize(
    "unit",
    seldom(
        [
            r"\emph{",
            r"{\bf ",
            r"\text{a",
            r"\abstract{a b c d e ",
            r"\frac{",
            "{",
            "}",
            r"\(",
            "$a$ ",
        ]
    ),
)
def test_no_text_takes_long(unit: str) -> None:
    began = time.process_time()
    plain_prose((unit * LONGEST)[:LONGEST])
    assert time.process_time() - began < 1.5, "some of these took half a minute"
