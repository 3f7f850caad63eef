// Shows times in the visitor's time zone. The page states them in UTC, which moves
// to the tooltip.

/** Rewrites every time with data-local. A date without a time of day stays one. */
export function localTimes(): void {
  for (const place of document.querySelectorAll<HTMLTimeElement>("time[data-local]")) {
    const moment = new Date(place.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const withTime = place.textContent?.includes(":") ?? false;
    place.textContent = format(moment, withTime);
    place.title = `${format(moment, true, "UTC")} UTC`;
  }
}

/** Writes a moment the way the server does, in the visitor's zone or another. */
function format(moment: Date, withTime: boolean, timeZone?: string): string {
  const day: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" };
  const minute: Intl.DateTimeFormatOptions = withTime ? { hour: "2-digit", minute: "2-digit" } : {};
  return new Intl.DateTimeFormat("en-GB", { ...day, ...minute, ...(timeZone ? { timeZone } : {}) }).format(moment);
}
