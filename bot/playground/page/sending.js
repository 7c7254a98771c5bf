// What one does as a person of the world: speak, reply, let the bot in or out.
import { $ } from "./elements.js";
import { tell } from "./events.js";
import { post } from "./socket.js";
import { current, speakerOf, view } from "./world.js";

export function sendText(chat, text) {
  const message = { type: "text", person: speakerOf(chat), chat: chat.id, text };
  if (view.replies.has(chat.id)) message.reply_to = view.replies.get(chat.id);
  if (!post(message)) return false;
  replyTo(chat, null);
  view.pinned = true;
  return true;
}

/** The next words answer this message; null takes that back. */
export function replyTo(chat, message) {
  if (message) view.replies.set(chat.id, message.id); else view.replies.delete(chat.id);
  tell("replying", chat);
  if (message) $("composer").focus();
}

export function membership(action) {
  const chat = current();
  if (chat) post({ type: "membership", person: speakerOf(chat), chat: chat.id, action });
}
