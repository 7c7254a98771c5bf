"""Parser of arXiv ids and links where people write or paste them."""

import re

from bot.regex.lazy_pattern import lazily

_NEW = r"\d{4}\.\d{4,5}"
_OLD = r"[a-z]{1,8}(?:-[a-z]{2,4})?(?:\.[a-z]{2,4}(?:-[a-z]{2,4})?)?/\d{7}"
_ID = lazily(rf"(?:arxiv:)?({_NEW}|{_OLD})(?:v\d{{1,3}})?", re.IGNORECASE | re.ASCII)
_PLACES = (
    r"arxiv\.org/(?:abs|pdf|html|format|ps|src|e-print|refs|cits)",
    r"(?:xxx\.lanl\.gov|arxiv\.(?:dosf|gg))/(?:abs|pdf)",
    r"ar5iv\.(?:labs\.arxiv\.)?org/(?:abs|html|pdf)",
    r"alphaxiv\.org/(?:abs|pdf|overview|html)",
    r"(?:huggingface\.co|hf\.co)/papers",
    r"(?:scirate\.com|papers\.cool|inspirehep\.net|deeplearn\.org)/arxiv",
    r"arxiv-vanity\.com/papers",
    r"emergentmind\.com/papers",
    r"(?:api\.)?semanticscholar\.org/arxiv:(?=[\da-z])",
    r"ui\.adsabs\.harvard\.edu/abs/arxiv:(?=[\da-z])",
    r"doi\.org/10\.48550/arxiv\.(?=[\da-z])",
)
"""Where a page is about a paper whose id ends its address: arXiv, its mirrors, readers of it."""
_LINK = lazily(
    r"(?<![\w.-])(?:"
    rf"(?:https?://)?(?:www\.|export\.|browse\.|dx\.|cn\.|de\.|lanl\.)?(?:{'|'.join(_PLACES)})/?"
    r"|(?:doi:\s?)?10\.48550/arxiv\.(?=[\da-z])|arxiv:\s?(?=[\da-z])"
    rf")({_NEW}|{_OLD})(?:v\d{{1,3}})?(?![\d])",
    re.IGNORECASE | re.ASCII,
)
_AROUND = "[]()<>{}\"'“”‘’「」（）【】。.，,;；:：!！?？"


def ids_in(text: str) -> list[str]:
    """Return the papers that a text points to, without versions, each once, in their order.

    Links, DOIs and what says `arXiv:` count wherever they stand; bare ids only where a text holds
    nothing else, so that `id:2406.11840` and the like stay queries. https://info.arxiv.org/help/arxiv_identifier.html
    """
    linked = links_in(text)
    if not linked:
        words = (word.strip(_AROUND) for word in re.split(r"[\s,;]+", text))
        bare = [_ID.fullmatch(word) for word in words if word]
        if not all(bare):
            return []
        linked = [_known(found[1]) for found in bare if found]
    return list(dict.fromkeys(linked))


def links_in(text: str) -> list[str]:
    """Return the papers that links and the like of a text point to, in their order."""
    return list(dict.fromkeys(_known(found[1]) for found in _LINK.finditer(text)))


def _known(paper_id: str) -> str:
    archive, slash, number = paper_id.partition("/")
    # A subject class belongs to no id any more: math.AG/0601001 is math/0601001.
    return f"{archive.partition('.')[0].lower()}/{number}" if slash else paper_id
