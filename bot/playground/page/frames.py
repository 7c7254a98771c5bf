"""What the chat page is told: the world in the words of its WebSocket."""

from bot.playground.page.formulas import formulas
from bot.playground.telegram.account import Account, InlineQuery
from bot.playground.telegram.world import Chat, ChatKind, Event, Json, Message, StoredFile


def world_frame(account: Account, controls: list[Json]) -> Json:
    """Return everything, for a page that has just connected."""
    world = account.world
    return {
        "type": "world",
        "bot": {"id": world.bot.id, "name": world.bot.name, "username": world.bot.username},
        "people": [
            {"id": person.id, "name": person.first_name, "language_code": person.language_code}
            for person in world.people.values()
        ],
        "chats": [chat_frame(chat) for chat in world.chats.values()],
        "commands": {str(chat.id): _menu(account, chat) for chat in world.chats.values()},
        "messages": [message_frame(account, message) for message in world.all_messages()],
        "controls": controls,
    }


def event_frames(account: Account, event: Event) -> list[Json]:
    """Return what a page that is connected is told of an event."""
    message = event.message
    chat = account.world.chats[event.chat_id]
    frames: list[Json] = []
    commands: Json = {"type": "commands", "chat": chat.id, "commands": _menu(account, chat)}
    match event.kind:
        case "message" | "edit" if message is not None:
            frames = [{"type": event.kind, "message": message_frame(account, message)}]
        case "delete" if message is not None:
            frames = [{"type": "delete", "chat": chat.id, "id": message.id}]
        case "action":
            frames = [{"type": "action", "chat": chat.id, **event.detail}]
        case "answer":
            shown = {name: value for name, value in event.detail.items() if name != "url" or value}
            frames = [{"type": "answer", **shown}]
        case "inline":
            frames = [_offers(event.detail["query"])]
        case "commands":
            frames = [commands]
        case "chat":
            frames = [{"type": "chat", "chat": chat_frame(chat)}, commands]
    return frames


def chat_frame(chat: Chat) -> Json:
    """Return a chat; in a private one the bot is a member unless the person blocked it."""
    private = chat.kind is ChatKind.PRIVATE
    described: Json = {
        "id": chat.id,
        "kind": chat.kind.value,
        "title": chat.title,
        "members": list(chat.members),
        "bot_member": chat.bot_is_in if not private else chat.bot.value != "kicked",
    }
    return {**described, "person": chat.id} if private else described


def message_frame(account: Account, message: Message) -> Json:
    """Return a message with its text, or its caption, and whatever hangs below."""
    return {
        "chat": message.chat_id,
        "id": message.id,
        "from": _sender(account, message),
        "date": message.date,
        "text": message.text,
        "entities": message.formatted.as_json(),
        "keyboard": [[_button(button) for button in row] for row in message.keyboard],
        "document": _document(message.document),
        "photo": None if message.photo is None else {"url": _address(message.photo)},
        "rich": _rich(message),
        "edited": message.edited_at is not None,
        "reply_to": message.reply_to,
        "thread": message.thread,
        "service": _service(account, message),
        "via": account.bot.username if message.via_bot else None,
        "location": message.location,
        "reply_keyboard": _reply_keyboard(message),
        "force_reply": bool(message.markup and message.markup.get("force_reply")),
    }


def _rich(message: Message) -> Json | None:
    """Return a rich message with its formulas as trees, and with the buttons within it."""
    if message.rich is None:
        return None
    keyboard = [[_button(button) for button in row] for row in message.rich_keyboard]
    return {**message.rich, "formulas": formulas(message.rich), "keyboard": keyboard}


def _offers(query: InlineQuery) -> Json:
    """Return what stands above the composer for whoever types; nothing of the whole messages."""
    answer = query.answer
    return {
        "type": "inline",
        "chat": query.chat.id,
        "person": query.person.id,
        "query": query.id,
        "text": query.text,
        "button": answer.button if answer else None,
        "results": [
            {"id": result.id, "title": result.title, "description": result.description}
            for result in (answer.results if answer else ())
        ],
    }


def _menu(account: Account, chat: Chat) -> list[Json]:
    return account.menu(chat, account.world.people.get(chat.id))


def _sender(account: Account, message: Message) -> Json:
    world = account.world
    if message.sender_id is None:
        return {"id": message.chat_id, "name": world.chats[message.chat_id].title, "is_bot": False}
    if message.sender_id == world.bot.id:
        return {"id": world.bot.id, "name": world.bot.name, "is_bot": True}
    person = world.people[message.sender_id]
    return {"id": person.id, "name": person.first_name, "is_bot": False}


def _button(button: Json) -> Json:
    shown: Json = dict(button)
    if isinstance(copied := button.get("copy_text"), dict):
        shown["copy_text"] = copied["text"]
    return shown


def _reply_keyboard(message: Message) -> list[list[Json]]:
    """Return the buttons that stand below the writer's own words, and which ask for a place."""
    rows = (message.markup or {}).get("keyboard", [])
    return [
        [
            {"text": button, "location": False}
            if isinstance(button, str)
            else {
                "text": str(button.get("text", "")),
                "location": bool(button.get("request_location")),
            }
            for button in row
        ]
        for row in rows
    ]


def _document(stored: StoredFile | None) -> Json | None:
    if stored is None:
        return None
    return {
        "name": stored.name,
        "size": stored.size,
        "mime": stored.mime,
        "url": _address(stored),
    }


def _address(stored: StoredFile) -> str:
    return f"/documents/{stored.id}"


def _service(account: Account, message: Message) -> str | None:
    """Return what Telegram would write in the middle of the chat."""
    if message.service is None:
        return None
    who, bot = _sender(account, message)["name"], account.bot.name
    if "new_chat_members" in message.service:
        return f"{who} added {bot}"
    if "left_chat_member" in message.service:
        return f"{who} removed {bot}"
    return "The group was upgraded to a supergroup"
