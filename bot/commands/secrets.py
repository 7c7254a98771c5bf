"""What of the settings nobody may read anywhere."""

import re

from pydantic import SecretStr

from bot.settings import Settings, webhook_secret

_PASSWORD = re.compile(r"://[^:/@]*:(.+)@")
_SHORTEST = 4
"""What is shorter stands in too many harmless words to be cut out of them."""


def secrets_in(settings: Settings) -> list[str]:
    """Return the secrets: tokens, keys, and the passwords within addresses."""
    found: set[str] = set()
    for _name, value in settings:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str) and "://" in text:
            found.update(_PASSWORD.findall(text))
        elif isinstance(value, SecretStr):
            # A token's second half is as good as the whole.
            found.update((text, text.partition(":")[2]))
    if settings.telegram_bot_token is not None:
        found.add(webhook_secret(settings.telegram_bot_token.get_secret_value()))
    return [secret for secret in found if len(secret) >= _SHORTEST]
