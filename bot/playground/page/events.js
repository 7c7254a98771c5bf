// Events of the page: a module tells what is wished, and one that imports it does it. So imports
// run one way: `open` (a chat's id), `replying` and `speaker` (a chat).
const bus = new EventTarget();

export function tell(name, detail) { bus.dispatchEvent(new CustomEvent(name, { detail })); }
export function hear(name, work) { bus.addEventListener(name, (event) => work(event.detail)); }
