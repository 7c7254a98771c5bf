"""Random queries that are likely to find something, for hypothesis."""

from functools import partial

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.query.ast import Field, Query, Term, all_of, any_of, without

__all__ = ["QUERIES", "WIDE", "drawn", "queries"]

WORDS = (
    *("gan", "gans", "llm", "llms", "nas", "vae", "nerf", "ocr", "6d", "3dgs", "gps", "gp", "ai"),
    *("model", "models", "modeling", "organ", "image", "images", "detection", "detect", "object"),
    *("large", "language", "zero", "shot", "self", "supervised", "diffusion", "transformer"),
    *("transformers", "transform", "generative", "general", "learning", "learn", "of", "the"),
)
NAMES = ("li", "wei", "zhang", "y", "j", "chen", "smith", "an", "de")
CODES = ("cs.CV", "cs.CL", "cs.RO", "stat.ML", "hep-th", "math.ST")

WIDE_WORDS = (
    *("poincare", "schrodinger", "naive", "bezier", "frechet", "renyi", "godel", "holder"),
    *("alpha", "beta", "robustly", "robustness", "analyses", "analysis", "matrices", "matrix"),
    *("relation", "significance", "computing", "deployed", "generalization", "reasoning"),
    *("bridge", "map", "video", "network", "decay", "github", "llama", "qwen2", "gpt", "5", "3"),
)
DECIMALS = (
    *(("qwen2", "5"), ("gpt", "3", "5"), ("gpt", "4"), ("llama", "3", "1"), ("gemini", "2", "5")),
    *(("qwen2", "5", "vl"), ("stable", "diffusion", "3", "5"), ("node", "js"), ("pi", "0")),
)
LONG_STARTS = (
    *("reasoning", "generalization", "diffusion", "transformation", "computational", "robustly"),
    *("generat", "segment", "policy", "analys", "quantiz", "distillation", "schrod", "multimod"),
)
PEOPLE = (
    *(("hsuan", "ming", "yang"), ("fei", "li"), ("obrien",), ("lecun", "yann"), ("lecun", "y")),
    *(("serre", "j", "p"), ("yue",), ("wang", "yue"), ("chen", "y"), ("garcia", "jose"), ("an",)),
    *(("mueller",), ("muller",), ("agha", "mohammadi"), ("zhang", "h", "y"), ("dalembert",)),
    *(("fei", "fei", "li"), ("yi", "yi"), ("wang", "w"), ("li", "l"), ("serre", "j", "j")),
)


def queries(
    words: tuple[str, ...] = WORDS,
    names: tuple[str, ...] = NAMES,
    *,
    phrases: tuple[tuple[str, ...], ...] = (),
    long_starts: tuple[str, ...] = (),
    people: tuple[tuple[str, ...], ...] = (),
    max_leaves: int = 6,
) -> st.SearchStrategy[Query]:
    """Return a strategy for queries as `parse` makes them.

    Among them are these phrases, starts of words that are nearly whole, and names of one author.
    """
    plain = [word for word in words if word not in {"of", "the"}]
    text_fields = st.sampled_from(
        [Field.TEXT, Field.TITLE, Field.ABSTRACT, Field.COMMENT, Field.ALL]
    )
    phrase = st.tuples(st.sampled_from(plain), *[st.sampled_from(words)] * 2).flatmap(
        lambda found: st.integers(1, 3).map(lambda length: found[:length])
    )
    if phrases:
        phrase |= st.sampled_from(phrases)
    starts = st.sampled_from([word[:end] for word in plain for end in (2, 3, 4) if len(word) > 2])
    if long_starts:
        starts |= st.sampled_from(long_starts)
    author = st.sets(st.sampled_from(names), min_size=1, max_size=2).map(
        lambda found: tuple(sorted(found, key=lambda name: (len(name) == 1, name)))
    )
    if people:
        author |= st.sampled_from(people)
    term = st.one_of(
        st.builds(Term, text_fields, phrase),
        st.builds(Term, text_fields, phrase),
        st.builds(
            lambda field, first, start: Term(field, (*first, start), prefix=True),
            text_fields,
            st.just(()) | st.tuples(st.sampled_from(plain)),
            starts,
        ),
        st.builds(partial(Term, Field.AUTHOR), author),
        st.builds(lambda code: Term(Field.CATEGORY, (code,)), st.sampled_from(CODES)),
        st.builds(lambda code: Term(Field.PRIMARY, (code,)), st.sampled_from(CODES)),
        st.sampled_from(
            [
                Term(Field.CATEGORY, ("cs.",), prefix=True),
                Term(Field.ID, ("2505.",), prefix=True),
                Term(Field.ID, ("2505.00284",)),
            ]
        ),
    )
    return st.recursive(
        term,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3).map(all_of)
            | st.lists(inner, min_size=1, max_size=3).map(any_of)
            | st.builds(without, inner, inner)
        ),
        max_leaves=max_leaves,
    )


QUERIES = queries()
WIDE = queries(
    WORDS + WIDE_WORDS,
    (*NAMES, "yue", "ming", "fei"),
    phrases=DECIMALS,
    long_starts=LONG_STARTS,
    people=PEOPLE,
)
"""Also what arXiv's search understands otherwise than the matcher."""


def drawn(strategy: st.SearchStrategy[Query], count: int) -> list[Query]:
    """Return up to so many different queries of a strategy, the same ones each time."""
    found: list[Query] = []

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(query: Query) -> None:
        found.append(query)

    draw()
    return list(dict.fromkeys(found))
