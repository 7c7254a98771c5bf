"""Settings: typed, validated and frozen configuration from the environment and from `.env`."""

import math
import os
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.http.proxies import normalised
from bot.settings.cron import cron_trigger
from bot.translation.engines.registry import ENGINES

EXAMPLES: Mapping[str, str] = {
    "TELEGRAM_BOT_TOKEN": "123456789:AAF-your-token-from-BotFather_abcdefghijk",
    "TELEGRAM_API_URL": "https://api.telegram.org",
    "ARXIV_API_URL": "https://export.arxiv.org/api/query",
    "ARXIV_OAI_URL": "https://oaipmh.arxiv.org/oai",
    "ARXIV_API_KEY": "the key that arXiv gave you",
    "ARXIV_DELAY_SECONDS": "3",
    "CODE_LINKS_URL": "https://huggingface.co/api/papers",
    "DATABASE_URL": "sqlite:///data/paperboy.db",
    "BACKUP_DIR": "backups",
    "BACKUP_KEEP": "7",
    "RETENTION_DAYS": "365",
    "SWEEP_SCHEDULE": "17 1,3,7,13 * * *",
    "TRANSLATORS": "google,mymemory",
    "LIBRETRANSLATE_URL": "http://localhost:5000",
    "LIBRETRANSLATE_API_KEY": "the key of your LibreTranslate server",
    "MICROSOFT_API_KEY": "the key of your Translator resource",
    "MICROSOFT_REGION": "westeurope",
    "DEEPL_API_KEY": "279a2e9d-83b3-c416-7e2d-f721593e42a0:fx",
    "DEEPL_API_URL": "https://api-free.deepl.com/v2",
    "LLM_API_URL": "http://localhost:8080/v1",
    "LLM_API_KEY": "the key of your server",
    "LLM_MODEL": "qwen3-8b",
    "LLM_CONCURRENCY": "1",
    "LLM_PROMPT": "chat",
    "GLOSSARY_DIR": "glossaries",
    "DEFAULT_LANGUAGE": "zh-CN",
    "DEFAULT_TIMEZONE": "Asia/Shanghai",
    "DEFAULT_PUSH_TIME": "09:00",
    "ALLOWED_CHATS": "123456789,-1001234567890",
    "ADMINS": "123456789",
    **dict.fromkeys(("LLM_SUMMARY", "PAID_BROADCAST"), "false"),
    "SEND_RATE": "25",
    "PUBLISH_DIR": "site",
    "METRICS_LISTEN": "127.0.0.1:9464",
    "WEBHOOK_URL": "https://bot.example.org/paperboy",
    "WEBHOOK_LISTEN": "127.0.0.1:8080",
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "socks5://127.0.0.1:1080"),
    "NO_PROXY": "example.org,192.168.0.7",
    "LOG_LEVEL": "INFO",
    "LOG_FORMAT": "console",
}
"""Every setting, with a value that works."""

LAST_PORT = 65_535
LARGEST_ID = 2**52
"""Ids have at most 52 significant bits, https://core.telegram.org/bots/api#chat."""

FREE_RATE = 30
"""Messages a second over all chats, about as many as Telegram lets out without payment:
https://core.telegram.org/bots/faq#how-can-i-message-all-of-my-bot-39s-subscribers-at-once"""

_SHORTEST_RETENTION = 90


class SettingProblem:
    """One setting that can't be used as it is."""

    def __init__(self, name: str, problem: str, example: str | None) -> None:
        self.name = name
        self.problem = problem
        self.example = example

    def __str__(self) -> str:
        hint = f" For example: {self.name}={self.example}" if self.example else ""
        return f"{self.name}: {self.problem}.{hint}"


class BadSettingsError(Exception):
    """The settings can't be used; every problem is in `problems`."""

    def __init__(self, problems: list[SettingProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Settings(BaseSettings):
    """Everything that can be set from outside; `.env.example` explains each."""

    model_config = SettingsConfigDict(
        env_file=None,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    telegram_bot_token: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"
    arxiv_api_url: str = "https://export.arxiv.org/api/query"
    arxiv_oai_url: str = "https://oaipmh.arxiv.org/oai"
    arxiv_api_key: SecretStr | None = None
    arxiv_delay_seconds: float = Field(default=3, ge=0, le=3600)
    code_links_url: str | None = None
    database_url: SecretStr = SecretStr("sqlite:///data/paperboy.db")
    backup_dir: Path | None = None
    backup_keep: int = Field(default=7, ge=1, le=3650)
    retention_days: int = Field(default=365, ge=0, le=36_500)
    sweep_schedule: str = "17 1,3,7,13 * * *"
    translators: Annotated[tuple[str, ...], NoDecode] = ("google", "mymemory")
    libretranslate_url: str | None = None
    libretranslate_api_key: SecretStr | None = None
    microsoft_api_key: SecretStr | None = None
    microsoft_region: str | None = None
    deepl_api_key: SecretStr | None = None
    deepl_api_url: str = "https://api-free.deepl.com/v2"
    llm_api_url: str | None = None
    llm_api_key: SecretStr | None = None
    llm_model: str | None = None
    llm_concurrency: int | None = Field(default=None, ge=1, le=64)
    glossary_dir: Path | None = None
    llm_summary: bool = False
    llm_prompt: Literal["chat", "hy-mt", "translategemma", "qwen-mt"] | None = None
    default_language: str = "zh-CN"
    default_timezone: str = "UTC"
    default_push_time: time = time(9, 0)
    allowed_chats: Annotated[frozenset[int], NoDecode] = frozenset()
    admins: Annotated[frozenset[int], NoDecode] = frozenset()
    paid_broadcast: bool = False
    send_rate: float = Field(default=25, ge=0.1, le=1000)
    publish_dir: Path | None = None
    metrics_listen: str | None = None
    webhook_url: str | None = None
    webhook_listen: str = "8080"
    http_proxy: SecretStr | None = None
    https_proxy: SecretStr | None = None
    all_proxy: SecretStr | None = None
    no_proxy: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @field_validator("telegram_bot_token")
    @classmethod
    def _is_a_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{30,}", value.get_secret_value()):
            raise ValueError("is not a token as BotFather gives it, digits:letters")
        return value

    @field_validator(
        "telegram_api_url",
        "arxiv_api_url",
        "arxiv_oai_url",
        "code_links_url",
        "libretranslate_url",
        "deepl_api_url",
        "llm_api_url",
        "webhook_url",
    )
    @classmethod
    def _is_a_web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("is not a web address that begins with http:// or https://")
        if parts.port == 0:  # one that is out of range says so itself
            raise ValueError("has a port that nobody has")
        return value.rstrip("/")

    @field_validator("http_proxy", "https_proxy", "all_proxy")
    @classmethod
    def _is_a_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        return SecretStr(normalised(value.get_secret_value())) if value else None

    @field_validator("arxiv_delay_seconds", "send_rate")
    @classmethod
    def _is_finite(cls, value: float) -> float:
        if not math.isfinite(value):
            raise ValueError("is not a number that can be counted to")
        return value

    @field_validator("send_rate")
    @classmethod
    def _is_paid_for(cls, value: float, info: ValidationInfo) -> float:
        if value > FREE_RATE and not info.data.get("paid_broadcast"):
            raise ValueError(f"is more than {FREE_RATE}, which Telegram allows with PAID_BROADCAST")
        return value

    @field_validator("retention_days")
    @classmethod
    def _keeps_what_may_be_pushed(cls, value: int) -> int:
        # Sweeps push what is up to 60 days old: what was forgotten before would come twice.
        if 0 < value < _SHORTEST_RETENTION:
            raise ValueError(f"is less than {_SHORTEST_RETENTION}, and not 0 for ever")
        return value

    @field_validator("sweep_schedule")
    @classmethod
    def _is_a_schedule(cls, value: str) -> str:
        if cron_trigger(value).get_next_fire_time(None, datetime.now(UTC)) is None:
            raise ValueError("is a time that never comes")
        return value

    @field_validator("translators", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        return tuple(_split(value)) if isinstance(value, str) else value

    @field_validator("translators")
    @classmethod
    def _are_engines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not ENGINES.keys() >= set(value):
            *names, last = map(repr, ENGINES)
            raise ValueError(f"input should be {', '.join(names)} or {last}")
        return value

    @field_validator("allowed_chats", "admins", mode="before")
    @classmethod
    def _split_ids(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        wrong = [
            part
            for part in _split(value)
            if not re.fullmatch(r"-?\d{1,19}", part) or abs(int(part)) >= LARGEST_ID
        ]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is not the number of a chat")
        return frozenset(map(int, _split(value)))

    @field_validator("default_timezone")
    @classmethod
    def _is_a_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("is not a time zone of the IANA list") from error
        return value

    @field_validator("default_push_time")
    @classmethod
    def _is_a_local_time(cls, value: time) -> time:
        if value.tzinfo is not None:
            raise ValueError("is a time of day without a zone")
        return value.replace(second=0, microsecond=0)

    @field_validator("metrics_listen", "webhook_listen")
    @classmethod
    def _is_a_port(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"(?:[\w.-]+:|\[[\da-fA-F:]+\]:)?\d{1,5}", value):
            raise ValueError("is not a port, or an address and a port")
        if value and _address(value)[1] > LAST_PORT:
            raise ValueError(f"is not a port: they end at {LAST_PORT}")
        return value

    @property
    def oai_url(self) -> str | None:
        """Where OAI-PMH is asked; None: nowhere, for the API alone is another server's."""
        set_apart = {"arxiv_api_url", "arxiv_oai_url"} & self.model_fields_set
        return None if set_apart == {"arxiv_api_url"} else self.arxiv_oai_url

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Where health and metrics are served, on this machine alone unless said; None: nowhere."""
        return _address(self.metrics_listen) if self.metrics_listen else None

    @property
    def webhook_address(self) -> tuple[str, int]:
        """Where Telegram's updates arrive, from this machine alone unless said."""
        return _address(self.webhook_listen)

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value


def load(env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:
    """Read the settings; the environment wins over the file, and `overrides` over both.

    Raises:
        BadSettingsError: with every setting that is unknown or bad.

    """
    try:
        present = env_file if env_file is not None and env_file.is_file() else None
        settings = Settings(**{"_env_file": present, **overrides})
    except ValidationError as error:
        raise BadSettingsError([_problem(details) for details in error.errors()]) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = f"can't be read: {error}"
        raise BadSettingsError([SettingProblem(str(env_file), reason, None)]) from error
    missing = [
        SettingProblem(name, f"is needed by TRANSLATORS={engine}", EXAMPLES[name])
        for engine in dict.fromkeys(settings.translators)
        for name in ENGINES[engine].needs
        if not getattr(settings, name.lower())
    ]
    if settings.backup_dir and not settings.database_url.get_secret_value().startswith("sqlite"):
        why = "is for SQLite; a PostgreSQL server is backed up with pg_dump"
        missing.append(SettingProblem("BACKUP_DIR", why, None))
    if (problem := _problem_of_authorities()) is not None:
        missing.append(problem)
    if not _can_be_posted_to(settings):
        why = "Telegram posts to https:// alone, on port 443, 80, 88 or 8443"
        missing.append(SettingProblem("WEBHOOK_URL", why, EXAMPLES["WEBHOOK_URL"]))
    if missing:
        raise BadSettingsError(missing)
    return settings


def _problem_of_authorities() -> SettingProblem | None:
    """Say what is wrong with the environment's own list of whom to trust, which TLS reads."""
    path = os.environ.get("SSL_CERT_FILE")
    if not path:
        return None
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one
        reason = getattr(error, "reason", None) or error.strerror
        return SettingProblem("SSL_CERT_FILE", f"can't be used: {reason}", None)
    return None


def _can_be_posted_to(settings: Settings) -> bool:
    """Say whether Telegram takes the webhook's address; a Bot API server of one's own takes any.

    https://core.telegram.org/bots/api#setwebhook
    """
    default = str(Settings.model_fields["telegram_api_url"].default)
    if settings.webhook_url is None or settings.telegram_api_url != default:
        return True
    parts = urlsplit(settings.webhook_url)
    return parts.scheme == "https" and (parts.port or 443) in {80, 88, 443, 8443}


def _address(text: str) -> tuple[str, int]:
    host, _colon, port = text.rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _problem(details: Mapping[str, Any]) -> SettingProblem:
    name = str(details["loc"][0]).upper() if details["loc"] else "settings"
    if details["type"] == "extra_forbidden":
        near = get_close_matches(name, EXAMPLES, n=1)
        hint = f"is no setting of Paperboy; did you mean {near[0]}" if near else "is no setting"
        return SettingProblem(name, hint, None)
    message = str(details["msg"]).removeprefix("Value error, ")
    return SettingProblem(name, message[:1].lower() + message[1:], EXAMPLES.get(name))
