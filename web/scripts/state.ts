// Polls the state of files that are still processing, until they are ready or
// rejected. The interval grows.
import { make } from "./dom.ts";

const firstWait = 1000;
const longestWait = 15_000;

interface State {
  state: "processing" | "ready" | "rejected";
  reason?: string;
  metadata?: "" | "kept" | "allowed";
}

/** Watches every state on the page that is not final. */
export function watchStates(root: ParentNode = document): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-file-state]")) void watchState(place);
}

/** Watches the state of one file at its place on the page. */
export async function watchState(place: HTMLElement): Promise<void> {
  const address = `/files/${encodeURIComponent(place.dataset.fileState ?? "")}`;
  for (let wait = firstWait; place.isConnected; wait = Math.min(wait * 1.5, longestWait)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (document.hidden) continue;
    try {
      const answer = await fetch(`${address}/state`, { headers: { Accept: "application/json" } });
      if (answer.status === 404 || answer.status === 401) return;
      if (!answer.ok) continue;
      const file = (await answer.json()) as State;
      if (file.state !== "processing") return show(place, file, address);
    } catch {
      // The network is away; ask again later.
    }
  }
}

function show(place: HTMLElement, file: State, address: string): void {
  if (file.state === "ready" && !file.metadata && place.closest("[data-upload-rows]")) return place.remove(); // "Uploaded" says it
  place.classList.remove("processing");
  place.classList.add(file.state);
  place.textContent = file.state === "ready" ? "Ready" : `Rejected${file.reason ? `: ${file.reason}` : ""}`;
  if (file.metadata === "kept") {
    place.classList.replace("ready", "rejected");
    place.textContent = "This file may contain location data that can't be removed. Only you can open it. ";
    const link = make("a");
    link.href = "/files";
    link.textContent = "Your files";
    place.append(link);
  }
  const sign = place.closest("li")?.querySelector("[data-sign]");
  if (file.state !== "ready" || !sign?.querySelector(".icon-image")) return;
  const picture = make("img", "file-sign");
  picture.alt = "";
  picture.addEventListener("load", () => sign.replaceWith(picture));
  picture.src = `${address}/thumbnail`;
}
