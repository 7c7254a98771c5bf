"""Rich messages (Bot API 10.3): a whole push as one message, abstracts folded away, buttons inside.

https://core.telegram.org/bots/api#sendrichmessage. Limits: 32,768 characters of text, the source
of formulas included, 500 blocks, 16 levels, 8 buttons a row; each is kept with a wide margin. No
formula stands in `<details>`, where Telegram Desktop 6.9.1 crashes on one: in a folded abstract it
is readable text, and it is drawn in what is seen without a tap.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup, escape

from bot.i18n import Texts
from bot.render import ai_summary
from bot.render.push_message import PushMessage, about, link, links, reason
from bot.telegram.routes import SHOW_PAPER
from bot.tex.to_unicode import Span, readable
from bot.translation.paper_view import PaperView

_MOST = 28_000  # of 32,768, tags and addresses included
_MOST_PAPERS = 40  # of 6 blocks each, and some more: of 500 blocks
_MOST_BUTTONS = 5  # of 8 in a row: as many as fit on a telephone
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


def as_rich(
    messages: Sequence[PushMessage], papers: Iterable[PaperView], _: Texts, *, taps: bool = True
) -> list[PushMessage]:
    """Return a push's messages as rich ones, as few as they fit into: one for a usual morning.

    Each has the messages that say the same where Telegram does not take it; one that would be too
    long stays as it is. `papers` hold at least those of the messages. `taps`: each paper
    has a button.
    """
    by_id = {paper.id: paper for paper in papers}
    in_order = [paper_id for message in messages for paper_id in message.paper_ids]
    first = messages[0].first or 1 if messages else 1
    numbers = {paper_id: number for number, paper_id in enumerate(in_order, first)}
    blocks = {one: _paper(by_id[one], number, _) for one, number in numbers.items()}
    tapped = numbers if taps else {}
    together: list[list[PushMessage]] = []
    for message in messages:
        if together and _fits(_rich([*together[-1], message], tapped, blocks)):
            together[-1].append(message)
        else:
            together.append([message])
    made = [_rich(some, tapped, blocks) for some in together]
    return [one if _fits(one) else one.instead[0] for one in made]


def _fits(message: PushMessage) -> bool:
    return len(message.rich or "") <= _MOST and len(message.paper_ids) <= _MOST_PAPERS


def _rich(
    messages: Sequence[PushMessage], numbers: Mapping[str, int], blocks: Mapping[str, str]
) -> PushMessage:
    paper_ids = tuple(paper_id for message in messages for paper_id in message.paper_ids)
    parts = [
        *(_paragraph(text) for message in messages for text in message.before),
        *(blocks[paper_id] for paper_id in paper_ids),
        *(_rows(paper_ids, numbers) if numbers else ()),
        # What is said below several messages is said once.
        *dict.fromkeys(_paragraph(text) for message in messages for text in message.after),
    ]
    return PushMessage(
        "",
        paper_ids,
        rich="".join(parts),
        instead=tuple(messages),
        first=messages[0].first,
        tells_of_cap=any(message.tells_of_cap for message in messages),
    )


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
            _row(['<tg-button type="url" url="https://arxiv.org">arXiv</tg-button>']),
        )
    )


def _paper(paper: PaperView, number: int, _: Texts) -> str:
    title = _drawn(readable(paper.title)) or escape(f"arXiv:{paper.id}")
    parts = [f"<h4>{number}. {link(paper.abs_url, title) or title}</h4>"]
    claim = paper.summary.tldr if paper.summary else None
    cited = ""
    if paper.summary and claim:
        said = Markup("<i>{}</i><br><b>{}</b>")
        label = ai_summary.label(paper.summary, _)
        parts.append(_paragraph(said.format(label, _drawn(readable(claim.text)))))
        cited = escape(ai_summary.quoted(claim.cited))
    elif key := _drawn(_shortened(readable(paper.key_sentence))):
        parts.append(_paragraph(Markup("<b>{}</b>").format(key)))
    if why := reason(paper, _):
        parts.append(_paragraph(why))
    abstract = "".join(piece.text for piece in _shortened(readable(paper.abstract)))
    if abstract:
        parts.append(_details(about(paper, _), cited, escape(abstract), links(paper, _)))
    else:
        parts += [_paragraph(about(paper, _)), _paragraph(links(paper, _))]
    return "".join(parts)


def _rows(paper_ids: Sequence[str], numbers: Mapping[str, int]) -> Iterator[str]:
    """Yield rows of numbers that open papers' cards."""
    count = -(-len(paper_ids) // _MOST_BUTTONS)
    width = -(-len(paper_ids) // count) if count else 0
    for start in range(0, len(paper_ids), width or 1):
        row = paper_ids[start : start + width]
        yield _row(_tap(str(numbers[one]), SHOW_PAPER.data(one)) for one in row)


def _row(buttons: Iterable[str]) -> str:
    return f"<tg-button-row>{''.join(buttons)}</tg-button-row>"


def _tap(text: str, data: str) -> str:
    made = Markup('<tg-button type="callback_data" data="{}">{}</tg-button>')
    return made.format(data, text)


def _paragraph(content: str) -> str:
    return f"<p>{content}</p>"


def _details(summary: str, *paragraphs: str) -> str:
    inside = "".join(_paragraph(text) for text in paragraphs if text)
    return f"<details><summary>{summary}</summary>{inside}</details>"


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
