"""What a language model's answer says, and what it wraps around a translation."""

import json
import re
from collections.abc import Sequence
from typing import Any

from bot.http.client import json_of

_TEXT_PARTS = {"text", "output_text", None}
_ENDED = {"stop", "eos", "end_turn", "completed", "stop_sequence", None}


def said(answer: Any) -> tuple[str | None, str | None]:
    """Return what the model wrote, where it wrote something, and why it ended."""
    match answer:
        case {"choices": [dict(choice), *_]}:
            message = choice.get("message")
            content = message.get("content") if isinstance(message, dict) else choice.get("text")
            reason = choice.get("finish_reason")
            return text_of(content), reason if isinstance(reason, str) else None
    return None, None


def ended_well(reason: str | None) -> bool:
    """Say whether an answer came to its end, by its `finish_reason`."""
    return reason in _ENDED


def text_of(content: Any) -> str | None:
    """Return the text of a message's content, which may be a list of parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        return None
    # Parts of another type are thoughts, or pictures.
    parts = [
        part if isinstance(part, str) else part.get("text")
        for part in content
        if isinstance(part, str) or (isinstance(part, dict) and part.get("type") in _TEXT_PARTS)
    ]
    return "".join(part for part in parts if isinstance(part, str)) if parts else None


# Closed thoughts of every family; what stands behind the last sign that closes one is the answer.
_THOUGHT = re.compile(
    r"<(think|thinking|reasoning|thought|reflection|scratchpad)>.*?</\1>\s*|◁think▷.*?◁/think▷\s*"
    r"|\[THINK\].*?\[/THINK\]\s*|<seed:think>.*?</seed:think>\s*"
    r"|<\|channel>\s*thought.*?<channel\|>\s*",
    re.DOTALL | re.IGNORECASE,
)
_THOUGHT_ENDS = re.compile(
    r"^.*(?:</(?:think|thinking|reasoning|thought)>|◁/think▷|\[/THINK\]|</seed:think>|<channel\|>"
    r"|<\|END_THINKING\|>\s*(?:<\|START_(?:RESPONSE|TEXT)\|>)?"
    r"|<\|channel\|>final(?:<\|[a-z_]+\|>|\s)*<\|message\|>|assistantfinal(?=\W))\s*",
    re.DOTALL | re.IGNORECASE,
)
_END_SIGNS = re.compile(
    r"(?:\s*(?:</s>|<\|(?:im_end|endoftext|eot_id|end|return|end_of_text|eom_id)\|>|<end_of_turn>"
    r"|<\uff5cend\u2581of\u2581sentence\uff5c>|\[/?INST\]|<turn\|>|<\|END_(?:RESPONSE|TEXT)\|>))+\s*$"
)
_ANSWER = re.compile(
    r"^\s*<(answer|output|final|result|response)>(.*)</\1>\s*$", re.DOTALL | re.IGNORECASE
)
_FENCE = re.compile(r"```[\w-]*\s*\n?(.*?)\n?```", re.DOTALL)
_TAGS = re.compile(r"<(text|translation)>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
# "Here is the translation:" on a line of its own; the text that was asked for has one line.
_INTRODUCTION = re.compile(r"[^\n⟦⟧]{1,120}[:：]\**\s*\n+")
_QUOTES = {'"': '"', "“": "”", "«": "»", "「": "」", "『": "』", "„": "“"}


def tidy(answer: str) -> str:
    """Return an answer without the wrapping that models put around a translation.

    Thoughts, code fences, `{"translation": ...}`, the tags of the question, one introducing line,
    quotation marks, signs that end a turn. What is left beside a translation is for
    `bot.translation.checks.validation` to refuse.
    """
    text = _THOUGHT_ENDS.sub("", _THOUGHT.sub("", answer)).strip()
    text = _END_SIGNS.sub("", text).strip()
    if introduced := _INTRODUCTION.match(text):
        text = text[introduced.end() :].strip()
    for wrapping, group in ((_FENCE, 1), (_TAGS, 2), (_ANSWER, 2)):
        if wrapped := wrapping.fullmatch(text):
            text = wrapped[group].strip()
    text = _from_json(text)
    closing = _QUOTES.get(text[:1])
    if closing and len(text) > 1 and text[-1] == closing:
        inside = text[1:-1]
        if not {text[0], closing} & set(inside):
            text = inside.strip()
    return text


_JSON_BEGINS = re.compile(r"^[ \t]*(?:```[\w-]*[ \t]*\n\s*)?\{", re.MULTILINE)


def parted(answer: str) -> tuple[str, str]:
    """Return an answer without thoughts, and the JSON behind it; "" where there is none.

    A model may also put all into one object: `{"translation": ..., "tldr": ...}`.
    """
    text = _END_SIGNS.sub("", _THOUGHT_ENDS.sub("", _THOUGHT.sub("", answer)).strip()).strip()
    begin = _JSON_BEGINS.search(text)
    if begin is None:
        return text, ""
    found = text[begin.start() :].strip()
    fenced = _FENCE.fullmatch(found)
    summary = fenced[1].strip() if fenced else found
    if text[: begin.start()].strip():
        return text[: begin.start()].strip(), summary
    try:
        read = json_of(summary.encode())
    except ValueError:
        return text, ""
    match read:
        case {"translation": str(translation), **others} if others:
            return translation, json.dumps(others)
    return text, ""


def _from_json(text: str) -> str:
    if text[:1] not in {"{", '"'}:
        return text
    try:
        read = json_of(text.encode())
    except ValueError:
        return text
    match read:
        case str():
            return read
        # Whatever the key is called: there is one, and it was asked for one text.
        case dict() if len(read) == 1 and isinstance(inside := next(iter(read.values())), str):
            return inside
    return text
