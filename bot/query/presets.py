"""Topics to follow with one tap: the eleven sections of the page that the project grew from."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.query.categories import FIELDS, TREE

_WHOLE_FIELD = "cat."


@dataclass(frozen=True, slots=True)
class Preset:
    """A topic that is offered ready-made."""

    key: str
    """Short and ASCII, for callback data; it never changes."""
    names: Mapping[str, str]
    """The label by catalogue (see `bot.i18n`); `en` is always there."""
    query: str
    field: str | None = None
    """The category or archive of which it is all, if it is."""


def _ready(key: str, english: str, chinese: str, spanish: str, *alternatives: str) -> Preset:
    names = {"en": english, "zh_CN": chinese, "es": spanish}
    return Preset(key, names, " OR ".join(alternatives))


PRESETS = (
    _ready(
        "multimodal",
        "Multimodal models",
        "多模态",
        "Modelos multimodales",
        "multimodal",
        '"multi modal"',
        '"cross modal"',
        '"vision language"',
        '"visual language model"',
        '"visual question answering"',
        '"image text"',
        "MLLM",
        "LVLM",
        "VLM",
        "VQA",
    ),
    _ready(
        "pose",
        "6DoF object pose",
        "6DOF Object Pose",
        "Pose 6DoF de objetos",
        '"object pose"',
        '"6D pose"',
        '"6DoF pose"',
        '"6 DoF pose"',
        '"category level pose"',
        '(6D OR 6DoF OR "6 DoF") object "pose estimation"',
    ),
    _ready(
        "nerf",
        "NeRF",
        "nerf",
        "NeRF",
        "NeRF",
        '"radiance field"',
        '"neural field" rendering',
        '"neural rendering"',
    ),
    _ready(
        "recognition",
        "Classification, detection, segmentation",
        "分类/检测/识别/分割",
        "Clasificación, detección, segmentación",
        '"image classification"',
        '"video classification"',
        '"object detection"',
        '"object recognition"',
        '"image recognition"',
        '"image segmentation"',
        '"semantic segmentation"',
        '"instance segmentation"',
        "(recognition OR segmentation) (cs.CV OR cs.RO OR eess.IV)",
        '"object tracking"',
        '"super resolution"',
        "superresolution",
    ),
    _ready(
        "compression",
        "Model compression",
        "模型压缩/优化",
        "Compresión de modelos",
        '"model compression"',
        '"neural architecture search"',
        '"network architecture search"',
        "NAS",
        "pruning",
        "quantization",
        '"knowledge distillation"',
        '"self distillation"',
        "distillation (teacher OR student OR compression OR lightweight)",
    ),
    _ready(
        "ocr",
        "OCR",
        "OCR",
        "OCR",
        "OCR",
        '"optical character recognition"',
        '"text recognition"',
        '"handwriting recognition"',
        '"scene text"',
        '"document parsing"',
    ),
    _ready(
        "generative",
        "Generative models",
        "生成模型",
        "Modelos generativos",
        '"generative model"',
        '"diffusion model"',
        '"latent diffusion"',
        '"flow matching"',
        '"generative adversarial network"',
        '"adversarial generative network"',
        '"variational autoencoder"',
        "GAN",
        "VAE",
    ),
    _ready(
        "llm",
        "Large language models",
        "LLM",
        "Grandes modelos de lenguaje",
        "LLM",
        "MLLM",
        '"large language model"',
    ),
    _ready(
        "transformer",
        "Transformers",
        "Transformer",
        "Transformers",
        "transformer",
        '"self attention"',
        '"cross attention"',
        '"attention mechanism"',
        '"multi head attention"',
        '"sparse attention"',
        '"linear attention"',
        '"causal attention"',
        '"attention head"',
        '"attention layer"',
        '"attention map"',
    ),
    _ready(
        "gaussians",
        "3D Gaussian splatting",
        "3DGS",
        "3D Gaussian splatting",
        "3DGS",
        '"Gaussian splatting"',
        '"3D Gaussian"',
    ),
    _ready(
        "learning",
        "Ways of learning",
        "各类学习方式",
        "Formas de aprendizaje",
        '"zero shot"',
        '"few shot"',
        '"semi supervised"',
        '"self supervised"',
        "unsupervised",
        '"continual learning"',
        '"incremental learning"',
        '"contrastive learning"',
    ),
)
"""In the order of that page."""


def whole_field(field: str) -> Preset:
    """Return the topic of everything in a category or an archive of `FIELDS`."""
    pattern = f"{field}.*" if field in TREE else field
    names = {language: f"{pattern} · {name}" for language, name in FIELDS[field].items()}
    return Preset(f"{_WHOLE_FIELD}{field}", names, f"cat:{pattern}", field)


def offered(key: str) -> Preset | None:
    """Return the topic that is offered under a key, of these or of a whole field; else None."""
    field = key.removeprefix(_WHOLE_FIELD)
    if key != field and field in FIELDS:
        return whole_field(field)
    return next((topic for topic in PRESETS if topic.key == key), None)
