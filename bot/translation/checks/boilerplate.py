"""Error pages, quota notices and a model's talk, in place of a translation or around it.

Talk is known by its form, not by its phrases: something before a first colon, sentences more than
the source has, an address to the reader, marks of a template or of a document.
"""

import re

from bot.translation.checks import sentences

_NOTICE = re.compile(
    r"error 5\d\d \(server error\)|that.s an error|unusual traffic from your|server error!!1"
    r"|mymemory warning|query length limit|too many requests|invalid (?:source|target) language"
    r"|'\w*' is an invalid|no query specified|please select two distinct languages"
    r"|you used all available free translations|quota (?:has been )?exceeded|rate limit exceeded"
    r"|<!doctype|<(?:html|head|body|title|script|style|div|p|br|span)\b[^<>]*>",
    re.IGNORECASE,
)  # Texts of Google's and MyMemory's own pages, and any HTML.

_OPENING = re.compile(
    r"\W*(?:(?:sure|certainly|of course|okay|ok|sorry|apologies|claro|por supuesto|gern|natürlich"
    r"|bien sûr|certo|certamente|com certeza|конечно|好的|当然|當然"
    r"|没问题|沒問題|抱歉|很抱歉|对不起|對不起"
    r"|はい|承知しました|네|물론|lo siento|désolé"
    r"|je suis désolé|es tut mir leid|mi dispiace|desculpe"
    r"|извините)\b\s*[,，.。!！:：]|i(?:['’]m| am) sorry|i can(?:no|['’])t\b|申し訳|죄송)",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"\*\*|__|```|~~|^\s*(?:#{1,6}|>) |\n\s*(?:[-*•]|\d+\.) |</?[A-Za-z][\w:-]*\s*/?>"
    r"|&(?:[A-Za-z]{2,8}|#x?[0-9a-fA-F]{2,6});"
    r"|\\u[0-9a-fA-F]{4}|^\s*\{\s*[\"“']\w+[\"”']\s*:|^\s*\[\s*[\"“']|\[/?[A-Z]{3,}\]"
    r"|<\|[^<>|]{0,40}\|?>|<\uff5c[^<>]{0,40}\uff5c>|</?s>|[◁▷]|<(?:start|end)_of_\w+>"
    r"|<[A-Za-z]\w*\s+[\w:-]+=[^<>]{0,200}>|<\|\w{1,20}>|<\w{1,20}\|>|<<[A-Z]{2,}>>|>>[a-z_]{2,8}<<"
    # Pieces of words, as tokenizers write them, and pictures.
    r"|▁|[ĠĊ]|@@(?=\s)|⁇|<0x[0-9A-F]{2}>|[\U0001f300-\U0001faff\u2705\u2714\u274c\u2b50\u2728]"
    # UTF-8 that was read as Latin-1, what can't be read, what turns the text around; joiners are a
    # part of some scripts.
    r"|[ÃÂÐÑ][\u0080-\u00bf]|â€|ï¿½|锟斤拷"
    r"|[\ufffd\ue000-\uf8ff\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]"
)
_EMPHASIS = re.compile(r"(?<![\w*])\*[^\s*][^*\n]{0,80}(?<!\s)\*(?![\w*])")
_ASIDE = re.compile(r"[(（\[【〔][^()（）\[\]【】⟦⟧:：\d]{1,30}[:：]")
_REMARK = re.compile(r"[.。!！?？][”’»\"]?\s*[(（\[【][^()（）\[\]【】⟦⟧]{2,120}[)）\]】]\s*$")
_OPENING_BRACKET = re.compile(
    r"\s*[\[［【〔<《(（][^\[\]［］【】〔〕<>《》()（）\d⟦⟧]{1,20}[\]］】〕>》)）]"
)
_INTRODUCTION = re.compile(r"\s*([^:：.。!！?？\n]{1,60})[:：](?!//)\s*")
_COUNTERPART = re.compile(r"[:：]|\s[—–-]+\s|—|\?")
_LEAST_IN_LETTERS, _LEAST_IN_HAN = 0.3, 0.12
"""How long what stands before a colon is beside what stands before the source's."""
_WORDS = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(
    r"\b(?:you|your|sure|please|let me|sorry)\b"
    r"|\b(?-i:I)(?:['’]|(?= (?:am|hope|can|will|would|have|kept|only)\b))"
    r"|[您你]|(?<![申邀聘提敬])请(?!求)|(?<!自)我(?=无法|無法|不能|会|會|可以|已|保留|将|將|翻|来|很|是|希望)"
    r"|\b(?:usted|ustedes|yo|dime|avís\w+|espero|puedo|siento)\b"
    r"|\b(?:ich|mir|bitte)\b|\b(?-i:Ihnen)\b|\b(?:vous|votre|désolé\w*)\b"
    r"|\b(?:você|desculpe|posso)\b|\b(?:mi dispiace|scusa\w*)\b|\b(?:я|вам|вас|вы|мне|извините)\b"
    r"|申し訳|ください|ございま|죄송|드립니다|세요|십시오|바랍니다"
    r"|\bsystem prompt\b|\bprevious instructions\b|\blanguage model, i\b",
    re.IGNORECASE,
)
_OF_TRANSLATING = re.compile(
    r"翻译|译文|翻譯|譯文|译者|譯者|翻訳|訳文|번역|\btradu|übersetz"
    r"|перевод|перекла|translat|\bn\. ?del? t\b",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(
    r"中文|简体|簡體|繁体|繁體|英文|日本語|英語|한국어|영어|español|castellano|inglés|franç|anglais|deutsch|englisch"
    r"|portugu|inglês|italiano|русск|англ|україн|english",
    re.IGNORECASE,
)
"""Languages by their own names, and English by theirs."""
_ABOUT_TRANSLATING = re.compile(
    r"translat|interpret|multilingual|cross-lingual|rendition", re.IGNORECASE
)
_SPEAKS_TO_SOMEBODY = re.compile(
    r"\b(?:you|your|i|me|my|please|sorry|question|prompts?|answer\w*|ask\w*"
    r"|instructions?|hello|user\w*)\b|[\"“]",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"\b(?:see|visit|refer|check|consult|contact|available|found)\b", re.IGNORECASE
)
_POLITE = re.compile("请|ください|세요|십시오|바랍니다|bitte", re.IGNORECASE)
"""How readers are told to look somewhere, where the source tells them."""
_LINK = re.compile(r"(?:https?://|www\.)[!#-;=?-{}~]+(?<![.,;)])|[\w.+-]+@[\w.-]+\w")
_PARAGRAPH = re.compile(r"\S\s*\n\s*\n\s*\S")
_LONGEST_INTRODUCTION = 8
"""Words."""
_LONGEST_IN_HAN = 20
"""Characters."""
_SHORT_IN_HAN = 6
_LABEL = re.compile(
    "[译譯訳版]|以下|如下|这是|這是|下面|摘要|要旨|概要|结果|結果|中文|简体|繁體|日本語"
)
_REPORTS = re.compile(
    "(?:表明|显示|顯示|发现|發現|证明|證明|提出|认为|認為|指出|看来|而言|言之|之)$"
)
"""`结果表明：` is a sentence's beginning; what introduces a translation has other verbs."""
_HAN = re.compile(r"[\u3041-\u9fff]")
_MANY_MORE = 2


def is_notice(source: str, answer: str) -> bool:
    """Tell whether an answer is, or has in it, a page of errors, a quota notice, or HTML."""
    known = source.casefold()
    # A paper may be about such things itself.
    return any(match[0].casefold() not in known for match in _NOTICE.finditer(answer))


def is_chatter(source: str, answer: str) -> bool:
    """Tell whether somebody talks in an answer, or marks it up, where the source does not."""
    source, answer = _LINK.sub("⟦0⟧", source), _LINK.sub("⟦0⟧", answer)
    if _PARAGRAPH.search(answer) and not _PARAGRAPH.search(source):
        return True
    if any(_has_more(marks, source, answer) for marks in (_MARKUP, _EMPHASIS, _ASIDE, _REMARK)):
        return True
    if _OPENING_BRACKET.match(answer) and not re.match(r"\s*[\[(<⟦]", source):
        return True
    if _is_introduced(source, answer) or (_OPENING.match(answer) and not _OPENING.match(source)):
        return True
    if _OF_TRANSLATING.search(answer) and not _ABOUT_TRANSLATING.search(source):
        return True
    return _is_talked_to(source, answer)


def _has_more(pattern: re.Pattern[str], source: str, answer: str) -> bool:
    return len(pattern.findall(answer)) > len(pattern.findall(source))


def _is_introduced(source: str, answer: str) -> bool:
    """Say whether something stands before a first colon that the source has not."""
    first = _INTRODUCTION.match(answer)
    if not first or re.search(r"[\d⟦]", first[1]):
        return False
    beginning = source[: 4 * len(first[0]) + 40]
    before, after = first[1], answer[first.end() : first.end() + 1]
    counterpart = _COUNTERPART.search(beginning)
    least = _LEAST_IN_HAN if _HAN.search(before) else _LEAST_IN_LETTERS
    if counterpart and len(before) >= least * counterpart.start():
        return False
    if _REPORTS.search(before):
        return False
    if _HAN.search(before):
        most = _LONGEST_IN_HAN if _LABEL.search(before) else _SHORT_IN_HAN
        return len(before) <= most
    # A clause goes on with a small letter; behind a label the text begins.
    if after.islower() or len(before) > 8 * _LONGEST_INTRODUCTION:
        return False
    has_cases = before.lower() != before.upper()
    return len(_WORDS.findall(before)) <= (_LONGEST_INTRODUCTION if has_cases else 3)


def _is_talked_to(source: str, answer: str) -> bool:
    """Say whether a sentence more than the source has, or any surplus, addresses somebody."""
    more = sentences.are_added(source, answer)
    if more > _MANY_MORE or (more > 0 and sentences.one_was_added(source, answer)):
        return True
    found = sentences.split(answer)
    ends = {*found[:1], *found[-1:]} if more == 0 else set(found)
    if more > 0 and any(_LANGUAGE.search(one) for one in (found[0], found[-1])):
        return not _LANGUAGE.search(source)
    if more < 0 or _SPEAKS_TO_SOMEBODY.search(source):
        return False
    # MIR is Music Information Retrieval, and no German "to me".
    words = (found[0] for sentence in ends for found in _ADDRESS.finditer(sentence))
    if _REFERS.search(source):
        words = (word for word in words if not _POLITE.fullmatch(word))
    return any(len(word) == 1 or not word.isupper() for word in words)
