// Shows the images of a gallery one at a time: arrow keys and swipes go to the next,
// Enter, z, a click or "+" enlarges. Without scripts each image is a link of its own.
import { make, makeButton } from "./dom.ts";

const swipe = 50; // pixels

/** Opens the images of every gallery on the page in a dialog. */
export function galleries(): void {
  for (const list of document.querySelectorAll<HTMLElement>(".gallery")) {
    const links = [...list.querySelectorAll<HTMLAnchorElement>("a:has(img)")];
    for (const [at, link] of links.entries()) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        new Viewer(links).open(at);
      });
    }
  }
}

class Viewer {
  private readonly dialog = make("dialog", "viewer");
  private readonly stage = make("div", "viewer-stage");
  private readonly image = make("img");
  private readonly name = make("p");
  private readonly animated = make("span", "badge", "Animated");
  private readonly file = make("a", "button", "Open");
  private readonly download = make("a", "button", "Download");
  private at = 0;

  constructor(private readonly links: HTMLAnchorElement[]) {
    this.dialog.setAttribute("aria-label", "Images");
    this.name.setAttribute("role", "status");
    const bar = make("div", "viewer-bar");
    bar.append(makeButton("secondary", "Close", "", () => this.dialog.close()), this.name, this.animated);
    if (links.length > 1) {
      bar.append(
        makeButton("secondary", "Previous", "image", () => this.show(this.at - 1)),
        makeButton("secondary", "Next", "image", () => this.show(this.at + 1)),
      );
    }
    bar.append(makeButton("secondary", "Zoom", "", () => this.zoom()), this.file, this.download);
    this.stage.append(this.image);
    this.stage.tabIndex = 0;
    this.dialog.append(this.stage, bar);
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.image.addEventListener("click", () => this.zoom());
    this.swipes();
  }

  /** Shows the image, and returns to the page when the dialog is closed or with the Back button. */
  open(at: number): void {
    document.body.append(this.dialog);
    this.show(at);
    this.dialog.showModal();
    this.stage.focus();
    history.pushState({ viewer: true }, "");
    const back = () => this.dialog.close();
    window.addEventListener("popstate", back, { once: true });
    this.dialog.addEventListener("close", () => {
      window.removeEventListener("popstate", back);
      if ((history.state as { viewer?: boolean } | null)?.viewer) history.back();
      this.dialog.remove();
      this.links[this.at]?.focus();
    });
  }

  private show(to: number): void {
    this.at = (to + this.links.length) % this.links.length;
    const link = this.links[this.at];
    const small = link?.querySelector("img");
    if (!link || !small) return;
    this.dialog.classList.remove("zoomed");
    this.image.src = link.dataset.large ?? small.currentSrc;
    this.image.alt = small.alt;
    this.file.href = link.href;
    this.download.hidden = !link.dataset.download; // a link may let visitors look only
    this.download.href = link.dataset.download ?? "";
    this.animated.hidden = !link.querySelector(".moving");
    this.name.textContent = `${small.alt} (${this.at + 1} of ${this.links.length})`;
  }

  private zoom(): void {
    const { scrollWidth: width, scrollHeight: height, clientWidth, clientHeight } = this.stage;
    if (!this.dialog.classList.toggle("zoomed")) return;
    this.stage.scrollTo((Math.max(width, this.stage.scrollWidth) - clientWidth) / 2, (Math.max(height, this.stage.scrollHeight) - clientHeight) / 2);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const zoomed = this.dialog.classList.contains("zoomed");
    const inStage = event.target === this.stage;
    const acts: Record<string, () => void> = {
      z: () => this.zoom(),
      "+": () => zoomed || this.zoom(),
      "-": () => zoomed && this.zoom(),
      ...(inStage && { Enter: () => this.zoom() }),
      ...(!zoomed && {
        ArrowLeft: () => this.show(this.at - 1),
        ArrowRight: () => this.show(this.at + 1),
        Home: () => this.show(0),
        End: () => this.show(this.links.length - 1),
      }),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  private swipes(): void {
    let x = 0;
    let y = 0;
    this.stage.addEventListener("touchstart", (event) => {
      x = event.touches[0]?.clientX ?? 0;
      y = event.touches[0]?.clientY ?? 0;
    }, { passive: true });
    this.stage.addEventListener("touchend", (event) => {
      const end = event.changedTouches[0];
      if (!end || event.touches.length > 0 || this.dialog.classList.contains("zoomed")) return;
      const across = end.clientX - x;
      if (Math.abs(across) < swipe || Math.abs(across) < 2 * Math.abs(end.clientY - y)) return;
      this.show(this.at + (across < 0 ? 1 : -1));
    });
  }
}
