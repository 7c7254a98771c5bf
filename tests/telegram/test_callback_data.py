"""Callback routes: what a button sends, who takes it, and what it means there."""

import pytest

from bot.telegram.callback_data import FLAG, NUMBER, PAPER_ID, matching, one_of, route

TOPIC = route("topic", NUMBER)
MUTE = route("mute", NUMBER, FLAG)
WORDS = route("kept", NUMBER, matching(".{0,40}"))


def test_a_button_sends_the_name_and_the_arguments() -> None:
    assert route("now").data() == "now"
    assert TOPIC.data(7) == "topic:7"
    assert MUTE.data(7, True) == "mute:7:1"
    assert WORDS.data(0, "a:b") == "kept:0:a:b"


def test_arguments_come_back_with_their_types() -> None:
    assert route("now").parse("now") == ()
    assert TOPIC.parse("topic:7") == (7,)
    assert MUTE.parse("mute:7:0") == (7, False)
    assert WORDS.parse("kept:5:a:b") == (5, "a:b")
    assert route("show", PAPER_ID).parse("show:hep-th/9901001") == ("hep-th/9901001",)


@pytest.mark.parametrize(
    "data",
    [
        "", "topic", "topic:", "topic:-1", "topic: 1", "topic:1 ", "topic:1\n", "topic:1:2",
        "xtopic:1", "topics:1", "topic:٣", "topic:1234567890", "Topic:1",
    ],
)  # fmt: skip
def test_what_no_button_sends_is_refused(data: str) -> None:
    assert TOPIC.pattern.match(data) is None
    with pytest.raises(ValueError, match="^" + data.strip()):
        TOPIC.parse(data)


def test_a_button_that_could_not_be_read_again_is_never_made() -> None:
    with pytest.raises(ValueError, match="topic:-1"):
        TOPIC.data(-1)
    with pytest.raises(ValueError, match="set:rich"):
        route("set", one_of("", "time")).data("rich")


def test_a_button_carries_at_most_64_bytes() -> None:
    say = route("say", matching(".*"))
    assert say.data("é" * 30) == "say:" + "é" * 30
    with pytest.raises(ValueError, match="say:"):
        say.data("é" * 30 + "x")


def test_a_choice_means_its_words_to_the_letter() -> None:
    chosen = route("x", one_of("a.b", ""))
    assert chosen.parse("x:a.b") == ("a.b",)
    assert chosen.parse("x:") == ("",)
    assert chosen.pattern.match("x:aXb") is None
