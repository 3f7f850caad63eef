// Building pieces of a page from nodes and text only: the pages' policy
// (Trusted Types) forbids anything that parses HTML, and rightly so.

/** Makes an element with a class and a text. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, className = "", text = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Makes a button that does not send the form it is in. */
export function makeButton(className: string, text: string, about: string, run: () => void): HTMLButtonElement {
  const button = make("button", className, text);
  button.type = "button";
  button.append(make("span", "visually-hidden", ` ${about}`));
  button.addEventListener("click", run);
  return button;
}

/** Writes a number of bytes the way the server does. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes / 1000;
  let unit = 0;
  for (; value >= 999.95; unit++) value /= 1000;
  return `${value.toFixed(1)} ${"kMGTPE".charAt(unit)}B`;
}
