"""Recommender of papers: tf-idf of their words, and a linear model of what somebody likes.

scikit-learn takes a second and 100 MB to import: it is imported by whoever learns, in the thread
where that happens. To pip it is an extra (`paperboy-bot[ranking]`), so it may be missing.
"""

from collections.abc import Collection, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

from bot.ranking.word_weights import WordWeights
from storage.models import Paper

LIKED_NEEDED = 5
"""Papers that somebody must have liked before anything is guessed."""

GIVEN_NEEDED = 3
"""The same with what was given as examples: that is meant, and not chosen of a few."""

_PASSED_OVER_WEIGHT = 0.3
"""A paper that nobody said anything about is no dislike, but it is no like either."""
_ALIKE = 0.14
"""The cosine from which two papers are visibly about the same."""


class Judgement(NamedTuple):
    """What is thought of a paper before anybody has read it."""

    score: float
    """The higher the better; of one `Ranker` alone."""
    like: str | None
    """The id of the liked paper that it resembles; None where none, or a disliked one more."""


class Ranker:
    """Judges papers by those that were liked; it changes no more, and any thread may use it."""

    def __init__(
        self, weights: WordWeights, model: Any, *, liked: Sequence[Paper], disliked: Sequence[Paper]
    ) -> None:
        known = [*liked, *disliked]
        self._weights = weights
        self._model = model
        self._known = [paper.id for paper in known]
        self._liked = len(liked)
        self._known_words = weights.rows(known)

    def judge(self, papers: Sequence[Paper], *, unnamed: Collection[str] = ()) -> list[Judgement]:
        """Return a judgement a paper, in their order.

        `unnamed` are ids that are no reason, such as those of these papers themselves.
        """
        if not papers:
            return []
        words = self._weights.rows(papers)
        scores = self._model.decision_function(words)
        alike = (words @ self._known_words.T).toarray()
        for place, known in enumerate(self._known):
            if known in unnamed:
                alike[:, place] = 0
        judged = []
        for score, likeness in zip(scores, alike, strict=True):
            nearest = int(likeness.argmax())
            resembles = nearest < self._liked and likeness[nearest] >= _ALIKE
            judged.append(Judgement(float(score), self._known[nearest] if resembles else None))
        return judged


def is_available() -> bool:
    """Say whether scikit-learn is installed."""
    return find_spec("sklearn") is not None


def likes_missing(*, liked: int, given: int) -> int:
    """Return how many more papers somebody must like before anything is guessed."""
    return max(0, (GIVEN_NEEDED if given else LIKED_NEEDED) - liked - given)


def learn(
    *,
    liked: Sequence[Paper],
    given: Sequence[Paper] = (),
    disliked: Sequence[Paper],
    passed_over: Sequence[Paper],
    weights: WordWeights | None = None,
) -> Ranker | None:
    """Train a ranker; None where there is too little to learn from.

    `given` are examples (seeds), which count as much as what was liked.
    `passed_over` are papers that were seen and got no opinion; they count little each.
    `weights` are those of many papers of late; without them these few tell. For some hundred papers
    this takes hundredths of a second: not on the event loop.
    """
    from numpy import unique, zeros
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    others = [*disliked, *passed_over]
    if likes_missing(liked=len(liked), given=len(given)) or not others:
        return None
    liked = [*liked, *given]
    weights = weights or WordWeights([*liked, *others])
    model = LogisticRegression(C=10.0, class_weight="balanced", solver="liblinear")
    rows = weights.rows([*liked, *others])
    # The solver goes through all places of words again and again, and most are of other words.
    places, rows.indices = unique(rows.indices, return_inverse=True)
    model.fit(
        csr_matrix((rows.data, rows.indices, rows.indptr), (rows.shape[0], len(places))),
        [1] * len(liked) + [0] * len(others),
        sample_weight=[1.0] * (len(liked) + len(disliked))
        + [_PASSED_OVER_WEIGHT] * len(passed_over),
    )
    coefficients = zeros((1, rows.shape[1]), "float32")  # half a megabyte, of which some are kept
    coefficients[0, places] = model.coef_[0]
    model.coef_, model.n_features_in_ = coefficients, rows.shape[1]
    return Ranker(weights, model, liked=liked, disliked=disliked)
