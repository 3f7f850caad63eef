// One row of the upload list: the file's name, its progress and its buttons.
import { make, makeButton, size } from "./dom.ts";
import { watchState } from "./state.ts";
import type { Received } from "./transfer.ts";
import { countDown, waitWords } from "./wait.ts";

// The speed is measured over the last few seconds (in ms).
const speedSpan = 4000;

interface Actions {
  cancel(row: Row): void;
  retry(row: Row): void;
}

export class Row {
  readonly element = make("li");
  stop: (() => void) | undefined;
  waits = 0; // for the rate limit
  private readonly bar = make("progress");
  private readonly note = make("span", "meta upload-note");
  private readonly about = make("div", "file-about");
  private readonly retry: HTMLButtonElement;
  private readonly cancel: HTMLButtonElement;
  private readonly past: { at: number; sent: number }[] = [];
  private id = "";

  constructor(
    readonly file: File,
    actions: Actions,
  ) {
    this.bar.max = 1;
    this.bar.setAttribute("aria-label", `Upload of ${file.name}`);
    this.retry = makeButton("button", "Try again", file.name, () => actions.retry(this));
    this.cancel = makeButton("button", "Cancel", file.name, () => actions.cancel(this));
    const buttons = make("div", "actions");
    buttons.append(this.retry, this.cancel);
    this.about.append(make("span", "file-name", file.name), this.note, this.bar);
    this.element.append(this.about, buttons);
  }

  /** Shows that the file is queued. */
  wait(): void {
    this.element.className = "";
    this.retry.hidden = true;
    this.past.length = 0;
    this.bar.value = 0;
    this.note.textContent = `${size(this.file.size)} · Waiting`;
    this.cancel.firstChild?.replaceWith("Cancel");
  }

  /** Counts down so many seconds, then calls then. */
  hold(seconds: number, then: () => void): void {
    this.wait();
    this.stop = countDown(seconds, (left) => {
      this.note.textContent = `${size(this.file.size)} · Waiting – resumes in ${waitWords(left)}`;
      if (left === 0) then();
    });
  }

  /** Shows the progress and the speed. */
  progress(sent: number, total: number): void {
    const now = performance.now();
    this.past.push({ at: now, sent });
    while (this.past.length > 2 && now - (this.past[0]?.at ?? now) > speedSpan) this.past.shift();
    this.bar.value = total > 0 ? sent / total : 0;
    const first = this.past[0];
    const speed = first && now > first.at ? ((sent - first.sent) / (now - first.at)) * 1000 : 0;
    const parts = [`${size(Math.min(sent, this.file.size))} of ${size(this.file.size)}`];
    if (sent >= total) parts.push("Checking…");
    else if (speed > 0) parts.push(`${size(speed)}/s`, timeLeft((total - sent) / speed));
    this.note.textContent = parts.join(" · ");
  }

  /** Shows that the file is uploaded, and names it in the form. */
  received(file: Received, listPage: boolean): void {
    this.id = file.id;
    this.element.className = "done";
    this.note.textContent = `${size(file.size)} · Uploaded`;
    this.cancel.firstChild?.replaceWith("Remove");
    this.cancel.hidden = listPage;
    this.stop = undefined;
    if (listPage) return;
    const field = make("input");
    field.type = "hidden";
    field.name = "file_ids";
    field.value = file.id;
    this.element.append(field);
    if (file.state === "processing") {
      const state = make("span", "state processing", "Processing…");
      state.dataset.fileState = file.id;
      this.about.append(state);
      void watchState(state);
    }
  }

  /** Shows a failure that a retry may fix. */
  fail(message: string): void {
    this.refuse(message);
    this.retry.hidden = false;
  }

  /** Shows a failure that a retry can't fix. */
  refuse(message: string): void {
    this.element.className = "failed";
    this.note.textContent = message;
    this.retry.hidden = true;
    this.cancel.firstChild?.replaceWith("Remove");
  }

  /** Leaves the file on the server when its row is removed. */
  keep(): void {
    this.id = "";
    this.retry.hidden = true;
    this.bar.value = 1;
  }

  /** Deletes the uploaded file on the server. */
  forget(): void {
    if (!this.id) return;
    void fetch(`/files/${encodeURIComponent(this.id)}/delete`, { method: "POST", headers: { Accept: "application/json" } });
  }
}

function timeLeft(seconds: number): string {
  if (seconds < 1) return "almost done";
  if (seconds < 90) return `${Math.ceil(seconds)} s left`;
  if (seconds < 90 * 60) return `${Math.ceil(seconds / 60)} min left`;
  return `${(seconds / 3600).toFixed(1)} h left`;
}
