"""Secrets are found, wherever among the settings they stand."""

from pathlib import Path

from bot.settings.model import load
from bot.settings.secrets import secrets_in, webhook_secret
from tests.settings.test_model import env


def test_secrets_are_tokens_keys_and_passwords_in_addresses(tmp_path: Path) -> None:
    token = "123456789:AAF-your-token-from-BotFather_abcdefghijk"
    lines = [
        f"TELEGRAM_BOT_TOKEN={token}",
        "DATABASE_URL=postgresql://paperboy:hunter2@db.example.org/paperboy",
        "LIBRETRANSLATE_URL=https://me:open:sesame@translate.example.org",
        "LIBRETRANSLATE_API_KEY=key",
        "ARXIV_API_URL=https://mirror.example.org/query?api_key=k%2F-42&format=atom",
        "DEEPL_API_KEY=279a2e9d-83b3",
    ]
    found = set(secrets_in(load(env(tmp_path, "\n".join(lines)))))
    assert found == {
        token,
        "AAF-your-token-from-BotFather_abcdefghijk",
        webhook_secret(token),
        "hunter2",
        "open:sesame",
        "k%2F-42",
        "k/-42",
        "279a2e9d-83b3",
    }, "a key of three letters stands in too many words"


def test_a_proxy_s_password_is_a_secret(tmp_path: Path) -> None:
    loaded = load(env(tmp_path, "ALL_PROXY=socks5://reader:pass-word@proxy.test:1080"))
    assert "pass-word" in secrets_in(loaded)
    assert "pass-word" not in repr(loaded)
