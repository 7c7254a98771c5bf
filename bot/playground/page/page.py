"""HTTP server of the chat page: its files, documents, and the WebSocket that keeps it up to date.

Other pages in the same browser must not reach it, so it answers to its own name only.
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from bot.playground.local_server import LocalServer
from bot.playground.page.formulas import formulas_of_markdown
from bot.playground.page.frames import event_frames, world_frame
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Event, Json, Person

_OWN_NAMES: Final = frozenset({"127.0.0.1", "localhost"})
_LARGEST_FRAME_BYTES: Final = 30 * 1024 * 1024
_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(slots=True)
class Control:
    """A switch or button on the page, for what the outside world does.

    `value` is the switch's position, None for a button; `handler` gets the new position (True for
    a button) and may return what the page shows as an error.
    """

    name: str
    label: str
    hint: str
    handler: Callable[[bool], Awaitable[str | None]]
    value: bool | None = None

    def as_json(self) -> Json:
        """Return the control as the page knows it."""
        return {
            "name": self.name,
            "label": self.label,
            "kind": "button" if self.value is None else "toggle",
            "value": self.value,
            "hint": self.hint,
        }


class ChatPage:
    """Shows a fake server's world in a browser and lets its people act there."""

    def __init__(self, telegram: FakeTelegram) -> None:
        self.telegram = telegram
        self.controls: list[Control] = []
        self.url = ""
        """Where it listens, such as `http://127.0.0.1:8080`, once started."""
        self._sockets: set[_Socket] = set()
        self._server = LocalServer()
        self._unwatch = telegram.world.watch(self._show)
        self._tasks: set[asyncio.Task[None]] = set()

    def add_control(self, control: Control) -> None:
        """Put a control on the page."""
        self.controls.append(control)
        self.controls_changed()

    def controls_changed(self) -> None:
        """Show the controls' positions again."""
        self._broadcast({"type": "controls", "controls": self._controls()})

    def application(self) -> Application:
        """Return the web application of the page."""
        given = {"page": self}
        return Application(
            [
                (r"/", _PageHandler, given),
                (r"/page/([a-z_]+)\.(css|js)", _FileHandler, given),
                (r"/documents/([\w-]+)", _DocumentHandler, given),
                (r"/documents/([\w-]+)/formulas", _FormulasHandler, given),
                (r"/ws", _Socket, given),
                (r".*", _NowhereHandler, given),
            ],
            log_function=lambda _: None,
            websocket_max_message_size=_LARGEST_FRAME_BYTES,
        )

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 and return the page's address."""
        self.url = await self._server.start(self.application(), port)
        return self.url

    async def stop(self) -> None:
        """Close all connections and watch no longer."""
        self._unwatch()
        for connected in tuple(self._sockets):
            connected.close()
        for task in tuple(self._tasks):
            task.cancel()
        await self._server.stop()

    def connected(self, browser: "_Socket") -> None:
        """Tell a new browser everything, and from now on what happens."""
        self._sockets.add(browser)
        browser.tell(world_frame(self.telegram.account, self._controls()))

    def disconnected(self, browser: "_Socket") -> None:
        """Forget a browser."""
        self._sockets.discard(browser)

    def act(self, browser: "_Socket", frame: Json) -> None:
        """Do what somebody did on the page; a frame that makes no sense is answered, not obeyed."""
        try:
            self._act(browser, frame)
        except (KeyError, IndexError, TypeError, ValueError, PermissionError, LookupError) as error:
            browser.tell({"type": "error", "text": f"That did not work: {error}"})

    def _act(self, browser: "_Socket", frame: Json) -> None:
        kind = frame["type"]
        if kind == "control":
            self._turn(browser, str(frame["name"]), value=frame.get("value") is not False)
            return
        people = self.telegram.people
        person = self.telegram.world.people[frame["person"]]
        if kind == "text":
            people.send_text(
                person, frame["chat"], str(frame["text"]), reply_to=frame.get("reply_to")
            )
        elif kind == "location":
            people.send_location(
                person,
                frame["chat"],
                latitude=float(frame["latitude"]),
                longitude=float(frame["longitude"]),
            )
        elif kind == "tap":
            self._tap(person, frame)
        elif kind == "inline":
            people.ask_inline(person, frame["chat"], str(frame["text"]))
        elif kind == "choose":
            people.choose(self.telegram.account.queries[frame["query"]], str(frame["result"]))
        elif kind == "document":
            content = base64.b64decode(frame["content"], validate=True)
            people.send_document(person, frame["chat"], str(frame["name"]), content)
        elif kind == "membership":
            self._change_membership(person, frame)
        else:
            raise ValueError(kind)

    def _tap(self, person: Person, frame: Json) -> None:
        message = self.telegram.world.message(frame["chat"], frame["message"])
        if message is None:
            return  # deleted while the finger was on its way
        row, column = int(frame["row"]), int(frame["column"])
        if row < 0 or column < 0:
            raise IndexError(row, column)
        button = [*message.keyboard, *message.rich_keyboard][row][column]
        self.telegram.people.tap(person, message, str(button.get("callback_data", button["text"])))

    def _change_membership(self, person: Person, frame: Json) -> None:
        people = self.telegram.people
        match frame["action"]:
            case "block":
                people.block(person)
            case "unblock":
                people.unblock(person)
            case "add_bot":
                people.add_bot(person, frame["chat"])
            case "remove_bot":
                people.remove_bot(person, frame["chat"])
            case other:
                raise ValueError(other)

    def _turn(self, browser: "_Socket", name: str, *, value: bool) -> None:
        control = next((control for control in self.controls if control.name == name), None)
        if control is None:
            raise KeyError(name)

        async def turn() -> None:
            problem = await control.handler(value)
            if problem:
                browser.tell({"type": "error", "text": problem})
            elif control.value is not None:
                control.value = value
            self.controls_changed()

        task = asyncio.get_running_loop().create_task(turn())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _controls(self) -> list[Json]:
        return [control.as_json() for control in self.controls]

    def _show(self, event: Event) -> None:
        if self._sockets:
            for frame in event_frames(self.telegram.account, event):
                self._broadcast(frame)

    def _broadcast(self, frame: Json) -> None:
        for connected in tuple(self._sockets):
            connected.tell(frame)


def _is_own(host: str) -> bool:
    return urlsplit(f"//{host}").hostname in _OWN_NAMES


class _Guarded(RequestHandler):
    page: ChatPage

    def initialize(self, page: ChatPage) -> None:
        self.page = page

    def prepare(self) -> None:
        # Another name that leads to 127.0.0.1 is somebody's DNS trick.
        if not _is_own(self.request.host):
            raise HTTPError(403)

    def set_default_headers(self) -> None:
        # Nothing but the page itself may load or run anything; it says what.
        self.set_header("Content-Security-Policy", "default-src 'none'; sandbox")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")


class _NowhereHandler(_Guarded):
    def get(self) -> None:
        raise HTTPError(404)


class _PageHandler(_Guarded):
    def get(self) -> None:
        """Serve the page; only its own scripts and styles may load, and none that stands inline."""
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; "
            f"img-src 'self' data: blob:; connect-src 'self' ws://{self.request.host}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_file("page.html"))


class _FileHandler(_Guarded):
    def get(self, name: str, ending: str) -> None:
        """Serve a module of the page's script, or a style sheet."""
        try:
            content = _file(f"{name}.{ending}")
        except FileNotFoundError:
            raise HTTPError(404) from None
        kind = "javascript" if ending == "js" else "css"
        self.set_header("Content-Type", f"text/{kind}; charset=utf-8")
        self.finish(content)


def _file(name: str) -> str:
    return (files("bot.playground.page") / name).read_text(encoding="utf-8")


class _DocumentHandler(_Guarded):
    def get(self, file_id: str) -> None:
        """Serve a document as a text to look at or a file to keep, never as a page."""
        stored = self.page.telegram.world.files.get(file_id)
        if stored is None:
            raise HTTPError(404)
        mime = stored.mime
        if mime.startswith("text/") or mime in {"application/json", "application/xml"}:
            mime = "text/plain; charset=utf-8"
        elif mime not in _PICTURES:
            mime = "application/octet-stream"
        self.set_header("Content-Type", mime)
        self.finish(stored.content)


class _FormulasHandler(_Guarded):
    async def get(self, file_id: str) -> None:
        """Serve the formulas of a Markdown document, for the page to draw."""
        stored = self.page.telegram.world.files.get(file_id)
        if stored is None:
            raise HTTPError(404)
        text = stored.content.decode("utf-8", "replace")
        self.set_header("Content-Type", "application/json; charset=utf-8")
        drawn = await asyncio.to_thread(formulas_of_markdown, text)
        self.finish(json.dumps(drawn, ensure_ascii=False))


class _Socket(_Guarded, WebSocketHandler):
    def check_origin(self, origin: str) -> bool:
        parts = urlsplit(origin)
        return (
            parts.scheme == "http" and parts.netloc == self.request.host and _is_own(parts.netloc)
        )

    def open(self, *_: str, **__: str) -> None:
        self.page.connected(self)

    def on_message(self, message: str | bytes) -> None:
        try:
            frame = json.loads(message)
        except ValueError:
            frame = None
        if isinstance(frame, dict):
            self.page.act(self, frame)
        else:
            self.tell({"type": "error", "text": "That did not work: not an object"})

    def on_close(self) -> None:
        self.page.disconnected(self)

    def tell(self, frame: Json) -> None:
        """Send a frame, to nobody when the browser is gone."""
        try:
            written = self.write_message(json.dumps(frame, ensure_ascii=False))
        except WebSocketClosedError:
            return
        # The connection may break on the way; whoever is gone needs no answer.
        written.add_done_callback(lambda future: future.cancelled() or future.exception())
