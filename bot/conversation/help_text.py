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
        _("/digest – everything as one document, or a page"),
        _("/search – search arXiv; or send me a link"),
        _("/saved – your saved papers"),
        _("/week – papers on your topics, rising words, news of saved papers"),
        _("/taste – give examples, and papers like them come first"),
        _("/settings – language, time, style, time zone, pause"),
        _("/status – what's next, and why nothing arrived"),
        _("/channels – new papers for your channel"),
        _("/export, /import – topics and settings as a file; reading lists"),
        _("/stop, /forget – pause everything; delete my data"),
        "",
        _("<b>Search syntax</b>"),
        _("{example} – both words, in title or abstract", example=code("diffusion policy")),
        _("{example} – exactly this phrase", example=code('"object pose"')),
        _("{example} – either of them", example=code("NeRF | 3DGS")),
        _("{example} – without this word", example=code("transformer -survey")),
        _("{example} – by author and category", example=code('au:"Yann LeCun" cat:cs.LG')),
    )
    return "\n".join(lines)
