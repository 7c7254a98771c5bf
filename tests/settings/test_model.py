"""Settings: bad ones are refused at start with the name, the problem and an example."""

from datetime import time
from pathlib import Path

import pytest

from bot.settings import model as settings
from bot.settings.model import EXAMPLES, BadSettingsError, Settings, load

NAMES = [name.upper() for name in Settings.model_fields]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def env(tmp_path: Path, text: str) -> Path:
    path = tmp_path / ".env"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    assert load(tmp_path / "absent") == Settings()
    assert Settings().telegram_bot_token is None


def test_every_example_is_accepted(tmp_path: Path) -> None:
    lines = [f"{name}={value}" for name, value in EXAMPLES.items()]
    loaded = load(env(tmp_path, "\n".join(lines)))
    assert loaded.allowed_chats == {123456789, -1001234567890}
    assert loaded.translators == ("google", "mymemory")
    assert loaded.default_push_time == time(9)


def test_every_setting_is_in_the_example_file_with_its_default() -> None:
    text = (Path(settings.__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    named = [line.lstrip("# ").partition("=")[0] for line in text.splitlines() if "=" in line]
    assert set(named) >= set(NAMES)
    assert set(EXAMPLES) == set(NAMES)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("TELEGRAM_BOT_TOKEN=hunter2", ["token", "BotFather"]),
        ("TELEGRAM_API_URL=api.telegram.org", ["web address"]),
        ("ARXIV_DELAY_SECONDS=soon", ["number"]),
        ("ARXIV_DELAY_SECONDS=nan", []),
        ("ARXIV_DELAY_SECONDS=-1", []),
        ("SWEEP_SCHEDULE=daily", ["five fields"]),
        ("SWEEP_SCHEDULE=99 1 * * *", ["cron"]),
        ("SWEEP_SCHEDULE=0 0 30 2 *", ["never comes"]),
        ("TRANSLATORS=google,gogle", ["google"]),
        ("TRANSLATORS=libre", ["LIBRETRANSLATE_URL"]),
        ("TRANSLATORS=microsoft", ["MICROSOFT_API_KEY", "TRANSLATORS=microsoft"]),
        ("TRANSLATORS=google,deepl", ["DEEPL_API_KEY", "TRANSLATORS=deepl"]),
        ("TRANSLATORS=llm\nLLM_API_URL=http://localhost:1/v1", ["LLM_MODEL"]),
        ("TRANSLATORS=llm\nLLM_MODEL=m", ["LLM_API_URL"]),
        ("DEEPL_API_URL=api.deepl.com", ["web address"]),
        ("DEFAULT_TIMEZONE=Mars/Olympus", ["time zone"]),
        ("DEFAULT_TIMEZONE=../../etc/passwd", ["time zone"]),
        ("DEFAULT_PUSH_TIME=25:00", []),
        ("ALLOWED_CHATS=@lab", ["@lab"]),
        ("ADMINS=1;2", ["1;2"]),
        ("ADMINS=9223372036854775808", ["9223372036854775808"]),
        ("METRICS_LISTEN=99999", ["65535"]),
        ("ALL_PROXY=socks4://proxy.test:1080", ["ALL_PROXY", "socks5://127.0.0.1:1080"]),
        ("HTTPS_PROXY=http://", ["HTTPS_PROXY", "host"]),
        ("WEBHOOK_LISTEN=127.0.0.1:65536", ["65535"]),
        ("WEBHOOK_URL=bot.example.org", ["web address"]),
        ("WEBHOOK_URL=http://bot.example.org", ["https://"]),
        ("WEBHOOK_URL=https://bot.example.org:8080", ["443, 80, 88 or 8443"]),
        ("WEBHOOK_LISTEN=here", ["port"]),
        ("RETENTION_DAYS=30", ["less than 90"]),
        ("SEND_RATE=0", ["0.1"]),
        ("SEND_RATE=1e-9", ["0.1"]),
        ("TELEGRAM_API_URL=http://localhost:99999", ["ort"]),
        ("LLM_API_URL=http://localhost:0/v1", ["port"]),
        ("SEND_RATE=31", ["more than 30", "PAID_BROADCAST"]),
        ("PAID_BROADCAST=true\nSEND_RATE=1001", []),
        ("PAID_BROADCAST=perhaps", []),
        ("LOG_LEVEL=LOUD", ["DEBUG"]),
        ("SEND_RAET=3", ["SEND_RATE"]),
    ],
)
def test_a_bad_setting_is_named_with_its_problem_and_an_example(
    tmp_path: Path, line: str, words: list[str]
) -> None:
    with pytest.raises(BadSettingsError) as caught:
        load(env(tmp_path, line))
    (problem,) = caught.value.problems
    text = str(caught.value)
    assert problem.name in text
    assert "\n" not in text
    for word in words:
        assert word in text
    assert problem.example in text if problem.example else "SEND_RATE" in text


@pytest.mark.parametrize("line", ["SEND_RATE=30", "PAID_BROADCAST=true\nSEND_RATE=1000"])
def test_more_than_thirty_a_second_are_paid_for(tmp_path: Path, line: str) -> None:
    assert load(env(tmp_path, line)).send_rate in {30, 1000}


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadSettingsError) as caught:
        load(env(tmp_path, "SEND_RATE=0\nLOG_LEVEL=x\n"))
    assert [problem.name for problem in caught.value.problems] == ["SEND_RATE", "LOG_LEVEL"]


def test_a_secret_is_never_repeated(tmp_path: Path) -> None:
    with pytest.raises(BadSettingsError) as caught:
        load(env(tmp_path, "TELEGRAM_BOT_TOKEN=123:short-but-secret"))
    assert "short-but-secret" not in str(caught.value)
    token = "123456:" + "a" * 35
    assert token not in repr(load(env(tmp_path, f"TELEGRAM_BOT_TOKEN={token}")))


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEND_RATE", "7")
    assert load(env(tmp_path, "SEND_RATE=3")).send_rate == 7


def test_an_empty_value_is_the_default(tmp_path: Path) -> None:
    assert load(env(tmp_path, "TELEGRAM_BOT_TOKEN=\nSEND_RATE=\n")) == Settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().send_rate = 1


def test_backups_of_postgresql_are_left_to_its_own_tools() -> None:
    with pytest.raises(BadSettingsError, match=r"BACKUP_DIR: is for SQLite; .* pg_dump"):
        load(None, database_url="postgresql://host/name", backup_dir="backups")


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "https://oaipmh.arxiv.org/oai"),
        ({"arxiv_oai_url": "http://127.0.0.1:8/oai"}, "http://127.0.0.1:8/oai"),
        ({"arxiv_api_url": "http://127.0.0.1:9/query"}, None),
        (
            {
                "arxiv_api_url": "http://127.0.0.1:9/query",
                "arxiv_oai_url": "http://127.0.0.1:8/oai",
            },
            "http://127.0.0.1:8/oai",
        ),
    ],
)
def test_another_api_has_no_second_road_but_the_one_that_is_set(
    settings: dict[str, str], url: str | None
) -> None:
    assert load(None, **settings).oai_url == url


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_list_of_authorities_that_is_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    there = tmp_path / "authorities.pem"
    if content is not None:
        there.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(there))
    with pytest.raises(BadSettingsError, match="SSL_CERT_FILE: can't be used"):
        load(None)
