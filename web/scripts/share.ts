// Sharing from every page: files dropped, pasted or chosen become a link. Pages that have
// a drop zone of their own take the files there; on others a dialog uploads them.
import { make } from "./dom.ts";
import { Uploads } from "./upload.ts";

// The page of a new link copies it once, by itself.
const copyNext = "copy-link";

/** Takes files that are dropped on the page or pasted, and makes the buttons for sharing choose files. */
export function shareAnywhere(own: Uploads | undefined): void {
  const token = document.querySelector<HTMLInputElement>('form[action="/logout"] input[name=token]')?.value;
  if (token === undefined) {
    if (own) takeDrops((files) => own.take(files), "Drop to upload"); // a guest of a file request
    return;
  }
  let quick: Uploads | undefined;
  const sharing = () => (own?.shares ? own : (quick ??= makeDialog(token)));
  const take = (files: FileList) => (own ?? sharing()).take(files);
  takeDrops(take, own && !own.shares ? "Drop to upload" : "Drop to share");
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.preventDefault();
    take(files);
  });
  for (const button of document.querySelectorAll<HTMLElement>("[data-share-files]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      sharing().picker.click();
    });
  }
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-upload-share]")) rememberToCopy(form);
}

/** Makes the dialog that uploads files and then gets a link for them. */
function makeDialog(token: string): Uploads {
  const dialog = make("dialog", "ask");
  const title = make("h2", "", "Share files");
  title.id = "quick-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const form = make("form");
  form.method = "post";
  form.action = "/shares";
  form.enctype = "multipart/form-data";
  form.dataset.uploadShare = "";
  form.dataset.verb = "Share";
  const secret = make("input");
  secret.type = "hidden";
  secret.name = "token";
  secret.value = token;
  const picker = make("input");
  picker.type = "file";
  picker.multiple = true;
  picker.hidden = true;
  const list = make("ul", "file-rows uploads");
  list.setAttribute("aria-label", "Uploads in progress");
  const status = make("p", "visually-hidden");
  status.setAttribute("role", "status");
  const cancel = make("button", "button", "Cancel");
  cancel.type = "button";
  const buttons = make("div", "form-end");
  buttons.append(make("button", "", "Get a link"), cancel);
  const drop = make("div");
  drop.append(picker, list, status);
  form.append(secret, title, drop, buttons);
  const sheet = make("article");
  sheet.append(form);
  dialog.append(sheet);
  document.body.append(dialog);

  const uploads = new Uploads(drop, form, picker, list, status);
  const open = () => {
    if (!dialog.open && list.childElementCount > 0) dialog.showModal();
    else if (dialog.open && list.childElementCount === 0) dialog.close();
  };
  new MutationObserver(open).observe(list, { childList: true });
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => uploads.clear());
  rememberToCopy(form);
  return uploads;
}

/** Shows where files can be dropped while they are dragged over the window, and takes them. */
function takeDrops(take: (files: FileList) => void, words: string): void {
  const overlay = make("div", "drop-anywhere", words);
  overlay.setAttribute("aria-hidden", "true");
  overlay.hidden = true;
  document.body.append(overlay);
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  window.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    overlay.hidden = false;
  });
  window.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) overlay.hidden = true;
  });
  window.addEventListener("drop", (event) => {
    overlay.hidden = true;
    const files = event.dataTransfer?.files;
    if (!holdsFiles(event) || !files) return;
    event.preventDefault();
    take(files);
  });
}

function rememberToCopy(form: HTMLFormElement): void {
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sessionStorage.setItem(copyNext, "yes");
  });
}

/** Copies the link that was just made, and shows the browser's own way to share it. */
export function shareSheet(): void {
  const link = document.getElementById("share-link")?.textContent;
  if (!link) return;
  if (sessionStorage.getItem(copyNext) && navigator.clipboard) {
    sessionStorage.removeItem(copyNext);
    const button = document.querySelector<HTMLButtonElement>("button[data-copy=share-link]");
    void navigator.clipboard.writeText(link).then(
      () => button?.replaceChildren("Copied"),
      () => undefined, // the browser wants a click: the button is there
    );
  }
  if (typeof navigator.share !== "function") return;
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-share-link]")) {
    button.hidden = false;
    button.addEventListener("click", () => void navigator.share({ url: link }).catch(() => undefined));
  }
}
