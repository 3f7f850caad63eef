// Shows how many characters are left. The server counts characters, so this
// counts code points: an emoji is one, not the two units of a script's string.
import { make } from "./dom.ts";

// Below this number a screen reader reads it too, after a pause in the typing.
const nearlyFull = 20;
const pause = 1000;

/** Puts a counter at each field that has a limit. */
export function countCharacters(): void {
  for (const field of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("[data-max]")) {
    watch(field, Number(field.dataset.max), Number(field.dataset.maxBreaks ?? Infinity));
  }
}

function watch(field: HTMLInputElement | HTMLTextAreaElement, max: number, maxBreaks: number): void {
  const hint = document.getElementById(`${field.id}-hint`);
  if (!hint) return;
  const shown = make("span", "count");
  shown.setAttribute("aria-hidden", "true");
  const spoken = make("span", "visually-hidden");
  spoken.setAttribute("role", "status");
  hint.prepend(shown);
  hint.after(spoken);

  let timer = 0;
  const update = () => {
    const text = field.value.trim();
    const left = max - [...text].length;
    const breaks = text.split("\n").length - 1;
    const message =
      left < 0 ? `${written(-left)} too many` : breaks > maxBreaks ? `${breaks - maxBreaks} line breaks too many` : `${written(left)} left`;
    shown.textContent = message;
    shown.classList.toggle("over", left < 0 || breaks > maxBreaks);
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      spoken.textContent = left <= nearlyFull || breaks > maxBreaks ? `${message}.` : "";
    }, pause);
  };
  field.addEventListener("input", update);
  update();
}

/** Writes a number with thousands separators, as the server does. */
function written(n: number): string {
  return n.toLocaleString("en");
}
