// Switches between light and dark pages at once, so that nothing on the page is lost.

/** Makes the buttons of the theme act without loading a page. */
export function themeSwitch(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-theme-form]");
  form?.removeAttribute("hidden"); // as it is on the answer to a form
  form?.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    const root = document.documentElement;
    if (button.value === "system") root.removeAttribute("data-theme");
    else root.dataset.theme = button.value;
    for (const other of form.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
    const body = new URLSearchParams({ theme: button.value });
    void fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => undefined);
  });
}
