// Sends the chosen files in the background, two at a time, while the visitor
// writes; the form then only names them (file_ids). Sent files are removed from
// the file picker, so that nothing is sent twice.
import { ask } from "./confirm.ts";
import { make, say, size } from "./dom.ts";
import { type Received, send } from "./transfer.ts";
import { Row } from "./uploadrow.ts";
import { waitWords } from "./wait.ts";

const atOnce = 2;
// A rate-limited file is retried automatically this many times, unless the wait
// is longer than a visitor stays on a page.
const mostWaits = 5;
const longestWait = 300;
const listURL = "/files"; // the user's files, newest first
const uploadedKey = "uploaded"; // in sessionStorage: what the page that is loaded after the uploads says

/** Turns every file picker with data-upload into a drop zone that uploads, and returns the first one. */
export function uploadInForms(): Uploads | undefined {
  let first: Uploads | undefined;
  const words = sessionStorage.getItem(uploadedKey);
  if (words) say(words);
  sessionStorage.removeItem(uploadedKey);
  for (const drop of document.querySelectorAll<HTMLElement>("[data-upload]")) {
    const form = drop.closest("form");
    const picker = drop.querySelector<HTMLInputElement>("input[type=file]");
    const list = drop.querySelector<HTMLUListElement>("[data-upload-rows]");
    const status = drop.querySelector<HTMLElement>("[data-upload-status]");
    if (form && picker && list && status) first ??= new Uploads(drop, form, picker, list, status);
  }
  return first;
}

/** Returns the uploaded files that the form sends. */
export function fileIDs(form: HTMLFormElement): string[] {
  return [...form.querySelectorAll<HTMLInputElement>("input[name=file_ids]:is([type=hidden], :checked)")].map((field) => field.value);
}

export class Uploads {
  private waiting: Row[] = [];
  private readonly rows = new Set<Row>();
  private running = new Set<Row>();
  private sendWhenDone: HTMLElement | null | undefined; // undefined: the form was not sent yet
  private room = Infinity; // uploads that the limit leaves
  private uploaded = 0; // files that one line counts
  private readonly summary = make("li", "done");
  private readonly restored = new Set<Row>(); // of a draft
  private agreed = false; // to send the form without the files that failed
  private readonly listPage: boolean; // the files are all that the form sends
  private readonly url: string; // where the files are sent
  readonly shares: boolean; // the form makes a link as soon as the files are uploaded

  constructor(
    private readonly drop: HTMLElement,
    readonly form: HTMLFormElement,
    readonly picker: HTMLInputElement,
    private readonly list: HTMLUListElement,
    private readonly status: HTMLElement,
  ) {
    this.listPage = form.hasAttribute("data-upload-list");
    this.url = form.dataset.uploadUrl ?? "/files";
    if (this.listPage) picker.required = false; // sent files are removed from it
    if (this.listPage) form.querySelector<HTMLElement>("[data-upload-button]")?.setAttribute("hidden", "");
    this.shares = form.hasAttribute("data-upload-share");
    drop.classList.add("live");
    picker.addEventListener("change", () => this.take(picker.files));
    form.addEventListener("submit", (event) => this.submit(event));
    window.addEventListener("beforeunload", (event) => {
      if (this.busy()) event.preventDefault();
    });
  }

  private busy(): boolean {
    return this.running.size + this.waiting.length > 0;
  }

  /** Uploads files that were chosen, dropped or pasted. */
  take(files: FileList | null): void {
    // Files that are chosen before a field is filled in stay in the picker: submit takes them.
    if (this.listPage && !this.form.reportValidity()) {
      const n = files?.length ?? 0;
      say(`${countFiles(n)} chosen. Fill in the marked field, then send ${n === 1 ? "it" : "them"}.`);
      return;
    }
    for (const file of [...(files ?? [])]) this.add(file);
    this.picker.value = "";
    this.startNext();
  }

  /** Lists a file that was uploaded before. It stays among the user's files if it is removed from the form. */
  restore(file: Received): void {
    const row = this.addRow(new File([], file.name));
    row.received(file, false);
    row.keep();
    this.restored.add(row);
  }

  private addRow(file: File): Row {
    const row = new Row(file, {
      cancel: (row) => this.remove(row),
      retry: (row) => this.enqueue(row),
    });
    this.rows.add(row);
    this.list.append(row.element);
    this.list.hidden = false;
    return row;
  }

  private add(file: File): void {
    const row = this.addRow(file);
    const tooLarge = Number(this.drop.dataset.maxSize);
    if (tooLarge > 0 && file.size > tooLarge) {
      row.refuse(`This file has ${size(file.size)}. You can upload up to ${size(tooLarge)} per file.`);
    } else {
      this.enqueue(row);
    }
  }

  /** Counts the files that the post has, and those that may still become some. */
  private attached(): number {
    return fileIDs(this.form).length + this.running.size;
  }

  /** Cancels every upload and forgets every file. */
  clear(): void {
    for (const row of [...this.rows]) this.remove(row);
  }

  /** Takes the restored files out of the form. Those uploaded since stay in it. */
  removeRestored(): void {
    for (const row of [...this.restored]) this.remove(row);
  }

  private enqueue(row: Row): void {
    row.waits = 0;
    row.wait();
    this.waiting.push(row);
    this.startNext();
  }

  private startNext(): void {
    const most = this.listPage ? 0 : Number(this.drop.dataset.maxFiles);
    while (this.running.size < Math.min(atOnce, this.room)) {
      const full = most > 0 && this.attached() >= most;
      if (full && this.running.size > 0) break; // one of them may be refused
      const row = this.waiting.shift();
      if (!row) break;
      if (full) row.fail(`You can add up to ${most} files${this.shares ? " to one link" : " to a post"}.`);
      else this.start(row);
    }
    if (!this.busy()) this.settle();
  }

  private start(row: Row): void {
    this.running.add(row);
    row.stop = send(row.file, this.url, this.fields(), {
      progress: (sent, total) => row.progress(sent, total),
      room: (left, wait) => this.leave(left, wait),
      done: (file) => {
        row.received(file, this.listPage);
        if (this.listPage) this.collapse(row);
        this.form.dispatchEvent(new Event("input")); // the draft names the file
        this.say(`${row.file.name} is uploaded.`);
        this.finish(row);
      },
      failed: (message, again) => {
        if (again) row.fail(message);
        else row.refuse(message);
        this.say(`${row.file.name} was not uploaded. ${message}`);
        this.finish(row);
      },
      tooOften: (message, wait) => this.hold(row, message, wait),
    });
    this.say(`Uploading ${row.file.name}.`);
  }

  /** Counts an uploaded file in one line for all of them: the list of files has them when it is loaded again. */
  private collapse(row: Row): void {
    this.uploaded++;
    this.rows.delete(row);
    row.element.remove();
    this.summary.replaceChildren(`${countFiles(this.uploaded)} uploaded`);
    const next = this.form.dataset.uploadNext; // the receipt of a guest
    const link = make("a", "", next ? "Show the receipt" : `Show ${this.uploaded === 1 ? "it" : "them"} in the list`);
    link.href = next ?? listURL;
    this.summary.append(link);
    this.list.prepend(this.summary);
  }

  /** Returns what the visitor entered about themselves, which goes with each file. */
  private fields(): [string, string][] {
    const typed = this.form.querySelectorAll<HTMLInputElement>("[data-upload-field]");
    return [...typed].map((field) => [field.name, field.value]);
  }

  /** Starts no more uploads than the limit leaves, so that files of one selection are not refused. */
  private leave(left: number, wait: number): void {
    if (wait > longestWait) return; // the next one says so
    this.room = left;
    if (left > 0) return;
    setTimeout(() => {
      this.room = 1; // its answer says how many more
      this.startNext();
    }, wait * 1000);
    if (this.waiting.length > 0 && wait > 1) this.say(`The next files are uploaded in ${waitWords(wait)}.`);
  }

  /** Retries a rate-limited file later. It keeps its slot: other files are limited too. */
  private hold(row: Row, message: string, wait: number): void {
    if (++row.waits <= mostWaits && wait <= longestWait) {
      row.hold(wait, () => this.start(row));
      this.say(`${row.file.name} resumes in ${waitWords(wait)}.`);
      return;
    }
    row.fail(message);
    this.say(`${row.file.name} was not uploaded. ${message}`);
    this.finish(row);
  }

  private finish(row: Row): void {
    this.running.delete(row);
    this.startNext();
  }

  private remove(row: Row): void {
    row.stop?.();
    this.waiting = this.waiting.filter((other) => other !== row);
    this.running.delete(row);
    this.rows.delete(row);
    this.restored.delete(row);
    row.forget();
    row.element.remove();
    this.form.dispatchEvent(new Event("input"));
    this.list.hidden = this.list.childElementCount === 0;
    this.say(`${row.file.name} was removed.`);
    this.picker.focus();
    this.startNext();
  }

  /** Delays the submit until the last upload has ended, and asks if some have failed. */
  private submit(event: SubmitEvent): void {
    if (this.listPage && this.picker.files?.length) {
      event.preventDefault();
      this.take(this.picker.files);
      return;
    }
    if (!this.busy()) {
      if (this.agreed || this.failures() === 0) return;
      event.preventDefault();
      this.askWithout(event.submitter);
      return;
    }
    event.preventDefault();
    if (this.sendWhenDone !== undefined) return;
    this.sendWhenDone = event.submitter;
    event.submitter?.setAttribute("aria-busy", "true");
    this.say("The form is sent when its files are uploaded.");
  }

  private failures(): number {
    return this.list.querySelectorAll(".failed").length;
  }

  private askWithout(submitter: HTMLElement | null): void {
    const verb = this.form.dataset.verb ?? "Publish";
    const n = this.failures();
    const what = n === 1 ? "1 file was not uploaded." : `${n} files were not uploaded.`;
    ask(`${what} ${verb} without ${n === 1 ? "it" : "them"}?`, verb, () => {
      this.agreed = true;
      this.form.requestSubmit(submitter);
    });
  }

  /** Submits a delayed form. A form for a link is submitted by itself, unless an upload failed. */
  private settle(): void {
    const submitter = this.sendWhenDone;
    this.sendWhenDone = undefined;
    submitter?.removeAttribute("aria-busy");
    const uploaded = this.list.querySelector(".done") !== null;
    if (submitter !== undefined) this.form.requestSubmit(submitter);
    else if (this.failures() > 0 || !uploaded) return;
    else if (this.shares) this.form.requestSubmit();
    else if (this.listPage) {
      sessionStorage.setItem(uploadedKey, `${countFiles(this.uploaded)} uploaded.`);
      window.location.assign(this.form.dataset.uploadNext ?? listURL);
    }
  }

  private say(message: string): void {
    this.status.textContent = message;
  }
}

function countFiles(n: number): string {
  return n === 1 ? "1 file" : `${n.toLocaleString("en")} files`;
}
