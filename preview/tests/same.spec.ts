/** The page decides as the command line does, to the byte: every example through the page, and generated programs through its engine. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { INTRODUCTIONS } from "../examples.ts";
import { accrueBinary, expect, openExample, openPart, test } from "./page.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLES = join(ROOT, "rules-examples");
const WORLDS = 1000;

const names = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, "program.toml")));

for (const name of names)
  test(`${name} is decided the same`, async ({ page }) => {
    const out = mkdtempSync(join(tmpdir(), "accrue-"));
    try {
      const file = join(out, "decisions.jsonl");
      execFileSync(accrueBinary(), ["run", join(EXAMPLES, name), "--out", file], { stdio: "ignore" });
      await openExample(page, INTRODUCTIONS[name]?.title ?? name);
      await openPart(page, "Decisions");
      await page.getByText("Options", { exact: true }).click();
      await page.getByRole("checkbox", { name: /close/i }).uncheck();
      await page.getByRole("button", { name: "Run", exact: true }).click();
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: /JSON Lines/ }).click();
      const saved = await (await download).path();
      expect(readFileSync(saved).equals(readFileSync(file))).toBe(true);
    } finally {
      rmSync(out, { recursive: true });
    }
  });

test("a thousand generated programs are decided the same", async ({ page }) => {
  test.setTimeout(600_000);
  await page.goto("./");
  await page.evaluate(async () => {
    const path = new URL("../package/sync.js", document.baseURI).href;
    const { init } = await import(path);
    Object.assign(window, { accrue: await init() });
  });
  const made = spawn("cargo", ["run", "--quiet", "--package", "accrue-tests", "--bin", "worlds", "--", `${WORLDS}`], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let worlds = 0;
  for await (const line of createInterface({ input: made.stdout })) {
    const { decisions, ...world } = JSON.parse(line);
    const found = await page.evaluate(({ files, limits, facts, actions }) => {
      const { accrue } = window as unknown as { accrue: import("accrue-rules/sync").Accrue };
      const program = accrue.load(files, { limits });
      const reference = program.reference(facts);
      const run = program.run({ actions: [{ name: "actions.jsonl", content: actions }], reference });
      const decided = run.decisions();
      for (const held of [run, reference, program]) held.free();
      return decided;
    }, world);
    expect(found).toBe(decisions);
    worlds += 1;
  }
  expect(worlds).toBe(WORLDS);
});
