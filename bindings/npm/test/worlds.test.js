// A thousand generated programs are decided as by the engine natively, to the byte.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { init } from "accrue-rules/sync";

const WORLDS = 1000;

test("a thousand generated programs are decided the same", async () => {
  const accrue = await init();
  const root = new URL("../../../", import.meta.url);
  const made = spawn("cargo", ["run", "--quiet", "--package", "accrue-tests", "--bin", "worlds", "--", `${WORLDS}`], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let worlds = 0;
  let decisions = 0;
  for await (const line of createInterface({ input: made.stdout })) {
    const { files, limits, facts, actions, decisions: expected } = JSON.parse(line);
    const program = accrue.load(files, { limits });
    const reference = program.reference(facts);
    const run = program.run({ actions: [{ name: "actions.jsonl", content: actions }], reference });
    assert.equal(run.decisions(), expected);
    for (const held of [run, reference, program]) held.free();
    worlds += 1;
    decisions += expected.split("\n").length - 1;
  }
  assert.equal(worlds, WORLDS);
  console.log(`${worlds} programs, ${decisions} decisions: the same bytes`);
});
