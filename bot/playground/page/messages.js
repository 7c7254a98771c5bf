// Messages: bubbles, files, inline keyboards.
import { $, calm, copy, h, icon, linkable, ownFile } from "./elements.js";
import { formatted } from "./entities.js";
import { clock, fileSize, languageOf, moment } from "./formats.js";
import { openAddress } from "./links.js";
import { markdown } from "./markdown.js";
import { harmless } from "./rich_html.js";
import { rowOf, stick } from "./scrolling.js";
import { replyTo } from "./sending.js";
import { post } from "./socket.js";
import { openDocument, openPicture } from "./viewer.js";
import { avatar, hueOf, isBot, isMine, messagesOf, speakerOf, view, world } from "./world.js";

const VIEWABLE = /\.(md|markdown|txt|json|csv|tsv|xml|opml|bib|log|ya?ml)$/i;

export function summary(message) {
  if (!message) return "Message";
  if (message.service) return message.service;
  const rich = String(message.rich?.markdown ?? message.rich?.html ?? "").replace(/<[^<>]*>|[#*|`]+|(?<!\w)[-:]{2,}/g, " ");
  const text = (message.text || rich).replace(/\s+/g, " ").trim();
  if (text) return message.document ? `${message.document.name}, ${text}` : text.slice(0, 200);
  return message.document?.name ?? (message.photo ? "Photo" : "Message");
}

export function drawMessage(chat, message) {
  if (message.service) return h("div", { class: "service", "data-message-id": String(message.id), dir: "auto" }, message.service);
  const mine = isMine(chat, message);
  const bot = isBot(message);
  const shared = chat.kind !== "private";
  const name = message.from?.name ?? "Unknown";
  const key = `${chat.id}:${message.id}`;
  const bubble = h("div", { class: "bubble" });
  if (shared && !mine) {
    const sender = h("div", { class: `sender ${bot ? "bot" : ""}`, dir: "auto" }, name);
    sender.style.setProperty("--hue", hueOf(message.from?.id));
    bubble.append(sender);
  }
  if (message.via) bubble.append(h("div", { class: "via" }, `via @${message.via}`));
  if (message.thread) bubble.append(h("div", { class: "thread" }, `Topic ${message.thread}`));
  if (message.reply_to) bubble.append(drawReplied(chat, message.reply_to));
  const picture = message.photo && ownFile(message.photo.url);
  if (picture) bubble.append(h("button", { class: "photo", type: "button", "aria-label": "Open the picture", onclick: () => openPicture(picture) }, h("img", { src: picture, alt: message.text ? "" : "Picture", onload: stick })));
  if (message.document) bubble.append(drawDocument(message.document));
  if (message.rich) {
    const rich = h("div", { class: "markdown", dir: "auto" });
    const inside = pressed(chat, message);
    rich.append(typeof message.rich.html === "string" ? harmless(message.rich.html, message.rich.formulas, () => inside.next().value ?? "") : markdown(String(message.rich.markdown ?? "")));
    bubble.append(rich);
  }
  if (message.location) bubble.append(h("div", { class: "text" }, `📍 ${message.location.latitude}, ${message.location.longitude}`));
  const text = message.rich ? "" : String(message.text ?? "");
  if (text) bubble.append(h("div", { class: "text", dir: "auto", lang: languageOf(text, world.people.get(chat.person ?? speakerOf(chat))) }, formatted(text, message.entities, key)));
  const when = new Date(message.date * 1000);
  const meta = h("span", { class: "meta", title: moment.format(when) }, message.edited ? h("span", {}, "edited") : null, h("time", { datetime: when.toISOString() }, clock.format(when)));
  const words = bubble.querySelector(":scope > .text");
  (words ?? bubble).append(meta);
  const column = h("div", { class: "column" }, bubble);
  const keys = (message.keyboard ?? []).filter((row) => row.length);
  if (keys.length) column.append(drawKeyboard(chat, message));
  const answers = message.reply_keyboard ?? [];
  if (answers.length) column.append(drawAnswers(chat, answers));
  const row = h("div", { class: `message ${bot ? "from-bot" : mine ? "from-me" : "from-other"}${keys.length ? " with-keys" : ""}`, "data-message-id": String(message.id) });
  if (shared && !mine) row.append(h("div", { class: "gap" }, avatar(bot ? "bot" : "", message.from?.id, name, "small")));
  row.append(column, h("button", { class: "icon-button reply-button", type: "button", "aria-label": "Reply", onclick: () => replyTo(chat, message) }, icon("reply")));
  return row;
}

function drawReplied(chat, id) {
  const original = messagesOf(chat.id).find((one) => one.id === id);
  return h("button", { class: "replied", type: "button", onclick: () => {
    const target = rowOf(id);
    if (!target) return;
    target.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
    target.classList.add("found");
    setTimeout(() => target.classList.remove("found"), 1500);
  } }, h("b", { dir: "auto" }, original?.from?.name ?? "Reply"), h("span", { dir: "auto" }, original ? summary(original) : "Deleted message"));
}

function drawDocument(file) {
  const name = String(file.name || "file");
  const href = ownFile(file.url);
  const extension = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1] ?? "file";
  const inside = [
    h("span", { class: "file-badge", "aria-hidden": "true" }, extension),
    h("span", { class: "file-words" }, h("span", { class: "file-name", dir: "auto" }, name), h("span", { class: "file-size" }, fileSize(Number(file.size) || 0))),
  ];
  if (href && VIEWABLE.test(name)) return h("button", { class: "document", type: "button", onclick: () => openDocument(file, href) }, inside);
  return h("a", { class: "document", href, download: name }, inside);
}

const slotOf = (chat, message, row, column) => `${chat.id}:${message.id}:${row}:${column}`;

/** A reply keyboard; a location is the capital of whoever speaks. */
function drawAnswers(chat, rows) {
  const answer = (button) => {
    const person = speakerOf(chat);
    const chinese = String(world.people.get(person)?.language_code ?? "").startsWith("zh");
    const [latitude, longitude] = chinese ? [39.9, 116.4] : [51.5, -0.12];
    post(button.location ? { type: "location", person, chat: chat.id, latitude, longitude } : { type: "text", person, chat: chat.id, text: button.text });
  };
  return h("div", { class: "keyboard", role: "group", "aria-label": "Answers" }, rows.map((row) => h("div", { class: "keyboard-row" }, row.map((button) => h("button", { class: "inline-button", type: "button", dir: "auto", onclick: () => answer(button) }, button.text)))));
}

function drawKeyboard(chat, message) {
  const rows = message.keyboard.map((row, place) => h("div", { class: "keyboard-row" }, row.map((button, column) => drawButton(chat, message, button, place, column))));
  return h("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, rows);
}

function drawButton(chat, message, button, place, column) {
  const slot = slotOf(chat, message, place, column);
  const style = ["danger", "primary", "success"].includes(button.style) ? ` ${button.style}` : "";
  const node = h("button", { class: `inline-button${style}`, type: "button", dir: "auto", "data-slot": slot, disabled: button.disabled !== undefined, title: button.url ? linkable(button.url) : null, "aria-busy": view.pending.has(slot) ? "true" : null, onclick: () => tap(chat, message, button, place, column) }, button.text);
  if (button.url) node.append(icon("out"));
  if (button.copy_text !== undefined) node.append(icon("copy"));
  return node;
}

/** The buttons within a rich message, one after the other; their rows count on behind the keyboard's. */
function* pressed(chat, message) {
  const above = (message.keyboard ?? []).length;
  for (const [place, row] of (message.rich.keyboard ?? []).entries()) for (const [column, button] of row.entries()) yield drawButton(chat, message, button, above + place, column);
}

function tap(chat, message, button, row, column) {
  if (button.url) return openAddress(button.url);
  if (button.copy_text !== undefined) return copy(String(button.copy_text?.text ?? button.copy_text));
  const inline = button.switch_inline_query_current_chat ?? button.switch_inline_query;
  if (inline !== undefined) {
    $("composer").value = `@${world.bot.username} ${inline}`;
    $("composer").dispatchEvent(new Event("input"));
    return $("composer").focus();
  }
  const slot = slotOf(chat, message, row, column);
  const person = speakerOf(chat);
  if (view.pending.has(slot) || !post({ type: "tap", person, chat: chat.id, message: message.id, row, column })) return;
  view.pending.set(slot, { person, timer: setTimeout(() => settle(slot), 15000) });
  busy(slot, true);
}

export function settle(slot) {
  clearTimeout(view.pending.get(slot)?.timer);
  view.pending.delete(slot);
  busy(slot, false);
}

function busy(slot, on) {
  const node = $("log").querySelector(`[data-slot="${CSS.escape(slot)}"]`);
  if (on) node?.setAttribute("aria-busy", "true"); else node?.removeAttribute("aria-busy");
}
