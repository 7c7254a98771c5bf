// The WebSocket: reconnects with backoff, and hands on what the server tells.
import { $, say } from "./elements.js";
import { world } from "./world.js";

let socket = null;
let attempt = 0;
let retryTimer = 0;
let receive = {}; // what to do, by type of frame

export function post(message) {
  if (socket?.readyState !== WebSocket.OPEN) {
    say("Not connected: is the playground still running?", { bad: true });
    return false;
  }
  socket.send(JSON.stringify(message));
  return true;
}

// A click ends where it began: what is redrawn between press and release is never clicked. So
// news waits for the release, but not for ever: a menu or another window may swallow it.
const waiting = [];
let pressTimer = 0;

export function unpressed(work) {
  if (pressTimer) waiting.push(work);
  else work();
}

function release() {
  clearTimeout(pressTimer);
  pressTimer = 0;
  for (const work of waiting.splice(0)) {
    try { work(); } catch (error) { reportError(error); }
  }
}
addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  clearTimeout(pressTimer);
  pressTimer = setTimeout(release, 10000);
}, { capture: true });
for (const end of ["pointerup", "pointercancel", "contextmenu", "blur"]) addEventListener(end, (event) => {
  if (pressTimer && (end !== "blur" || event.target === window)) setTimeout(release);
}, { capture: true });

/** Connect for good; `handlers` do what a frame of their type asks for. */
export function listen(handlers) {
  receive = handlers;
  connect();
}

function connect() {
  clearTimeout(retryTimer);
  const mine = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
  socket = mine;
  mine.addEventListener("message", (event) => {
    let message;
    try { message = JSON.parse(event.data); } catch { return; }
    unpressed(() => receive[message.type]?.(message));
  });
  mine.addEventListener("close", () => {
    if (socket !== mine) return;
    document.body.dataset.connected = "false";
    $("lost-text").textContent = attempt || world.chats.size ? "Reconnecting…" : "Connecting…";
    $("lost").hidden = false;
    attempt += 1;
    retryTimer = setTimeout(connect, Math.min(5000, 300 * 1.6 ** attempt));
  });
}

/** The server has told everything: the connection is as good as new. */
export function connected() {
  attempt = 0;
  $("lost").hidden = true;
}

/** Do not wait for the next attempt. */
export function hurry() {
  if (socket?.readyState === WebSocket.CLOSED) { attempt = 1; connect(); }
}
