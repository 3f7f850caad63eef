// Keeps what was typed into a form with data-draft until the site has it: in this tab, for
// this user. It warns before the tab is closed, and says what it brings back.
import { make, makeButton } from "./dom.ts";
import { format } from "./time.ts";
import type { Received } from "./transfer.ts";
import { fileIDs, type Uploads } from "./upload.ts";

const sentKey = "draft-sent"; // the draft whose form is on its way
const fromKey = "draft-from"; // the page of that form
const logOutForm = "form[action='/logout']"; // it ends the drafts

/** Restores the drafts of the page's forms, and keeps them up to date. */
export function keepDrafts(uploads: Uploads | undefined): void {
  const forms = document.querySelectorAll<HTMLFormElement>("form[data-draft]");
  if (forms.length > 0) forgetSent();
  else setTimeout(forgetSent); // the first look into the storage takes the browser long
  goOn();
  for (const form of forms) {
    const key = `draft-${form.dataset.draft} ${form.getAttribute("action") ?? location.pathname}`;
    keep(form, key, uploads?.form === form ? uploads : undefined);
  }
  document.querySelector(logOutForm)?.addEventListener("submit", () => sessionStorage.clear());
}

// The forms of a page that goes on with a form that was refused: to sign in, and to send it again.
const keptForms = "form[data-kept], form:has([name=kept])";

/** Forgets the draft that was sent, if this page is the answer to its form and no error: a form that failed comes back filled in. */
function forgetSent(): void {
  const key = sessionStorage.getItem(sentKey);
  const answered = document.referrer !== "" && document.referrer === sessionStorage.getItem(fromKey);
  if (answered && document.querySelector(keptForms)) return;
  sessionStorage.removeItem(sentKey);
  if (key === null || !answered || document.querySelector("#problems, .problem-page")) return;
  sessionStorage.removeItem(key);
}

/** Notes that the answer to a form that goes on is the answer to the draft. */
function goOn(): void {
  for (const form of document.querySelectorAll(keptForms)) form.addEventListener("submit", rememberPage);
}

function rememberPage(): void {
  sessionStorage.setItem(fromKey, location.origin + location.pathname + location.search);
}

type Field = HTMLInputElement | HTMLTextAreaElement;

// What the storage has of a form.
interface Draft {
  at: number;
  fields: Record<string, string>;
  files: string[]; // the IDs of uploaded files
}

function keep(form: HTMLFormElement, key: string, uploads: Uploads | undefined): void {
  const fields = [...form.querySelectorAll<Field>("input[name]:is([type=text],[type=email],:not([type])), textarea[name]")];
  const typed = () => fields.some((field) => field.value !== field.defaultValue);
  let comesBack = false; // the page is left for another in this tab, which keeps the draft
  let stored = true; // the storage has what was typed
  let missing: string[] = []; // files that are not in the form yet
  const draft = document.getElementById("problems") ? undefined : parse(sessionStorage.getItem(key));
  if (draft) {
    const note = restoredNote(draft.at, () => {
      for (const field of fields) fill(field, field.defaultValue);
      uploads?.removeRestored();
      missing = [];
      sessionStorage.removeItem(key);
      fields[0]?.focus();
    });
    missing = draft.files.filter((id) => !fileIDs(form).includes(id));
    if (restore(fields, draft.fields)) form.prepend(note);
    void stillThere(missing).then((files) => {
      if (!files || missing.length === 0) return; // not known, or discarded meanwhile
      for (const file of files) uploads?.restore(file);
      if (files.length > 0) form.prepend(note);
      missing = [];
    });
  }
  form.addEventListener("input", () => {
    comesBack = false;
    stored = true;
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    const draft: Draft = { at: Date.now(), fields: values, files: [...new Set([...fileIDs(form), ...missing])] };
    sessionStorage.setItem(key, JSON.stringify(draft));
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    sessionStorage.setItem(sentKey, key);
    rememberPage();
  });
  window.addEventListener("submit", (event) => {
    if ((event.target as HTMLElement).matches(logOutForm)) stored = false; // also if the user then stays
    comesBack = !event.defaultPrevented;
  });
  window.addEventListener("click", (event) => {
    comesBack ||= leadsOn(event);
  });
  window.addEventListener("beforeunload", (event) => {
    if (typed() && !(comesBack && stored)) event.preventDefault();
    comesBack = false; // a download leaves the page as it is
  });
}

/** Reports whether a click follows a link to another page in this tab. */
function leadsOn(event: MouseEvent): boolean {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return false;
  if (link.hash && link.href.split("#")[0] === location.href.split("#")[0]) return false; // a place of this page
  return link.origin === location.origin && link.target === "" && !link.hasAttribute("download");
}

function parse(text: string | null): Draft | undefined {
  const draft = JSON.parse(text ?? "null") as Partial<Draft> | null;
  return draft?.at && draft.fields && draft.files ? (draft as Draft) : undefined;
}

/** Fills in the fields that are as the page has them, and reports whether there were any. */
function restore(fields: Field[], values: Record<string, string>): boolean {
  let restored = false;
  for (const field of fields) {
    const value = values[field.name];
    if (!value || field.value !== field.defaultValue || value === field.value) continue;
    fill(field, value);
    field.closest("details")?.setAttribute("open", "");
    restored = true;
  }
  return restored;
}

function fill(field: Field, value: string): void {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Returns those of the files that still exist and are in no post, or undefined if the site does not say. */
async function stillThere(ids: string[]): Promise<Received[] | undefined> {
  if (ids.length === 0) return [];
  try {
    const answer = await fetch(`/posts/new?files=${ids.map(encodeURIComponent).join(",")}`, { headers: { Accept: "application/json" } });
    return answer.ok ? ((await answer.json()) as Received[]) : undefined;
  } catch {
    return undefined; // The network is away. The files stay in the draft.
  }
}

/** Makes the sentence that says what is in the form, with a button that empties it. */
function restoredNote(at: number, discard: () => void): HTMLElement {
  const when = format(new Date(at), true).replace(`${format(new Date(), false)}, `, "");
  const note = make("p", "notice", `We kept what you wrote at ${when}. `);
  const button = makeButton("quiet", "Discard", "what you wrote", () => {
    discard();
    note.textContent = "Discarded.";
  });
  note.setAttribute("role", "status");
  note.append(button);
  return note;
}
