// The WebSocket connection, with retry and backoff, and what it brings.
"use strict";

// ---------------------------------------------------------------- the wire

let socket = null;
let attempt = 0;
let retryTimer = 0;

function post(message) {
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

function unpressed(work) {
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

function hurry() {
  if (socket?.readyState === WebSocket.CLOSED) { attempt = 1; connect(); }
}

function place(message) {
  const list = world.messages.get(message.chat) ?? [];
  world.messages.set(message.chat, list);
  const at = list.findIndex((one) => one.id === message.id);
  if (at >= 0) { list[at] = message; return false; }
  const behind = list.findLastIndex((one) => one.id < message.id);
  list.splice(behind + 1, 0, message);
  return behind + 2 === list.length;
}

const receive = {
  world(message) {
    const first = world.chats.size === 0;
    world.bot = message.bot;
    world.people = new Map(message.people.map((person) => [person.id, person]));
    world.chats = new Map(message.chats.map((chat) => [chat.id, chat]));
    world.commands = new Map(Object.entries(message.commands ?? {}).map(([id, commands]) => [Number(id), commands]));
    world.controls = message.controls ?? [];
    world.messages = new Map();
    for (const one of message.messages) {
      if (!world.messages.has(one.chat)) world.messages.set(one.chat, []);
      world.messages.get(one.chat).push(one);
    }
    for (const list of world.messages.values()) list.sort((a, b) => a.id - b.id);
    for (const chat of world.chats.keys()) {
      if (first) markRead(chat);
      // A playground that was started afresh counts from one again.
      else if ((view.read.get(chat) ?? 0) > (messagesOf(chat).at(-1)?.id ?? 0)) view.read.delete(chat);
    }
    for (const slot of [...view.pending.keys()]) settle(slot);
    view.actions.clear();
    attempt = 0;
    $("lost").hidden = true;
    drawControls();
    if (!world.chats.has(view.chat)) view.chat = null;
    if (view.chat === null) route(); else drawTalk({ keep: true });
    if (first) pinned = true;
    stick();
    seen();
    drawList();
    document.body.dataset.connected = "true";
  },
  message({ message }) {
    view.actions.delete(message.chat);
    const last = place(message);
    if (message.chat === view.chat) {
      const starting = !$("start").hidden;
      if (last) addMessage(message); else drawTalk({ keep: true });
      drawHead();
      if (starting) drawFoot();
      if (message.force_reply && isBot(message)) replyTo(current(), message);
      seen();
      drawJump();
      if (starting && $("start").hidden && document.activeElement === document.body) $("composer").focus({ preventScroll: true });
    }
    drawList();
  },
  edit({ message }) {
    for (const slot of [...view.pending.keys()]) if (slot.startsWith(`${message.chat}:${message.id}:`)) settle(slot);
    place(message);
    if (message.chat === view.chat) changeMessage(message);
    drawList();
  },
  delete({ chat, id }) {
    world.messages.set(chat, messagesOf(chat).filter((message) => message.id !== id));
    if (chat === view.chat) {
      if (messagesOf(chat).length) { rowOf(id)?.remove(); arrange(); drawFoot(); drawJump(); } else drawTalk();
    }
    drawList();
  },
  action({ chat, action }) {
    view.actions.set(chat, { action, until: Date.now() + 5500 });
    const redraw = () => {
      if (chat === view.chat) { drawTyping(); drawHead(); stick(); }
      drawList();
    };
    redraw();
    setTimeout(() => unpressed(() => { if (!actionOf(chat)) redraw(); }), 5600);
  },
  answer({ person, text, alert, url }) {
    const oldest = [...view.pending].find(([, one]) => one.person === person);
    if (oldest) settle(oldest[0]);
    if (url && startParameter(url) !== null) return openAddress(url);
    const name = person === speakerOf(current()) ? "" : world.people.get(person)?.name;
    const words = name ? `${name}: ${text ?? ""}` : text ?? "";
    if (alert || url) showAlert(words, url);
    else if (text) say(words);
  },
  inline(message) {
    const chat = current();
    if (message.chat === chat?.id && message.person === speakerOf(chat) && message.text === asked()) showOffers(message);
  },
  commands({ chat, commands }) {
    world.commands.set(chat, commands);
    if (chat === view.chat) $("menu-button").hidden = !commands.length;
  },
  chat({ chat }) {
    world.chats.set(chat.id, chat);
    if (chat.id === view.chat) {
      if (messagesOf(chat.id).length) { drawHead(); drawFoot(); } else drawTalk();
    }
    drawList();
  },
  controls({ controls }) {
    world.controls = controls;
    drawControls();
  },
  error({ text }) { say(text, { bad: true }); },
};

// ---------------------------------------------------------------- the window

$("log").addEventListener("scroll", () => {
  pinned = atBottom();
  const before = view.read.get(view.chat);
  seen();
  if (before !== view.read.get(view.chat)) drawList();
  drawJump();
}, { passive: true });
new ResizeObserver(stick).observe($("log"));
$("jump").addEventListener("click", () => {
  $("log").scrollTo({ top: $("log").scrollHeight, behavior: calm.matches ? "auto" : "smooth" });
  $("log").focus({ preventScroll: true });
});
$("log").addEventListener("click", (event) => {
  const row = event.target.closest(".message");
  for (const other of $("log").querySelectorAll(".touched")) if (other !== row) other.classList.remove("touched");
  if (!event.target.closest("a, button, .quote, code, [role=button]")) row?.classList.toggle("touched");
});
$("back").addEventListener("click", () => { history.pushState(null, "", "#"); route(); });
addEventListener("popstate", route);
addEventListener("online", hurry);
document.addEventListener("visibilitychange", () => { if (!document.hidden) { hurry(); seen(); drawList(); } });
document.addEventListener("click", (event) => {
  if (!event.target.closest(".menu")) closeMenu();
  if (!event.target.closest("#commands, #offers, #menu-button, #composer")) { closeCommands(); closeOffers(); }
});
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    if (!closeMenu() && !$("controls").hidden && !wide.matches) closeControls();
    return;
  }
  const idle = document.activeElement === document.body || document.activeElement === $("log");
  if (idle && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey && !$("composer-form").hidden) $("composer").focus();
});

showControls(wide.matches && remembered() !== "closed");
drawTalk();
connect();
