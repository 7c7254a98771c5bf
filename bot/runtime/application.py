"""The application: which handler takes which command, tap or message, in their order."""

import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVarTuple

from telegram import Message, Update
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    ExtBot,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.conversation import topic_card
from bot.conversation.channel_mode import managed
from bot.conversation.context import App, BotData, Context
from bot.conversation.permissions import Handler, operators_only
from bot.conversation.prompts import cancel, end_question, routed
from bot.handlers import (
    admin,
    arxiv_links,
    browse,
    channels,
    digest,
    errors,
    group_links,
    help,  # noqa: A004 - the conversation's name
    inline,
    latest,
    location,
    membership,
    papers,
    reading_list,
    register_chat,
    saved,
    search,
    settings,
    settings_menu,
    share,
    similar,
    start,
    status,
    stop,
    subscribe,
    taste,
    topic,
    topics,
    transfer,
    unsupported,
    week,
)
from bot.telegram import routes
from bot.telegram.callback_data import Route
from bot.telegram.rate_limiter import Priority
from bot.telegram.replies import acknowledge
from bot.transfer.reading_list import is_reading_list

COMMANDS: dict[str, Handler] = {
    "subscribe": managed(subscribe.subscribe),
    "topics": managed(topics.show_topics),
    "unsubscribe": managed(topics.unsubscribe),
    "latest": managed(latest.latest),
    "digest": managed(digest.digest),
    "search": search.search,
    "saved": saved.show_saved,
    "week": managed(week.week),
    "taste": managed(taste.show_taste),
    "settings": managed(settings.show_settings),
    "status": managed(status.status),
    "channels": channels.show_channels,
    "export": managed(transfer.export_file),
    "import": managed(transfer.import_file),
    "stop": stop.stop,
    "forget": stop.ask_to_forget,
    "start": start.start,
    "help": help.show_help,
}
"""In the order in which Telegram's menu shows them."""

FOR_ADMINS = tuple(name for name in COMMANDS if name != "channels")
"""What the admins of a group are offered there: a channel is managed in private."""

FOR_EVERYBODY = ("topics", "latest", "digest", "search", "saved", "week", "status", "help")
"""What everybody may ask for in a group."""

_MESSAGE = filters.UpdateType.MESSAGE
_PRIVATE = filters.ChatType.PRIVATE & _MESSAGE
_Values = TypeVarTuple("_Values")


def application(bot: ExtBot[Priority]) -> App:
    """Return the application with every handler; its services are still to be given."""
    app: App = (
        ApplicationBuilder()
        .bot(bot)
        .context_types(ContextTypes(context=Context, bot_data=BotData))
        .job_queue(None)
        .updater(None)
        .build()
    )
    _register(app)
    return app


def _register(app: App) -> None:
    # The order matters: the first handler of a group that fits takes the update.
    _guards(app)
    _commands(app)
    _taps(app)
    app.add_handler(InlineQueryHandler(inline.answer))
    app.add_handler(ChatMemberHandler(membership.membership_changed))
    app.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, membership.migrated))
    _words(app)
    app.add_error_handler(errors.handle_error)


def _guards(app: App) -> None:
    """Add what sees an update before the handlers do: middleware, prompts."""
    app.add_handler(TypeHandler(Update, register_chat.register_chat), group=-4)
    app.add_handler(MessageHandler(_PRIVATE & filters.FORWARDED, channels.take_forward), group=-2)
    answers = {
        "rename": managed(topic.rename),
        "edit": managed(topic.edit_query),
        "note": papers.take_note,
        "search": search.take_words,
        "zone": managed(settings.take_zone),
        "taste": managed(taste.take_words),
    }
    files = {"taste": managed(taste.take_file)}
    app.add_handler(CommandHandler("cancel", cancel, filters=_MESSAGE), group=-1)
    app.add_handler(MessageHandler(_MESSAGE & filters.COMMAND, end_question), group=-1)
    app.add_handler(CallbackQueryHandler(end_question), group=-1)
    app.add_handler(MessageHandler(_MESSAGE & filters.TEXT, routed(answers)), group=-1)
    app.add_handler(MessageHandler(_MESSAGE & filters.Document.ALL, routed(files)), group=-1)


def _commands(app: App) -> None:
    app.add_handler(
        CommandHandler("start", managed(share.open_link), filters=_MESSAGE & share.LINK)
    )
    app.add_handler(CommandHandler("start", help.show_help, filters=_MESSAGE & help.LINK))
    for name, handler in COMMANDS.items():
        app.add_handler(CommandHandler(name, handler, filters=_MESSAGE))
    open_admin = operators_only(admin.show_admin, otherwise=help.unknown_command)
    app.add_handler(CommandHandler("admin", open_admin, filters=_PRIVATE))


def _on(
    route: Route[*_Values],
    handler: Callable[[Update, Context, *_Values], Coroutine[Any, Any, None]],
) -> tuple[re.Pattern[str], Handler]:
    """Return which taps a handler takes, and the handler with the arguments of the button."""

    async def tapped(update: Update, context: Context) -> None:
        data = update.callback_query.data if update.callback_query else None
        await handler(update, context, *route.parse(data or ""))

    return route.pattern, tapped


_FOR_OPERATORS = (
    _on(admin.RELEASE, admin.release),
    _on(admin.SEND, admin.announce),
    _on(admin.DISCARD, admin.discard),
)
"""Taps, and who takes them."""

_ABOUT_THE_MANAGED = (
    _on(routes.PICK, start.pick_topic),
    _on(routes.PICK_PRESET, subscribe.pick_readymade),
    _on(routes.PICK_BESIDE, subscribe.pick_beside),
    _on(routes.PICK_INSTEAD, subscribe.pick_instead),
    _on(routes.FIELD, browse.browse),
    _on(routes.FOLLOW, subscribe.follow),
    _on(routes.LOOK, subscribe.look),
    _on(routes.MORE_LIKE, similar.more_like),
    _on(routes.AUTHORS, similar.authors),
    _on(similar.AUTHOR, similar.author),
    _on(routes.SEND_NOW, subscribe.send_now),
    _on(routes.TOPICS, topics.show_topics),
    _on(routes.TOPICS_PAGE, topics.show_topics),
    _on(routes.TOPIC, topic_card.open_topic),
    _on(topic_card.RENAME, topic.ask_name),
    _on(topic_card.EDIT, topic.ask_query),
    _on(topic.REPLACE, topic.replace_query),
    _on(topic_card.CHOOSE_CAP, topic.choose_cap),
    _on(topic.CAP, topic.limit),
    _on(topic_card.SWITCH, topic.switch_cross_lists),
    _on(topic_card.MUTE, topic.mute),
    _on(topic_card.PAUSE, topic.pause),
    _on(topic_card.MOVE, topic.move),
    _on(routes.SHARE, share.share),
    _on(routes.DROP, topics.drop),
    _on(topics.UNDO, topics.undo),
    _on(topics.UNDO_PLAIN, topics.undo_plain),
    _on(settings_menu.SAMPLE, settings.show_sample),
    _on(routes.LOCATION, location.ask_location),
    _on(routes.ELSEWHERE, settings.ask_zone),
    _on(subscribe.HERE, subscribe.choose_zone),
    _on(routes.SETTINGS, settings.choose),
    _on(routes.PUT, settings.change),
    _on(stop.AWAY, stop.away),
    _on(stop.BACK, stop.until),
    _on(routes.STYLE, settings.switch_style),
    _on(routes.SETTINGS_BELOW, settings.open_below),
    _on(routes.TOPIC_BELOW, topic_card.open_below),
    _on(routes.DIGEST_BELOW, digest.of_everything),
    _on(digest.AGAIN, digest.again),
    _on(digest.CHOOSE, digest.choose),
    _on(digest.PAGE, digest.as_page),
    _on(digest.CANCEL, digest.cancel),
    _on(transfer.APPLY, transfer.apply_file),
    _on(transfer.APPLY_UNSEEN, transfer.apply_unseen),
    _on(routes.CANCEL_FILE, transfer.cancel_file),
    _on(routes.TASTE, taste.open_taste),
    _on(routes.LEARN_LIST, taste.learn_list),
    _on(taste.TELL, taste.tell),
    _on(taste.CHOOSE, taste.choose),
    _on(taste.LIKE, taste.like),
    _on(taste.UNLIKE, taste.unlike),
    _on(taste.FORGET, taste.forget),
)
"""They are about the channel, where one is managed in the chat."""

_ABOUT_THE_CHAT = (
    _on(start.CHOOSE, start.choose_language),
    _on(start.LANGUAGE, start.ask_language),
    _on(start.MORE_LANGUAGES, start.more_languages),
    _on(routes.MANAGE, channels.choose_channel),
    _on(routes.FORGET, stop.forget),
    _on(routes.KEEP, stop.keep),
    _on(routes.SHOW_PAPER, papers.open_card),
    _on(routes.SWITCH_PAPER, papers.switch),
    _on(routes.MARK_PAPER, papers.mark),
    _on(routes.NOTE_PAPER, papers.note),
    _on(routes.CITE_PAPER, papers.cite),
    _on(routes.SUMMARY_PAPER, papers.summarise),
    _on(search.TURN, search.turn),
    _on(search.RANKED, search.turn_ranked),
    _on(search.CANCEL, search.cancel),
    _on(search.AGAIN, search.again),
    _on(saved.TURN, saved.turn),
    _on(saved.RANKED, saved.turn_ranked),
    _on(saved.EXPORT, saved.export),
    _on(saved.EXPORT_FOUND, saved.export),
    _on(routes.KEEP_LIST, reading_list.keep),
)
"""They are about the chat, or the person, in any case."""


def _taps(app: App) -> None:
    for pattern, handler in (
        *((pattern, operators_only(do, otherwise=_stale_button)) for pattern, do in _FOR_OPERATORS),
        *((pattern, managed(do)) for pattern, do in _ABOUT_THE_MANAGED),
        *_ABOUT_THE_CHAT,
    ):
        app.add_handler(CallbackQueryHandler(handler, pattern=pattern))
    app.add_handler(CallbackQueryHandler(_stale_button))


class _ReadingList(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        return message.document is not None and is_reading_list(message.document.file_name)


def _words(app: App) -> None:
    """Add what takes messages that are no command of ours: links in groups, all in private."""
    links = _MESSAGE & ~filters.COMMAND & group_links.LINKS_TO_A_PAPER
    app.add_handler(MessageHandler(links, group_links.posted))
    ours = filters.Document.FileExtension("toml")
    # Not FileExtension: it tells capitals from small letters.
    lists = filters.Document.ALL & _ReadingList()
    for kind, handler in (
        (filters.COMMAND, help.unknown_command),
        (ours, managed(transfer.take_document)),
        (lists, reading_list.take_list),
        (filters.LOCATION, managed(location.take_location)),
        (location.REFUSAL, managed(location.keep_zone)),
        (arxiv_links.POINTS_TO_PAPERS, arxiv_links.pasted),
        (arxiv_links.POINTS_ELSEWHERE, arxiv_links.pasted_elsewhere),
        (filters.TEXT, managed(subscribe.words)),
        (~filters.StatusUpdate.ALL, unsupported.no_text),
    ):
        app.add_handler(MessageHandler(_PRIVATE & kind, handler))
    changed = filters.ChatType.PRIVATE & filters.UpdateType.EDITED_MESSAGE
    app.add_handler(MessageHandler(changed, unsupported.edited))


async def _stale_button(update: Update, context: Context) -> None:
    """Answer a button that no handler knows any more."""
    await acknowledge(update, context.texts.plain("This button is too old. Try /help."))
