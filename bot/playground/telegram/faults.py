"""Faults of the fake Telegram: refusals, silence, broken connections, chats in trouble."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.playground.fault_plan import FaultPlan
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


class _Aimed(NamedTuple):
    """A fault, and what it is about; None: any method, any chat."""

    fault: TelegramFault
    method: str | None
    chat_id: int | None


class Faults:
    """What is planned to go wrong; the same seed gives the same bad luck."""

    def __init__(self, world: World, seed: int = 0) -> None:
        self.world = world
        self._plan: FaultPlan[_Aimed] = FaultPlan(seed)
        self.clear = self._plan.clear
        """End what was planned; chats in trouble stay in trouble."""

    def next(
        self,
        fault: TelegramFault,
        *,
        method: str | None = None,
        chat: ChatRef | None = None,
        times: int = 1,
    ) -> None:
        """Let the next requests fail: of one method, about one chat, or any."""
        self._plan.add(self._aimed(fault, method, chat), times=times)

    def sometimes(
        self,
        fault: TelegramFault,
        *,
        probability: float,
        method: str | None = None,
        chat: ChatRef | None = None,
    ) -> None:
        """Let requests fail with this probability until `clear`."""
        self._plan.add(self._aimed(fault, method, chat), probability=probability)

    def always(
        self, fault: TelegramFault, *, method: str | None = None, chat: ChatRef | None = None
    ) -> None:
        """Let every such request fail until `clear`."""
        self._plan.add(self._aimed(fault, method, chat))

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
        struck = self._plan.strike(
            lambda aimed: aimed.method in {None, method} and aimed.chat_id in {None, chat_id}
        )
        return struck and struck.fault

    def _aimed(self, fault: TelegramFault, method: str | None, chat: ChatRef | None) -> _Aimed:
        return _Aimed(fault, method, None if chat is None else self.world.chat(chat).id)
