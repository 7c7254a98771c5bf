"""What a person reads whose file can't be used: every fault with its place and a way on."""

from bot.handlers import query_errors
from bot.i18n import Texts, code
from bot.transfer.entries import Fault, Kind, TransferError
from bot.transfer.format import LARGEST, MOST_TOPICS

SHOWN = 10
"""So many faults fit a message."""


def explain_file_error(error: TransferError, _: Texts) -> str:
    """Return the answer as HTML: the faults in the order of the file, a line or two each."""
    lines = [_("I can't use this file, so I changed nothing:")]
    lines += [f"• {_place(fault, _)}{_fault(fault, _)}" for fault in error.faults[:SHOWN]]
    if len(error.faults) > SHOWN:
        lines.append("…")
    return "\n".join(lines)


def _place(fault: Fault, _: Texts) -> str:
    place = []
    if fault.line is not None:
        place.append(_("line {n}", n=fault.line))
    if fault.topic is not None:
        place.append(_("topic {n}", n=fault.topic))
    return f"{', '.join(place)}: " if place else ""


def _fault(fault: Fault, _: Texts) -> str:
    if fault.query is not None:
        return query_errors.explain(fault.query, _)
    key, example = code(fault.key or ""), code(fault.detail or "")
    refusal = _("{key} can't be so. A good value is {example}", key=key, example=example)
    return {
        Kind.TOO_LARGE: _("It is too large: {most} bytes at most.", most=_.number(LARGEST)),
        Kind.NO_TEXT: _("It is not a text in UTF-8."),
        Kind.SYNTAX: _("This is not TOML: a quotation mark, a bracket or a value is missing."),
        Kind.UNKNOWN: _("I don't know {key}.", key=key),
        Kind.MISSING: _("{key} is missing, such as {example}", key=key, example=example),
        Kind.TWICE: _("This topic stands in the file twice."),
        Kind.TOO_MANY: _("Too many topics: {most} at most.", most=MOST_TOPICS),
    }.get(fault.kind, refusal)
