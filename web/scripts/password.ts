// Adds a button to each password field that shows what is typed, and to a new password a
// meter of how long it takes to guess. The server has the last word: it knows common
// passwords and words of the site.
import { make, makeButton } from "./dom.ts";

/** Adds the buttons and meters. */
export function passwordFields(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>("input[type=password]")) {
    addShowButton(field);
    if (field.autocomplete === "new-password") addMeter(field);
  }
}

function addShowButton(field: HTMLInputElement): void {
  const button = makeButton("quiet show-password", "Show", "password", () => {
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.firstChild!.textContent = show ? "Hide" : "Show";
  });
  field.after(button);
  // A shown password would be kept by the browser as text that was typed.
  field.form?.addEventListener("submit", () => (field.type = "password"));
}

const enough = 60; // bits at which the meter is full

function addMeter(field: HTMLInputElement): void {
  const meter = make("meter", "strength");
  meter.setAttribute("aria-label", "Strength of the password");
  meter.max = enough;
  meter.low = enough / 2;
  meter.high = enough * 0.75;
  meter.optimum = enough;
  meter.hidden = true;
  (field.nextElementSibling ?? field).after(meter);
  field.addEventListener("input", () => {
    meter.hidden = field.value === "";
    meter.value = Math.min(enough, bits(field.value));
  });
}

/** Estimates the bits of a password from its different characters: repetitions and runs count little. */
function bits(password: string): number {
  let sum = 0;
  let before = "";
  for (const character of password.toLowerCase()) {
    const step = character.codePointAt(0)! - (before.codePointAt(0) ?? -9);
    const one = /\d/.test(character) ? 2.5 : /[a-z]/.test(character) ? 2.2 : 4;
    sum += Math.abs(step) <= 1 ? 0.3 : one;
    before = character;
  }
  const different = new Set(password.toLowerCase()).size;
  return Math.min(sum, different * 5);
}
