"""Formulas of documents, as the chat page finds them in Markdown."""

import pytest

from bot.playground.page.formulas import formulas_of_markdown


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (r"Costs $O(n \log n)$ and $`x_1`$.", [r"O(n \log n)", "x_1"]),
        ("In a line:\n$$E = mc^2$$\n", ["E = mc^2"]),
        ("It costs $5 or $6.", []),
        ("One $x$ twice: $x$", ["x"]),
        ("Over\ntwo $a\nb$ lines", []),
        ("", []),
    ],
)
def test_formulas_are_found_where_github_sees_them(document: str, found: list[str]) -> None:
    assert list(formulas_of_markdown(document)) == found


def test_one_that_can_t_be_drawn_is_left_as_its_tex() -> None:
    assert list(formulas_of_markdown(r"$\foo$ and $x^2$")) == ["x^2"]
