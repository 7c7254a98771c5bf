"""The engines that there are, and how the settings' names become engines."""

from collections.abc import Sequence

from bot.translation.deep import google, libre, mymemory
from bot.translation.deepl import deepl
from bot.translation.engine import TIMEOUT_SECONDS, Engine
from bot.translation.llm import llm
from bot.translation.microsoft import microsoft

ENGINES = ("google", "mymemory", "libre", "microsoft", "deepl", "llm")
"""What `build_engines` knows."""

_PATIENCE_WITH_MODELS = 5
"""A language model writes word by word; so many times longer it may take."""


class UnknownEngine(ValueError):  # noqa: N818 - it is named by what happened
    """No engine is called so."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"{name!r} is none of {', '.join(known)}")
        self.name = name
        self.known = tuple(known)


class EngineNotConfigured(ValueError):  # noqa: N818 - it is named by what happened
    """An engine needs a setting that is not set."""

    def __init__(self, name: str, setting: str) -> None:
        super().__init__(f"{name} needs {setting}")
        self.name = name
        self.setting = setting


def build_engines(
    names: Sequence[str],
    *,
    libre_url: str | None = None,
    libre_key: str | None = None,
    microsoft_key: str | None = None,
    microsoft_region: str | None = None,
    deepl_url: str = "https://api-free.deepl.com/v2",
    deepl_key: str | None = None,
    llm_url: str | None = None,
    llm_key: str | None = None,
    llm_model: str | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> tuple[Engine, ...]:
    """Return the named engines in the order in which they are to be asked.

    Raises:
        UnknownEngine: a name is none of `ENGINES`.
        EngineNotConfigured: an engine is named, but not what it needs.

    """

    def build(name: str) -> Engine:
        match name:
            case "google":
                return google(timeout=timeout)
            case "mymemory":
                return mymemory(timeout=timeout)
            case "libre":
                url = _needed(name, "LIBRETRANSLATE_URL", libre_url)
                return libre(url=url, key=libre_key, timeout=timeout)
            case "microsoft":
                key = _needed(name, "MICROSOFT_API_KEY", microsoft_key)
                return microsoft(key=key, region=microsoft_region, timeout=timeout)
            case "deepl":
                key = _needed(name, "DEEPL_API_KEY", deepl_key)
                return deepl(url=deepl_url, key=key, timeout=timeout)
            case "llm":
                url = _needed(name, "LLM_API_URL", llm_url)
                model = _needed(name, "LLM_MODEL", llm_model)
                patience = timeout * _PATIENCE_WITH_MODELS
                return llm(url=url, model=model, key=llm_key, timeout=patience)
            case _:
                raise UnknownEngine(name, ENGINES)

    return tuple(build(name) for name in dict.fromkeys(names))


def _needed(engine: str, setting: str, value: str | None) -> str:
    if not value:
        raise EngineNotConfigured(engine, setting)
    return value
