"""Rich messages (Bot API 10.1): pushes with formulas drawn and abstracts folded away.

https://core.telegram.org/bots/api#sendrichmessage. Limits: 32,768 characters of text, the source
of formulas included, 500 blocks, 16 levels; each is kept with a wide margin. No formula stands in
`<details>`: Telegram Desktop 6.9.1 crashes on one there.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from markupsafe import Markup, escape

from bot.i18n import Texts
from bot.render.push_message import PushMessage, about, link, links, reason
from bot.tex.to_unicode import Span, readable
from bot.translation.paper_view import PaperView

_MOST = 28_000  # of 32,768
_LONGEST_ABSTRACT = 4_000
_LONGEST_FORMULA = 300

_MACROS = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi
    rho sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi
    Psi Omega frac dfrac tfrac sqrt sum prod int lim sup inf max min arg log ln exp sin cos tan det
    dim ker gcd deg Pr mathbb mathcal mathbf mathrm mathit mathsf mathfrak text textbf textit hat
    widehat tilde widetilde bar overline underline vec dot ddot left right big Big bigl bigr langle
    rangle lfloor rfloor lceil rceil vert Vert cdot cdots ldots dots vdots times div pm mp ast star
    circ bullet oplus otimes leq geq le ge neq ne ll gg approx sim simeq equiv cong propto in notin
    ni subset supset subseteq supseteq cup cap setminus emptyset forall exists neg land lor to gets
    rightarrow leftarrow Rightarrow Leftarrow leftrightarrow Leftrightarrow mapsto infty partial
    nabla ell hbar Re Im prime perp parallel mid quad qquad binom operatorname
    """
_DRAWN = frozenset(_MACROS.split())
"""Macros that every drawer of formulas knows; one with others is written as text."""


def as_rich(message: PushMessage, papers: Iterable[PaperView], _: Texts) -> PushMessage:
    """Return the message with its rich form, or without one where it would be too long.

    `papers` hold at least those of the message.
    """
    by_id = {paper.id: paper for paper in papers}
    parts: list[str] = [_paragraph(text) for text in message.before]
    for paper_id in message.paper_ids:
        parts += ["<hr/>"] if parts else []
        parts += _paper(by_id[paper_id], _)
    if message.after:
        parts += ["<hr/>", *(_paragraph(text) for text in message.after)]
    rich = "".join(parts)
    return replace(message, rich=rich) if len(rich) <= _MOST else message


def sample(_: Texts) -> str:
    """Return a rich message that shows whether an app can draw what pushes are made of."""
    title = _.plain("A sample")
    return "".join(
        (
            f"<h4>{escape(title)}</h4>",
            _paragraph(_("A formula: {formula}", formula=_math(r"e^{i\pi} + 1 = 0"))),
            _paragraph(_("Another one: {formula}", formula=_math(r"\sum_{k=1}^{n} \frac{1}{k^2}"))),
            _details(
                escape(_.plain("Abstract")),
                _("This text is folded away until somebody opens it."),
            ),
        )
    )


def _paper(paper: PaperView, _: Texts) -> list[str]:
    title = _drawn(readable(paper.title)) or escape(f"arXiv:{paper.id}")
    parts = [f"<h4>{link(paper.abs_url, title) or title}</h4>", _paragraph(about(paper, _))]
    why = reason(paper, _)
    parts += [_paragraph(why)] if why else []
    key = _drawn(_shortened(readable(paper.key_sentence)))
    parts += [_paragraph(f"<b>{key}</b>")] if key else []
    pieces = _shortened(readable(paper.abstract))
    if any(_is_drawn(piece) for piece in pieces):
        parts.append(_paragraph(_drawn(pieces)))
    elif text := "".join(piece.text for piece in pieces):
        parts.append(_details(escape(_.plain("Abstract")), escape(text)))
    return [*parts, _paragraph(links(paper, _))]


def _paragraph(content: str) -> str:
    return f"<p>{content}</p>"


def _details(summary: str, content: str) -> str:
    return f"<details><summary>{summary}</summary>{_paragraph(content)}</details>"


def _drawn(pieces: Sequence[Span]) -> Markup:
    """Return text with its formulas as such, where they are made of what every drawer knows."""
    return Markup("").join(
        _math(piece.source) if _is_drawn(piece) else escape(piece.text) for piece in pieces
    )


def _math(tex: str) -> Markup:
    return Markup("<tg-math>{}</tg-math>").format(tex)


def _is_drawn(piece: Span) -> bool:
    """Tell whether a formula is worth drawing (more than letters), and safe to draw."""
    tex = piece.source
    if not piece.formula or not tex or tex == piece.text or len(tex) > _LONGEST_FORMULA:
        return False
    # A mere exponent hangs on the word before it, which is no part of the formula.
    if re.search(r"[$%#&~]|\\\\|^[\^_]", tex):
        return False
    return all(name in _DRAWN for name in re.findall(r"\\([A-Za-z]+)", tex))


def _shortened(pieces: Sequence[Span]) -> list[Span]:
    """Return the beginning of a text that is far longer than abstracts are."""
    kept: list[Span] = []
    room = _LONGEST_ABSTRACT
    for piece in pieces:
        size = max(len(piece.text), len(piece.source))
        if size > room:
            cut = "" if piece.formula else piece.text[:room].rpartition(" ")[0]
            return [*kept, Span(f"{cut}…", formula=False)]
        kept.append(piece)
        room -= size
    return kept
