"""Push messages: papers as a few short HTML messages that no client refuses.

Limits: 4,096 characters after entity parsing, counted in UTF-16 units here as entities are; a raw
text of at most 32,768 bytes; at most 100 entities (https://core.telegram.org/bots/api#sendmessage,
https://core.telegram.org/bots/api#html-style). Each is kept with a margin.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from math import ceil
from threading import Lock

from cachetools import LRUCache, cached
from markupsafe import Markup, escape
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import Texts, unlinked, unlinked_whole
from bot.render import ai_summary
from bot.telegram.routes import SHOW_PAPER
from bot.tex.to_unicode import Span, one_line, readable, to_text
from bot.translation.paper_view import PaperView
from storage.models import ORIGINAL

MOST_SHOWN = 4_000  # of 4,096
_MOST_BYTES = 30_000  # of 32,768
LONGEST_NAME = 80
PAPERS_PER_MESSAGE = 8  # a message; with 8 entities each, far from 100
LONGEST_TITLE = 300
_LONGEST_KEY = 400
_LONGEST_URL = 500
# A lone surrogate can't be written in UTF-8.
_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f\x7f\ud800-\udfff]+")
_ALL_NAMED = 3  # authors; of more, two are named and all are counted
_MOST_LABELS = 4
_NUMBERS = 5  # buttons a row at most
_SAME_ROOM = 3_600
"""No abstract of arXiv's takes more (1,920 characters of English), so that a paper is the same text
for all chats, whatever else their messages say."""
_BLOCKS = 4_000
"""Papers by language that are kept as text: about what a day's pushes are made of."""


@dataclass(frozen=True, slots=True)
class PushMessage:
    """One message to send, and the papers that count as delivered when Telegram accepts it."""

    html: str
    paper_ids: tuple[str, ...]
    before: tuple[str, ...] = ()
    """The paragraphs above the papers."""
    after: tuple[str, ...] = ()
    """The paragraphs below them."""
    rich: str | None = None
    """A rich message, where the chat shows such; then `html` is empty."""
    instead: "tuple[PushMessage, ...]" = ()
    """What says the same where Telegram does not take the rich one."""
    photo: bytes | None = None
    """A picture that `html` is the caption of; `html` alone where Telegram refuses it."""
    keyboard: InlineKeyboardMarkup | None = None
    """What one may do with its papers."""
    first: int = 0
    """The number that its first paper has in the push; 0: they have none."""
    tells_of_cap: bool = False
    """It explains that a push has a cap, and what to do about it."""


def push_messages(
    papers: Sequence[PaperView],
    *,
    _: Texts,
    header: str | None = None,
    footer: str | None = None,
    language: str = ORIGINAL,
    first: int = 0,
    most: int = PAPERS_PER_MESSAGE,
) -> list[PushMessage]:
    """Return the papers, each once and in this order, in as few messages as read well.

    `header` (on the first message) and `footer` (on the last) are short HTML. `language` is the one
    the chat wants abstracts in: a message with an untranslated one says so. `first` is the number
    of the first paper; 0: they have none. `most` is how many papers a message has at most. No
    papers give no messages.
    """
    note = untranslated(_)
    ending = [footer] if footer else []
    reserved = Size.of(ending) + (Size.of([note]) if language != ORIGINAL else NOTHING)

    pages: list[list[tuple[PaperView, str]]] = []
    used = NOTHING
    for place, paper in enumerate(papers):
        intro = Size.of([header]) if header and len(pages) <= 1 else NOTHING
        room = MOST_SHOWN - reserved.shown - intro.shown
        block, size = _block(paper, _, number=first and first + place, room=room)
        if not pages or len(pages[-1]) == most or not (used + size).fits():
            used = reserved + (Size.of([header]) if header and not pages else NOTHING)
            pages.append([])
        pages[-1].append((paper, block))
        used += size

    messages = []
    for number, page in enumerate(pages, 1):
        before = [header] if header and number == 1 else []
        blocks = [block for paper, block in page]
        after = ending if number == len(pages) else []
        if language != ORIGINAL and not all(paper.translated for paper, block in page):
            after = [note, *after]
        messages.append(
            PushMessage(
                "\n\n".join([*before, *blocks, *after]),
                tuple(paper.id for paper, block in page),
                before=tuple(before),
                after=tuple(after),
                first=first,
            )
        )
        first = first and first + len(page)
    return messages


def untranslated(_: Texts) -> str:
    """Return what a message says where a paper could not be translated, as HTML."""
    note = _("Some abstracts are shown in English: the translators did not answer.")
    return f"<i>{note}</i>"


def new_papers(count: int, _: Texts) -> str:
    """Return the header of a push, as HTML."""
    return _.plural("☀️ <b>{n} new paper</b>", "☀️ <b>{n} new papers</b>", count)


def numbers(message: PushMessage, _: Texts) -> list[list[InlineKeyboardButton]]:
    """Return rows of buttons below a message: each number opens the card of its paper."""
    if not message.first:
        (paper_id,) = message.paper_ids
        text = _.plain("☆ Save, note, cite …")
        return [[InlineKeyboardButton(text, callback_data=SHOW_PAPER.data(paper_id))]]
    row = [_number(*each) for each in enumerate(message.paper_ids, message.first)]
    width = ceil(len(row) / ceil(len(row) / _NUMBERS))
    return [row[start : start + width] for start in range(0, len(row), width)]


@lru_cache(maxsize=2 * _BLOCKS)  # each paper is the first of some pushes, and the last of others
def _number(number: int, paper_id: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(str(number), callback_data=SHOW_PAPER.data(paper_id))


_CODED = re.compile(r"([a-z-]+\.[A-Za-z*-]+) · (.+)")
"""What all of a category or an archive is called: `cs.RO · Robotics`."""


def heading(label: str) -> Markup:
    """Return a topic's label as a heading; of a bare `cs.RO` Telegram would make a link."""
    if (coded := _CODED.fullmatch(label)) is None:
        return Markup("<b>{}</b>").format(unlinked(label))
    return Markup("<code>{}</code> · <b>{}</b>").format(*coded.groups())


def preview(
    label: str, lines: Sequence[str], papers: Sequence[PaperView], _: Texts, *, most: int = 3
) -> str:
    """Return what a query finds, as HTML: its label, lines about it, and a few examples.

    `lines` are HTML, such as how many papers it finds; of `papers` the first `most` are shown.
    """
    head = "\n".join([heading(shortened(label)), *lines])
    examples = [
        f"• {linked_title(paper)} · {_.date(paper.published_on)}" for paper in papers[:most]
    ]
    return "\n\n".join([head, *examples])


def shown_length(message: str) -> int:
    """Return how long Telegram says this HTML is: its UTF-16 units after entity parsing."""
    return units(html.unescape(re.sub(r"<[^>]*>", "", message)))


@dataclass(frozen=True, slots=True)
class Size:
    """What some paragraphs take of a message, the blank lines before them included."""

    shown: int
    raw: int

    @classmethod
    def of(cls, paragraphs: Sequence[str]) -> "Size":
        """Return what they take together."""
        return sum(map(_size, paragraphs), start=NOTHING)

    def __add__(self, other: "Size") -> "Size":
        return Size(self.shown + other.shown, self.raw + other.raw)

    def fits(self) -> bool:
        """Tell whether one message holds as much."""
        return self.shown <= MOST_SHOWN and self.raw <= _MOST_BYTES


NOTHING = Size(0, 0)


@lru_cache(maxsize=_BLOCKS)
def _size(paragraph: str) -> Size:
    return Size(shown_length(paragraph) + 2, len(paragraph.encode()) + 2)


def about(paper: PaperView, _: Texts) -> str:
    """Return who wrote a paper, when, and on which topics it is, as HTML."""
    return " · ".join(filter(None, [_about_all(paper, _), _tags(paper.labels)]))


def _about_all(paper: PaperView, _: Texts) -> str:
    day = _.date(paper.published_on).replace(" ", "\u00a0")  # narrow screens break no date
    mark = Markup("⚠️ <b>{}</b>").format(_.plain("Withdrawn")) if paper.withdrawn else None
    return " · ".join(filter(None, [mark, _authors(paper, _), day]))


def links(paper: PaperView, _: Texts) -> str:
    """Return the ways to a paper, as HTML."""
    named = [
        link(paper.abs_url, _.plain("Abstract")),
        link(paper.pdf_url, _.plain("PDF")),
        link(paper.code_url, _.plain("Code")),
    ]
    return " · ".join(filter(None, named))


def reason(paper: PaperView, _: Texts) -> str | None:
    """Return why a paper comes, as HTML, where something that is liked is the reason."""
    if not paper.because:
        return None
    title = cut(readable(paper.because.title), LONGEST_NAME)
    if paper.because.given:
        return _("💡 Close to “{title}”, given as an example", title=title)
    return _("💡 Because you saved “{title}”", title=title)


def _block(paper: PaperView, _: Texts, *, number: int, room: int) -> tuple[str, Size]:
    """Return one paper, its abstract cut where it would take more than `room` UTF-16 units."""
    tags, why = _tags(paper.labels), reason(paper, _)
    mark = f"{number}. " if number else ""
    own = (f" · {tags}" if tags else "") + (f"\n{why}" if why else "")
    size = Size.of([mark + own]) if mark or own else NOTHING
    shared = _shared(paper, _, min(_SAME_ROOM, room - size.shown))
    return f"{mark}{shared.above}{own}\n{shared.below}", shared.size + size


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a paper says to all chats of a language alike: above and below what is the chat's."""

    above: str
    below: str
    size: Size


# By a hash: the cache is to keep no abstracts beside what was made of them.
@cached(LRUCache(_BLOCKS), key=lambda paper, _, room: hash((paper.for_all(), _, room)), lock=Lock())
def _shared(paper: PaperView, _: Texts, room: int) -> _Shared:
    paper = replace(paper, labels=(), because=None)
    ways = links(paper, _)
    head = "\n".join(filter(None, [linked_title(paper), _about_all(paper, _)]))
    read_on = Markup(" ") + (link(paper.abs_url, _.plain("Read on at arXiv")) or Markup())
    key = cut(readable(paper.key_sentence), _LONGEST_KEY)
    said = Markup("<b>{}</b>\n").format(key) if key else Markup()
    lead = (paper.summary and ai_summary.lead(paper, _)) or said
    room -= Size.of([head, ways, lead]).shown
    pieces = readable(paper.abstract)
    abstract = escape(cut(pieces, room))
    if abstract and units("".join(piece.text for piece in pieces)) > room:
        abstract = escape(cut(pieces, room - shown_length(read_on))) + read_on
    # What the paper brings is what is seen without a tap.
    fold = Markup("<blockquote expandable>{}{}</blockquote>").format(lead, abstract)
    quote = fold if abstract else ""
    below = "\n".join(filter(None, [quote, ways]))
    return _Shared(head, below, Size.of([head, below]))


def linked_title(paper: PaperView, longest: int = LONGEST_TITLE) -> Markup:
    """Return a paper's title in bold, and its page on arXiv behind it."""
    text = cut(readable(paper.title), longest) or f"arXiv:{paper.id}"
    return Markup("<b>{}</b>").format(link(paper.abs_url, text) or text)


def _authors(paper: PaperView, _: Texts) -> str:
    names = [shortened(to_text(name)) for name in paper.authors]
    if len(names) <= _ALL_NAMED:
        return escape(", ".join(filter(None, names)))
    first = ", ".join(names[:2])
    return _.plural(
        "{names} et al. ({n} author)", "{names} et al. ({n} authors)", len(names), names=first
    )


@lru_cache(maxsize=_BLOCKS)
def _tags(labels: tuple[str, ...]) -> Markup | None:
    labels = tuple(shortened(label) for label in labels)
    # One entity a label: a message has a hundred.
    pieces = (unlinked_whole(one) or Markup("<b>{}</b>").format(one) for one in labels)
    shown = Markup(", ").join(islice(pieces, _MOST_LABELS))
    hidden = len(labels) - _MOST_LABELS
    return (shown + f" +{hidden}" if hidden > 0 else shown) or None


def link(url: str | None, text: str) -> Markup | None:
    """Return a link, or None for an address that Telegram would drop or that bursts a message."""
    if not url or len(url) > _LONGEST_URL or not _ADDRESS.fullmatch(url):
        return None
    return Markup('<a href="{}">{}</a>').format(url, text)


def shortened(text: str) -> str:
    """Return a name or a label on one line, of no more than usual length."""
    return cut([Span(one_line(text), formula=False)], LONGEST_NAME)


def cut(pieces: Sequence[Span], room: int) -> str:
    """Return the text in at most `room` UTF-16 units, with an ellipsis where something is gone.

    It is cut between words, or in scripts without spaces between what a reader sees as characters;
    never inside a formula.
    """
    if sum(units(piece.text) for piece in pieces) <= room:
        return "".join(piece.text for piece in pieces)
    room -= len("…")
    kept = []
    for piece in pieces:
        size = units(piece.text)
        if size > room:
            kept.append("" if piece.formula else _start(piece.text, room))
            break
        kept.append(piece.text)
        room -= size
    return "".join(kept).rstrip() + "…"


def _start(text: str, room: int) -> str:
    end = 0
    while end < len(text) and (room := room - units(text[end])) >= 0:
        end += 1
    while end and not _is_boundary(text, end):
        end -= 1
    word = re.search(r"[!-~]*$", text[:end])
    if word and word[0] and text[end : end + 1].isascii() and not text[end : end + 1].isspace():
        whole_words = len(word[0]) < LONGEST_NAME or "://" in word[0]
        end = word.start() if whole_words else end
    return text[:end]


def _is_boundary(text: str, at: int) -> bool:
    """Tell whether a reader sees two characters here (Unicode annex 29, less its rarest rules)."""
    before, after = text[at - 1 : at], text[at : at + 1]
    if not before or not after:
        return True
    joined = "\u200d" in {before, after} or unicodedata.combining(before) == _VIRAMA
    if joined or unicodedata.category(after).startswith("M") or _EXTENDS.match(after):
        return False
    flags = re.search("[\U0001f1e6-\U0001f1ff]*$", text[:at])
    pairs_up = flags is not None and len(flags[0]) % 2 == 1
    return not (pairs_up and "\U0001f1e6" <= after <= "\U0001f1ff")


_VIRAMA = 9  # the combining class of what joins two consonants in Indian scripts
_EXTENDS = re.compile("[\u200c\u1160-\u11ff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


def units(text: str) -> int:
    """Return how many UTF-16 units a text has."""
    return len(text.encode("utf-16-le")) // 2
