"""Error pages, quota notices and a model's talk, in place of a translation or around it."""

import re

_NOTICE = re.compile(
    r"error 5\d\d \(server error\)|that.s an error|unusual traffic from your|server error!!1"
    r"|mymemory warning|query length limit|too many requests|invalid (?:source|target) language"
    r"|'\w*' is an invalid|no query specified|please select two distinct languages"
    r"|you used all available free translations|quota (?:has been )?exceeded|rate limit exceeded"
    r"|<!doctype|<(?:html|head|body|title|script|style|div|p|br|span)\b[^<>]*>",
    re.IGNORECASE,
)  # Texts of Google's and MyMemory's own pages, and any HTML.

# A model that talks: about the task, to somebody, or out of its template. No abstract does that.
_TALK = re.compile(
    r"\b(?:here(?: is|'s|’s| are)|below is) (?:the |your |a |my )?(?:\w+ ){0,2}translat"
    r"|\b(?:i hope this helps|let me know if|please provide the text|feel free to)\b"
    r"|\bas an? (?:ai|artificial intelligence)\b|\bas a (?:large )?language model, i\b"
    r"|\bi(?:['’]m| am) (?:sorry|unable|not able)\b|\bi (?:can(?:no|['’])t|cannot) (?:help|assist)"
    r"|\b(?:ignor\w+|disregard\w*) (?:all )?(?:the |my |your )?previous instructions"
    r"|\bsystem prompt\b|\bplaceholders?\b[^.]{0,40}\b(?:preserved|unchanged|kept)\b"
    r"|以下是[^。，]{0,24}(?:翻译|譯文|译文|翻譯)|(?:翻译|译文|翻譯|譯文)如下|作为(?:一个)?AI|作為AI"
    r"|(?:希望|如果)[^。]{0,12}(?:有帮助|需要(?:进一步|更多))|以下は[^。]{0,24}翻訳|以下が[^。]{0,24}翻訳"
    r"|\b(?:aquí (?:está|tienes)|a continuación (?:se presenta|está)) (?:la |tu )?traducción"
    r"|\bvoici (?:la |votre |une )?traduction|\bhier ist die (?:deutsche )?übersetzung"
    r"|\becco la traduzione|\baqui está a tradução|вот (?:ваш )?перевод"
    r"|<\|?/?(?:im_start|im_end|endoftext|system|user|assistant|think|eot_id)\|?>|\[/?INST\]",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\W*(?:(?:sure|certainly|of course|okay|sorry|apologies)\b\s*[,!.:]"
    r"|i(?:['’]m| am) sorry|i can(?:no|['’])t\b"
    r"|(?:translation|translated text|target|output|traducción|traduction|übersetzung|traduzione"
    r"|tradução|перевод|译文|译|翻译|譯文|翻譯|翻訳|訳文|번역)\s*(?:\([^()\n]{1,30}\)\s*)?[:：]"
    r"|(?:好的|当然|當然|抱歉|很抱歉|对不起|對不起)[，,。！!：:]|申し訳|죄송|lo siento,|désolé"
    r"|je suis désolé|es tut mir leid|mi dispiace|desculpe|извините|к сожалению, я)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"[\n(（\[]\s*\**(?:note|translator['’]s note|nota|hinweis|remarque|примечание|注|备注|说明)"
    r"\**\s*[:：][^\n]*$",
    re.IGNORECASE,
)
_PARAGRAPH = re.compile(r"\S\s*\n\s*\n\s*\S")


def is_notice(source: str, answer: str) -> bool:
    """Tell whether an answer is, or has in it, a page of errors, a quota notice, or HTML."""
    return _says(_NOTICE, source, answer)


def is_chatter(source: str, answer: str) -> bool:
    """Tell whether somebody talks in an answer, or adds paragraphs, where the source does not."""
    if _PARAGRAPH.search(answer) and not _PARAGRAPH.search(source):
        return True
    opening = _OPENING.match(answer)
    if opening and not _OPENING.match(source):
        return True
    return _says(_TALK, source, answer) or _says(_CLOSING, source, answer)


def _says(pattern: re.Pattern[str], source: str, answer: str) -> bool:
    known = source.casefold()
    # A paper may be about such things itself.
    return any(match[0].casefold() not in known for match in pattern.finditer(answer))
