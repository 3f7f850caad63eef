// Focus and keys in forms.

/** Moves the focus to the list of problems of the form just sent. */
export function showProblems(): void {
  document.getElementById("problems")?.focus();
}

/** Submits the form of a text area with data-send on Ctrl+Enter or Cmd+Enter. */
export function sendWithKeys(): void {
  for (const field of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-send]")) {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      field.form?.requestSubmit();
    });
  }
}
