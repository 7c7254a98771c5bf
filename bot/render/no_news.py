"""Nothing-new notice: why nothing came, be it weekend, holiday, no match, or arXiv itself."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.arxiv.calendar import is_quiet, next_announcement
from bot.i18n import Texts
from storage.models import SweepFault

LATELY = timedelta(days=1)


def no_news(
    *, news_at: datetime | None, mine: int, now: datetime, timezone: str, _: Texts
) -> str | None:
    """Return the reason as HTML; None where papers on the chat's topics came lately.

    `news_at` is when anything new was last found (None: never), `mine` how much of it was on the
    chat's topics.
    """
    if news_at is not None and news_at >= now - LATELY:
        if mine:
            return None
        return _("Nothing for you: none of the latest papers is on your topics.")
    if is_quiet(now):
        return _(
            "Nothing new: arXiv announces from Sunday to Thursday, 20:00 US Eastern."
            " That is next on {when} your time.",
            when=local(next_announcement(now), timezone, _),
        )
    return _(
        "Nothing new: arXiv announces from Sunday to Thursday, 20:00 US Eastern, but not on its"
        " holidays."
    )


def failing(fault: SweepFault | None, since: str, _: Texts) -> str:
    """Return what is wrong with arXiv since a moment, and that nothing gets lost, as HTML."""
    match fault:
        case SweepFault.UNREACHABLE:
            why = _("⚠️ arXiv has been unreachable since {when}.", when=since)
        case SweepFault.BUSY:
            why = _("⚠️ arXiv has been too busy to answer since {when}.", when=since)
        case SweepFault.BROKEN:
            why = _("⚠️ arXiv has been sending garbage since {when}.", when=since)
        case _:
            why = _("⚠️ Something has been wrong on my side since {when}.", when=since)
    return why + " " + _("I keep trying; nothing gets lost.")


def local(moment: datetime, timezone: str, _: Texts) -> str:
    """Return a moment by a chat's own clock, such as `24 Nov 2026, 09:00`."""
    at = moment.astimezone(ZoneInfo(timezone))
    return _("{date}, {time}", date=_.date(at), time=_.time(at))
