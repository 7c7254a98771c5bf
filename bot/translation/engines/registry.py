"""Registry of translation engines: a row each, and how the settings' names become engines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.translation.engines.deep_translator import google, libre, mymemory
from bot.translation.engines.deepl import deepl
from bot.translation.engines.engine import TIMEOUT_SECONDS, Engine
from bot.translation.engines.llm import llm
from bot.translation.engines.microsoft import microsoft

_PATIENCE_WITH_MODELS = 5
"""A language model writes word by word; so many times longer it may take."""

Values = Mapping[str, str]
"""What is set, by the names of the settings, such as `DEEPL_API_KEY`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One engine; its name is the row's key."""

    label: str
    """What readers know it by."""
    make: Callable[[Values, float], Engine]
    """Makes it from what is set and the seconds that one text may take."""
    needs: tuple[str, ...] = ()
    """The settings that it can't do without."""


ENGINES: Mapping[str, Row] = {
    "google": Row("Google Translate", lambda _set, timeout: google(timeout=timeout)),
    "mymemory": Row("MyMemory", lambda _set, timeout: mymemory(timeout=timeout)),
    "libre": Row(
        "LibreTranslate",
        lambda set_, timeout: libre(
            url=set_["LIBRETRANSLATE_URL"], key=set_.get("LIBRETRANSLATE_API_KEY"), timeout=timeout
        ),
        needs=("LIBRETRANSLATE_URL",),
    ),
    "microsoft": Row(
        "Microsoft Translator",
        lambda set_, timeout: microsoft(
            key=set_["MICROSOFT_API_KEY"], region=set_.get("MICROSOFT_REGION"), timeout=timeout
        ),
        needs=("MICROSOFT_API_KEY",),
    ),
    "deepl": Row(
        "DeepL",
        lambda set_, timeout: deepl(
            url=set_["DEEPL_API_URL"], key=set_["DEEPL_API_KEY"], timeout=timeout
        ),
        needs=("DEEPL_API_KEY",),
    ),
    "llm": Row(
        "LLM",
        lambda set_, timeout: llm(
            url=set_["LLM_API_URL"],
            model=set_["LLM_MODEL"],
            key=set_.get("LLM_API_KEY"),
            timeout=timeout * _PATIENCE_WITH_MODELS,
            at_once=int(set_["LLM_CONCURRENCY"]) if set_.get("LLM_CONCURRENCY") else None,
            profile=set_.get("LLM_PROMPT"),
            summary=bool(set_.get("LLM_SUMMARY")),
        ),
        needs=("LLM_API_URL", "LLM_MODEL"),
    ),
}


def build_engines(
    names: Sequence[str], values: Values, *, timeout: float = TIMEOUT_SECONDS
) -> tuple[Engine, ...]:
    """Return the named engines, once each, in the order in which they are to be asked."""
    return tuple(ENGINES[name].make(values, timeout) for name in dict.fromkeys(names))


def engine_label(engine: str) -> str:
    """Return what readers know an engine by; one that is there no more stands as it is."""
    return ENGINES[engine].label if engine in ENGINES else engine
