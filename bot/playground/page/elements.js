// Building blocks of the page, and the state that it shows.
"use strict";

// ---------------------------------------------------------------- building blocks

const $ = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const wide = matchMedia("(min-width: 1180px)");

/** Build an element; strings among the children become text, never markup. */
function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

const LINKABLE = new Set(["http:", "https:", "mailto:", "tg:"]);

/** The address as the browser would open it, or null where it may not become a link. */
function linkable(address) {
  try {
    const url = new URL(String(address));
    return LINKABLE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A file of this very server, or null: the page fetches from nowhere else. */
function ownFile(address) {
  try {
    const url = new URL(String(address), location.href);
    return url.origin === location.origin ? url.href : null;
  } catch {
    return null;
  }
}

/** `https://t.me/<our bot>?start=…` opens the private chat, as it would in Telegram. */
function startParameter(address) {
  try {
    const url = new URL(address);
    const name = url.protocol === "tg:" ? url.searchParams.get("domain") : url.pathname.slice(1);
    const host = url.protocol === "tg:" || /^(t|telegram)\.me$/.test(url.hostname);
    if (!host || name?.toLowerCase() !== world.bot.username?.toLowerCase()) return null;
    return url.searchParams.get("start") ?? "";
  } catch {
    return null;
  }
}

function anchor(address, ...children) {
  const href = linkable(address);
  if (!href) return h("span", {}, ...children);
  return h("a", { href, title: href, target: "_blank", rel: "noopener noreferrer", onclick: (event) => {
    if (startParameter(href) === null) return;
    event.preventDefault();
    openAddress(href);
  } }, ...children);
}

function openAddress(address) {
  const href = linkable(address);
  if (!href) return say("This link cannot be opened", { bad: true });
  const parameter = startParameter(href);
  if (parameter === null) return void window.open(href, "_blank", "noopener,noreferrer");
  const person = speakerOf(current());
  const chat = [...world.chats.values()].find((one) => one.kind === "private" && one.person === person);
  if (!chat) return;
  openChat(chat.id);
  sendText(chat, parameter ? `/start ${parameter}` : "/start");
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    say("The browser did not allow copying", { bad: true });
  }
}

let toastTimer = 0;
function say(text, { bad = false } = {}) {
  const toast = $("toast");
  toast.hidePopover();
  toast.textContent = text;
  toast.classList.toggle("bad", bad);
  toast.showPopover(); // shown last, it also lies above an open dialog
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.hidePopover(), Math.min(9000, 2600 + text.length * 40));
}

function showAlert(text, address) {
  const [words, link, button] = $("alert").children;
  words.textContent = text;
  const href = address && linkable(address);
  link.hidden = !href;
  if (href) { link.href = href; link.textContent = href; } else link.removeAttribute("href");
  if (!$("alert").open) $("alert").showModal();
  button.focus();
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayAndMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });
const fullDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "medium" });

function dayName(seconds) {
  const date = new Date(seconds * 1000);
  const today = new Date();
  const days = Math.round((new Date(today).setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (date.getFullYear() === today.getFullYear() ? dayAndMonth : fullDay).format(date);
}

function fileSize(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The language that the glyphs and a screen reader should assume. */
function languageOf(text, person) {
  const own = /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(person?.language_code ?? "") ? person.language_code : "en";
  if ((text.match(/[\u3041-\u30ff]/g) ?? []).length > 2) return "ja";
  if (/[\uac00-\ud7af]/.test(text)) return "ko";
  if (/[\u4e00-\u9fff]/.test(text)) return /^(zh|ja)/i.test(own) ? own : "zh";
  return /^(zh|ja|ko)/i.test(own) ? "en" : own;
}

// ---------------------------------------------------------------- what we know

const world = { bot: { id: 0, name: "Paperboy", username: "" }, people: new Map(), chats: new Map(), messages: new Map(), commands: new Map(), controls: [] };
const view = {
  chat: null, // the open chat's id
  shown: new Map(), // chat -> how many messages are drawn
  read: new Map(), // chat -> id of the last message read
  divider: new Map(), // chat -> id of the first unread message when it was opened
  scroll: new Map(), // chat -> where the reader left off
  drafts: new Map(), replies: new Map(), speakers: new Map(),
  actions: new Map(), // chat -> {action, until}
  opened: new Set(), // quotes and spoilers that the reader opened
  pending: new Map(), // tapped buttons -> {person, timer}
};
const PAGE = 120;

const current = () => world.chats.get(view.chat) ?? null;
const messagesOf = (chatId) => world.messages.get(chatId) ?? [];
const isBot = (message) => Boolean(message.from?.is_bot) || message.from?.id === world.bot.id;

function speakerOf(chat) {
  if (!chat) return null;
  if (chat.kind === "private") return chat.person;
  const members = membersOf(chat);
  const chosen = view.speakers.get(chat.id);
  return members.includes(chosen) ? chosen : members[0] ?? null;
}

const placeOf = (chat) => (chat.kind === "channel" ? "channel" : "group");
const membersOf = (chat) => (chat.members ?? []).filter((id) => world.people.has(id));
const isMine = (chat, message) => !isBot(message) && message.from?.id === speakerOf(chat);

function titleOf(chat) {
  const person = world.people.get(chat.person);
  const title = chat.title || person?.name || "Chat";
  if (chat.kind !== "private" || !person?.language_code || title.includes("·")) return title;
  const code = /^zh[-_](hant|tw|hk)/i.test(person.language_code) ? "zh-Hant" : person.language_code.split(/[-_]/)[0];
  try {
    const name = new Intl.DisplayNames([code], { type: "language" }).of(code);
    return `${title} · ${name.charAt(0).toLocaleUpperCase(code)}${name.slice(1)}`;
  } catch {
    return title;
  }
}

const HUES = [212, 152, 16, 282, 338, 192, 42];
function hueOf(id) {
  const place = [...world.people.keys()].indexOf(id);
  return HUES[(place < 0 ? Math.abs(Number(id) || 0) : place) % HUES.length];
}

function avatar(kind, id, name, size = "") {
  const node = h("div", { class: `avatar ${kind} ${size}`, "aria-hidden": "true" });
  dress(node, kind, id, name);
  return node;
}

function dress(node, kind, id, name) {
  node.style.setProperty("--hue", kind === "group" ? 262 : hueOf(id));
  node.replaceChildren(kind === "bot" ? icon("paper") : [...(name || "?")][0].toLocaleUpperCase());
}

function unreadOf(chat) {
  const read = view.read.get(chat.id) ?? 0;
  let count = 0;
  for (const message of messagesOf(chat.id)) if (message.id > read && !message.service && !isMine(chat, message)) count += 1;
  return count;
}

function markRead(chatId, id = messagesOf(chatId).at(-1)?.id ?? 0) {
  view.read.set(chatId, Math.max(id, view.read.get(chatId) ?? 0));
}
