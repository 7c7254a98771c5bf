"""Random queries that are likely to find something, for hypothesis."""

from functools import partial

from hypothesis import strategies as st

from bot.query.ast import Field, Query, Term, all_of, any_of, without

__all__ = ["QUERIES", "queries"]

WORDS = (
    *("gan", "gans", "llm", "llms", "nas", "vae", "nerf", "ocr", "6d", "3dgs", "gps", "gp", "ai"),
    *("model", "models", "modeling", "organ", "image", "images", "detection", "detect", "object"),
    *("large", "language", "zero", "shot", "self", "supervised", "diffusion", "transformer"),
    *("transformers", "transform", "generative", "general", "learning", "learn", "of", "the"),
)
NAMES = ("li", "wei", "zhang", "y", "j", "chen", "smith", "an", "de")
CODES = ("cs.CV", "cs.CL", "cs.RO", "stat.ML", "hep-th", "I.2.7")


def queries(
    words: tuple[str, ...] = WORDS, names: tuple[str, ...] = NAMES
) -> st.SearchStrategy[Query]:
    """Return a strategy for queries as `parse` makes them."""
    plain = [word for word in words if word not in {"of", "the"}]
    text_fields = st.sampled_from(
        [Field.TEXT, Field.TITLE, Field.ABSTRACT, Field.COMMENT, Field.ALL]
    )
    phrase = st.tuples(st.sampled_from(plain), *[st.sampled_from(words)] * 2).flatmap(
        lambda found: st.integers(1, 3).map(lambda length: found[:length])
    )
    starts = st.sampled_from([word[:end] for word in plain for end in (2, 3, 4) if len(word) > 2])
    author = st.sets(st.sampled_from(names), min_size=1, max_size=2).map(
        lambda found: tuple(sorted(found, key=lambda name: (len(name) == 1, name)))
    )
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
        max_leaves=6,
    )


QUERIES = queries()
