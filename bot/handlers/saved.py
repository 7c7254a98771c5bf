"""/saved: what a chat keeps, searched, and taken along to a reference manager."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import Connection
from telegram import Update

from bot.conversation.context import Context
from bot.i18n import Texts
from bot.render.citation import Entry, bibtex_file, ris_file
from bot.telegram.callback_data import NUMBER, matching, one_of, route
from bot.telegram.documents import send_document
from bot.telegram.keyboards import Row, button
from bot.telegram.pagination import PAGE, paper_page
from bot.telegram.replies import NO_PREVIEW, acknowledge, message_of, refuse, show
from bot.tex.to_unicode import to_text
from storage import matches, opinions
from storage.opinions import Kept

_MOST_BYTES = 40
"""Of the words that are searched: they travel in the data of buttons, 64 bytes at most."""

_FILES = (("BibTeX", "bib"), ("RIS", "ris"), ("Markdown", "md"))

EXPORT_FOUND = route(
    "kept", one_of(*(kind for _name, kind in _FILES)), matching(rf".{{1,{_MOST_BYTES}}}")
)
"""A file of what has some words."""

TURN = route("kept", NUMBER, matching(rf".{{0,{_MOST_BYTES}}}"))
"""Where a page begins, and the words that are searched."""
RANKED = route("keptby", NUMBER, matching(rf".{{1,{_MOST_BYTES}}}"))
"""The same, the most relevant first."""
EXPORT = route("kept", one_of(*(kind for _name, kind in _FILES)))


async def show_saved(update: Update, context: Context) -> None:
    """Take `/saved`, or `/saved words` to look for."""
    words = " ".join(context.args or ()).encode()[:_MOST_BYTES].decode(errors="ignore")
    await turn(update, context, 0, words)


async def turn(update: Update, context: Context, offset: int, words: str) -> None:
    """Show the page that begins at an offset."""
    await show(update, *await _page(context, words, offset), preview=NO_PREVIEW)


async def turn_ranked(update: Update, context: Context, offset: int, words: str) -> None:
    """Show a page of what is most about some words."""
    await show(update, *await _page(context, words, offset, ranked=True), preview=NO_PREVIEW)


async def export(update: Update, context: Context, kind: str, words: str = "") -> None:
    """Send what is kept as a file: all of it, or what has some words."""
    _, wanted, chat_id = context.texts, words.split(), context.chat.id

    def read(connection: Connection) -> tuple[list[Kept], dict[str, tuple[str, ...]]]:
        kept = opinions.find_saved(connection, chat_id=chat_id, words=wanted)
        ids = [one.paper.id for one in kept]
        return kept, matches.labels(connection, chat_id=chat_id, paper_ids=ids)

    kept, labels = await context.services.database.read(read, long=True)
    if not kept:
        await refuse(update, _.plain("Nothing saved yet."))
        return
    await acknowledge(update)
    entries = [Entry(paper, note, labels.get(paper.id, ())) for paper, note in kept]
    match kind:
        case "bib":
            content = await asyncio.to_thread(bibtex_file, entries)
        case "ris":
            content = await asyncio.to_thread(ris_file, entries)
        case _:
            content = _markdown(kept, _)
    day = datetime.now(UTC).date().isoformat()
    await send_document(
        message_of(update),
        content,
        name=f"paperboy-saved-{day}.{kind}",
        caption=_.plural("{n} paper", "{n} papers", len(kept)),
        texts=_,
    )


async def _page(
    context: Context, words: str, offset: int, *, ranked: bool = False
) -> tuple[str, list[Row]]:
    _, chat_id, wanted = context.texts, context.chat.id, words.split()

    def read(connection: Connection) -> tuple[int, int, list[Kept]]:
        total = opinions.count_saved(connection, chat_id=chat_id, words=wanted)
        start = min(offset, max(0, (total - 1) // PAGE * PAGE))
        return (
            total,
            start,
            opinions.find_saved(
                connection,
                chat_id=chat_id,
                words=wanted,
                ranked=ranked,
                limit=PAGE,
                offset=start,
            ),
        )

    total, offset, found = await context.services.database.read(read)
    if not found:
        if wanted:
            text = _("No saved papers with “{words}”.", words=words)
            return text, [[button(_.plain("‹ All saved papers"), TURN.data(0, ""))]]
        text = _("Nothing saved yet. Tap ☆ on a paper to keep it here.")
        return text, []
    heading = _.plural("<b>{n} saved paper</b>", "<b>{n} saved papers</b>", total)
    if wanted:
        heading = _.plural(
            "<b>{n} paper with “{words}”</b>",
            "<b>{n} papers with “{words}”</b>",
            total,
            words=words,
        )
    lines, rows = paper_page(
        found,
        _,
        lambda place: (RANKED if ranked else TURN).data(place, words),
        offset=offset,
        total=total,
    )
    if wanted and total > 1:
        other = _.plain("↕️ Last saved first") if ranked else _.plain("↕️ Most relevant first")
        rows.append([button(other, (TURN if ranked else RANKED).data(0, words))])
    if not wanted:
        lines.append(_("Search them: {example}", example="/saved splatting"))
    files = [
        button(name, EXPORT_FOUND.data(kind, words) if wanted else EXPORT.data(kind))
        for name, kind in _FILES
    ]
    return "\n\n".join([heading, *lines]), [*rows, files]


def _markdown(kept: list[Kept], _: Texts) -> str:
    told = ["# " + _.plain("Saved papers"), ""]
    for paper, note in kept:
        authors = ", ".join(map(to_text, paper.authors[:3])) + (" …" if paper.authors[3:] else "")
        day = paper.published_at.date().isoformat()
        told.append(f"- [{_escaped(to_text(paper.title))}]({paper.abs_url})  ")
        told.append(f"  {_escaped(authors)} · {day}")
        if note:
            told += ["", f"  > {_escaped(note)}"]
    return "\n".join(told) + "\n"


def _escaped(text: str) -> str:
    flat = " ".join(text.split())
    return "".join(f"\\{one}" if one in r"\`*_{}[]<>()#+-.!|$~&" else one for one in flat)
