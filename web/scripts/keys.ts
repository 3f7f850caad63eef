// Keys for the whole page: / searches, u uploads, c copies the link, ? lists them. They work
// without Ctrl, Alt and Meta only, never in a field or a dialog, and the list can turn them
// off for speech input and the like (WCAG 2.2, 2.1.4).
import { copyText, textOf } from "./copy.ts";
import { make, makeButton, say } from "./dom.ts";

const off = "keys-off"; // in localStorage

const about = [
  ["/", "Search"],
  ["u", "Share files"],
  ["c", "Copy the link to this page or file"],
  ["?", "Show these keys"],
  ["Esc", "Close a menu or a dialog"],
  ["\u2190 \u2192", "Previous and next image, in a gallery"],
  ["z", "Enlarge the image, in a gallery"],
];

/** Acts on the keys, unless the visitor turned them off, and makes the buttons that list them. */
export function shortcuts(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") || isField(event.target)) return;
    if (event.key !== "?" && localStorage.getItem(off)) return;
    if (act(event.key)) event.preventDefault();
  });
  document.querySelector("[data-keys]")?.addEventListener("click", list);
  const touchAlone = matchMedia("(hover: none) and (pointer: coarse)").matches; // there are no keys
  if (!touchAlone) document.querySelector("[data-keys-item]")?.removeAttribute("hidden");
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, select, textarea"));
}

/** Acts on a key, and returns whether it means something here. */
function act(key: string): boolean {
  switch (key) {
    case "/": {
      const search = document.querySelector<HTMLInputElement>("#site-search");
      search?.focus();
      search?.select();
      return search !== null;
    }
    case "u":
      return press("[data-share-files]");
    case "c":
      void copy();
      return true;
    case "?":
      list();
      return true;
    default:
      return false;
  }
}

function press(selector: string): boolean {
  const button = document.querySelector<HTMLElement>(selector);
  button?.click();
  return button !== null;
}

/** Copies the link of the row with the focus or of what the page is about, or says why there is none. */
async function copy(): Promise<void> {
  const buttons = "button:is([data-copy-link], [data-copy^=link-], [data-copy=share-link])";
  const row = document.activeElement?.closest(":is(.file-rows, .rows) > li");
  const all = document.querySelectorAll<HTMLElement>(buttons);
  const ofPage = document.querySelector<HTMLElement>(`.ticket.big ${buttons}, .preview-actions ${buttons}, .share-sheet ${buttons}`);
  const button = row ? row.querySelector<HTMLElement>(buttons) : (ofPage ?? (all.length === 1 ? all[0] : undefined));
  const link = button ? textOf(button) : row ? undefined : document.querySelector<HTMLElement>("[data-page-link]")?.dataset.pageLink;
  if (link) {
    say((await copyText(new URL(link, location.href).href)) ? "Link copied." : "The browser can't copy the link.");
  } else if ((row ?? document).querySelector("button[formaction='/shares'], form[action='/shares'] button")) {
    say(all.length > 0 && !row ? "Move to one of the links first, then press c." : "Only you can open this. Choose Share to get a link.");
  } else {
    say(all.length > 0 ? "Move to one of the links first, then press c." : "There is no link to copy here.");
  }
}

/** Lists the keys in a dialog, which can turn them off. */
function list(): void {
  const dialog = make("dialog", "ask");
  const title = make("h2", "", "Keyboard shortcuts");
  title.id = "keys-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const keys = make("dl", "keys");
  for (const [key, words] of about) {
    const name = make("dt");
    name.append(make("kbd", "", key));
    keys.append(name, make("dd", "", words));
  }
  const label = make("label", "check");
  const box = make("input");
  box.type = "checkbox";
  box.checked = !localStorage.getItem(off);
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(off) : localStorage.setItem(off, "yes")));
  label.append(box, "Use these keys");
  const end = make("div", "form-end");
  end.append(makeButton("secondary", "Close", "", () => dialog.close()));
  dialog.append(title, keys, label, end);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
