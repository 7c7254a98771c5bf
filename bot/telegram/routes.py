"""Callback routes that keyboards of several modules open; all others stand beside their handlers.

Handlers do not import each other, and much of what is tapped leads from one to another.
"""

from typing import Any

from bot.telegram.callback_data import (
    NUMBER,
    PAPER_ID,
    SMALL_NUMBER,
    Route,
    matching,
    one_of,
    route,
)
from bot.telegram.topic_mark import TOPIC_MARK

_KEY = r"[\w.-]{1,32}"

PICK = route("pick")
PICK_PRESET = route("pick", matching(_KEY))
PICK_BESIDE = route("beside", NUMBER, matching(_KEY))
"""The same, and the followed topic beside which it was offered."""
PICK_INSTEAD = route("instead", TOPIC_MARK, matching(_KEY))
"""The same, and the topic in whose preview it was offered."""
FIELD = route("field", matching(r"[\w-]{0,16}"), SMALL_NUMBER)
"""A page of what stands under a field of arXiv; "" is the top."""
FOLLOW = route("follow", TOPIC_MARK, matching(rf"(?:{_KEY})?"))
"""A topic, and the preset that it was picked from if it was."""

SEND_NOW = route("now")
"""To send what is owed without waiting for the time."""

LOOK = route("look", TOPIC_MARK)
"""A topic to preview, which its button names."""

TOPICS = route("topics")
TOPICS_PAGE = route("topics", NUMBER)
TOPIC = route("topic", NUMBER)
SHARE = route("share", NUMBER)
DROP = route("drop", NUMBER)

CANCEL_FILE = route("leave")
"""To leave what a file would change as it is."""

KEEP_LIST = route("keeplist", matching(r"[0-9a-f]{16}"))
"""To save the papers of the reading list that was shown."""

TASTE = route("taste")
"""What a chat gave as examples of what it likes."""

LEARN_LIST = route("learnlist", matching(r"[0-9a-f]{16}"))
"""To take the papers of the reading list that was shown as examples."""

SETTINGS = route(
    "set",
    one_of(
        "", "language", "ui", "time", "days", "zone", "papers", "look", "style", "order", "week"
    ),
)
"""A page of /settings; "" is the card."""
LOCATION = route("set:where")
ELSEWHERE = route("set:elsewhere")
"""To say in one's own words where one is."""
PUT = route("put", matching(r"\w{1,10}"), matching(".{1,50}"))
"""A setting, and what it shall be."""

STYLE = route("style", one_of("list", "brief"))
"""How pushes look from now on; the message that it is on stays."""

# Below a push, which stays as it is: what they open comes as a message of its own.
SETTINGS_BELOW = route("below:set", one_of("papers"))
TOPIC_BELOW = route("below:topic", NUMBER)
DIGEST_BELOW = route("below:digest")

FORGET = route("forget")
KEEP = route("unforget")
"""To delete all that is known of a chat, or nothing after all."""

MANAGE = route("manage", NUMBER)
"""A channel; 0 is the private chat itself."""

SHOW_PAPER = route("show", PAPER_ID)
SWITCH_PAPER = route("paper", one_of("original", "translated"), PAPER_ID)
MARK_PAPER = route("paper", one_of("save", "unsave", "less", "undo"), PAPER_ID)
NOTE_PAPER = route("paper:note", PAPER_ID)
CITE_PAPER = route("paper:cite", PAPER_ID)
MORE_LIKE = route("paper:more", PAPER_ID)
AUTHORS = route("paper:authors", PAPER_ID)
SUMMARY_PAPER = route("paper:ai", PAPER_ID)
"""What a language model says of a paper, with what each claim cites."""

_SELF_CONTAINED: tuple[Route[*tuple[Any, ...]], ...] = (
    *(SHOW_PAPER, SWITCH_PAPER, MARK_PAPER, NOTE_PAPER, CITE_PAPER, MORE_LIKE, AUTHORS),
    SUMMARY_PAPER,
    *(STYLE, SETTINGS_BELOW, TOPIC_BELOW, DIGEST_BELOW),
    *(PICK, FIELD, TOPICS, TOPICS_PAGE, TOPIC, SETTINGS, TASTE),
)


def outlives_its_message(data: str) -> bool:
    """Tell whether a button says all that it means, whatever stood above it."""
    return any(one.pattern.match(data) for one in _SELF_CONTAINED)
