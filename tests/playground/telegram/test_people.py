"""What people do, and which of it the bot gets to know."""

import pytest

from bot.playground.telegram.faults import flood
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Cast, Chat, Message, Person, add_cast


@pytest.fixture
def standing() -> FakeTelegram:
    return FakeTelegram("42:AAplayground")


@pytest.fixture
def cast(standing: FakeTelegram) -> Cast:
    return add_cast(standing.world)


def _heard(telegram: FakeTelegram) -> list[str]:
    return [u["message"].get("text", "") for u in telegram.updates.pending if "message" in u]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("hello everybody", False),
        ("/digest", True),
        ("/digest@paperboy_playground_bot", True),
        ("/digest@Paperboy_Playground_Bot please", True),
        ("/digest@another_bot", False),
        ("please /digest", False),
        ("@paperboy_playground_bot hello", True),
        ("@another_bot hello", False),
    ],
)
def test_in_a_group_the_bot_hears_only_what_is_meant_for_it(
    standing: FakeTelegram, cast: Cast, text: str, *, heard: bool
) -> None:
    standing.send_text(cast.marta, cast.group, text)
    assert _heard(standing) == [], "it is not in the group yet"
    standing.add_bot(cast.ada, cast.group)
    standing.updates.drop()
    standing.send_text(cast.marta, cast.group, text)
    assert (_heard(standing) == [text]) is heard


def test_in_a_group_the_bot_hears_replies_to_itself_and_as_administrator_everything(
    standing: FakeTelegram, cast: Cast
) -> None:
    standing.add_bot(cast.ada, cast.group)
    standing.updates.drop()
    own = standing.world.store(Message(cast.group.id, 900, standing.world.bot.id, 0))
    theirs = standing.send_text(cast.marta, cast.group, "thoughts?")
    standing.send_text(cast.lin, cast.group, "to her", reply_to=theirs)
    standing.send_text(cast.lin, cast.group, "to it", reply_to=own)
    assert _heard(standing) == ["to it"]
    standing.promote(cast.ada, cast.group)
    standing.send_text(cast.marta, cast.group, "all of it")
    assert _heard(standing) == ["to it", "all of it"]


def test_joining_and_leaving_is_told(standing: FakeTelegram, cast: Cast) -> None:
    standing.add_bot(cast.ada, cast.group)
    standing.remove_bot(cast.ada, cast.group)
    statuses = [
        (change["old_chat_member"]["status"], change["new_chat_member"]["status"])
        for update in standing.updates.pending
        if (change := update.get("my_chat_member"))
    ]
    assert statuses == [("left", "member"), ("member", "kicked")]
    shown = [list(message.service or {}) for message in standing.messages(cast.group)]
    assert shown == [["new_chat_members"], ["left_chat_member"]]


def test_blocking_is_told_once_and_writing_again_unblocks(
    standing: FakeTelegram, cast: Cast
) -> None:
    standing.send_text(cast.lin, cast.lin, "/start")
    standing.block(cast.lin)
    standing.block(cast.lin)
    standing.send_text(cast.lin, cast.lin, "/start")
    kinds = [list(update)[1] for update in standing.updates.pending]
    assert kinds == ["message", "my_chat_member", "my_chat_member", "message"]


def test_nobody_writes_nothing_or_where_they_are_not(standing: FakeTelegram, cast: Cast) -> None:
    eve = standing.world.add_person("Eve")
    with pytest.raises(PermissionError, match="Eve is not in Vision Lab"):
        standing.send_text(eve, cast.group, "hello")
    with pytest.raises(ValueError, match="needs a text"):
        standing.send_text(eve, eve, " ")


def test_incoming_texts_carry_entities(standing: FakeTelegram, cast: Cast) -> None:
    standing.send_text(cast.lin, cast.lin, "/subscribe 见 https://arxiv.org/abs/2406.11840")
    [update] = standing.updates.pending
    assert [entity["type"] for entity in update["message"]["entities"]] == ["bot_command", "url"]
    assert update["message"]["from"]["language_code"] == "zh-hans"


def test_message_ids_count_together_except_in_supergroups(
    standing: FakeTelegram, cast: Cast
) -> None:
    forum = standing.world.add_supergroup("Forum", [], admins=[cast.ada], topics={7: "OCR"})

    def ids(*chats: Person | Chat) -> list[int]:
        return [standing.send_text(cast.ada, chat, "x").id for chat in chats]

    assert ids(cast.ada, cast.group, cast.ada) == [1, 2, 3]
    assert ids(forum, forum) == [8, 9], "a topic's own id is a message's"


def test_planned_faults_strike_what_they_are_meant_for(standing: FakeTelegram, cast: Cast) -> None:
    faults = standing.faults
    flooded = flood()
    faults.next(flooded, method="sendMessage", chat=cast.ada, times=2)
    assert faults.strike("sendMessage", cast.lin.id) is None
    assert faults.strike("sendDocument", cast.ada.id) is None
    assert [faults.strike("sendMessage", cast.ada.id) for _ in range(3)] == [
        flooded,
        flooded,
        None,
    ]
    faults.always(flood())
    assert faults.strike("getMe", None) is not None
    faults.clear()
    assert faults.strike("getMe", None) is None


def test_bad_luck_repeats_with_its_seed() -> None:
    def luck(seed: int) -> list[bool]:
        faults = FakeTelegram("42:x", seed=seed).faults
        faults.sometimes(flood(), probability=0.3)
        return [faults.strike("sendMessage", 1) is not None for _ in range(200)]

    assert luck(7) == luck(7) != luck(8)
    assert 30 < sum(luck(7)) < 90
