/**
 * Places in texts. JavaScript and the editor count units of UTF-16, and so does a `Workspace` of the engine. Everything else of the engine
 * counts bytes of UTF-8: it is converted here, when it arrives, so that every place on the page is one of the editor.
 */
import type { Coverage } from "accrue-rules";
import type { Folder } from "./files.ts";

/** A place as the engine gives it. */
interface Place {
  file: string;
  span: { start: number; end: number };
}

/** Returns what converts an offset in bytes of a text in UTF-8 to an offset of the text. */
export function offsetsIn(text: string): (byte: number) => number {
  // Where each character begins that takes another number of bytes than units: its bytes and units, and those of all before it.
  const bytes: number[] = [];
  const units: number[] = [];
  let ahead = 0;
  for (const { 0: character, index } of text.matchAll(/[^\0-\x7f]/gu)) {
    bytes.push(index + ahead);
    units.push(index);
    const point = character.codePointAt(0) ?? 0;
    ahead += (point < 0x800 ? 2 : point < 0x10000 ? 3 : 4) - character.length;
  }
  return (byte) => {
    // The last of these characters that begins at or before the byte.
    let [low, high] = [0, bytes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bytes[middle] ?? 0) <= byte) low = middle + 1;
      else high = middle;
    }
    const [start, unit] = [bytes[low - 1], units[low - 1]];
    if (start === undefined || unit === undefined) return Math.min(byte, text.length);
    const point = text.codePointAt(unit) ?? 0;
    const size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    // A byte inside of a character is where the character begins.
    if (byte < start + size) return unit;
    return Math.min(unit + (point < 0x10000 ? 1 : 2) + (byte - start - size), text.length);
  };
}

/** Returns what converts a place of the engine in one of these files. */
export function placesIn(folder: Folder): <P extends Place>(place: P) => P {
  const known = new Map<string, (byte: number) => number>();
  return (place) => {
    const text = folder.get(place.file);
    if (typeof text !== "string") return place;
    let offset = known.get(place.file);
    if (!offset) known.set(place.file, (offset = offsetsIn(text)));
    return { ...place, span: { start: offset(place.span.start), end: offset(place.span.end) } };
  };
}

/** Converts the places of what the tests of these files reach. */
export function coverageIn(folder: Folder, coverage: Coverage): Coverage {
  const convert = placesIn(folder);
  return { ...coverage, points: coverage.points.map((point) => ({ ...point, place: convert(point.place) })) };
}

/** Returns the line and the column of a place, both from 1, as people count them. */
export function lineOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: [...before.slice(start)].length + 1 };
}
