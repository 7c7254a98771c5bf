// The list of chats, and the open chat's menu.
import { $, h, icon } from "./elements.js";
import { tell } from "./events.js";
import { clock, dayName, languageOf } from "./formats.js";
import { summary } from "./messages.js";
import { membership } from "./sending.js";
import { actionOf, avatar, current, isMine, messagesOf, placeOf, titleOf, unreadOf, view, world } from "./world.js";

export function drawList() {
  const focused = document.activeElement?.dataset?.chatId;
  let total = 0;
  const items = [...world.chats.values()].map((chat) => {
    const last = messagesOf(chat.id).at(-1);
    const unread = unreadOf(chat);
    const action = actionOf(chat.id);
    const group = chat.kind !== "private";
    total += unread;
    const preview = h("span", { class: `chat-preview ${action ? "typing" : ""}`, dir: "auto" });
    if (action) preview.append(group ? `${world.bot.name} ${action}…` : `${action.replace(/^is /, "")}…`);
    else if (!last) preview.append(group && chat.bot_member === false ? "The bot is not here yet" : "Nothing said yet");
    else preview.append(...(last.service ? [] : isMine(chat, last) ? [h("b", {}, "You: ")] : group ? [h("b", {}, `${last.from?.name ?? "?"}: `)] : []), summary(last));
    return h("li", {}, h("button", { class: "chat-item", type: "button", "data-chat-id": String(chat.id), "aria-current": chat.id === view.chat ? "true" : null, onclick: () => tell("open", chat.id) },
      avatar(group ? "group" : "", chat.person, titleOf(chat)),
      h("span", {}, h("span", { class: "chat-line" }, h("span", { class: "chat-title", dir: "auto", lang: languageOf(titleOf(chat), world.people.get(chat.person)) }, titleOf(chat)), last ? h("time", { class: "chat-when" }, dayName(last.date) === "Today" ? clock.format(last.date * 1000) : dayName(last.date)) : null),
        h("span", { class: "chat-line" }, preview, unread ? h("span", { class: "badge", "aria-label": `${unread} unread` }, String(unread)) : null))));
  });
  $("chats").replaceChildren(...items);
  if (focused) $("chats").querySelector(`[data-chat-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  document.title = `${total ? `(${total}) ` : ""}Paperboy playground`;
}

$("chats").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...$("chats").querySelectorAll("button")];
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
});

function menuItems(chat) {
  const bot = world.bot.name || "the bot";
  if (chat.kind === "private") return [chat.bot_member === false ? ["unblock", "plus", `Unblock ${bot}`] : ["block", "block", `Block ${bot}`]];
  return [chat.bot_member === false ? ["add_bot", "plus", `Add ${bot} to the ${placeOf(chat)}`] : ["remove_bot", "minus", `Remove ${bot} from the ${placeOf(chat)}`]];
}

function openMenu() {
  $("chat-menu").replaceChildren(...menuItems(current()).map(([action, name, label]) => h("li", { role: "none" }, h("button", { type: "button", role: "menuitem", class: /^(block|remove)/.test(action) ? "danger" : "", onclick: () => { closeMenu(); membership(action); } }, icon(name), label))));
  $("chat-menu").hidden = false;
  $("chat-menu-button").setAttribute("aria-expanded", "true");
  $("chat-menu").querySelector("button").focus();
}

export function closeMenu() {
  if ($("chat-menu").hidden) return false;
  const inside = $("chat-menu").contains(document.activeElement);
  $("chat-menu").hidden = true;
  $("chat-menu-button").setAttribute("aria-expanded", "false");
  if (inside) $("chat-menu-button").focus();
  return true;
}
$("chat-menu-button").addEventListener("click", () => { if (!closeMenu()) openMenu(); });
