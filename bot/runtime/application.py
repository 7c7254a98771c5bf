"""The application: which handler takes what, in their order."""

from telegram import Update
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

from bot.conversation.channel_mode import managed
from bot.conversation.context import App, BotData, Context
from bot.conversation.permissions import Handler, operators_only
from bot.conversation.prompts import cancel, end_question, routed
from bot.conversation.user_limits import UserRateLimit
from bot.handlers import (
    admin,
    arxiv_links,
    browse,
    channels,
    digest,
    errors,
    help,  # noqa: A004 - the conversation's name
    inline,
    latest,
    location,
    membership,
    papers,
    register_chat,
    saved,
    search,
    settings,
    share,
    start,
    status,
    stop,
    subscribe,
    topic,
    topics,
    transfer,
    unsupported,
)
from bot.telegram.rate_limiter import Priority
from bot.telegram.update_processor import PerChatUpdateProcessor

COMMANDS = (
    "subscribe",
    "topics",
    "unsubscribe",
    "latest",
    "digest",
    "search",
    "saved",
    "settings",
    "status",
    "channels",
    "export",
    "import",
    "stop",
    "forget",
    "start",
    "help",
)
"""In the order in which Telegram's menu shows them."""

FOR_ADMINS = tuple(name for name in COMMANDS if name != "channels")
"""What the admins of a group are offered there: a channel is managed in private."""

FOR_EVERYBODY = ("topics", "latest", "digest", "search", "saved", "status", "help")
"""What everybody may ask for in a group."""

_NUMBER = r"\d{1,9}"
_OFFER = r"[\w.-]{1,32}"
_PAPER = r"[A-Za-z0-9.-]{1,24}(?:/\d{7})?"
_WISH = rf"{_NUMBER}:[\dd-]{{0,10}}:[\w-]{{0,10}}(?::\+)?"


def application(bot: ExtBot[Priority]) -> App:
    """Return the application with every handler; its services are still to be given."""
    app: App = (
        ApplicationBuilder()
        .bot(bot)
        .context_types(ContextTypes(context=Context, bot_data=BotData))
        .concurrent_updates(PerChatUpdateProcessor())
        .job_queue(None)
        .updater(None)
        .build()
    )
    _register(app)
    return app


def _register(app: App) -> None:
    # The order matters: the first handler of a group that fits takes the update.
    app.add_handler(TypeHandler(Update, register_chat.arrive), group=-4)
    app.add_handler(TypeHandler(Update, UserRateLimit().check), group=-3)
    forwards = filters.ChatType.PRIVATE & filters.FORWARDED
    app.add_handler(MessageHandler(forwards, channels.take_forward), group=-2)

    message = filters.UpdateType.MESSAGE
    answers = {
        "rename": managed(topic.rename),
        "edit": managed(topic.edit_query),
        "note": papers.take_note,
    }
    app.add_handler(CommandHandler("cancel", cancel, filters=message), group=-1)
    app.add_handler(MessageHandler(message & filters.COMMAND, end_question), group=-1)
    app.add_handler(CallbackQueryHandler(end_question), group=-1)
    app.add_handler(MessageHandler(message & filters.TEXT, routed(answers)), group=-1)

    private = filters.ChatType.PRIVATE & message
    link = filters.Regex(rf"^/start(@\w+)?\s+t{_NUMBER}-[\w-]{{1,32}}$")
    app.add_handler(CommandHandler("start", managed(share.open_link), filters=message & link))
    command: dict[str, Handler] = {
        "start": start.start,
        "help": help.show_help,
        "subscribe": managed(subscribe.subscribe),
        "topics": managed(topics.show_topics),
        "unsubscribe": managed(topics.unsubscribe),
        "latest": managed(latest.latest),
        "digest": managed(digest.digest),
        "settings": managed(settings.show_settings),
        "status": managed(status.status),
        "search": search.search,
        "saved": saved.show_saved,
        "channels": channels.show_channels,
        "stop": stop.stop,
        "forget": stop.ask_to_forget,
        "export": managed(transfer.export_file),
        "import": managed(transfer.import_file),
    }
    for name, handler in command.items():
        app.add_handler(CommandHandler(name, handler, filters=message))

    open_admin = operators_only(admin.show_admin, otherwise=help.unknown_command)
    alone = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
    app.add_handler(CommandHandler("admin", open_admin, filters=alone))
    for action, done in (
        ("release", admin.release),
        ("send", admin.announce),
        ("discard", admin.discard),
    ):
        guarded = operators_only(done, otherwise=stale_button)
        app.add_handler(CallbackQueryHandler(guarded, pattern=rf"^admin:{action}:{_NUMBER}$"))

    for pattern, handler in (
        (r"^pick$", start.pick_topic),
        (rf"^pick:{_OFFER}$", subscribe.pick_readymade),
        (r"^field:[\w-]{0,16}:\d$", browse.browse),
        (rf"^follow:{_NUMBER}:(?:{_OFFER})?$", subscribe.follow),
        (r"^now$", subscribe.send_now),
        (rf"^topics(:{_NUMBER})?$", topics.show_topics),
        (rf"^topic:{_NUMBER}$", topic.open_topic),
        (rf"^rename:{_NUMBER}$", topic.ask_name),
        (rf"^edit:{_NUMBER}$", topic.ask_query),
        (rf"^swap:{_NUMBER}:{_NUMBER}$", topic.replace_query),
        (rf"^cap:{_NUMBER}$", topic.choose_cap),
        (rf"^cap:{_NUMBER}:\d{{1,2}}$", topic.change),
        (rf"^(?:mute|hold):{_NUMBER}:[01]$", topic.change),
        (rf"^move:{_NUMBER}:(?:up|down)$", topic.change),
        (rf"^share:{_NUMBER}$", share.share),
        (rf"^drop:{_NUMBER}$", topics.drop),
        (rf"^undo:{_NUMBER}(:{_NUMBER}:\d{{1,2}}:[0-3])?$", topics.undo),
        (r"^set:rich$", settings.show_sample),
        (r"^set:where$", location.ask_location),
        (r"^set:\w{0,10}$", settings.choose),
        (r"^put:\w{1,10}:.{1,50}$", settings.change),
        (rf"^digest:{_WISH}$", digest.again),
        (rf"^digestby:(?:topics|languages|back):{_WISH}$", digest.choose),
        (r"^undigest$", digest.cancel),
        (r"^import$", transfer.apply_file),
        (r"^leave$", transfer.cancel_file),
    ):
        app.add_handler(CallbackQueryHandler(managed(handler), pattern=pattern))
    for pattern, handler in (
        (r"^start:[\w-]{2,10}$", start.choose_language),
        (r"^language$", start.ask_language),
        (r"^languages$", start.more_languages),
        (rf"^manage:{_NUMBER}$", channels.choose_channel),
        (r"^forget$", stop.forget),
        (r"^unforget$", stop.keep),
        (rf"^show:{_PAPER}$", papers.show),
        (rf"^paper:(?:original|translated):{_PAPER}$", papers.switch),
        (rf"^paper:(?:save|unsave|less|undo):{_PAPER}$", papers.mark),
        (rf"^paper:note:{_PAPER}$", papers.note),
        (rf"^paper:cite:{_PAPER}$", papers.cite),
        (rf"^found:{_NUMBER}:{_NUMBER}$", search.turn),
        (rf"^kept:{_NUMBER}:", saved.turn),
        (r"^kept:(?:bib|ris|md)$", saved.export),
        (r"", stale_button),
    ):
        app.add_handler(CallbackQueryHandler(handler, pattern=pattern))

    app.add_handler(InlineQueryHandler(inline.answer))
    app.add_handler(ChatMemberHandler(membership.membership_changed))
    app.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, membership.migrated))
    app.add_handler(MessageHandler(private & filters.COMMAND, help.unknown_command))
    ours = filters.Document.FileExtension("toml")
    app.add_handler(MessageHandler(private & ours, managed(transfer.take_document)))
    where = private & filters.LOCATION
    app.add_handler(MessageHandler(where, managed(location.take_location)))
    unsaid = private & filters.Text(location.REFUSALS)
    app.add_handler(MessageHandler(unsaid, managed(location.keep_zone)))
    app.add_handler(MessageHandler(private & arxiv_links.POINTS_TO_PAPERS, arxiv_links.pasted))
    app.add_handler(MessageHandler(private & filters.TEXT, managed(subscribe.words)))
    app.add_handler(MessageHandler(private & ~filters.StatusUpdate.ALL, unsupported.no_text))
    changed = filters.ChatType.PRIVATE & filters.UpdateType.EDITED_MESSAGE
    app.add_handler(MessageHandler(changed, unsupported.edited))
    app.add_error_handler(errors.answer_failure)


async def stale_button(update: Update, context: Context) -> None:
    """Answer a button that no handler knows any more."""
    if update.callback_query:
        _ = context.texts
        await update.callback_query.answer(_.plain("This button is too old. Try /help."))
