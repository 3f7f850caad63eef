// Counts down the wait that a page states, and then enables its buttons. Without
// scripts the page states it once, and the buttons work at any time.
// It is also used for uploads that must wait.
import { make } from "./dom.ts";

/** Writes a number of seconds the way the server does. */
export function waitWords(seconds: number): string {
  if (seconds < 120) return words(seconds, "second");
  if (seconds < 7200) return words(Math.ceil(seconds / 60), "minute");
  return words(Math.ceil(seconds / 3600), "hour");
}

function words(n: number, unit: string): string {
  return n === 1 ? `1 ${unit}` : `${n} ${unit}s`;
}

/** Calls each with the seconds left, from now to zero, and returns a function that stops it. */
export function countDown(seconds: number, each: (left: number) => void): () => void {
  const end = Date.now() + seconds * 1000;
  const look = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (left === 0) clearInterval(timer);
    each(left);
  };
  const timer = setInterval(look, 1000);
  look();
  return () => clearInterval(timer);
}

/** Starts every countdown of the page. */
export function countDownWaits(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-wait]")) {
    const shown = place.querySelector("[data-wait-left]");
    const buttons = document.querySelectorAll<HTMLButtonElement>("button[data-wait-button]");
    // A screen reader reads it once, at the end, not every second.
    const spoken = make("p", "visually-hidden");
    spoken.setAttribute("role", "status");
    place.after(spoken);
    for (const button of buttons) button.disabled = true;
    countDown(Number(place.dataset.wait), (left) => {
      if (shown) shown.textContent = waitWords(left);
      if (left > 0) return;
      for (const button of buttons) button.disabled = false;
      place.textContent = "You can try again now.";
      spoken.textContent = "You can try again now.";
    });
  }
}
