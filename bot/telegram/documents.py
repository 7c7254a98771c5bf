"""Documents: text files sent to a chat; where the chat takes no files, the text itself."""

from markupsafe import Markup
from telegram import InlineKeyboardMarkup, InputFile, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.i18n import Texts
from bot.telegram.replies import send
from bot.telegram.rights import lacks_rights_for_files

_LONGEST = 3_500
_MOST = 5
"""Messages that a file may become."""


async def send_document(
    to: Message,
    content: str,
    *,
    name: str,
    texts: Texts,
    caption: str | None = None,
    keyboard: InlineKeyboardMarkup | None = None,
) -> None:
    """Answer a message with a text file, its caption in HTML; else with the text, if it is short.

    Raises:
        BadRequest: it is too long for messages, and the chat takes no files.

    """
    file = InputFile(content.encode(), filename=name)
    try:
        await to.reply_document(
            file, caption=caption, parse_mode=ParseMode.HTML, reply_markup=keyboard
        )
    except BadRequest as error:
        pages = _pages(content)
        if not lacks_rights_for_files(error) or len(pages) > _MOST:
            raise
        _ = texts
        said = _("🚫 I may not send files here, so here is the text.")
        await send(to, "\n\n".join(filter(None, [said, caption])))
        for page in pages:
            await send(to, Markup("<pre>{}</pre>").format(page))


def _pages(text: str) -> list[str]:
    """Return a text in pieces that each fit into a message, cut between lines where they can be."""
    pages = [""]
    for line in text.splitlines(keepends=True):
        for start in range(0, len(line), _LONGEST):
            part = line[start : start + _LONGEST]
            if len(pages[-1]) + len(part) > _LONGEST:
                pages.append("")
            pages[-1] += part
    return [page for page in pages if page.strip()]
