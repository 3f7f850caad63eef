// Sends the chosen files in the background, two at a time, while the visitor
// writes; the form then only names them (file_ids). Sent files are removed from
// the file picker, so that nothing is sent twice.
import { size } from "./dom.ts";
import { send } from "./transfer.ts";
import { Row } from "./uploadrow.ts";
import { waitWords } from "./wait.ts";

const atOnce = 2;
// A rate-limited file is retried automatically this many times, unless the wait
// is longer than a visitor stays on a page.
const mostWaits = 5;
const longestWait = 300;

/** Turns every file picker with data-upload into a drop zone that uploads. */
export function uploadInForms(): void {
  for (const drop of document.querySelectorAll<HTMLElement>("[data-upload]")) {
    const form = drop.closest("form");
    const picker = drop.querySelector<HTMLInputElement>("input[type=file]");
    const list = drop.querySelector<HTMLUListElement>("[data-upload-rows]");
    const status = drop.querySelector<HTMLElement>("[data-upload-status]");
    if (form && picker && list && status) new Uploads(drop, form, picker, list, status);
  }
}

class Uploads {
  private waiting: Row[] = [];
  private running = new Set<Row>();
  private sendWhenDone: HTMLElement | null | undefined; // undefined: the form was not sent yet
  private readonly listPage: boolean;

  constructor(
    private readonly drop: HTMLElement,
    private readonly form: HTMLFormElement,
    private readonly picker: HTMLInputElement,
    private readonly list: HTMLUListElement,
    private readonly status: HTMLElement,
  ) {
    this.listPage = form.hasAttribute("data-upload-list");
    if (this.listPage) form.querySelector<HTMLElement>("[data-upload-button]")?.setAttribute("hidden", "");
    drop.classList.add("live");
    picker.addEventListener("change", () => this.take(picker.files));
    this.takeDrops();
    form.addEventListener("submit", (event) => this.submit(event));
    window.addEventListener("beforeunload", (event) => {
      if (this.busy()) event.preventDefault();
    });
  }

  private busy(): boolean {
    return this.running.size + this.waiting.length > 0;
  }

  private takeDrops(): void {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    this.drop.addEventListener("dragover", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      this.drop.classList.add("over");
    });
    this.drop.addEventListener("dragleave", (event) => {
      if (!(event.relatedTarget instanceof Node && this.drop.contains(event.relatedTarget))) this.drop.classList.remove("over");
    });
    this.drop.addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      this.drop.classList.remove("over");
      this.take(event.dataTransfer?.files ?? null);
    });
  }

  private take(files: FileList | null): void {
    for (const file of [...(files ?? [])]) this.add(file);
    this.picker.value = "";
    this.startNext();
  }

  private add(file: File): void {
    const row = new Row(file, {
      cancel: (row) => this.remove(row),
      retry: (row) => this.enqueue(row),
    });
    this.list.append(row.element);
    this.list.hidden = false;
    const tooLarge = Number(this.drop.dataset.maxSize);
    const tooMany = Number(this.drop.dataset.maxFiles);
    if (tooLarge > 0 && file.size > tooLarge) {
      row.refuse(`This file has ${size(file.size)}. You can upload up to ${size(tooLarge)} per file.`);
    } else if (!this.listPage && tooMany > 0 && this.attached() >= tooMany) {
      row.refuse(`Attach at most ${tooMany} files to a post.`);
    } else {
      this.enqueue(row);
    }
  }

  /** Counts the files of the post, uploads in progress included. */
  private attached(): number {
    return this.form.querySelectorAll("input[name=file_ids]").length + this.running.size + this.waiting.length;
  }

  private enqueue(row: Row): void {
    row.waits = 0;
    row.wait();
    this.waiting.push(row);
    this.startNext();
  }

  private startNext(): void {
    while (this.running.size < atOnce) {
      const row = this.waiting.shift();
      if (!row) break;
      this.start(row);
    }
    if (!this.busy()) this.settle();
  }

  private start(row: Row): void {
    this.running.add(row);
    row.stop = send(row.file, {
      progress: (sent, total) => row.progress(sent, total),
      done: (file) => {
        row.received(file, this.listPage);
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
    row.forget();
    row.element.remove();
    this.list.hidden = this.list.childElementCount === 0;
    this.say(`${row.file.name} was removed.`);
    this.picker.focus();
    this.startNext();
  }

  /** Delays the submit until the last upload has ended. */
  private submit(event: SubmitEvent): void {
    if (!this.busy()) return;
    event.preventDefault();
    if (this.sendWhenDone !== undefined) return;
    this.sendWhenDone = event.submitter;
    event.submitter?.setAttribute("aria-busy", "true");
    this.say("The post is sent when its files are uploaded.");
  }

  /** Submits a delayed form, unless an upload failed. */
  private settle(): void {
    const failed = this.list.querySelector(".failed") !== null;
    const submitter = this.sendWhenDone;
    this.sendWhenDone = undefined;
    submitter?.removeAttribute("aria-busy");
    if (failed) return;
    if (submitter !== undefined) this.form.requestSubmit(submitter);
    else if (this.listPage && this.list.querySelector(".done")) window.location.assign("/files");
  }

  private say(message: string): void {
    this.status.textContent = message;
  }
}
