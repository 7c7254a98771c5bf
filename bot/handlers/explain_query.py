"""Syntax errors of queries explained: the place, the reason and a way on."""

from unicodedata import east_asian_width

from markupsafe import Markup
from telegram import Update

from bot.conversation.context import Context
from bot.conversation.own_papers import registered
from bot.i18n import Texts, code
from bot.query.ast import Field
from bot.query.parser import MAX_LENGTH, QuerySyntaxError, SyntaxReason, normalise, parse
from bot.telegram.keyboards import button
from bot.telegram.replies import show
from bot.telegram.routes import LOOK
from bot.telegram.topic_mark import mark

_WIDTH = 30
"""How many characters of a query are shown: one line on a telephone."""
_BEFORE = 20
_ABOUT_ALL = {
    SyntaxReason.EMPTY,
    SyntaxReason.TOO_LONG,
    SyntaxReason.TOO_COMPLEX,
    SyntaxReason.ONLY_STOP_WORDS,
}
_EXAMPLE = '"gaussian splatting" cs.CV -survey'


async def show_error(update: Update, context: Context, error: QuerySyntaxError) -> None:
    """Say why a text is no query; what it may be instead is a button."""
    keyboard = []
    if error.suggestion is not None:
        topic = (await registered(context, normalise(parse(error.suggestion)))).topic
        keyboard = [[button(error.suggestion, LOOK.data(mark(topic)))]]
    await show(update, explain(error, context.texts), keyboard)


def explain(error: QuerySyntaxError, _: Texts, *, in_file: bool = False) -> str:
    """Return the answer as HTML: reason, the marked place, a mended query or an example.

    in_file: nothing can be tapped, so that the mended query is there to be copied.
    """
    parts = [_reason(error, _)]
    if error.text.strip() and error.reason not in _ABOUT_ALL:
        parts.append(f"<pre>{_marked(error)}</pre>")
    if error.suggestion is not None:
        mended = code(error.suggestion)
        copied = _("This would work: {query}", query=mended)
        parts.append(copied if in_file else _("Did you mean: {query}", query=mended))
    else:
        parts.append(_("For example: {query}", query=code(_EXAMPLE)))
    return "\n".join(parts)


def _reason(error: QuerySyntaxError, _: Texts) -> str:
    found = code(error.found)
    return {
        SyntaxReason.EMPTY: _(
            "Tell me what to look for: words, a “phrase”, an author or a category."
        ),
        SyntaxReason.TOO_LONG: _(
            "Too long: a query can have {limit} characters.", limit=_.number(MAX_LENGTH)
        ),
        SyntaxReason.TOO_COMPLEX: _("Too much for one query. Split it into two or more topics."),
        SyntaxReason.UNBALANCED_QUOTE: _("This quote is never closed."),
        SyntaxReason.UNBALANCED_BRACKET: _("This bracket has no match."),
        SyntaxReason.EMPTY_BRACKETS: _("There is nothing between these brackets."),
        SyntaxReason.DANGLING_OPERATOR: _("A word is missing next to {operator}.", operator=found),
        SyntaxReason.UNKNOWN_FIELD: _(
            "Unknown field {field}. Fields: {fields}.",
            field=found,
            fields=code(" ".join(f"{field}:" for field in Field if field)),
        ),
        SyntaxReason.EMPTY_FIELD: _("What should I look for in {field}?", field=found),
        SyntaxReason.UNKNOWN_CATEGORY: _("arXiv has no category {category}.", category=found),
        SyntaxReason.OTHER_CLASS: _(
            "arXiv no longer lists MSC and ACM classes such as {name}. Try words or a category.",
            name=found,
        ),
        SyntaxReason.BAD_ID: _(
            "{id} is not an arXiv id such as {example}.", id=found, example=code("2406.11840")
        ),
        SyntaxReason.MISPLACED_STAR: _(
            "* goes at the end of a word of two letters or more: {example}.",
            example=code("transform*"),
        ),
        SyntaxReason.ONLY_EXCLUSIONS: _("This only says what to leave out. Add what to look for."),
        SyntaxReason.ONLY_STOP_WORDS: _("Every paper has these words. Add one that says more."),
    }[error.reason]


def _marked(error: QuerySyntaxError) -> Markup:
    """Show the query around the place, and carets under what is wrong."""
    start = max(0, min(error.position - _BEFORE, len(error.text) - _WIDTH))
    end = start + _WIDTH
    shown = "".join(char if char.isprintable() else " " for char in error.text[start:end])
    before = ("…" if start else "") + shown[: error.position - start]
    after = shown[error.position - start :] + ("…" if end < len(error.text) else "")
    wrong = shown[error.position - start :][: max(1, len(error.found))]
    blank = "".join("\u3000" if _is_wide(char) else " " for char in before)
    carets = "".join("＾" if _is_wide(char) else "^" for char in wrong) or "^"
    return Markup("{}\n{}").format(before + after, blank + carets)


def _is_wide(char: str) -> bool:
    return east_asian_width(char) in {"W", "F"}
