// Every example is decided as by the command line, to the byte: decisions and receipts, compiled and interpreted.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { init } from "accrue-rules/sync";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const accrueBinary = join(target, "debug/accrue");

/** The files of a program folder. */
function folder(path) {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((file) => [relative(path, file), readFileSync(file)]));
}

function within(files, name) {
  return Object.entries(files)
    .filter(([path]) => path.startsWith(`${name}/`) && !/readme/i.test(path))
    .map(([path, content]) => ({ name: path, content }));
}

const examples = join(root, "rules-examples");
const names = readdirSync(examples).filter((name) => existsSync(join(examples, name, "program.toml")));

test("there are examples", () => assert.ok(names.length >= 11));

for (const name of names) {
  const files = folder(join(examples, name));
  test(`${name} is decided the same`, async () => {
    const accrue = await init();
    const out = mkdtempSync(join(tmpdir(), "accrue-"));
    try {
      const decisions = join(out, "decisions.jsonl");
      execFileSync(accrueBinary, ["run", join(examples, name), "--out", decisions], { stdio: "ignore" });
      const expected = readFileSync(decisions, "utf8");
      for (const interpreted of [false, true]) {
        const program = accrue.load(files, { interpreted });
        const facts = within(files, "facts").map(({ name, content }) => [name.slice("facts/".length), content]);
        const reference = program.reference(Object.fromEntries(facts));
        const history = { actions: within(files, "actions"), adjustments: within(files, "adjustments"), reference };
        const run = program.run(history);
        assert.ok(run.decisions() === expected, `interpreted: ${interpreted}`);
        for (const held of [run, reference, program]) held.free();
      }
    } finally {
      rmSync(out, { recursive: true });
    }
  });
}
