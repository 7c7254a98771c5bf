"""The methods that are about the bot itself: its profile, menus, updates and files."""

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from bot.playground.telegram.account import Account
from bot.playground.telegram.limits import check_commands, language_code
from bot.playground.telegram.method import Method, method
from bot.playground.telegram.objects import bot_user
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.updates import WebhookSender
from bot.playground.telegram.world import Json

_MOST: Final = 100
"""Updates at once, and webhook connections."""

LONGEST_POLL_SECONDS: Final = 50
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PORTS: Final = frozenset({80, 88, 443, 8443})
_SCOPES: Final = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
_PROFILE: Final = {"name": 64, "description": 512, "short_description": 120}
"""Texts of the profile and their longest length."""


def _get_me(account: Account, call: ApiCall) -> Json:
    del call
    return {
        **bot_user(account.bot) | {"first_name": account.text("name", "")},
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": account.bot.inline,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def _get_updates(account: Account, call: ApiCall) -> list[Json]:
    limit = call.integer("limit", 100)
    timeout = min(max(call.integer("timeout"), 0), LONGEST_POLL_SECONDS)
    account.updates.allow(_allowed_updates(call))
    return await account.updates.read(
        call.integer("offset"), limit if 1 <= limit <= _MOST else _MOST, timeout
    )


async def _set_webhook(account: Account, call: ApiCall) -> bool:
    url = call.text("url")
    if not url:
        return await _delete_webhook(account, call)
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "localhost"}
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if not local and (parts.port or 443) not in _PORTS:
        raise Refusal(
            400, "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
        )
    secret = call.text("secret_token")
    if secret and not _SECRET.fullmatch(secret):
        raise Refusal(400, "Bad Request: secret token contains unallowed characters")
    connections = call.integer("max_connections", 40)
    if not 1 <= connections <= _MOST:
        raise Refusal(400, "Bad Request: max_connections must be between 1 and 100")
    account.updates.allow(_allowed_updates(call))
    if call.flag("drop_pending_updates"):
        account.updates.drop()
    await account.updates.set_webhook(WebhookSender(url, secret or None, connections))
    return True


async def _delete_webhook(account: Account, call: ApiCall) -> bool:
    if call.flag("drop_pending_updates"):
        account.updates.drop()
    if account.updates.webhook is not None:
        await account.updates.set_webhook(None)
    return True


def _get_webhook_info(account: Account, call: ApiCall) -> Json:
    del call
    webhook = account.updates.webhook
    info: Json = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(account.updates.pending),
        "allowed_updates": sorted(account.updates.allowed),
    }
    if webhook is not None:
        info["max_connections"] = webhook.max_connections
        if webhook.last_error is not None:
            info["last_error_date"] = webhook.last_error_at
            info["last_error_message"] = webhook.last_error
    return info


def _allowed_updates(call: ApiCall) -> list[str] | None:
    kinds = call.params.get("allowed_updates")
    if kinds is None:
        return None
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise Refusal(400, "Bad Request: can't parse allowed updates JSON object")
    return kinds


def _set_my_commands(account: Account, call: ApiCall) -> bool:
    key = (_scope_key(call), language_code(call))
    account.commands[key] = check_commands(call.params.get("commands"))
    account.menus_changed()
    return True


def _delete_my_commands(account: Account, call: ApiCall) -> bool:
    account.commands.pop((_scope_key(call), language_code(call)), None)
    account.menus_changed()
    return True


def _get_my_commands(account: Account, call: ApiCall) -> list[Json]:
    return account.commands.get((_scope_key(call), language_code(call)), [])


def _scope_key(call: ApiCall) -> str:
    scope = call.params.get("scope", {"type": "default"})
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind not in _SCOPES:
        raise Refusal(400, "Bad Request: can't parse BotCommandScope: Unsupported type specified")
    missing = [name for name in _SCOPES[kind] if name not in scope]
    if missing:
        raise Refusal(400, f"Bad Request: can't parse BotCommandScope: {missing[0]} is empty")
    return "/".join([kind, *(str(scope[name]) for name in _SCOPES[kind])])


def _setter(name: str) -> Callable[[Account, ApiCall], bool]:
    def set_text(account: Account, call: ApiCall) -> bool:
        text = call.text(name)
        if len(text) > _PROFILE[name]:
            raise Refusal(400, f"Bad Request: {name.replace('_', ' ')} is too long")
        account.texts[name, language_code(call)] = text
        return True

    return set_text


def _getter(name: str) -> Callable[[Account, ApiCall], Json]:
    def get_text(account: Account, call: ApiCall) -> Json:
        return {name: account.text(name, language_code(call))}

    return get_text


def _set_chat_menu_button(account: Account, call: ApiCall) -> bool:
    button: Any = call.params.get("menu_button", {"type": "default"})
    if not isinstance(button, dict) or button.get("type") not in {"commands", "web_app", "default"}:
        raise Refusal(400, "Bad Request: can't parse menu button: Unsupported type specified")
    account.menu_buttons[call.chat_id] = button
    return True


def _get_chat_menu_button(account: Account, call: ApiCall) -> Json:
    default = account.menu_buttons.get(None, {"type": "commands"})
    return account.menu_buttons.get(call.chat_id, default)


def _get_file(account: Account, call: ApiCall) -> Json:
    stored = account.world.files.get(call.text("file_id"))
    if stored is None:
        raise Refusal(400, "Bad Request: invalid file_id")
    return {
        "file_id": stored.id,
        "file_unique_id": stored.id[:16],
        "file_size": stored.size,
        "file_path": f"documents/{stored.id}",
    }


def _done(account: Account, call: ApiCall) -> bool:
    del account, call
    return True


METHODS: Final[dict[str, Method]] = {
    "getMe": method(_get_me),
    "getUpdates": method(_get_updates, "offset limit timeout allowed_updates"),
    "setWebhook": method(
        _set_webhook,
        """
        url certificate ip_address max_connections allowed_updates drop_pending_updates
        secret_token
        """,
    ),
    "deleteWebhook": method(_delete_webhook, "drop_pending_updates"),
    "getWebhookInfo": method(_get_webhook_info),
    "logOut": method(_done),
    "close": method(_done),
    "setMyCommands": method(_set_my_commands, "commands scope language_code"),
    "deleteMyCommands": method(_delete_my_commands, "scope language_code"),
    "getMyCommands": method(_get_my_commands, "scope language_code"),
    "setMyName": method(_setter("name"), "name language_code"),
    "getMyName": method(_getter("name"), "language_code"),
    "setMyDescription": method(_setter("description"), "description language_code"),
    "getMyDescription": method(_getter("description"), "language_code"),
    "setMyShortDescription": method(
        _setter("short_description"), "short_description language_code"
    ),
    "getMyShortDescription": method(_getter("short_description"), "language_code"),
    "setChatMenuButton": method(_set_chat_menu_button, "chat_id menu_button"),
    "getChatMenuButton": method(_get_chat_menu_button, "chat_id"),
    "getFile": method(_get_file, "file_id"),
}
"""Names as the Bot API spells them."""
