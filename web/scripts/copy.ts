// Buttons that copy: a text of the page (data-copy) or a link (data-copy-link).

/** Shows the copy buttons, where the browser can copy. */
export function copyButtons(): void {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy], button[data-copy-link]")) {
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(textOf(button));
        button.textContent = "Copied";
      } catch {
        button.textContent = "Select the text and copy it";
      }
    });
  }
}

function textOf(button: HTMLButtonElement): string {
  const link = button.dataset.copyLink;
  if (link) return new URL(link, location.href).href;
  return document.getElementById(button.dataset.copy ?? "")?.textContent ?? "";
}
