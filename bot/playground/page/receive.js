// What the server tells, by kind of frame: the world changes, and what shows it is drawn again.
import { drawList } from "./chats.js";
import { asked, drawFoot, showOffers } from "./composer.js";
import { drawControls } from "./controls.js";
import { addMessage, arrange, changeMessage, drawHead, drawJump, drawTalk, drawTyping, route, seen } from "./conversation.js";
import { $, say, showAlert } from "./elements.js";
import { openAddress, startParameter } from "./links.js";
import { settle } from "./messages.js";
import { rowOf, stick } from "./scrolling.js";
import { replyTo } from "./sending.js";
import { connected, unpressed } from "./socket.js";
import { actionOf, current, isBot, markRead, messagesOf, speakerOf, view, world } from "./world.js";

function place(message) {
  const list = world.messages.get(message.chat) ?? [];
  world.messages.set(message.chat, list);
  const at = list.findIndex((one) => one.id === message.id);
  if (at >= 0) { list[at] = message; return false; }
  const behind = list.findLastIndex((one) => one.id < message.id);
  list.splice(behind + 1, 0, message);
  return behind + 2 === list.length;
}

export const receive = {
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
    connected();
    drawControls();
    if (!world.chats.has(view.chat)) view.chat = null;
    if (view.chat === null) route(); else drawTalk({ keep: true });
    if (first) view.pinned = true;
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
