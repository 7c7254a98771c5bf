"""The file of a chat: what is written is read back, and what is wrong is named with its place."""

import tomllib
from contextlib import suppress
from datetime import time
from time import process_time as time_of_process

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.query.parser import normalise, parse
from bot.transfer.entries import ChatFile, EntryFault, Kind, TransferEntry, TransferError
from bot.transfer.format import read, write
from storage.models import Chat, PaperOrder, PushStyle, Subscription, Topic
from storage.topics import Followed

LANGUAGES = {"en", "zh-CN", "ja"}
MENUS = {"en", "zh_CN"}


def followed(*entries: TransferEntry) -> list[Followed]:
    return [
        Followed(
            Subscription(
                id=n,
                chat_id=1,
                topic_id=n,
                label=entry.label,
                cap=entry.cap,
                muted=entry.muted,
                paused=entry.paused,
            ),
            Topic(id=n, query=entry.query),
        )
        for n, entry in enumerate(entries, 1)
    ]


def understood(text: str | bytes) -> ChatFile:
    content = text.encode() if isinstance(text, str) else text
    return read(content, languages=LANGUAGES, menus=MENUS)


def faults(text: str | bytes) -> list[EntryFault]:
    with pytest.raises(TransferError) as caught:
        understood(text)
    return list(caught.value.faults)


def test_what_is_written_is_read_back() -> None:
    chat = Chat(
        telegram_id=1,
        language="zh-CN",
        ui_language="zh_CN",
        translate_titles=True,
        push_time=time(7, 30),
        timezone="Asia/Shanghai",
        weekdays=0b0011111,
        papers_per_push=20,
        paper_order=PaperOrder.TOPIC,
        push_style=PushStyle.CARDS,
        tells_nothing_new=True,
        shows_previews=True,
        sends_pages=True,
        week_day=3,
        watches_saved=False,
    )
    topics = (
        TransferEntry(
            normalise(parse('"gaussian splatting" -survey')), 'My "field"', cap=3, muted=True
        ),
        TransferEntry("cat:cs.CV", "计算机视觉", paused=True),
        # Followed while arXiv still told such classes.
        TransferEntry("gan OR cat:68T07", "Old"),
    )
    wanted = understood(write(chat, followed(*topics)))
    assert wanted.topics == topics
    assert {column: getattr(chat, column) for column in wanted.settings} == wanted.settings
    assert len(wanted.settings) == 15


@given(label=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60))
def test_any_label_makes_a_file_that_is_toml(label: str) -> None:
    text = write(Chat(telegram_id=1), followed(TransferEntry("nerf", label)))
    assert tomllib.loads(text)["topic"][0]["label"] == label


def test_a_file_by_hand_may_name_as_little_as_it_likes() -> None:
    wanted = understood('[[topic]]\nquery = "NeRF  survey"\n')
    assert wanted == ChatFile({}, (TransferEntry("nerf survey", "nerf survey"),))
    assert understood("") == ChatFile()
    assert understood("\ufeff# as some editors save it\n") == ChatFile()


@pytest.mark.parametrize(
    ("text", "kind", "line", "topic", "key"),
    [
        pytest.param("a = \n", Kind.SYNTAX, 1, None, None, id="no value"),
        pytest.param('[settings]\nmenus = "en', Kind.SYNTAX, 2, None, None, id="open quote"),
        pytest.param("x = " + "[" * 50_000, Kind.SYNTAX, None, None, None, id="nested deeply"),
        pytest.param("x = " + "1" * 5_000, Kind.SYNTAX, None, None, None, id="endless number"),
        pytest.param(b"\xff\xfe", Kind.NO_TEXT, None, None, None, id="no text"),
        pytest.param(b"#" * 500_001, Kind.TOO_LARGE, None, None, None, id="too large"),
        pytest.param("[setings]\n", Kind.UNKNOWN, 1, None, "setings", id="unknown table"),
        pytest.param("settings = 1\n", Kind.VALUE, None, None, "settings", id="no table"),
        pytest.param("topic = [1]\n", Kind.VALUE, None, None, "topic", id="no topics"),
        pytest.param("\n[settings]\n\ntime = 1\n", Kind.UNKNOWN, 4, None, "time", id="unknown"),
        pytest.param(
            '[[topic]]\nquery = "a1"\n\n[[topic]]\nlabel = "x"\nquery = "gan OR"\n',
            Kind.QUERY,
            6,
            2,
            "query",
            id="query",
        ),
        pytest.param('[[topic]]\nlabel = "x"\n', Kind.MISSING, 1, 1, "query", id="no query"),
        pytest.param(
            '[[topic]]\nquery = "nerf"\n[[topic]]\nquery = "NERF"\n',
            Kind.TWICE,
            3,
            2,
            None,
            id="twice",
        ),
        pytest.param(
            '[[topic]]\nquery = "nerf"\ncap = 0\n', Kind.VALUE, 3, 1, "cap", id="cap of none"
        ),
        pytest.param(
            '[[topic]]\nquery = "nerf"\nmute = true\n', Kind.UNKNOWN, 3, 1, "mute", id="misspelt"
        ),
        pytest.param(
            '[[topic]]\nquery = "nerf"\nlabel = "a\\nb"\n', Kind.VALUE, 3, 1, "label", id="lines"
        ),
        pytest.param(
            "".join(f'[[topic]]\nquery = "w{n}"\n' for n in range(201)),
            Kind.TOO_MANY,
            None,
            None,
            None,
            id="too many",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(
    text: str | bytes,
    kind: Kind,
    line: int | None,
    topic: int | None,
    key: str | None,
) -> None:
    first, *others = faults(text)
    assert (first.kind, first.topic, first.key) == (kind, topic, key)
    if line is not None or kind is not Kind.SYNTAX:
        assert first.line == line
    assert others == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("abstracts", '"xx"'),
        ("abstracts", "1"),
        ("titles", '"both"'),
        ("titles", "[]"),
        ("menus", '"klingon"'),
        ("push_time", '"24:00"'),
        ("push_time", '"٠٧:٣٠"'),
        ("push_time", "07:30:00"),
        ("weekdays", "[]"),
        ("weekdays", '["monday"]'),
        ("weekdays", "[{}]"),
        ("timezone", '"../../etc/passwd"'),
        ("timezone", '"Nowhere/Town"'),
        ("papers_per_push", "51"),
        ("papers_per_push", "true"),
        ("order", '"random"'),
        ("style", "{}"),
        ("tells_nothing_new", "1"),
        ("shows_previews", '"yes"'),
        ("week", '"sunday"'),
        ("week", "6"),
        ("week", "{}"),
        ("watches_saved", "0"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_one_that_does(key: str, value: str) -> None:
    [fault] = faults(f"[settings]\n{key} = {value}\n")
    assert (fault.kind, fault.line, fault.key) == (Kind.VALUE, 2, key)
    assert fault.detail
    understood(f"[settings]\n{key} = {fault.detail}\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a." * 45_000 + "b = 1", id="a key of many parts"),
        pytest.param("\n".join(f"[t{n}.a.b]" for n in range(7_000)), id="many tables"),
        pytest.param("[settings]\n" + "\n".join(f"k{n} = 1" for n in range(9_000)), id="settings"),
        pytest.param("[[topic]]\n" + "\n".join(f"k{n} = 1" for n in range(9_000)), id="a topic"),
    ],
)
def test_a_file_that_is_made_to_take_long_is_refused_at_once(text: str) -> None:
    began = time_of_process()
    assert faults(text[:500_000])
    assert time_of_process() - began < 5, "a minute or more, if it is read to the end"


def test_every_fault_is_told_at_once_up_to_twenty() -> None:
    text = '[settings]\nmenus = 1\n[[topic]]\nquery = "("\ncap = 99\n'
    assert {(fault.line, fault.kind) for fault in faults(text)} == {
        (2, Kind.VALUE),
        (4, Kind.QUERY),
        (5, Kind.VALUE),
    }
    many = "".join(f"[settings.x{n}]\n" for n in range(50))
    assert len(faults(many)) == 20


@given(st.binary(max_size=300))
def test_bytes_that_mean_nothing_are_refused_and_raise_nothing_else(content: bytes) -> None:
    with suppress(TransferError):
        understood(content)


_SCALARS = st.one_of(
    st.booleans(), st.integers(-5, 99), st.sampled_from(["en", "nerf", "cs.CV", "(", "x\x00"])
)
_VALUES: st.SearchStrategy[object] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.just({}), max_leaves=5
)
_NAMES = st.sampled_from(
    ["abstracts", "weekdays", "query", "label", "cap", "muted", "topic", "settings", "other"]
)


@given(
    settings=st.dictionaries(_NAMES, _VALUES, max_size=4),
    topics=st.lists(st.dictionaries(_NAMES, _VALUES, max_size=4), max_size=4),
)
def test_whatever_stands_in_a_file_is_taken_or_refused(
    settings: dict[str, object], topics: list[dict[str, object]]
) -> None:
    def shown(value: object) -> str:
        match value:
            case bool():
                return str(value).lower()
            case list():
                return "[" + ", ".join(map(shown, value)) + "]"
            case dict():
                return "{}"
            case str():
                return '"' + value.replace("\x00", "\\u0000") + '"'
        return str(value)

    lines = ["[settings]", *(f"{key} = {shown(value)}" for key, value in settings.items())]
    for topic in topics:
        lines += ["[[topic]]", *(f"{key} = {shown(value)}" for key, value in topic.items())]
    with suppress(TransferError):
        assert len(understood("\n".join(lines)).topics) == len(topics)
