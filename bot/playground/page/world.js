// The state of the page: the world as the server tells it, and how it is looked at.
import { h, icon } from "./elements.js";

export const world = { bot: { id: 0, name: "Paperboy", username: "" }, people: new Map(), chats: new Map(), messages: new Map(), commands: new Map(), controls: [] };
export const view = {
  chat: null, // the open chat's id
  pinned: true, // whether the newest message stays in sight
  shown: new Map(), // chat -> how many messages are drawn
  read: new Map(), // chat -> id of the last message read
  divider: new Map(), // chat -> id of the first unread message when it was opened
  scroll: new Map(), // chat -> where the reader left off
  drafts: new Map(), replies: new Map(), speakers: new Map(),
  actions: new Map(), // chat -> {action, until}
  opened: new Set(), // quotes and spoilers that the reader opened
  pending: new Map(), // tapped buttons -> {person, timer}
};
export const PAGE = 120;

export const current = () => world.chats.get(view.chat) ?? null;
export const messagesOf = (chatId) => world.messages.get(chatId) ?? [];
export const isBot = (message) => Boolean(message.from?.is_bot) || message.from?.id === world.bot.id;

export function speakerOf(chat) {
  if (!chat) return null;
  if (chat.kind === "private") return chat.person;
  const members = membersOf(chat);
  const chosen = view.speakers.get(chat.id);
  return members.includes(chosen) ? chosen : members[0] ?? null;
}

export const placeOf = (chat) => (chat.kind === "channel" ? "channel" : "group");
export const membersOf = (chat) => (chat.members ?? []).filter((id) => world.people.has(id));
export const isMine = (chat, message) => !isBot(message) && message.from?.id === speakerOf(chat);

export function titleOf(chat) {
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
export function hueOf(id) {
  const place = [...world.people.keys()].indexOf(id);
  return HUES[(place < 0 ? Math.abs(Number(id) || 0) : place) % HUES.length];
}

export function avatar(kind, id, name, size = "") {
  const node = h("div", { class: `avatar ${kind} ${size}`, "aria-hidden": "true" });
  dress(node, kind, id, name);
  return node;
}

export function dress(node, kind, id, name) {
  node.style.setProperty("--hue", kind === "group" ? 262 : hueOf(id));
  node.replaceChildren(kind === "bot" ? icon("paper") : [...(name || "?")][0].toLocaleUpperCase());
}

export function unreadOf(chat) {
  const read = view.read.get(chat.id) ?? 0;
  let count = 0;
  for (const message of messagesOf(chat.id)) if (message.id > read && !message.service && !isMine(chat, message)) count += 1;
  return count;
}

export function markRead(chatId, id = messagesOf(chatId).at(-1)?.id ?? 0) {
  view.read.set(chatId, Math.max(id, view.read.get(chatId) ?? 0));
}

const ACTIONS = { typing: "is typing", upload_document: "is sending a file", upload_photo: "is sending a picture", choose_sticker: "is choosing a sticker" };

/** What the bot does in this chat just now, null when it does nothing. */
export function actionOf(chatId) {
  const action = view.actions.get(chatId);
  return action && action.until > Date.now() ? ACTIONS[action.action] ?? "is busy" : null;
}
