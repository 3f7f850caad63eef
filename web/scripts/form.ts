// Small comforts of forms.

/** Takes the reader to the list of what was wrong with the form just sent. */
export function showProblems(): void {
  document.getElementById("problems")?.focus();
}

/** Lets Ctrl+Enter (or Cmd+Enter) send what is being written. */
export function sendWithKeys(): void {
  for (const field of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-send]")) {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      field.form?.requestSubmit();
    });
  }
}
