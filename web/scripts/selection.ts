// Selecting files in a list: all at once, a range with Shift, and a bar that says how many
// are selected. Without scripts the bar is always there.
import { ask } from "./confirm.ts";
import { make } from "./dom.ts";

/** Helps to select in each form with data-selection. */
export function selections(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-selection]")) new Selection(form);
  askBefore();
}

/** Asks before what a button with data-ask sends. */
function askBefore(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-ask]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      ask(button.dataset.ask ?? "", button.dataset.askYes ?? "Yes", () => send(button));
    });
  }
}

/** Sends the form of a button as the button would, without the click that asks. */
function send(button: HTMLButtonElement): void {
  const form = button.form;
  if (!form) return;
  const action = form.action;
  form.action = button.formAction;
  form.submit();
  form.action = action;
}

class Selection {
  private readonly boxes: HTMLInputElement[];
  private readonly all = make("input");
  private last: HTMLInputElement | undefined; // the box that was clicked last

  constructor(private readonly form: HTMLFormElement) {
    this.boxes = [...form.querySelectorAll<HTMLInputElement>("input[name=file_ids]")];
    this.bar.classList.add("live");
    this.addAll();
    for (const box of this.boxes) box.addEventListener("click", (event) => this.click(box, event.shiftKey));
    form.addEventListener("keydown", (event) => {
      // Enter in a box would send the form by its first button.
      if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
      if (event.key === "Escape" && this.selected() > 0 && !form.querySelector("details[open]")) this.selectAll(false);
    });
    const remove = form.querySelector<HTMLButtonElement>("[data-selection-delete]");
    remove?.addEventListener("click", (event) => {
      event.preventDefault();
      const n = this.selected();
      ask(`Delete ${files(n)}? This can't be undone. Files that are in a post are also removed from it.`, "Delete", () => {
        const sure = make("input");
        sure.type = "hidden";
        sure.name = "sure";
        sure.value = "yes";
        form.append(sure);
        send(remove);
      });
    });
    window.addEventListener("pageshow", () => this.show());
    this.show();
  }

  private get bar(): HTMLElement {
    return this.form.querySelector<HTMLElement>("[data-selection-bar]") ?? this.form;
  }

  private selected(): number {
    return this.boxes.filter((box) => box.checked).length;
  }

  /** Adds a box that selects every file of the page. */
  private addAll(): void {
    this.all.type = "checkbox";
    const label = make("label", "pick-all");
    label.append(this.all, " Select all on this page");
    this.all.addEventListener("change", () => this.selectAll(this.all.checked));
    this.form.querySelector(".file-list")?.before(label);
  }

  private selectAll(checked: boolean): void {
    for (const box of this.boxes) box.checked = checked;
    this.show();
  }

  private click(box: HTMLInputElement, range: boolean): void {
    const from = this.last ? this.boxes.indexOf(this.last) : -1;
    const to = this.boxes.indexOf(box);
    if (range && from >= 0) {
      for (const between of this.boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) between.checked = box.checked;
    }
    this.last = box;
    this.show();
  }

  private show(): void {
    const n = this.selected();
    const count = this.form.querySelector<HTMLElement>("[data-selection-count]");
    if (count) count.textContent = `${files(n)} selected`;
    this.bar.hidden = n === 0;
    this.all.checked = n > 0 && n === this.boxes.length;
    this.all.indeterminate = n > 0 && n < this.boxes.length;
  }
}

function files(n: number): string {
  return n === 1 ? "1 file" : `${n} files`;
}
