// Asks before a form with data-confirm is sent. Without scripts it is sent at
// once: a deleted post, which matters most, can be restored.
import { make } from "./dom.ts";

/** Adds the question to each such form. */
export function confirmForms(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-confirm]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form.dataset.confirm ?? "", form.dataset.confirmYes ?? "Yes", () => form.submit());
    });
  }
}

/** Asks a question, and calls then if the visitor says yes. */
export function ask(question: string, yes: string, then: () => void): void {
  const dialog = make("dialog", "ask");
  const sheet = make("article");
  const text = make("p", "", question);
  text.id = "ask-text";
  dialog.setAttribute("aria-labelledby", text.id);
  const cancel = make("button", "button", "Cancel");
  const confirm = make("button", "danger", yes);
  cancel.type = confirm.type = "button";
  const buttons = make("div", "form-end");
  buttons.append(cancel, confirm);
  sheet.append(text, buttons);
  dialog.append(sheet);
  document.body.append(dialog);

  cancel.addEventListener("click", () => dialog.close());
  confirm.addEventListener("click", () => {
    dialog.close();
    then();
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  cancel.focus();
}
