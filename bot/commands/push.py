"""`paperboy push`: send what is due, or everything that is owed, beside a running bot."""

import sys

from bot import log
from bot.commands.arguments import known_chats
from bot.commands.errors import telegram_errors, token_of
from bot.commands.output import Counter
from bot.container import open_container, shut_out_strangers, telegram_bot
from bot.push.delivery import Pushed
from bot.push.worker import Pusher
from bot.settings.model import Settings
from bot.sweep.fan_out import fan_out_new_matches
from storage.columns import utc_now
from storage.models import Chat, ChatState


async def push(settings: Settings, *, chat: int | None, now: bool) -> bool:
    """Send what is due, or with `now` everything that is owed; False where some could not be."""
    token = token_of(settings)
    async with open_container(settings) as opened, telegram_errors(settings):
        named = () if chat is None else await known_chats(opened, chat)
        await shut_out_strangers(opened)
        await fan_out_new_matches(opened.database)
        good = True
        async with telegram_bot(settings, token=token) as bot:
            pusher = opened.pusher(bot)
            if now:
                sent, good = await _everything(pusher, chat)
            else:
                sent = await pusher.push_due(telegram_id=chat)
                print(f"{sent} papers sent.")
        if not sent:
            for one in named:
                _explain(one, now=now)
    return good


async def _everything(pusher: Pusher, chat: int | None) -> tuple[int, bool]:
    counter = Counter("chats:")
    owed = problems = 0

    def told(chat: Chat, done: Pushed, number: int, total: int) -> None:
        nonlocal owed, problems
        owed += done.still_owed
        counter.show(number, total)
        if done.problem is not None:
            problems += 1
            sys.stderr.write(f"chat {chat.telegram_id}: {log.redact(done.problem)}\n")

    sent = await pusher.push_everything(telegram_id=chat, told=told)
    print(f"{sent} papers sent, {owed} still owed." if owed else f"{sent} papers sent.")
    return sent, not problems


def _explain(chat: Chat, *, now: bool) -> None:
    """Say why a chat that was asked for got nothing, where the chat itself is the reason."""
    who = f"Chat {chat.telegram_id}"
    if chat.state is ChatState.BLOCKED:
        print(f"{who} can't be reached: {chat.state_reason}")
    elif chat.state is ChatState.PAUSED:
        print(f"{who} has paused its pushes.")
    elif not now and chat.next_push_at > utc_now():
        due = chat.next_push_at.strftime("%Y-%m-%d %H:%M UTC")
        print(f"{who} is due at {due}; --now sends what it is owed at once.")
