// Sends one file to the server.

/** The server's description of a file it has received. */
export interface Received {
  id: string;
  name: string;
  size: number;
  state: string;
  url: string;
}

/** The events of a transfer. Exactly one of the last three comes last, unless the transfer is cancelled. */
export interface Events {
  progress(sent: number, total: number): void;
  room(left: number, wait: number): void; // so many uploads are left; none: for so many seconds
  done(file: Received): void;
  failed(message: string, again: boolean): void; // again: a retry may work
  tooOften(message: string, wait: number): void; // a retry works after so many seconds
}

const lost = "Connection lost. Try again.";

/** Starts sending the file after the fields, and returns a function that cancels it. */
export function send(file: File, url: string, fields: [string, string][], events: Events): () => void {
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => events.progress(event.loaded, event.total));
  request.addEventListener("load", () => {
    const answer = parse(request.responseText);
    const wait = Number(request.getResponseHeader("Retry-After"));
    const room = roomIn(request.getResponseHeader("RateLimit") ?? "");
    if (room) events.room(...room);
    if (request.status === 201 && isReceived(answer)) events.done(answer);
    else if (request.status === 429 && wait > 0) events.tooOften(reason(request.status, answer), wait);
    else events.failed(reason(request.status, answer), mayWorkLater(request.status));
  });
  request.addEventListener("error", () => events.failed(lost, true));
  request.addEventListener("timeout", () => events.failed(lost, true));
  request.open("POST", url);
  request.setRequestHeader("Accept", "application/json");
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  form.append("file", file, file.name);
  request.send(form);
  return () => request.abort();
}

/** Returns how many uploads the windows of the limit leave and, if none, for how many seconds. */
function roomIn(header: string): [number, number] | undefined {
  const windows = [...header.matchAll(/"upload-(?:second|minute|hour|day)";r=(\d+);t=(\d+)/g)].map((found) => [Number(found[1]), Number(found[2])] as const);
  if (windows.length === 0) return undefined;
  const waits = windows.filter(([left]) => left === 0).map(([, wait]) => wait);
  return [Math.min(...windows.map(([left]) => left)), Math.max(0, ...waits)];
}

/** Reports whether a retry may work: the failure is not about this file. */
function mayWorkLater(status: number): boolean {
  return status === 401 || status === 408 || status === 429 || status >= 500;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isReceived(answer: unknown): answer is Received {
  return typeof answer === "object" && answer !== null && "id" in answer && typeof answer.id === "string";
}

function reason(status: number, answer: unknown): string {
  if (status === 401) return "You are signed out. Sign in in another tab, then try again.";
  if (typeof answer === "object" && answer !== null) {
    if ("detail" in answer && typeof answer.detail === "string" && answer.detail) return answer.detail;
    if ("title" in answer && typeof answer.title === "string" && answer.title) return answer.title;
  }
  if (status === 413) return "This file is too large.";
  return "The server could not receive the file. Try again.";
}
