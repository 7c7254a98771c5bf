"""Help on one screen, as a command and as the answer to a question or a greeting; parts of it."""

from bot.i18n import Texts, code
from bot.query.orders import Order
from bot.telegram.keyboards import Row, button
from bot.telegram.routes import PICK, SETTINGS, TOPICS


def way_of(order: Order, _: Texts, *, of_a_channel: bool) -> tuple[str, list[Row]]:
    """Return the command that does what somebody wants of the bot, as HTML, and its buttons.

    of_a_channel: what is wanted is for a channel that is managed, which /stop does not reach.
    """
    stop = _("/stop, /forget – pause everything; delete my data")
    topics = _("/topics – what you follow")
    settings = _("/settings – language, time, style, time zone, pause")
    follow = _("/subscribe – follow a topic: tap a ready-made one, or add your own words")
    lines = {
        Order.STOP: [stop, _("/unsubscribe – stop following a topic")],
        Order.TOPICS: [topics, _("/unsubscribe – stop following a topic")],
        Order.FORGET: [stop],
        Order.LATEST: [
            _("/latest – the newest papers, right now"),
            _("/digest – everything as one document, or a page"),
        ],
        Order.DIGEST: [_("/digest – everything as one document, or a page")],
        Order.FOLLOW: [follow],
        Order.TASTE: [_("/taste – give examples, and papers like them come first")],
        Order.WEEK: [_("/week – papers on your topics, rising words, news of saved papers")],
        Order.EXPORT: [_("/export, /import – topics and settings as a file; reading lists")],
        Order.CHANNELS: [_("/channels – new papers for your channel")],
        Order.SAVED: [_("/saved – your saved papers")],
        Order.STATUS: [_("/status – what's next, and why nothing arrived")],
    }.get(order, [settings])
    if of_a_channel and order in {Order.STOP, Order.FORGET}:
        lines = [settings, *lines[1:]]
    buttons = {
        Order.STOP: button(_.plain("⚙️ Settings"), SETTINGS.data("")),
        Order.RESUME: button(_.plain("⚙️ Settings"), SETTINGS.data("")),
        Order.TOPICS: button(_.plain("📚 My topics"), TOPICS.data()),
        Order.TIME: button(_.plain("⏰ Time"), SETTINGS.data("time")),
        Order.DAYS: button(_.plain("🗓 Days"), SETTINGS.data("days")),
        Order.COUNT: button(_.plain("📄 Papers at a time"), SETTINGS.data("papers")),
        Order.ZONE: button(_.plain("🌍 Time zone"), SETTINGS.data("zone")),
        Order.LANGUAGE: button(_.plain("🌐 Abstracts"), SETTINGS.data("language")),
        Order.SETTINGS: button(_.plain("⚙️ Settings"), SETTINGS.data("")),
        Order.FOLLOW: button(_.plain("➕ Follow a topic"), PICK.data()),
        Order.LATEST: button(_.plain("➕ Follow a topic"), PICK.data()),
    }
    head = _("This is how:")
    return "\n".join([head, "", *lines]), [[buttons[order]]] if order in buttons else []


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
