"""Feature extraction: papers as rows of weighted words (tf-idf), by how rare words are of late.

Words are hashed, so that no vocabulary is kept. How rare they are is told by many papers and not by
the few that somebody likes: with these alone most weights are chance. What words a paper has is
kept for all chats, because they share the papers of a day.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from threading import Lock
from typing import Any

from cachetools import LRUCache

from storage.models import Paper

_WORD = r"(?u)\b\w[\w.-]+\b"
_PLACES = 2**17
"""Of words; that two share one is rare enough."""
_TITLE_WEIGHT = 3
_KEPT = 4_000
"""Papers whose words are in memory, about two kilobytes each."""

_counted: LRUCache[int, Any] = LRUCache(_KEPT)
_counting = Lock()


class WordWeights:
    """How much each word says of a paper: inverse document frequency among some papers."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        from sklearn.feature_extraction.text import TfidfTransformer

        self._weighing = TfidfTransformer(sublinear_tf=True).fit(_counts(papers))

    def rows(self, papers: Sequence[Paper]) -> Any:
        """Return a sparse row a paper, each of length one."""
        return self._weighing.transform(_counts(papers))


def _counts(papers: Iterable[Paper]) -> Any:
    """Return how often each word stands in papers, a sparse row each."""
    from scipy.sparse import vstack

    texts = [_words(paper) for paper in papers]
    keys = [hash(text) for text in texts]
    with _counting:
        known = {key: _counted[key] for key in keys if key in _counted}
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        made = _vectorizer().transform(missing.values())
        rows = {key: made[place] for place, key in enumerate(missing)}
        with _counting:
            _counted.update(rows)
        known |= rows
    return vstack([known[key] for key in keys], format="csr")


@cache
def _vectorizer() -> Any:
    from numpy import float32
    from sklearn.feature_extraction.text import HashingVectorizer

    return HashingVectorizer(
        n_features=_PLACES,
        stop_words="english",
        token_pattern=_WORD,
        alternate_sign=False,
        norm=None,
        dtype=float32,
    )


def _words(paper: Paper) -> str:
    """Return what is known of a paper as words; its fields and authors are words as well."""
    fields = " ".join(f"field.{name}" for name in paper.categories)
    authors = " ".join("author." + "".join(name.split()) for name in paper.authors[:10])
    return " ".join([paper.title] * _TITLE_WEIGHT + [paper.abstract, fields, authors])
