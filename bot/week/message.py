"""Message of a week: a short text, which is the caption of the picture where there is one.

A caption has at most 1,024 characters after entity parsing, counted as UTF-16 units here
(https://core.telegram.org/bots/api#sendphoto).
"""

from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup, escape
from telegram import InlineKeyboardButton

from bot.i18n import Texts, unlinked
from bot.render.push_message import heading, link, shown_length
from bot.telegram.keyboards import button
from bot.telegram.routes import PUT
from bot.tex.to_unicode import to_text
from bot.week.look_back import LookBack, TopicLine
from bot.week.watch import Change
from storage.models import NO_DAY, Chat, Paper
from storage.weeks import HeldBack

_LONGEST = 1_000  # of 1,024
_LABEL, _TITLE = 40, 90
_PAPERS = 5
"""Saved papers whose news are told; of more their number."""


def text(week: LookBack, _: Texts) -> str:
    """Return the text as HTML. What there is no room for is left out, from the end of each part."""
    for shown in range(max(len(week.topics), _PAPERS), 0, -1):
        lines = "\n".join(_lines(week, shown, _))
        if shown_length(lines) <= _LONGEST:
            break
    return lines


def buttons(chat: Chat, _: Texts) -> list[list[InlineKeyboardButton]]:
    """Return what switches it off, a tap each."""
    off = []
    if chat.week_day != NO_DAY:
        off.append(button(_.plain("🔕 No weekly look back"), PUT.data("week", "off")))
    if chat.watches_saved:
        off.append(button(_.plain("🔕 No news of saved papers"), PUT.data("watch", "off")))
    return [[one] for one in off]


def _lines(week: LookBack, shown: int, _: Texts) -> Iterator[str]:
    days = _("{start} – {end}", start=_.date(week.starts_on), end=_.date(week.ends_on))
    yield _("<b>Your week</b>") + f" · {days}"
    parts = (
        [f"{place}. {_topic(line, _)}" for place, line in enumerate(week.topics[:shown], start=1)],
        _more(len(week.topics[shown:]) + week.more_topics, _),
        _rising(week, _),
        _held_back(week.held_back, _),
        _saved(week.saved, _),
        _changed(week.changed, min(shown, _PAPERS), _),
    )
    topics, more, *others = parts
    for part in filter(None, ([*topics, *more], *others)):
        yield ""
        yield from part


def _topic(line: TopicLine, _: Texts) -> str:
    label = heading(_short(line.label, _LABEL))
    papers = line.papers[-1] if line.papers else 0
    if line.usual is None:
        return _.plural("{label}: {n} paper", "{label}: {n} papers", papers, label=label)
    usual = _.number(round(line.usual, 1) if line.usual < 1 else round(line.usual))
    return _.plural(
        "{label}: {n} paper, usually {usual}",
        "{label}: {n} papers, usually {usual}",
        papers,
        label=label,
        usual=usual,
    )


def _more(hidden: int, _: Texts) -> list[str]:
    return [_.plural("… and {n} more topic", "… and {n} more topics", hidden)] if hidden else []


def _rising(week: LookBack, _: Texts) -> list[str]:
    if not week.rising:
        return []
    words = [
        _(
            "{word} ({papers}, usually {usual})",
            word=Markup("<b>{}</b>").format(unlinked(one.word)),
            papers=_.number(one.papers),
            usual=_.number(round(one.usual, 1)),
        )
        for one in week.rising
    ]
    # What is put in is HTML already.
    return [_.plain("📈 On the rise in titles: {words}", words=_(", ").join(words))]


def _held_back(papers: Iterable[HeldBack], _: Texts) -> list[str]:
    lines = [f"• {_linked(one.paper)}" for one in papers]
    return [_("📥 Not shown yet, and worth a look:"), *lines] if lines else []


def _saved(papers: int, _: Texts) -> list[str]:
    if not papers:
        return []
    return [_.plural("⭐ You saved {n} paper: /saved", "⭐ You saved {n} papers: /saved", papers)]


def _changed(found: Sequence[tuple[Paper, tuple[Change, ...]]], shown: int, _: Texts) -> list[str]:
    if not found:
        return []
    words = _words(_)
    lines = [
        "• "
        + _(
            "{paper}: {news}",
            paper=_linked(paper),
            news=_(", ").join(words[change] for change in news),
        )
        for paper, news in found[:shown]
    ]
    if (hidden := len(found) - shown) > 0:
        lines.append(_.plural("… and {n} more paper", "… and {n} more papers", hidden))
    return [_("🔖 News of papers that you saved:"), *lines]


def _words(_: Texts) -> dict[Change, str]:
    return {
        Change.WITHDRAWN: _("withdrawn by its authors"),
        Change.TITLE: _("a new version with another title"),
        Change.ABSTRACT: _("a new version with another abstract"),
        Change.COMMENT: _("a new version with another comment"),
        Change.VERSION: _("a new version"),
        Change.JOURNAL: _("it appeared in a journal"),
        Change.DOI: _("it has a DOI"),
        Change.CODE: _("code appeared"),
    }


def _linked(paper: Paper) -> Markup:
    return link(paper.abs_url, _short(paper.title, _TITLE)) or escape(_short(paper.title, _TITLE))


def _short(tex: str, most: int) -> str:
    plain = to_text(tex) or "—"
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
