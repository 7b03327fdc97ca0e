/** Places of the engine in texts of the page. */
import { expect, test } from "@playwright/test";
import { lineOf, offsetsIn, placesIn } from "../src/state/places.ts";

test("a byte of UTF-8 is the character of the text that it belongs to", () => {
  const text = "# Für Käufer aus Österreich 🎉: 日本語\r\nrate = \"8 %\" # \u{10ffff}é";
  const offset = offsetsIn(text);
  let byte = 0;
  for (const character of text) {
    const at = offset(byte);
    expect(text.slice(at, at + character.length)).toBe(character);
    const size = new TextEncoder().encode(character).length;
    for (let inside = 1; inside < size; inside += 1) expect(offset(byte + inside)).toBe(at);
    byte += size;
  }
  expect(offset(byte)).toBe(text.length);
  expect(offset(byte + 100)).toBe(text.length);
  expect(offsetsIn("plain")(3)).toBe(3);
});

test("a place in a file that is no text stays as it is", () => {
  const place = { file: "tables/rates.xlsx", span: { start: 3, end: 9 } };
  expect(placesIn(new Map([["tables/rates.xlsx", new Uint8Array(20)]]))(place)).toEqual(place);
});

test("lines and columns are counted as people count them", () => {
  expect(lineOf("a\n🎉b", 4)).toEqual({ line: 2, column: 2 });
  expect(lineOf("", 0)).toEqual({ line: 1, column: 1 });
});
