"""Attacks on what is stored: upgrades, ids that are given again, older copies, changed files."""

import asyncio
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from crash import owe
from sqlalchemy import Connection, MetaData, NullPool, create_engine, func, select, update
from sqlmodel import col

from attacks.bed import Attack, Bed, attack, check, new_database
from bot.playground.telegram.world import Message, Person
from storage import migrations
from storage.columns import utc_now
from storage.migrate import row_counts
from storage.models import Chat, ChatState, Delivery, Subscription, Topic

REVISIONS = ("0001_initial_schema", "0002_own_store", "0003_ids_never_again", "0004_inbox")
FILE = '[[topic]]\nquery = "nerf"\n'
VALUES: dict[type, Any] = {
    datetime: utc_now(),
    time: time(9),
    date: utc_now().date(),
    **{kind: ["1"] for kind in (object, dict, list)},
}
"""What an empty table is filled with."""
OTHER = '[[topic]]\nquery = "malware"\n'


def old_database(url: str, revision: str, *, rows: int = 0) -> dict[str, int]:
    """Make a database of an older schema with a row in every table; return the rows' numbers.

    rows: so many papers more.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    address = url.replace("postgresql://", "postgresql+psycopg://")
    with create_engine(address, poolclass=NullPool).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        _fill(connection)
        _more_papers(connection, rows)
        return row_counts(connection)


def _fill(connection: Connection) -> None:
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if table.name.startswith(("paper_index", "alembic", "fresh_match")):
            continue
        values: dict[str, Any] = {}
        for column in table.columns:
            if column.autoincrement is True or column.nullable:
                continue
            if key := next(iter(column.foreign_keys), None):
                values[column.name] = connection.scalar(select(key.column).limit(1))
            else:
                kind = column.type.python_type
                values[column.name] = VALUES.get(kind) or kind("1")
        if table.name == "chat":
            values |= {"state": "blocked", "timezone": "UTC"}
        connection.execute(table.insert().values(values))


def _more_papers(connection: Connection, many: int) -> None:
    tables = MetaData()
    tables.reflect(connection, only=["paper"])
    paper = tables.tables["paper"]
    like = dict(connection.execute(select(paper).limit(1)).mappings().one())
    like.pop("number", None)
    if many:
        connection.execute(
            paper.insert(), [{**like, "id": f"2501.{number:05}"} for number in range(many)]
        )


async def counted(bed: Bed) -> dict[str, int]:
    async with bed.database() as database, database.reading() as session:
        return await (await session.connection()).run_sync(row_counts)


@attack(2, "an upgrade deletes rows, and so does a restored backup")
async def upgraded(bed: Bed) -> str:
    """Start on a database of each older schema, and restore a backup of each."""
    restored = 0
    for number, revision in enumerate(REVISIONS):
        file = bed.folder / f"old{number}.db"
        is_file = bed.database_url.startswith("sqlite")
        bed.database_url = (
            f"sqlite:///{file}" if is_file else new_database(bed.database_url, f"old{number}")
        )
        before = await asyncio.to_thread(old_database, bed.database_url, revision)
        if is_file:
            backup = file.rename(bed.folder / f"backup{number}.db")
            await bed.start("restore", str(backup), "--force")
            await bed.ended(0)
            restored += 1
            after = await counted(bed)
            lost = {name for name, many in before.items() if after.get(name, 0) < many}
            check(not lost, f"restored from {revision}: rows are missing of {sorted(lost)}")
            file.unlink()
            await asyncio.to_thread(old_database, bed.database_url, revision)
        await bed.start()
        await bed.stop()
        after = await counted(bed)
        # What the inbox held was begun again, and a sweep's entry or two may have come.
        lost = {name for name, many in before.items() if after.get(name, 0) < many} - {"inbox"}
        check(not lost, f"upgraded from {revision}: rows are missing of {sorted(lost)}")
    bed.check_log()
    return f"{len(REVISIONS)} schemas upgraded, {restored} restored, every table has its rows"


async def _answer(bed: Bed, person: Person, text: str) -> Message:
    await bed.asked(person, text)
    return bed.shown(person)[-1]


async def _tap(bed: Bed, person: Person, message: Message, button: str) -> None:
    """Tap, and wait until the bot did something: an answer, an edit, or a pop-up."""
    seen = len(bed.telegram.calls_to("answerCallbackQuery"))
    bed.telegram.tap(person, message, button)
    await bed.until(
        lambda: len(bed.telegram.calls_to("answerCallbackQuery")) > seen, 20, "a tap got no answer"
    )
    await asyncio.sleep(0.5)


@attack(9, "after /forget a newcomer gets what was another's")
async def forgotten(bed: Bed) -> str:
    """Forget a chat while its push is under way, and come as somebody else at once."""
    telegram = bed.telegram
    await owe(bed.database_url, telegram, 30)
    telegram.updates.drop()
    telegram.service.latency = 0.2
    people = list(telegram.world.people.values())
    await bed.start()
    await bed.until(lambda: len(telegram.calls_to("sendMessage")) > 3, 90, "no push began")
    newcomers = []
    for number, person in enumerate(people[:10]):
        asked = await _answer(bed, person, "/forget")
        await _tap(bed, person, asked, asked.buttons[0])
        newcomer = telegram.world.add_person(f"Newcomer {number}")
        newcomers.append(newcomer)
        await bed.asked(newcomer, "/start")
    await asyncio.sleep(65)  # another round of pushes
    telegram.service.latency = 0
    for newcomer in newcomers:
        texts = " ".join(message.text for message in bed.shown(newcomer))
        check("Paper " not in texts, "a newcomer got a paper of somebody who was forgotten")
        await bed.asked(newcomer, "/topics")
    ids = [person.id for person in newcomers]
    async with bed.database() as database, database.reading() as session:
        theirs = select(col(Chat.id)).where(col(Chat.telegram_id).in_(ids))
        for table in (Delivery, Subscription):
            found = await session.execute(
                select(func.count()).select_from(table).where(col(table.chat_id).in_(theirs))
            )
            check(not found.scalar_one(), f"a newcomer has rows of {table.__name__}")
    bed.check_log("Newcomer")
    return f"{len(newcomers)} newcomers have nothing of the {len(newcomers)} who were forgotten"


@attack(10, "an old button follows another's private query")
async def old_button(bed: Bed) -> str:
    """Preview a query, let its topic's number mean another query, and tap the old button."""
    ada, lin = (bed.telegram.world.add_person(name) for name in ("Ada", "Lin"))
    await bed.start()
    preview = await _answer(bed, ada, "/search diffusion")
    await bed.until(lambda: "🔎" not in bed.shown(ada)[-1].text, 30, "the preview has no end")
    follow = next((one for one in preview.buttons if "Follow" in one), "")
    check(follow, f"no button follows: {preview.buttons}")
    await _answer(bed, lin, "zyzzyva private matter")
    await bed.stop()
    async with bed.database() as database, database.transaction() as session:
        # As after an older copy was put in place: the number stands for what somebody else asked.
        old, new = "diffusion", "a private matter"
        await session.execute(update(Topic).where(col(Topic.query) == old).values(query=new))
    await bed.start()
    await _tap(bed, ada, bed.shown(ada)[-1], follow)
    async with bed.database() as database, database.reading() as session:
        held = (await session.execute(select(func.count()).select_from(Subscription))).scalar_one()
    check(not held, "the button followed what somebody else looked for")
    check("private" not in bed.shown(ada)[-1].text, "the button showed it")
    return "the button is too old"


@attack(11, "ALLOWED_CHATS that is set later leaves strangers in")
async def shut_out_later(bed: Bed) -> str:
    """Owe papers to ten, then start with ALLOWED_CHATS; let one of them stop and one forget."""
    telegram = bed.telegram
    await owe(bed.database_url, telegram, 10)
    telegram.updates.drop()
    people = list(telegram.world.people.values())
    before = {person.id: len(bed.shown(person)) for person in people}
    owner = people[0]
    await bed.start(ALLOWED_CHATS=str(owner.id))
    await bed.until(lambda: len(bed.shown(owner)) > before[owner.id], 90, "the owner got nothing")
    await asyncio.sleep(3)
    for person in people[1:]:
        check(len(bed.shown(person)) == before[person.id], "a stranger got a message")
    await bed.asked(people[1], "/stop")
    asked = await _answer(bed, people[2], "/forget")
    await _tap(bed, people[2], asked, asked.buttons[0])
    async with bed.database() as database, database.reading() as session:
        chats = (await session.execute(select(col(Chat.telegram_id), col(Chat.state)))).all()
    known = dict(tuple(row) for row in chats)
    check(people[2].id not in known, "who said /forget is still known")
    strangers = [known[person.id] for person in people[1:] if person.id in known]
    check(ChatState.ACTIVE not in strangers, "a stranger is still written to")
    return "9 strangers got nothing, one stopped and one was forgotten"


@attack(12, "/import applies another file than the plan that was shown")
async def changed_file(bed: Bed) -> str:
    """Change the file between the plan and the tap."""
    ada = bed.telegram.world.add_person("Ada")
    await bed.start()
    await bed.asked(ada, "/help")
    seen = len(bed.shown(ada))
    sent = bed.telegram.send_document(ada, ada, "a.toml", FILE.encode())
    await bed.until(lambda: len(bed.shown(ada)) > seen, 20, "no plan was shown")
    plan = bed.shown(ada)[-1]
    assert sent.document is not None
    sent.document = bed.telegram.world.keep_file("a.toml", sent.document.mime, OTHER.encode())
    await _tap(bed, ada, plan, plan.buttons[0])
    await asyncio.sleep(1)
    async with bed.database() as database, database.reading() as session:
        held = (await session.execute(select(func.count()).select_from(Subscription))).scalar_one()
    check(not held, "a file was applied that nobody had seen a plan of")
    check("malware" in bed.shown(ada)[-1].text, "no new plan was shown")
    return "a new plan is shown"


ATTACKS: tuple[Attack, ...] = (upgraded, forgotten, old_button, shut_out_later, changed_file)
