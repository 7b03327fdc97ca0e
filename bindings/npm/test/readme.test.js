// The lines of the README run as they stand.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

test("the lines of the README run", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, code] = /```js\n([\s\S]*?)```/.exec(readme);
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: new URL("..", import.meta.url),
    encoding: "utf8",
  });
  assert.match(printed, /^9\.36 [0-9a-f]{64}\n/);
  assert.match(printed, /117\.00 × 8% = +9\.36/);
});
