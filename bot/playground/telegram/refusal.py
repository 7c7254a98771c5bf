"""Refusals: how Telegram says no, a code, a text and sometimes parameters.

The texts are those of Telegram's own server (tdlib/telegram-bot-api, Client.cpp), because clients
tell errors apart by them.
"""

from typing import Any


class Refusal(Exception):  # noqa: N818 - it is Telegram's answer, not our failure
    """An answer with `ok: false`.

    https://core.telegram.org/bots/api#making-requests
    """

    def __init__(
        self,
        code: int,
        description: str,
        *,
        retry_after: int | None = None,
        migrate_to_chat_id: int | None = None,
    ) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to_chat_id = migrate_to_chat_id

    def as_json(self) -> dict[str, Any]:
        """Return the body that Telegram would answer with."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        if self.migrate_to_chat_id is not None:
            body["parameters"] = {"migrate_to_chat_id": self.migrate_to_chat_id}
        return body


def too_many_requests(seconds: int) -> Refusal:
    """Return a 429 that asks to wait so many seconds."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
