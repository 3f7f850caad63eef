// Builds elements from nodes and text only: the pages' policy (Trusted Types)
// forbids anything that parses HTML.

/** Makes an element with a class and a text. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, className = "", text = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Makes a button that does not submit its form. */
export function makeButton(className: string, text: string, about: string, run: () => void): HTMLButtonElement {
  const button = make("button", className, text);
  button.type = "button";
  if (about) button.append(make("span", "visually-hidden", ` ${about}`));
  button.addEventListener("click", run);
  return button;
}

/** Shows words at the edge of the page for a few seconds, and has screen readers say them. */
export function say(words: string): void {
  const status = document.querySelector<HTMLElement>(".toast") ?? make("p", "notice toast");
  status.setAttribute("role", "status");
  if (!status.isConnected) document.body.append(status);
  status.hidden = false;
  status.textContent = words;
  clearTimeout(hiding);
  hiding = window.setTimeout(() => (status.hidden = true), shownFor);
}

const shownFor = 6000;
let hiding = 0;

/** Writes a number of bytes as models.Size.String does on the server. */
export function size(bytes: number): string {
  const n = Math.round(bytes);
  const [unit] = largestUnit(n, 1024);
  const [decimal, name] = largestUnit(n, 1000);
  if (((n % unit) * 10) % unit !== 0 && decimal >= 1_000_000 && n % decimal === 0) return inUnit(n, decimal, name);
  return inUnit(n, ...largestUnit(n, 1024));
}

/** Returns the largest power of base that is not above n, and its name. */
function largestUnit(n: number, base: number): [number, string] {
  const names = base === 1000 ? ["kB", "MB", "GB", "TB", "PB"] : ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 1;
  let name = "B";
  for (const next of names) {
    if (Math.floor(n / base) < unit) break;
    unit *= base;
    name = next;
  }
  return [unit, name];
}

function inUnit(n: number, unit: number, name: string): string {
  return `${Math.floor((n / unit) * 10) / 10} ${name}`;
}
