/** Moments between what the engine reads and what a field for a date and a time shows in a time zone. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
    found = new Intl.DateTimeFormat("sv-SE", { ...parts, timeZone: zone });
    formats.set(zone, found);
  }
  return found;
}

/** Returns a moment as clocks of a time zone show it: `2026-03-01T14:05:00`; empty if it is none. */
export function toLocal(moment: string, zone: string): string {
  const at = new Date(moment);
  return Number.isNaN(at.getTime()) ? "" : format(zone).format(at).replace(" ", "T");
}

/** Returns the moment at which clocks of a time zone show this; in universal time. A time that they never show is moved forward. */
export function fromLocal(local: string, zone: string): string {
  const wanted = Date.parse(`${local}Z`);
  if (Number.isNaN(wanted)) return "";
  let at = wanted;
  // The offset at the first guess may be another one than at the moment itself.
  for (let tries = 0; tries < 2; tries++) at += wanted - Date.parse(`${toLocal(new Date(at).toISOString(), zone)}Z`);
  return new Date(at).toISOString().replace(".000Z", "Z");
}
