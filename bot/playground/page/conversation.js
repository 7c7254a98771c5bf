// The conversation: drawing, scrolling, opening and leaving a chat.
import { drawList } from "./chats.js";
import { drawFoot } from "./composer.js";
import { $, h } from "./elements.js";
import { hear } from "./events.js";
import { dayName } from "./formats.js";
import { drawMessage } from "./messages.js";
import { atBottom, rowOf, stick } from "./scrolling.js";
import { membership, sendText } from "./sending.js";
import { actionOf, avatar, current, dress, isMine, markRead, membersOf, messagesOf, PAGE, placeOf, titleOf, unreadOf, view, world } from "./world.js";

export function drawTalk({ keep = false } = {}) {
  const chat = current();
  const log = $("log");
  const from = log.scrollTop;
  const wasPinned = view.pinned;
  log.setAttribute("aria-busy", "true");
  log.replaceChildren();
  drawHead();
  drawFoot();
  if (!chat) {
    if (world.chats.size === 0) log.append(h("div", { class: "empty" }, avatar("bot", 0, ""), h("h2", {}, "Paperboy"), h("p", {}, "Waking up…")));
    $("jump").hidden = true;
    return;
  }
  const all = messagesOf(chat.id);
  if (!all.length) log.append(emptyState(chat));
  else {
    const count = view.shown.get(chat.id) ?? PAGE;
    const list = h("div", { class: "messages" });
    if (all.length > count) list.append(h("button", { class: "text-button earlier", type: "button", onclick: showEarlier }, "Earlier messages"));
    for (const message of all.slice(-count)) list.append(drawMessage(chat, message));
    log.append(list);
    arrange();
  }
  drawTyping();
  view.pinned = keep ? wasPinned : true;
  if (keep && !wasPinned) log.scrollTop = from; else stick();
  log.removeAttribute("aria-busy");
  drawJump();
}

function showEarlier() {
  const log = $("log");
  const below = log.scrollHeight - log.scrollTop;
  view.shown.set(view.chat, (view.shown.get(view.chat) ?? PAGE) + PAGE);
  drawTalk({ keep: true });
  log.scrollTop = log.scrollHeight - below;
}

/** Day separators, the mark before unread messages, and which bubbles belong together. */
export function arrange() {
  const chat = current();
  const list = $("log").querySelector(".messages");
  if (!chat || !list) return;
  for (const node of list.querySelectorAll(".day, .divider")) node.remove();
  const known = new Map(messagesOf(chat.id).map((message) => [String(message.id), message]));
  const divider = view.divider.get(chat.id);
  let last = null;
  let lastRow = null;
  for (const row of [...list.querySelectorAll("[data-message-id]")]) {
    const message = known.get(row.dataset.messageId);
    if (!message) continue;
    const newDay = !last || dayName(last.date) !== dayName(message.date);
    if (newDay) row.before(h("div", { class: "day" }, dayName(message.date)));
    const isDivider = divider === message.id;
    if (isDivider) row.before(h("div", { class: "divider" }, "New messages"));
    const together = last && !newDay && !isDivider && !last.service && !message.service && last.from?.id === message.from?.id && message.date - last.date < 600;
    row.classList.toggle("first", !together);
    lastRow?.classList.toggle("last", !together);
    const sender = row.querySelector(":scope > .column > .bubble > .sender");
    if (sender) sender.hidden = Boolean(together);
    const face = lastRow?.querySelector(":scope > .gap > .avatar");
    if (face) face.hidden = Boolean(together);
    last = message;
    lastRow = row;
  }
  lastRow?.classList.add("last");
  const face = lastRow?.querySelector(":scope > .gap > .avatar");
  if (face) face.hidden = false;
}

export function addMessage(message) {
  const chat = current();
  const log = $("log");
  if (!log.querySelector(".messages")) return drawTalk();
  const row = drawMessage(chat, message);
  row.classList.add("fresh");
  row.addEventListener("animationend", () => row.classList.remove("fresh"));
  log.querySelector(".messages").append(row);
  drawTyping();
  arrange();
  if (isMine(chat, message)) view.pinned = true;
  if (view.pinned && row.offsetHeight > log.clientHeight * 0.85 && !isMine(chat, message)) {
    // Longer than the window: begin at its beginning, as a reader does.
    log.scrollTop += row.getBoundingClientRect().top - log.getBoundingClientRect().top - 34;
    view.pinned = atBottom();
  } else stick();
}

export function changeMessage(message) {
  const old = rowOf(message.id);
  const chat = current();
  if (!old || !chat) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const row = drawMessage(chat, message);
  old.replaceWith(row);
  arrange();
  stick();
  if (focused) (row.querySelector(`[data-slot="${CSS.escape(focused.dataset.slot ?? "")}"]`) ?? row.querySelector(".inline-button") ?? $("log")).focus({ preventScroll: true });
}

export function drawTyping() {
  const list = $("log").querySelector(".messages");
  const action = actionOf(view.chat);
  list?.querySelector(".typing-row")?.remove();
  if (list && action) list.append(h("div", { class: "message typing-row first last", "aria-hidden": "true" }, current().kind === "private" ? null : h("div", { class: "gap" }, avatar("bot", 0, "", "small")), h("div", { class: "column" }, h("div", { class: "bubble" }, h("span", { class: "dots" }, h("i"), h("i"), h("i"))))));
}

export function drawHead() {
  const chat = current();
  const about = $("talk-about");
  const bot = world.bot.name || "Paperboy";
  $("chat-menu-button").hidden = !chat;
  $("talk-avatar").hidden = !chat;
  if (!chat) { $("talk-title").textContent = bot; about.textContent = ""; return; }
  const group = chat.kind !== "private";
  $("talk-avatar").className = `avatar ${group ? "group" : ""}`;
  dress($("talk-avatar"), group ? "group" : "", chat.person, titleOf(chat));
  $("talk-title").textContent = titleOf(chat);
  const action = actionOf(chat.id);
  about.classList.toggle("typing", Boolean(action));
  if (action) about.textContent = `${bot} ${action}…`;
  else if (group) about.textContent = [...membersOf(chat).map((id) => world.people.get(id).name), chat.bot_member ? bot : null].filter(Boolean).join(", ");
  else about.textContent = chat.bot_member === false ? `${bot} is blocked` : `A private chat with ${bot}`;
}

function emptyState(chat) {
  const bot = world.bot.name || "Paperboy";
  if (chat.kind !== "private") {
    const people = membersOf(chat).map((id) => world.people.get(id).name);
    return h("div", { class: "empty" }, avatar("group", chat.id, titleOf(chat)), h("h2", { dir: "auto" }, titleOf(chat)),
      h("p", {}, chat.kind === "channel"
        ? `A channel that ${people.join(", ")} posts in. What it gets is chosen in private, with /channels.`
        : `A group of ${people.length}: ${people.join(", ")}. One subscription serves them all.`),
      chat.bot_member === false
        ? h("button", { class: "big-button", type: "button", onclick: () => membership("add_bot") }, `Add ${bot} to the ${placeOf(chat)}`)
        : chat.kind === "channel" ? null : h("button", { class: "big-button", type: "button", id: "start-group", onclick: () => sendText(chat, "/start") }, "Say /start"));
  }
  const announce = world.controls.find((control) => control.kind === "button");
  return h("div", { class: "empty" }, avatar("bot", 0, bot), h("h2", {}, bot),
    h("p", {}, "New arXiv papers on your topics, every morning, in your own language."),
    h("ol", {},
      h("li", {}, h("span", {}, "Tap ", h("b", {}, "START"), " below: you are ", h("b", { dir: "auto" }, world.people.get(chat.person)?.name ?? "somebody"), " in this chat.")),
      h("li", {}, h("span", {}, "Choose a language and a first topic.")),
      h("li", {}, h("span", {}, "Ask for the whole ", h("b", {}, "/digest"), announce ? [", then try the Controls: ", h("b", {}, announce.label), "."] : "."))));
}

export function drawJump() {
  const chat = current();
  const unread = chat ? unreadOf(chat) : 0;
  const badge = $("jump").querySelector(".badge");
  $("jump").hidden = !chat || atBottom();
  badge.hidden = !unread;
  badge.textContent = String(unread);
}

export function openChat(id, { focus = true } = {}) {
  if (!world.chats.has(id)) return;
  document.body.dataset.view = "chat";
  if (view.chat !== id) {
    leaveChat();
    view.chat = id;
    const chat = current();
    const read = view.read.get(id) ?? 0;
    if (unreadOf(chat)) view.divider.set(id, messagesOf(id).find((message) => message.id > read && !isMine(chat, message))?.id);
    else view.divider.delete(id);
    if (location.hash !== `#chat=${id}`) history.pushState(null, "", `#chat=${id}`);
    drawTalk();
    const mark = $("log").querySelector(".divider");
    const saved = view.scroll.get(id);
    if (mark && mark.offsetTop < $("log").scrollTop) $("log").scrollTop = mark.offsetTop - 60;
    else if (!mark && saved !== undefined) $("log").scrollTop = saved;
    view.pinned = atBottom();
  }
  seen();
  drawList();
  drawJump();
  if (focus && matchMedia("(hover: hover)").matches) ($("composer-form").hidden ? $("start").hidden ? $("log") : $("start") : $("composer")).focus({ preventScroll: true });
}

hear("open", (id) => openChat(id));
hear("speaker", () => { drawTalk({ keep: true }); drawList(); });

function leaveChat() {
  if (view.chat === null) return;
  view.drafts.set(view.chat, $("composer").value);
  view.divider.delete(view.chat);
  if (atBottom()) view.scroll.delete(view.chat); else view.scroll.set(view.chat, $("log").scrollTop);
}

/** What has begun to show in the window counts as read. */
export function seen() {
  if (view.chat === null || document.hidden || !$("log").offsetParent) return;
  const edge = $("log").getBoundingClientRect().bottom - 24;
  const last = [...$("log").querySelectorAll("[data-message-id]")].findLast((row) => row.getBoundingClientRect().top < edge);
  if (last) markRead(view.chat, Number(last.dataset.messageId));
}

export function route() {
  const id = Number(/^#chat=(-?\d+)$/.exec(location.hash)?.[1] ?? NaN);
  if (world.chats.has(id)) return openChat(id, { focus: false });
  document.body.dataset.view = "list";
  if (!current()) {
    leaveChat();
    view.chat = world.chats.keys().next().value ?? null;
    drawTalk();
    drawList();
  }
}
