// The scroll position of the log: whether the newest message stays in sight, and where one stands.
import { $ } from "./elements.js";
import { view } from "./world.js";

export const atBottom = () => $("log").scrollHeight - $("log").scrollTop - $("log").clientHeight < 40;
export function stick() { if (view.pinned) $("log").scrollTop = $("log").scrollHeight; }
export const rowOf = (id) => $("log").querySelector(`[data-message-id="${CSS.escape(String(id))}"]`);
