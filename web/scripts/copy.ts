// Buttons that copy: a text of the page (data-copy) or a link (data-copy-link).

/** Shows the copy buttons, where the browser can copy. */
export function copyButtons(): void {
  if (!navigator.clipboard) return; // only pages that come by HTTPS can copy
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy], button[data-copy-link]")) {
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      button.textContent = (await copyText(textOf(button))) ? "Copied" : "Select the text and copy it";
    });
  }
}

/** Copies a text, and returns whether the browser allows it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Returns what a copy button copies. */
export function textOf(button: HTMLElement): string {
  const link = button.dataset.copyLink;
  if (link) return new URL(link, location.href).href;
  return document.getElementById(button.dataset.copy ?? "")?.textContent ?? "";
}
