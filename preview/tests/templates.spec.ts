/** Every answer to the questions of Start makes a program without errors whose tests pass. This runs in Node, with the package. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { init } from "accrue-rules/sync";
import { adapt, type Answers, CURRENCIES, idOf, possible } from "../src/views/start/adapt.ts";
import { type Template, TEMPLATES } from "../src/views/start/templates.ts";

const ROOT = fileURLToPath(new URL("../templates", import.meta.url));
const ZONES = ["Europe/Berlin", "UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo"];
const NAMES = ["Shop", 'A "quoted" \\ name', "Müller & Söhne", "日本の店", "  -- ", "x".repeat(200)];

function filesOf(name: string): Map<string, string> {
  const root = join(ROOT, name);
  const entries = readdirSync(root, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [relative(root, path), readFileSync(path, "utf8")]));
}

function subsets(ids: string[]): string[][] {
  return ids.reduce<string[][]>((all, id) => [...all, ...all.map((some) => [...some, id])], [[]]);
}

/** The files of a folder as the inputs of a run. */
function inputs(files: ReadonlyMap<string, string>, folder: string) {
  const under = [...files].filter(([path]) => path.startsWith(folder));
  return under.map(([name, text]) => ({ name, content: new TextEncoder().encode(text) }));
}

/** All answers to the two questions; names, currencies and time zones take turns. */
function* answers(template: Template): Generator<Answers> {
  let turn = 0;
  const next = <T>(of: T[]): T => of[turn % of.length] as T;
  for (const pays of subsets(template.pays.map(({ id }) => id)).slice(1)) {
    for (const never of subsets(possible(template, pays))) {
      yield { name: next(NAMES), currency: next(Object.keys(CURRENCIES)), timeZone: next(ZONES), pays, never };
      turn += 1;
    }
  }
}

for (const template of TEMPLATES) {
  test(`every answer for ${template.name} gives a program that passes its tests`, async () => {
    test.setTimeout(600_000);
    const accrue = await init();
    const folder = filesOf(template.name);
    for (const path of Object.keys(template.files)) expect(folder.has(path), path).toBe(true);
    const names = new Set([...template.pays, ...template.never].map(({ id }) => id));
    for (const [path, text] of folder)
      for (const [, list = ""] of text.matchAll(/@ if (?:not )?(.+?)(?: -->)?$/gm))
        for (const name of list.split(" or ")) expect(names.has(name), `${path}: ${name}`).toBe(true);
    for (const given of answers(template)) {
      const files = adapt(template, folder, given);
      const about = JSON.stringify(given);
      for (const [path, text] of files) expect(/(#|\/\/|<!--)[@+]/.test(text), `${path} ${about}`).toBe(false);
      const all = Object.fromEntries(files);
      const program = accrue.load(all);
      expect(program.id).toBe(idOf(given.name, template.name));
      expect(program.warnings().map(({ message, place }) => ({ message, place })), about).toEqual([]);
      const { passed, failed, tests, diagnostics } = program.test(all);
      expect({ failed, diagnostics }, about + JSON.stringify(tests.filter((test) => test.outcome === "failed"))).toEqual({ failed: 0, diagnostics: [] });
      expect(passed, about).toBeGreaterThan(0);
      const facts = [...files].filter(([path]) => path.startsWith("facts/")).map(([path, text]) => [path.slice("facts/".length), text]);
      const reference = program.reference(Object.fromEntries(facts));
      const run = program.run({ reference, actions: inputs(files, "actions/"), adjustments: inputs(files, "adjustments/") });
      const { done, decided, rejected } = run.next(1000);
      expect({ done, rejected }, about).toEqual({ done: true, rejected: 0 });
      expect(decided, about).toBeGreaterThan(0);
      for (const held of [run, reference, program]) held.free();
    }
  });
}
