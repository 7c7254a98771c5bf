// The composer: what is written, the commands and inline results to choose from, files.
import { $, h, say } from "./elements.js";
import { hear, tell } from "./events.js";
import { openAddress } from "./links.js";
import { summary } from "./messages.js";
import { stick } from "./scrolling.js";
import { membership, replyTo, sendText } from "./sending.js";
import { post } from "./socket.js";
import { avatar, current, isBot, markRead, membersOf, messagesOf, speakerOf, view, world } from "./world.js";

export function drawFoot() {
  const chat = current();
  const fresh = chat?.kind === "private" && !messagesOf(chat.id).some((message) => !isBot(message) && !message.service);
  const blocked = chat?.kind === "private" && chat.bot_member === false;
  $("no-voice").hidden = Boolean(chat) || world.chats.size === 0;
  $("start").hidden = !fresh || blocked;
  $("unblock").hidden = !blocked;
  const hidden = !chat || fresh || blocked;
  const changed = $("composer").dataset.chat !== String(chat?.id);
  $("composer-form").hidden = hidden;
  if (hidden || changed) closeOffers();
  if (hidden) closeCommands();
  if (changed) {
    $("composer").dataset.chat = String(chat?.id);
    $("composer").value = view.drafts.get(chat?.id) ?? "";
    closeCommands();
    requestAnimationFrame(typed);
  }
  if (!chat) return;
  $("menu-button").hidden = !commandsOf(chat).length;
  drawSpeakers(chat);
  drawReplying(chat);
}

const commandsOf = (chat) => world.commands.get(chat?.id) ?? [];

function drawSpeakers(chat) {
  const box = $("speakers");
  const members = membersOf(chat);
  box.hidden = chat.kind === "private" || members.length < 2;
  if (box.hidden) return box.replaceChildren();
  const speaker = speakerOf(chat);
  const focused = box.contains(document.activeElement);
  box.replaceChildren(h("legend", {}, "Speak as"), ...members.map((id) => {
    const person = world.people.get(id);
    return h("label", {}, h("input", { class: "unseen", type: "radio", name: "speaker", value: String(id), checked: id === speaker, onchange: () => {
      view.speakers.set(chat.id, id);
      markRead(chat.id);
      tell("speaker", chat);
    } }), avatar("", id, person.name, "tiny"), h("span", { dir: "auto" }, person.name));
  }));
  if (focused) box.querySelector(":checked")?.focus();
}

function drawReplying(chat) {
  const message = messagesOf(chat.id).find((one) => one.id === view.replies.get(chat.id));
  $("replying").hidden = !message;
  if (!message) return view.replies.delete(chat.id);
  $("replying").querySelector("b").textContent = message.from?.name ?? "";
  $("replying").querySelector("span").textContent = summary(message);
}

function submit() {
  const chat = current();
  const text = $("composer").value.trim();
  if (!chat || !text || !sendText(chat, text)) return;
  $("composer").value = "";
  view.drafts.delete(chat.id);
  typed();
}

function fit() {
  const box = $("composer");
  box.style.height = "38px";
  if (box.scrollHeight) box.style.height = `${Math.min(box.scrollHeight, innerHeight * 0.38)}px`;
  box.style.overflowY = box.scrollHeight > innerHeight * 0.38 ? "auto" : "hidden";
}

export function typed() {
  const box = $("composer");
  fit();
  $("send").disabled = !box.value.trim();
  stick();
  const found = /^\/(\w*)(?:@\w*)?$/.exec(box.value);
  if (found) showCommands(found[1].toLowerCase()); else closeCommands();
  ask();
}

/** Words behind the bot's name, null without it; until it answers, what it said before stays. */
export function asked() {
  const name = `@${world.bot.username} `.toLowerCase(), text = $("composer").value;
  return text.toLowerCase().startsWith(name) ? text.slice(name.length) : null;
}

let asking = 0;
function ask() {
  clearTimeout(asking);
  const text = asked();
  if (text === null) return closeOffers();
  asking = setTimeout(() => post({ type: "inline", person: speakerOf(current()), chat: view.chat, text }), 200);
}

export function showOffers({ query, results, button }) {
  const choose = (result) => {
    if (!post({ type: "choose", person: speakerOf(current()), query, result })) return;
    $("composer").value = "";
    view.pinned = true;
    typed();
  };
  const way = button && h("li", { role: "option", class: "way", onclick: () => {
    $("composer").value = "";
    typed();
    openAddress(`https://t.me/${world.bot.username}?start=${button.start_parameter}`);
  } }, button.text);
  const rows = results.map(({ id, title, description }) => h("li", { role: "option", onclick: () => choose(id) }, h("b", { dir: "auto" }, title), h("span", { dir: "auto" }, description)));
  if (way) rows.unshift(way);
  $("offers").hidden = !rows.length;
  $("offers").replaceChildren(...rows);
  rows.forEach((row, place) => { row.id = `offer-${place}`; row.addEventListener("mousemove", () => selectCommand(place)); });
  if (rows.length) selectCommand(0);
}

export function closeOffers() {
  clearTimeout(asking);
  $("offers").hidden = true;
  $("offers").replaceChildren();
}

const listed = () => $(!$("offers").hidden ? "offers" : "commands");

function showCommands(prefix) {
  const found = commandsOf(current()).filter(({ command }) => command.startsWith(prefix));
  if (!found.length) return closeCommands();
  $("commands").replaceChildren(...found.map(({ command, description }, place) => h("li", { role: "option", id: `command-${place}`, "aria-selected": "false", "data-command": command, onmousemove: () => selectCommand(place), onclick: () => useCommand(command) }, h("b", {}, `/${command}`), h("span", { dir: "auto" }, description))));
  $("commands").hidden = false;
  $("menu-button").setAttribute("aria-expanded", "true");
  selectCommand(0);
}

export function closeCommands() {
  $("commands").hidden = true;
  $("menu-button").setAttribute("aria-expanded", "false");
  $("composer").removeAttribute("aria-activedescendant");
}

const selected = () => [...listed().children].findIndex((node) => node.getAttribute("aria-selected") === "true");

function selectCommand(place) {
  const items = [...listed().children];
  const at = (place + items.length) % items.length;
  items.forEach((node, index) => node.setAttribute("aria-selected", String(index === at)));
  items[at].scrollIntoView({ block: "nearest" });
  $("composer").setAttribute("aria-activedescendant", items[at].id);
}

function useCommand(command) {
  closeCommands();
  if (!sendText(current(), `/${command}`)) return;
  $("composer").value = "";
  typed();
}

hear("replying", drawReplying);
$("composer").addEventListener("input", typed);
addEventListener("resize", fit);
$("composer-form").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
$("composer-form").addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const open = !listed().hidden;
  if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    selectCommand(selected() + (event.key === "ArrowDown" ? 1 : -1));
  } else if (!$("commands").hidden && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    $("composer").value = `/${$("commands").children[selected()].dataset.command} `;
    typed();
    $("composer").focus();
  } else if (event.key === "Enter" && event.target === $("composer") && !event.shiftKey) {
    event.preventDefault();
    if (open) listed().children[selected()].click(); else submit();
  } else if (event.key === "Escape") {
    if (open) { closeCommands(); closeOffers(); }
    else if (view.replies.has(view.chat)) replyTo(current(), null);
  }
});
$("menu-button").addEventListener("click", () => {
  if (!$("commands").hidden) return closeCommands();
  showCommands("");
  if (matchMedia("(hover: hover)").matches) $("composer").focus();
});
$("reply-cancel").addEventListener("click", () => { replyTo(current(), null); $("composer").focus(); });
$("start").addEventListener("click", () => current() && sendText(current(), "/start"));
$("unblock").addEventListener("click", () => membership("unblock"));

async function sendFile(file) {
  const chat = current();
  if (!chat || !file) return;
  if (file.size > 20e6) return say("A bot can read files of at most 20 MB", { bad: true });
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  post({ type: "document", person: speakerOf(chat), chat: chat.id, name: file.name, content: btoa(binary) });
}
$("attach").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", () => { sendFile($("file").files[0]); $("file").value = ""; });
const dropMark = document.querySelector(".drop");
$("talk").addEventListener("dragover", (event) => {
  if (!event.dataTransfer.types.includes("Files") || $("composer-form").hidden) return;
  event.preventDefault();
  dropMark.hidden = false;
});
$("talk").addEventListener("dragleave", (event) => { if (!$("talk").contains(event.relatedTarget)) dropMark.hidden = true; });
$("talk").addEventListener("drop", (event) => {
  if (dropMark.hidden) return;
  event.preventDefault();
  dropMark.hidden = true;
  sendFile(event.dataTransfer.files[0]);
});
