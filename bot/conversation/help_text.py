"""Help on one screen, as a command and as the answer to a question or a greeting."""

from bot.i18n import Texts, code


def help_text(_: Texts) -> str:
    """Return what the bot can do, as HTML."""
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
    return "\n".join(lines)
