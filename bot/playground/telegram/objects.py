"""The world as the Bot API describes it: User, Chat, Message, ChatMember.

https://core.telegram.org/bots/api#available-types
"""

from typing import Final

from bot.playground.telegram.world import (
    Bot,
    Chat,
    ChatKind,
    Json,
    Message,
    Person,
    Status,
    World,
)

_RIGHTS: Final = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)
_PERMISSIONS: Final = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
_GIFTS: Final = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


def person_user(person: Person) -> Json:
    """Return a person as User."""
    user: Json = {"id": person.id, "is_bot": False, "first_name": person.first_name}
    if person.username:
        user["username"] = person.username
    return {**user, "language_code": person.language_code}


def bot_user(bot: Bot) -> Json:
    """Return the bot as User, without what only getMe tells."""
    return {"id": bot.id, "is_bot": True, "first_name": bot.name, "username": bot.username}


def chat_object(chat: Chat) -> Json:
    """Return a Chat."""
    described: Json = {"id": chat.id, "type": chat.kind.value}
    described["first_name" if chat.kind is ChatKind.PRIVATE else "title"] = chat.title
    if chat.username:
        described["username"] = chat.username
    if chat.forum:
        described["is_forum"] = True
    return described


def chat_full_info(world: World, chat: Chat) -> Json:
    """Return a ChatFullInfo."""
    full: Json = {
        **chat_object(chat),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }
    pinned = world.message(chat.id, chat.pinned[-1]) if chat.pinned else None
    if pinned is not None:
        full["pinned_message"] = message_object(world, pinned)
    if chat.kind in {ChatKind.GROUP, ChatKind.SUPERGROUP}:
        full["permissions"] = {"can_send_messages": True}
    return full


def chat_member(user: Json, status: Status, chat: Chat) -> Json:
    """Return a ChatMember of the kind that goes with the status."""
    member: Json = {"user": user, "status": status.value}
    if status is Status.CREATOR:
        member["is_anonymous"] = False
    elif status is Status.ADMINISTRATOR:
        member |= dict.fromkeys(_RIGHTS, True)
        member["is_anonymous"] = member["can_be_edited"] = False
        if chat.kind is ChatKind.CHANNEL:
            posts = chat.bot_posts or not user["is_bot"]
            member |= {"can_post_messages": posts, "can_edit_messages": True}
    elif status is Status.RESTRICTED:
        member |= dict.fromkeys(_PERMISSIONS, False) | {"is_member": True, "until_date": 0}
    elif status is Status.KICKED:
        member["until_date"] = 0
    return member


def message_object(world: World, message: Message, *, quoted: bool = False) -> Json:
    """Return a Message; a `quoted` one does not repeat what it replied to itself."""
    chat = world.chats[message.chat_id]
    described: Json = {"message_id": message.id}
    described |= _sender(world, message)
    described |= {"date": message.date, "chat": chat_object(chat)}
    if message.forwarded_from is not None:
        described["forward_origin"] = _origin(world, message.forwarded_from)
    if message.via_bot:
        described["via_bot"] = bot_user(world.bot)
    if message.thread is not None:
        described |= {"message_thread_id": message.thread, "is_topic_message": True}
    if message.reply_to is not None and not quoted:
        original = world.message(message.chat_id, message.reply_to)
        if original is not None:
            described["reply_to_message"] = message_object(world, original, quoted=True)
    if message.edited_at is not None:
        described["edit_date"] = message.edited_at
    described |= _content(message)
    if message.keyboard:
        described["reply_markup"] = {"inline_keyboard": message.keyboard}
    return described | (message.service or {})


def _sender(world: World, message: Message) -> Json:
    if message.sender_id is None:
        return {"sender_chat": chat_object(world.chats[message.chat_id])}
    if message.sender_id == world.bot.id:
        return {"from": bot_user(world.bot)}
    return {"from": person_user(world.people[message.sender_id])}


def _origin(world: World, original: Message) -> Json:
    sender = _sender(world, original)
    if "from" in sender:
        return {"type": "user", "date": original.date, "sender_user": sender["from"]}
    return {
        "type": "channel",
        "date": original.date,
        "chat": sender["sender_chat"],
        "message_id": original.id,
    }


def _content(message: Message) -> Json:
    content: Json = {}
    text, entities = "text", "entities"
    if message.document is not None:
        content["document"] = {
            "file_id": message.document.id,
            "file_unique_id": message.document.id[:16],
            "file_name": message.document.name,
            "mime_type": message.document.mime,
            "file_size": message.document.size,
        }
    if message.photo is not None:
        content["photo"] = [
            {
                "file_id": message.photo.id,
                "file_unique_id": message.photo.id[:16],
                "width": 640,
                "height": 480,
                "file_size": message.photo.size,
            }
        ]
    if message.location is not None:
        content["location"] = message.location
    if message.file is not None:
        text, entities = "caption", "caption_entities"
    if message.rich is not None:
        blocks: list[Json] = [{"type": "paragraph", "text": message.text}]
        blocks += [{"type": "buttons", "buttons": row} for row in message.rich_keyboard]
        return {"rich_message": {"blocks": blocks}}
    if message.text:
        content[text] = message.text
    if message.formatted.entities:
        content[entities] = message.formatted.as_json()
    return content
