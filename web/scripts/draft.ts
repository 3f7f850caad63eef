// Keeps what was typed into a form with data-draft until the site has it: in this tab, for
// this user. It warns before the page is left.

const sentKey = "draft-sent"; // the draft whose form is on its way
const fromKey = "draft-from"; // the page of that form

/** Restores the drafts of the page's forms, and keeps them up to date. */
export function keepDrafts(): void {
  const forms = document.querySelectorAll<HTMLFormElement>("form[data-draft]");
  if (forms.length > 0) forgetSent();
  else setTimeout(forgetSent); // the first look into the storage takes the browser long
  for (const form of forms) {
    keep(form, `draft-${form.dataset.draft} ${form.getAttribute("action") ?? location.pathname}`);
  }
  document.querySelector("form[action='/logout']")?.addEventListener("submit", () => sessionStorage.clear());
}

/** Forgets the draft that was sent, if this page is the answer to its form and no error: a form that failed comes back filled in. */
function forgetSent(): void {
  const key = sessionStorage.getItem(sentKey);
  const answered = document.referrer !== "" && document.referrer === sessionStorage.getItem(fromKey);
  sessionStorage.removeItem(sentKey);
  if (key === null || !answered || document.querySelector("#problems, .problem-page, form[data-kept]")) return;
  sessionStorage.removeItem(key);
}

type Field = HTMLInputElement | HTMLTextAreaElement;

function keep(form: HTMLFormElement, key: string): void {
  const fields = [...form.querySelectorAll<Field>("input[name]:is([type=text],[type=email],:not([type])), textarea[name]")];
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
    sessionStorage.setItem(sentKey, key);
    sessionStorage.setItem(fromKey, location.origin + location.pathname + location.search);
  });
  window.addEventListener("beforeunload", (event) => {
    if (typed() && !sending) event.preventDefault();
  });
}

function restore(fields: Field[], text: string | null): void {
  if (text === null) return;
  const values: unknown = JSON.parse(text);
  if (typeof values !== "object" || values === null) return;
  for (const field of fields) {
    const value: unknown = Object.entries(values).find(([name]) => name === field.name)?.[1];
    if (typeof value !== "string" || value === "" || field.value !== field.defaultValue) continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
