// Shows times in the visitor's time zone, and recent ones as "5 minutes ago". The page
// states them in UTC, which moves to the tooltip.

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Rewrites every time with data-local. A date without a time of day stays one. */
export function localTimes(): void {
  for (const place of document.querySelectorAll<HTMLTimeElement>("time[data-local]")) {
    const moment = new Date(place.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const withTime = place.textContent?.includes(":") ?? false;
    place.textContent = ago(moment, Date.now()) ?? format(moment, withTime);
  }
  for (const event of ["pointerover", "focusin"]) document.addEventListener(event, addTooltip);
}

/** Gives a time its tooltip when it is needed: formats of other zones take the browser long to make. */
function addTooltip(event: Event): void {
  if (!(event.target instanceof Element)) return;
  const place = event.target.closest("time[data-local]") ?? event.target.querySelector(":scope > time[data-local]");
  if (!(place instanceof HTMLTimeElement) || place.title) return;
  const moment = new Date(place.dateTime);
  if (!Number.isNaN(moment.getTime())) place.title = `${format(moment, true)} (${format(moment, true, "UTC")} UTC)`;
}

/** Returns how long ago a moment of the last day was, in words. */
function ago(moment: Date, now: number): string | undefined {
  const seconds = (now - moment.getTime()) / 1000;
  if (seconds < 0 || seconds >= day) return undefined;
  if (seconds < minute) return "just now";
  return seconds < hour ? agoIn(Math.floor(seconds / minute), "minute") : agoIn(Math.floor(seconds / hour), "hour");
}

function agoIn(n: number, unit: string): string {
  return n === 1 ? `1 ${unit} ago` : `${n} ${unit}s ago`;
}

const formats = new Map<string, Intl.DateTimeFormat>(); // each takes the browser milliseconds to make

/** Writes a moment the way the server does, in the visitor's zone or another. */
export function format(moment: Date, withTime: boolean, timeZone?: string): string {
  const key = `${withTime} ${timeZone ?? ""}`;
  let written = formats.get(key);
  if (!written) {
    const date: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" };
    const time: Intl.DateTimeFormatOptions = withTime ? { hour: "2-digit", minute: "2-digit" } : {};
    written = new Intl.DateTimeFormat("en-GB", { ...date, ...time, ...(timeZone ? { timeZone } : {}) });
    formats.set(key, written);
  }
  return written.format(moment);
}
