// Shows times in the visitor's time zone, and recent ones as "5 minutes ago". The page
// states them in UTC, which moves to the tooltip.

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Rewrites every time with data-local. A date without a time of day stays one. */
export function localTimes(root: ParentNode = document): void {
  for (const place of root.querySelectorAll<HTMLTimeElement>("time[data-local]")) {
    const moment = new Date(place.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const withTime = place.textContent?.includes(":") ?? false;
    place.textContent = ago(moment, Date.now()) ?? format(moment, withTime);
    place.title = `${format(moment, true)} (${format(moment, true, "UTC")} UTC)`;
  }
}

/** Returns how long ago a moment of the last day was, in words. */
function ago(moment: Date, now: number): string | undefined {
  const seconds = (now - moment.getTime()) / 1000;
  if (seconds < 0 || seconds >= day) return undefined;
  if (seconds < minute) return "just now";
  const relative = new Intl.RelativeTimeFormat("en");
  return seconds < hour ? relative.format(-Math.floor(seconds / minute), "minute") : relative.format(-Math.floor(seconds / hour), "hour");
}

/** Writes a moment the way the server does, in the visitor's zone or another. */
function format(moment: Date, withTime: boolean, timeZone?: string): string {
  const date: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" };
  const time: Intl.DateTimeFormatOptions = withTime ? { hour: "2-digit", minute: "2-digit" } : {};
  return new Intl.DateTimeFormat("en-GB", { ...date, ...time, ...(timeZone ? { timeZone } : {}) }).format(moment);
}
