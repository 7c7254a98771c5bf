// Links: out into the web, or to the bot's own private chat.
import { h, linkable, say } from "./elements.js";
import { tell } from "./events.js";
import { sendText } from "./sending.js";
import { current, speakerOf, world } from "./world.js";

/** `https://t.me/<our bot>?start=…` opens the private chat, as it would in Telegram. */
export function startParameter(address) {
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

export function anchor(address, ...children) {
  const href = linkable(address);
  if (!href) return h("span", {}, ...children);
  return h("a", { href, title: href, target: "_blank", rel: "noopener noreferrer", onclick: (event) => {
    if (startParameter(href) === null) return;
    event.preventDefault();
    openAddress(href);
  } }, ...children);
}

export function openAddress(address) {
  const href = linkable(address);
  if (!href) return say("This link cannot be opened", { bad: true });
  const parameter = startParameter(href);
  if (parameter === null) return void window.open(href, "_blank", "noopener,noreferrer");
  const person = speakerOf(current());
  const chat = [...world.chats.values()].find((one) => one.kind === "private" && one.person === person);
  if (!chat) return;
  tell("open", chat.id);
  sendText(chat, parameter ? `/start ${parameter}` : "/start");
}
