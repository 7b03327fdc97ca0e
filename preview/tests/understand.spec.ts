/** What the parts that explain a program find out by themselves: places of numbers, lines that differ, and parts of a hundred. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { init } from "accrue-rules/sync";
import type { Row } from "accrue-rules";
import { csvOfAwards } from "../src/state/csv.ts";
import { isNegative, percentOf, signed } from "../src/ui/format.ts";
import { placeOfOrigin } from "../src/views/card/origin.ts";
import { diffLines, hunks } from "../src/views/compare/diff.ts";

const EXAMPLES = fileURLToPath(new URL("../../rules-examples/", import.meta.url));

function read(root: string, path = ""): [string, string | Uint8Array][] {
  return readdirSync(join(root, path)).flatMap((name) => {
    const inside = path ? `${path}/${name}` : name;
    const whole = join(root, inside);
    if (statSync(whole).isDirectory()) return read(root, inside);
    if (inside.startsWith("components/") && name.endsWith(".wasm")) return [[inside, readFileSync(whole)]];
    return /\.(toml|rhai|csv|txt)$/.test(name) ? [[inside, readFileSync(whole, "utf8")]] : [];
  });
}

/** The digits of a number without zeros around them, so that 5% is that of `0.05`, and 2,000.00 EUR that of `2000`. */
function digits(text: string): string {
  return text.replaceAll(/\D/g, "").replace(/^0+/, "").replace(/0+$/, "");
}

test("every number of the cards of the examples leads to where it is written", async () => {
  const accrue = await init();
  // Limits and groups whose number has a key of its own lead to their name.
  const implied = /^limits\[\d+\]\.max$|\.specificity$/;
  let found = 0;
  for (const name of readdirSync(EXAMPLES)) {
    const folder = new Map(read(join(EXAMPLES, name)));
    const terms = [...folder].filter(([path]) => !/^(actions|adjustments|tests|facts)\//.test(path));
    if (!folder.has("program.toml")) continue;
    const program = accrue.load(Object.fromEntries(terms));
    for (const contract of program.card().contracts) {
      for (const entry of contract.sections.flatMap((section) => section.entries)) {
        for (const piece of entry.lines.flatMap((line) => line.sentence)) {
          if (piece.kind !== "number") continue;
          for (const origin of piece.at ?? []) {
            const place = placeOfOrigin(folder, contract.file ?? "", origin, entry);
            // A window that the contract does not set is the default, which is written nowhere.
            const setsWindows = /^windows\b|^\[credit\.windows\]/m.test(String(folder.get(contract.file ?? "") ?? ""));
            if (!setsWindows && origin.startsWith("credit.windows.")) continue;
            const text = place && String(folder.get(place.path) ?? "").slice(place.from, place.to);
            if (implied.test(origin)) expect(text, `${name}: ${origin}`).toBeTruthy();
            else expect(digits(text ?? ""), `${name}: ${origin} at ${text}`).toContain(digits(piece.text));
            found += 1;
          }
        }
      }
    }
    program.free();
  }
  expect(found).toBeGreaterThan(100);
});

test("lines that differ make both texts, and those around them are shown", () => {
  const before = "a\nb\nc\nd\ne\nf\ng\nh\n";
  const after = "a\nb\nC\nd\ne\nf\ng\nnew\nh\n";
  const lines = diffLines(before, after);
  expect(lines.filter(({ kind }) => kind !== "added").map(({ text }) => text)).toEqual(before.trim().split("\n"));
  expect(lines.filter(({ kind }) => kind !== "removed").map(({ text }) => text)).toEqual(after.trim().split("\n"));
  expect(lines.filter(({ kind }) => kind !== "same")).toEqual([
    { kind: "removed", text: "c", old: 3 },
    { kind: "added", text: "C", new: 3 },
    { kind: "added", text: "new", new: 8 },
  ]);
  expect(hunks(lines).map((hunk) => hunk.map(({ text }) => text).join(""))).toEqual(["abcCdefgnewh"]);
  expect(hunks(diffLines("same\n", "same\n"))).toEqual([]);
  expect(diffLines("", "a\n")).toEqual([{ kind: "added", text: "a", new: 1 }]);
});

test("a cell of CSV is no formula, and a number stays one", () => {
  const row = { action: "=1+1", order_id: "'=2", change: "-5.00", groups: ["+49 and more", "b"], partner: null };
  expect(csvOfAwards([row as unknown as Row])).toBe(`action,order_id,change,groups,partner\n"'=1+1","''=2",-5.00,"'+49 and more|b",\n`);
});

test("changes are written exactly", () => {
  expect(percentOf("-113.50", "1370.00")).toBe("−8.28%");
  expect(percentOf("0.005", "100")).toBe("+0.01%");
  expect(percentOf("9007199254740993.01", "1")).toBe("+900,719,925,474,099,301.00%");
  expect(percentOf("1", "0.00")).toBe("");
  expect(percentOf("0", "5")).toBe("0.00%");
  expect(signed("30", "EUR")).toBe("+30.00");
  expect(signed("-0.5", "EUR")).toBe("−0.50");
  expect(signed("0.00", "EUR")).toBe("0.00");
  expect(isNegative("-0.00")).toBe(false);
});
