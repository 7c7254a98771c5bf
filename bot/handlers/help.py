"""/help, and a kind word for commands that do not exist."""

from telegram import Update

from bot.conversation.context import Context
from bot.i18n import code
from bot.telegram.replies import show


async def show_help(update: Update, context: Context) -> None:
    """Say what the bot can do, on one screen."""
    _ = context.texts
    lines = (
        _("<b>What I can do</b>"),
        "",
        _("/subscribe – follow a topic: tap a ready-made one, or add your own words"),
        _("/topics – what you follow"),
        _("/unsubscribe – stop following a topic"),
        _("/latest – the newest papers, right now"),
        _("/digest – everything as one Markdown document"),
        _("/search – look for papers on arXiv; or send me a link to one"),
        _("/saved – the papers that you keep"),
        _("/settings – language, time of the push, time zone, pause"),
        _("/status – when I looked, what waits, and why nothing came"),
        _("/channels – new papers for a channel of yours"),
        _("/export, /import – topics and settings as a file"),
        _("/stop, /forget – no more pushes; or delete everything"),
        "",
        _("<b>How to write a query</b>"),
        _("{example} – both words, in title or abstract", example=code("diffusion policy")),
        _("{example} – exactly this phrase", example=code('"object pose"')),
        _("{example} – either of them", example=code("NeRF | 3DGS")),
        _("{example} – without this word", example=code("transformer -survey")),
        _("{example} – by author and category", example=code('au:"Yann LeCun" cat:cs.LG')),
    )
    await show(update, "\n".join(lines))


async def unknown_command(update: Update, context: Context) -> None:
    """Point to /help."""
    _ = context.texts
    await show(update, _("I don't know that command. /help shows what I can do."))
