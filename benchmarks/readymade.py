"""What each ready-made topic finds among real papers, and what its keywords as substrings would.

    python benchmarks/readymade.py

The keywords are those that people list in scripts for these topics: any of them, anywhere in title
or abstract, in any case. Printed as the Markdown of docs/queries.md.
"""

import random
import re

from real_papers import read, real_papers

from bot.query.matcher import matching
from bot.query.parser import parse
from bot.query.presets import PRESETS
from storage.models import Paper

KEYWORDS = {
    "multimodal": (
        *("multi-modal", "multimodal", "mllm", "vqa", "vision-language"),
        "vision question answering",
    ),
    "pose": ("6d object pose", "6dof pose estimation", "object pose estimation"),
    "nerf": ("nerf", "neural radiance field", "neural radiance fields"),
    "recognition": (
        *("image classification", "video classification", "object detection", "recognition"),
        *("segmentation", "super-resolution", "object tracking"),
    ),
    "compression": (
        *("network architecture search", "nas", "pruning", "quantization", "distillation"),
        "knowledge distillation",
    ),
    "ocr": ("ocr", "optical character recognition"),
    "generative": (
        *("diffusion model", "gan", "vae", "generative adversarial network", "generative model"),
    ),
    "llm": ("llm", "large language model"),
    "transformer": ("transformer", "attention", "self-attention", "cross-attention"),
    "gaussians": ("3d gaussian splatting", "gaussian splatting", "3dgs"),
    "learning": (
        *("zero-shot", "few-shot", "semi-supervised", "unsupervised", "continual learning"),
        *("incremental learning", "contrastive learning"),
    ),
}
SAMPLES = 3
_AROUND = 24


def main() -> None:
    papers = list(read(real_papers()))
    by_id = {paper.id: paper for paper in papers}
    found = matching(papers, {topic.key: parse(topic.query) for topic in PRESETS})
    print(f"{len(papers):,} papers\n")
    print("| topic | ours | substrings | both | only substrings | only ours |")
    print("|---|---:|---:|---:|---:|---:|")
    samples = []
    for topic in PRESETS:
        ours = set(found[topic.key])
        theirs = {p.id: word for p in papers if (word := _keyword(p, KEYWORDS[topic.key]))}
        both = len(ours & theirs.keys())
        counts = (len(ours), len(theirs), both, len(theirs) - both, len(ours) - both)
        name = topic.name
        print(f"| {name} | {' | '.join(f'{count:,}' for count in counts)} |")
        wrong = [_excerpt(by_id[key], theirs[key]) for key in sorted(theirs.keys() - ours)]
        missed = [by_id[key].title for key in sorted(ours - theirs.keys())]
        samples.append((name, _some(wrong), _some(missed)))
    for name, substrings, ours_alone in samples:
        print(f"\n**{name}**. Only substrings find: {substrings}. Only ours finds: {ours_alone}.")


def _keyword(paper: Paper, keywords: tuple[str, ...]) -> str | None:
    text = f"{paper.title}\n{paper.abstract}".lower()
    return next((keyword for keyword in keywords if keyword in text), None)


def _excerpt(paper: Paper, keyword: str) -> str:
    text = f"{paper.title} {paper.abstract}"
    place = text.lower().index(keyword)
    around = text[max(0, place - _AROUND) : place + len(keyword) + _AROUND]
    words = re.sub(r"^\S*\s|\s\S*$", "", " ".join(around.split()))
    return re.sub(f"({re.escape(keyword)})", r"**\1**", words, flags=re.IGNORECASE)


def _some(texts: list[str]) -> str:
    chosen = random.Random(1).sample(texts, min(SAMPLES, len(texts)))
    return "; ".join(f"“{text}”" for text in chosen) or "nothing"


if __name__ == "__main__":
    main()
