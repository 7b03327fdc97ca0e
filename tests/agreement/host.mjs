// A host of compiled rules in another language: it has nothing but a module's bytes, what the module says of itself in its
// custom section, and the documentation of the interface. It writes the facts of cases, runs all of them in one call, and
// prints what the module answers about each, as a line of JSON.
//
//     node host.mjs module.wasm facts.json
import { readFileSync } from "node:fs";

const [, , modulePath, factsPath] = process.argv;
const module = new WebAssembly.Module(readFileSync(modulePath));
const [section] = WebAssembly.Module.customSections(module, "accrue");
const about = JSON.parse(new TextDecoder().decode(section));
if (about.interface !== 1) throw new Error(`interface ${about.interface} is not known here`);
const { cases, zone, promo_codes: codes } = JSON.parse(readFileSync(factsPath, "utf8"));

const UNKNOWN = -2;
const NONE = 0xffffffff;
const NO_DATE = -0x80000000;
const symbols = new Map(about.texts.map((text, symbol) => [text, symbol]));
const owners = new Map();

const bytes = () => new Uint8Array(instance.exports.memory.buffer);
const view = () => new DataView(instance.exports.memory.buffer);

function textOf(symbol) {
  symbol >>>= 0;
  if (symbol < about.texts.length) return about.texts[symbol];
  const length = view().getUint32(symbol, true);
  return new TextDecoder().decode(bytes().subarray(symbol + 4, symbol + 4 + length));
}

const day = 86400;
function local(seconds) {
  const format = new Intl.DateTimeFormat("en-u-ca-iso8601", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  });
  const parts = format.formatToParts(new Date(Number(seconds) * 1000));
  const part = (type) => Number(parts.find((part) => part.type === type).value);
  const days = Date.UTC(part("year"), part("month") - 1, part("day")) / 1000 / day;
  return { days, hour: part("hour"), minute: part("minute") };
}

// Days since 1970 of a date, whose months count from 0. `Date.UTC` would take the years 0 to 99 for those of the 20th century.
function daysAt(year, month, date) {
  return new Date(0).setUTCFullYear(year, month, date) / 1000 / day;
}
function civil(days) {
  const at = new Date(days * day * 1000);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth(), date: at.getUTCDate() };
}
const lastOf = (year, month) => civil(daysAt(year, month + 1, 0)).date;

// A moment as one number of nanoseconds.
const moment = (seconds, nanoseconds) => BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);

// Decimals of 96 bits: low and middle word, then high word and flags. A result that needs rounding is not worked out here:
// to a module it has overflown, and it gives up.
const OVERFLOW = [0n, -1n];
const BAD_STEP = [0n, -3n];
function decimal(low, high) {
  const digits = BigInt.asUintN(64, low) | (BigInt.asUintN(32, high) << 64n);
  const flags = BigInt.asUintN(64, high) >> 32n;
  return { digits: flags >> 31n ? -digits : digits, scale: (flags >> 16n) & 0xffn };
}
function words({ digits, scale }) {
  const magnitude = digits < 0n ? -digits : digits;
  if (magnitude >= 1n << 96n || scale > 28n) return OVERFLOW;
  const flags = (scale << 16n) | (digits < 0n ? 1n << 31n : 0n);
  return [BigInt.asIntN(64, magnitude), BigInt.asIntN(64, (magnitude >> 64n) | (flags << 32n))];
}
function aligned(a, b) {
  const scale = a.scale > b.scale ? a.scale : b.scale;
  const at = (number) => number.digits * 10n ** (scale - number.scale);
  return { a: at(a), b: at(b), scale };
}
const two = (operation) => (a, b, c, d) => words(operation(decimal(a, b), decimal(c, d)));
const sum = (sign) => (x, y) => {
  const { a, b, scale } = aligned(x, y);
  return { digits: a + sign * b, scale };
};
const imports = {
  add: two(sum(1n)),
  sub: two(sum(-1n)),
  mul: two((a, b) => ({ digits: a.digits * b.digits, scale: a.scale + b.scale })),
  div: () => OVERFLOW,
  rem: () => OVERFLOW,
  compare: (low, high, otherLow, otherHigh) => {
    const { a, b } = aligned(decimal(low, high), decimal(otherLow, otherHigh));
    return Number(a > b) - Number(a < b);
  },
  floor: (low, high) => {
    const { digits, scale } = decimal(low, high);
    const unit = 10n ** scale;
    const down = digits < 0n && digits % unit !== 0n ? 1n : 0n;
    return words({ digits: digits / unit - down, scale: 0n });
  },
  // The modes: half up, half even, up, down.
  round: (low, high, stepLow, stepHigh, mode) => {
    const { a, b: step, scale } = aligned(decimal(low, high), decimal(stepLow, stepHigh));
    if (step <= 0n) return BAD_STEP;
    const [amount, sign] = a < 0n ? [-a, -1n] : [a, 1n];
    const steps = amount / step;
    const twice = 2n * (amount % step);
    const away = twice !== 0n && [twice >= step, twice > step || (twice === step && steps % 2n === 1n), true, false][mode];
    return words({ digits: sign * (steps + (away ? 1n : 0n)) * step, scale });
  },
  contains: (whole, part) => Number(textOf(whole).includes(textOf(part))),
  local_date: (seconds) => local(seconds).days,
  local_hour: (seconds) => local(seconds).hour,
  local_minute: (seconds) => local(seconds).minute,
  civil: (days) => {
    const { year, month, date } = civil(days);
    return (year << 9) | ((month + 1) << 5) | date;
  },
  plus_months: (days, count, unit) => {
    const { year, month, date } = civil(days);
    const months = BigInt(year) * 12n + BigInt(month) + count * unit;
    // The years of the engine's calendar.
    if (months < -262_143n * 12n || months >= 262_143n * 12n) return NO_DATE;
    const to = Math.floor(Number(months) / 12);
    const of = Number(months) - to * 12;
    return daysAt(to, of, Math.min(date, lastOf(to, of)));
  },
  months_between: (from, to) => {
    const [a, b, sign] = from <= to ? [civil(from), civil(to), 1] : [civil(to), civil(from), -1];
    const months = (b.year - a.year) * 12 + b.month - a.month;
    const fits = Math.min(a.date, lastOf(b.year, b.month)) <= b.date;
    return BigInt(sign * (fits ? months : months - 1));
  },
  end_of_month: (days) => {
    const { year, month } = civil(days);
    return daysAt(year, month, lastOf(year, month));
  },
  promo_owner: (code) => {
    const owner = codes[textOf(code)]?.owner;
    return owner === undefined ? UNKNOWN : owners.get(owner) | 0;
  },
  promo_active: (code, seconds, nanoseconds) => {
    const promo = codes[textOf(code)];
    if (promo === undefined) return 0;
    const at = moment(seconds, nanoseconds);
    const from = promo.from === null || at >= moment(...promo.from);
    return Number(from && (promo.until === null || at < moment(...promo.until)));
  },
  saw: () => {},
};
const instance = new WebAssembly.Instance(module, { accrue: imports });

let free = about.free;
function take(count) {
  const address = Math.ceil(free / 8) * 8;
  free = address + count;
  const missing = free - instance.exports.memory.buffer.byteLength;
  if (missing > 0) instance.exports.memory.grow(Math.ceil(missing / 65536));
  return address;
}

function inFull(text) {
  const letters = new TextEncoder().encode(text);
  const address = take(letters.length + 4);
  view().setUint32(address, letters.length, true);
  bytes().set(letters, address + 4);
  return address;
}

const symbol = (text, full) => symbols.get(text) ?? (full ? inFull(text) : NONE);

// The digits of a decimal at a scale; undefined where it does not fit into the numbers of the module.
function fixed(text, scale) {
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const more = fraction.slice(scale);
  if (/[1-9]/.test(more)) return undefined;
  const digits = BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
  if (digits >= 1n << 50n) return undefined;
  return text.startsWith("-") ? -digits : digits;
}

// Writes the facts of one record; whether all of them fit.
function write(slots, facts, base) {
  let fits = true;
  for (const { fact, stored, offset, flag, full } of slots.slots) {
    const value = facts[fact] ?? null;
    const at = base + offset;
    if (flag !== null) view().setUint8(base + flag, Number(value !== null));
    if (value === null) continue;
    if (stored === "bool") view().setUint32(at, Number(value), true);
    else if (stored === "integer" || stored === "duration") view().setBigInt64(at, BigInt(value), true);
    else if (stored === "text") view().setUint32(at, symbol(value, full), true);
    else if (stored === "date") view().setInt32(at, value, true);
    else if (stored === "time") {
      view().setBigInt64(at, BigInt(value[0]), true);
      view().setUint32(at + 8, value[1], true);
    } else if (stored === "texts") {
      const first = take(value.length * 4);
      list(at, value.length, first);
      value.forEach((text, n) => view().setUint32(first + 4 * n, symbol(text, full), true));
    } else {
      const digits = fixed(value, stored.fixed);
      fits &&= digits !== undefined;
      view().setBigInt64(at, digits ?? 0n, true);
    }
  }
  return fits;
}

function list(head, count, first) {
  view().setUint32(head + about.list.count, count, true);
  view().setUint32(head + about.list.named, 0, true);
  view().setUint32(head + about.list.first, first, true);
}

function records(slots, all, head) {
  const first = take(all.length * slots.bytes);
  list(head, all.length, first);
  return all.map((facts, n) => write(slots, facts, first + n * slots.bytes)).every(Boolean);
}

for (const { owner } of Object.values(codes)) {
  if (owner !== undefined) owners.set(owner, symbol(owner, true));
}
let first;
let last;
const fits = cases.map(({ pay, action, items, whole, touches }) => {
  const record = take(about.action.bytes);
  first ??= record;
  if (last !== undefined) view().setUint32(last + about.record.next, record, true);
  last = record;
  bytes().fill(0, record, record + about.record.bytes);
  view().setUint32(record + about.record.pay, Number(pay), true);
  let fits = write(about.action, action, record);
  if (about.items) {
    fits = records(about.item, items, record + about.record.items) && fits;
    const address = take(about.item.bytes);
    fits = write(about.item, whole, address) && fits;
    view().setUint32(record + about.record.whole_item, address, true);
  }
  if (about.touches) fits = records(about.touch, touches, record + about.record.touches) && fits;
  return fits;
});

const room = cases.length * 4096;
const out = Math.ceil(take(room + 16) / 16) * 16;
const end = instance.exports.decide(first, cases.length, out, out + room);

const WORDS = [0, 0, 0, 0, 0, 1, 0, 2, 2, 1];
let at = out;
for (const fit of fits) {
  if (at >= end) throw new Error("there was no room for every answer");
  const size = view().getUint32(at + 4, true);
  const answer = { gave_up: !fit || view().getUint32(at, true) !== 0, restrictions: [], lines: [] };
  answer.fuel = Number(view().getBigInt64(at + 8, true));
  for (let entry = at + 16; entry < at + 16 + size; ) {
    const kind = view().getUint8(entry);
    const index = view().getUint32(entry + 4, true);
    if (kind === 1) answer.restrictions.push(about.restrictions[index]);
    if (kind === 3) answer.lines.push({ item: index === NONE ? null : index, groups: [] });
    if (kind === 4 || kind === 5) {
      answer.lines.at(-1).groups.push(index === NONE ? about.groups.at(-1) : about.groups[index]);
    }
    entry += 8 + 8 * WORDS[kind];
  }
  console.log(JSON.stringify(answer));
  at += 16 + size;
}
