// Keeps what was typed into a form with data-draft until it is sent: in this tab, for this
// user. It warns before the page is left.

const kept = ["title", "content", "tags"];

/** Restores the drafts of the page's forms, and keeps them up to date. */
export function keepDrafts(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) keep(form, `draft-${form.dataset.draft}`);
  document.querySelector("form[action='/logout']")?.addEventListener("submit", () => sessionStorage.clear());
}

function keep(form: HTMLFormElement, key: string): void {
  const fields = [...form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")].filter((f) => kept.includes(f.name));
  const typed = () => fields.some((field) => field.value !== field.defaultValue);
  let sending = false;
  if (!document.getElementById("problems")) restore(fields, sessionStorage.getItem(key));
  form.addEventListener("input", () => {
    sending = false;
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value]))));
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    sending = true;
    sessionStorage.removeItem(key);
  });
  window.addEventListener("beforeunload", (event) => {
    if (typed() && !sending) event.preventDefault();
  });
}

function restore(fields: (HTMLInputElement | HTMLTextAreaElement)[], text: string | null): void {
  if (text === null) return;
  const values: unknown = JSON.parse(text);
  if (typeof values !== "object" || values === null) return;
  for (const field of fields) {
    const value: unknown = Object.entries(values).find(([name]) => name === field.name)?.[1];
    if (typeof value !== "string" || value === "" || field.value !== "") continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
