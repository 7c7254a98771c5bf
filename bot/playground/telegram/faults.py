"""Telegram on a bad day, on demand: refusals, silence, broken connections, chats in trouble."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.playground.telegram.refusal import Refusal, too_many_requests
from bot.playground.telegram.world import Chat, ChatKind, ChatRef, World


@dataclass(frozen=True, slots=True)
class TelegramFault:
    """What happens to a request.

    `accepted`: the request takes effect before the trouble starts; `refusal`: what is answered;
    None: nothing is, and the connection stays open (`reset` False) or breaks.
    """

    refusal: Refusal | None = None
    accepted: bool = False
    reset: bool = False


def flood(retry_after: int = 3) -> TelegramFault:
    """429, with the seconds to wait."""
    return TelegramFault(too_many_requests(retry_after))


def server_error(code: int = 502, description: str = "Bad Gateway") -> TelegramFault:
    """5xx: Telegram is restarting or broken."""
    return TelegramFault(Refusal(code, description))


def refuse(code: int, description: str) -> TelegramFault:
    """Any refusal, with the full text such as `Bad Request: TOPIC_CLOSED`."""
    return TelegramFault(Refusal(code, description))


def hang() -> TelegramFault:
    """No answer until the client gives up; the request had no effect."""
    return TelegramFault()


def accept_then_hang() -> TelegramFault:
    """No answer until the client gives up, but the request took effect."""
    return TelegramFault(accepted=True)


def reset() -> TelegramFault:
    """Break the connection; the request had no effect."""
    return TelegramFault(reset=True)


def accept_then_reset() -> TelegramFault:
    """Break the connection, but the request took effect."""
    return TelegramFault(accepted=True, reset=True)


CHAT_TROUBLES: Final[Mapping[str, Refusal]] = {
    "blocked": Refusal(403, "Forbidden: bot was blocked by the user"),
    "deactivated": Refusal(403, "Forbidden: user is deactivated"),
    "deleted": Refusal(403, "Forbidden: the group chat was deleted"),
    "not_found": Refusal(400, "Bad Request: chat not found"),
    "no_rights": Refusal(400, "Bad Request: have no rights to send a message"),
    "topic_closed": Refusal(400, "Bad Request: TOPIC_CLOSED"),
    "thread_not_found": Refusal(400, "Bad Request: message thread not found"),
}
"""Lasting troubles of a chat by name; `kicked` and `migrated` depend on the chat as well."""

_HIDES: Final = frozenset({"deleted", "not_found"})
"""Troubles that refuse everything; the others refuse writing only."""

_KICKED_FROM: Final = {
    ChatKind.PRIVATE: "bot was blocked by the user",
    ChatKind.GROUP: "bot was kicked from the group chat",
    ChatKind.SUPERGROUP: "bot was kicked from the supergroup chat",
    ChatKind.CHANNEL: "bot was kicked from the channel chat",
}


@dataclass(slots=True)
class _PlannedFault:
    fault: TelegramFault
    method: str | None
    chat_id: int | None
    left: int | None
    """How many more requests it hits; None: all."""
    probability: float


@dataclass(slots=True)
class Faults:
    """What is planned to go wrong; the same seed gives the same bad luck."""

    world: World
    seed: int = 0
    _plans: list[_PlannedFault] = field(default_factory=list)
    _random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - no secret

    def __post_init__(self) -> None:
        self._random.seed(self.seed)

    def next(
        self,
        fault: TelegramFault,
        *,
        method: str | None = None,
        chat: ChatRef | None = None,
        times: int = 1,
    ) -> None:
        """Let the next requests fail: of one method, about one chat, or any."""
        self._plan(fault, method, chat, times, 1.0)

    def sometimes(
        self,
        fault: TelegramFault,
        *,
        probability: float,
        method: str | None = None,
        chat: ChatRef | None = None,
    ) -> None:
        """Let requests fail with this probability until `clear`."""
        self._plan(fault, method, chat, None, probability)

    def always(
        self, fault: TelegramFault, *, method: str | None = None, chat: ChatRef | None = None
    ) -> None:
        """Let every such request fail until `clear`."""
        self._plan(fault, method, chat, None, 1.0)

    def clear(self) -> None:
        """End what was planned; chats in trouble stay in trouble."""
        self._plans.clear()

    def afflict(self, chat: ChatRef, trouble: str) -> Chat:
        """Put a chat in lasting trouble; return it, or its successor when it `migrated`.

        `trouble` is a name from CHAT_TROUBLES, `kicked` or `migrated`; KeyError for another.
        """
        afflicted = self.world.chat(chat)
        if trouble == "migrated":
            return self.world.migrate(afflicted)
        if trouble == "kicked":
            afflicted.affliction = Refusal(403, f"Forbidden: {_KICKED_FROM[afflicted.kind]}")
        elif trouble in _HIDES:
            afflicted.affliction = CHAT_TROUBLES[trouble]
        else:
            afflicted.silence = CHAT_TROUBLES[trouble]
        return afflicted

    def relieve(self, chat: ChatRef) -> None:
        """End a chat's lasting trouble."""
        relieved = self.world.chat(chat)
        relieved.affliction = relieved.silence = None

    def strike(self, method: str, chat_id: int | None) -> TelegramFault | None:
        """Return what happens to this request, None: nothing."""
        for plan in self._plans:
            if plan.method not in {None, method} or plan.chat_id not in {None, chat_id}:
                continue
            if plan.probability < 1.0 and self._random.random() >= plan.probability:
                continue
            if plan.left is not None:
                plan.left -= 1
                if plan.left <= 0:
                    self._plans.remove(plan)
            return plan.fault
        return None

    def _plan(
        self,
        fault: TelegramFault,
        method: str | None,
        chat: ChatRef | None,
        times: int | None,
        probability: float,
    ) -> None:
        chat_id = None if chat is None else self.world.chat(chat).id
        self._plans.append(_PlannedFault(fault, method, chat_id, times, probability))
