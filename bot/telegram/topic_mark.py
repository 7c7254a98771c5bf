"""Marks of topics in buttons and links: an id, and a check that only who knows the query can know.

An id alone may mean another topic one day: after an older backup is restored it is given again, and
what somebody else looks for is nobody's business. Numbers can be guessed, too.
"""

import base64
import hashlib
import hmac
from typing import NamedTuple

from bot.telegram.callback_data import Field
from storage.models import Topic

CHECK_BYTES = 6


class TopicMark(NamedTuple):
    """What a button or a link says of a topic."""

    topic_id: int
    check: str
    """"" in buttons that were made before there were checks: they mean nothing any more."""

    def means(self, topic: Topic | None) -> bool:
        """Tell whether this is the topic that was meant."""
        return topic is not None and hmac.compare_digest(check_of(topic), self.check)


def mark(topic: Topic) -> TopicMark:
    """Return a topic's mark."""
    return TopicMark(topic.id, check_of(topic))


def check_of(topic: Topic) -> str:
    """Return what follows from a topic's query alone."""
    digest = hashlib.sha256(topic.query.encode()).digest()[:CHECK_BYTES]
    return base64.urlsafe_b64encode(digest).decode()


def _read(text: str) -> TopicMark:
    number, _dash, check = text.partition("-")
    return TopicMark(int(number), check)


TOPIC_MARK = Field(
    r"\d{1,9}(?:-[\w-]{8})?", _read, lambda mark: "-".join(filter(None, map(str, mark)))
)
"""A topic that may be nobody's, or somebody else's."""
