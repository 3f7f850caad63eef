const chosen = "filter-chosen"; // the field that has the focus again on the next page

// Filters of a list apply as soon as a choice is made with the mouse or a finger. With the
// keyboard each press of an arrow key is a choice, so that the button applies them.
export function applyFilters(): void {
  const forms = document.querySelectorAll<HTMLFormElement>("form.filter");
  for (const form of forms) {
    let byKey = false;
    form.addEventListener("keydown", () => (byKey = true));
    form.addEventListener("pointerdown", () => (byKey = false));
    form.addEventListener("change", (event) => {
      const isChoice = event.target instanceof HTMLSelectElement || (event.target as HTMLInputElement).type === "checkbox";
      if (!isChoice || byKey) return;
      sessionStorage.setItem(chosen, (event.target as HTMLElement).id);
      form.requestSubmit();
    });
  }
  if (forms.length > 0) {
    document.getElementById(sessionStorage.getItem(chosen) ?? "")?.focus({ preventScroll: true });
    sessionStorage.removeItem(chosen);
  }
  // On a phone the navigation at the side is a line: show where the visitor is.
  document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}
