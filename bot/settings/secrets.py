"""Secrets among the settings, and the one that follows from the token."""

import hmac
import re
from urllib.parse import unquote

from pydantic import SecretStr

from bot.settings.model import Settings

_PASSWORD = re.compile(r"://[^:/@]*:(.+)@")
_PARAMETER = re.compile(r"(?i)[?&][^=&#]*(?:pass|key|secret|token)[^=&#]*=([^&#]+)")
_SHORTEST_SECRET = 4
"""What is shorter stands in too many harmless words to be cut out of them."""


def webhook_secret(token: str) -> str:
    """Return what Telegram says with each update to prove that it is Telegram.

    It follows from the token, which it does not give away, so it needs to be kept nowhere, all
    copies of a bot agree on it, and who gets a new token from BotFather has a new secret, too.
    """
    return hmac.digest(token.encode(), b"webhook", "sha256").hex()


def secrets_in(settings: Settings) -> list[str]:
    """Return the secrets that the log redacts: tokens, keys, and the passwords within addresses."""
    found: set[str] = set()
    for _name, value in settings:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str) and "://" in text:
            for secret in (*_PASSWORD.findall(text), *_PARAMETER.findall(text)):
                found.update((secret, unquote(secret)))
        elif isinstance(value, SecretStr):
            # A token's second half is as good as the whole.
            found.update((text, text.partition(":")[2]))
    if settings.telegram_bot_token is not None:
        found.add(webhook_secret(settings.telegram_bot_token.get_secret_value()))
    return [secret for secret in found if len(secret) >= _SHORTEST_SECRET]
