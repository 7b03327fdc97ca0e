/** How the page writes amounts, shares, moments and numbers. Amounts stay the decimal texts that they are. */

/** Writes a number of things: `1 action`, `69,659 actions`. */
export function count(number: number, of: string, plural = `${of}s`): string {
  return `${whole(number)} ${number === 1 ? of : plural}`;
}

const WHOLE = new Intl.NumberFormat("en");

/** Writes a whole number with marks between thousands. */
export function whole(number: number): string {
  return WHOLE.format(number);
}

const digitsOf = new Map<string, number>();

/** Returns the number of decimals of a currency. */
function minorDigits(currency: string): number {
  let digits = digitsOf.get(currency);
  if (digits === undefined) {
    try {
      const format = new Intl.NumberFormat("en", { style: "currency", currency });
      digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    } catch {
      digits = 2;
    }
    digitsOf.set(currency, digits);
  }
  return digits;
}

/** Writes a decimal text with marks between thousands, and with at least `decimals` decimals. */
export function decimal(text: string | number, decimals = 0): string {
  const [, sign = "", units = "0", fraction = ""] = /^([-+]?)(\d+)(?:\.(\d+))?$/.exec(String(text)) ?? [];
  if (!/^[-+]?\d/.test(String(text))) return String(text);
  const grouped = units.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  const padded = fraction.padEnd(decimals, "0");
  return `${sign === "-" ? "−" : ""}${grouped}${padded ? `.${padded}` : ""}`;
}

/** Writes an amount of a currency, without its code. */
export function amount(text: string | number | null | undefined, currency: string | null | undefined): string {
  if (text === null || text === undefined || text === "") return "";
  return decimal(text, currency ? minorDigits(currency) : 2);
}

/** Writes an amount with the code of its currency. */
export function money(text: string | number | null | undefined, currency: string | null | undefined): string {
  const written = amount(text, currency);
  return written && currency ? `${written} ${currency}` : written;
}

/** Writes the change of an amount: `+30.00`, `−113.50`, `0.00`. */
export function signed(text: string | number, currency: string | null | undefined): string {
  const written = amount(text, currency);
  return isZero(text) || written.startsWith("−") ? written : `+${written}`;
}

/** Returns whether a decimal text is below zero. */
export function isNegative(text: string | number): boolean {
  return String(text).startsWith("-") && !isZero(text);
}

/** Writes a decimal text as a signed part of a hundred of another, exactly, to two decimals: `−8.28%`; empty if the other is zero. */
export function percentOf(part: string | number, whole: string | number): string {
  const [a, b] = [String(part), String(whole)];
  if (isZero(b) || !/^-?\d+(\.\d+)?$/.test(a) || !/^-?\d+(\.\d+)?$/.test(b)) return "";
  const scale = Math.max(...[a, b].map((text) => text.split(".")[1]?.length ?? 0));
  const units = (text: string) => {
    const [integer = "", fraction = ""] = text.split(".");
    return BigInt(integer + fraction.padEnd(scale, "0"));
  };
  const abs = (value: bigint) => (value < 0n ? -value : value);
  const [numerator, denominator] = [abs(units(a)), abs(units(b))];
  const hundredths = (numerator * 20000n + denominator) / (denominator * 2n);
  const sign = hundredths === 0n ? "" : a.startsWith("-") !== b.startsWith("-") ? "−" : "+";
  const digits = String(hundredths).padStart(3, "0");
  return `${sign}${decimal(digits.slice(0, -2))}.${digits.slice(-2)}%`;
}

/** Returns whether a decimal text is zero. */
export function isZero(text: string | number | null | undefined): boolean {
  return text === null || text === undefined || /^[-+]?0*(\.0*)?$/.test(String(text));
}

/** Writes a fraction such as `0.075` as a share of a hundred: `7.5%`. The point is moved in the text. */
export function percent(fraction: string): string {
  const [, sign = "", units = "0", decimals = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(fraction) ?? [];
  const padded = decimals.padEnd(2, "0");
  const whole = `${units}${padded.slice(0, 2)}`.replace(/^0+(?=\d)/, "");
  const rest = padded.slice(2).replace(/0+$/, "");
  return `${sign === "-" ? "−" : ""}${whole}${rest && `.${rest}`}%`;
}

/** Writes a moment in a time zone, to the minute: `2026-03-01 14:05`; with seconds if it has some. */
export function moment(text: string | null | undefined, zone: string): string {
  if (!text) return "";
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  return formatIn(zone).format(at).replace(",", "").replace(/:00$/, "");
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    // Swedish dates are those of ISO 8601.
    const parts = { dateStyle: "short", timeStyle: "medium" } as const;
    try {
      format = new Intl.DateTimeFormat("sv-SE", { ...parts, timeZone: zone });
    } catch {
      format = new Intl.DateTimeFormat("sv-SE", { ...parts, timeZone: "UTC" });
    }
    formats.set(zone, format);
  }
  return format;
}

/** Writes how long something took. */
export function seconds(milliseconds: number): string {
  return milliseconds < 995 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(milliseconds < 9950 ? 2 : 1)} s`;
}

/** Writes a word of the engine for people: `pay_order` as `pay order`. */
export function word(text: string): string {
  return text.replaceAll("_", " ");
}
