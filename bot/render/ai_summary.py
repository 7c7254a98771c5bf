"""AI summary: what a language model says of a paper, labelled as such, with what it cites."""

from collections.abc import Mapping

from markupsafe import Markup

from bot.i18n import Texts
from bot.tex.to_unicode import one_line, readable, to_text
from bot.translation.paper_view import PaperView
from bot.translation.summary import Summary

_LONGEST_CITED = 400
_LONGEST_MODEL = 60
_LONGEST_TITLE = 300


def label(summary: Summary, _: Texts) -> str:
    """Return what says that this is a model's work, and whose, as text."""
    return _.plain("🤖 AI summary · {model}", model=one_line(summary.model)[:_LONGEST_MODEL])


def quoted(cited: tuple[str, ...]) -> str:
    """Return what a claim cites, as text."""
    text = "".join(span.text for span in readable(" ".join(cited)))
    if len(text) > _LONGEST_CITED:
        text = text[:_LONGEST_CITED].rpartition(" ")[0] + "…"
    return f"“{text}”"


def lead(paper: PaperView, _: Texts) -> Markup | None:
    """Return what stands first in a fold, as HTML: label, TL;DR, and what it cites; None: nothing.

    The label is seen together with the claim; what is cited, once the fold is opened.
    """
    if paper.summary is None or paper.summary.tldr is None:
        return None
    claim = paper.summary.tldr
    return Markup("<i>{}</i>\n<b>{}</b>\n{}\n\n").format(
        label(paper.summary, _), to_text(claim.text), quoted(claim.cited)
    )


def in_full(paper: PaperView, summary: Summary, _: Texts) -> str:
    """Return all that a model says of a paper as HTML; what each claim cites is folded away."""
    names: Mapping[str, str] = {
        "tldr": _.plain("In short"),
        "problem": _.plain("Problem"),
        "method": _.plain("Method"),
        "result": _.plain("Result"),
    }
    title = to_text(paper.title)[:_LONGEST_TITLE]
    head = Markup("<b>{}</b>\n<i>{}</i>").format(title, label(summary, _))
    claims = (
        Markup("<b>{}</b>: {}\n<blockquote expandable>{}</blockquote>").format(
            names[claim.field], to_text(claim.text), quoted(claim.cited)
        )
        for claim in summary.claims
    )
    return "\n\n".join([head, *claims])
