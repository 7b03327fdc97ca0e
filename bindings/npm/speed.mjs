// Decides the 69,659 purchases of CDNOW here and natively, on this machine in this run, and prints the ratios. Both are the least of some
// rounds, and without reading the file.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { init } from "accrue-rules/sync";

const ROUNDS = 5;
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}rules-examples/cdnow`;
const native = JSON.parse(
  execFileSync("cargo", ["run", "--quiet", "--release", "--package", "accrue-tests", "--bin", "timed", "--", folder], { cwd: root }),
);

const names = ["program.toml", "contracts/standard-1997.toml", "contracts/standard-1998.toml", "rules/loyalty.rhai"];
const files = Object.fromEntries(names.map((name) => [name, readFileSync(`${folder}/${name}`)]));
const actions = [{ name: "actions.csv", content: readFileSync(`${folder}/actions/actions.csv`) }];
const accrue = await init();
for (const [name, interpreted, bar] of [
  ["interpreted", true, 3],
  ["compiled", false, 2],
]) {
  const program = accrue.load(files, { interpreted });
  const reference = program.reference({ "partners.csv": readFileSync(`${folder}/facts/partners.csv`) });
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const run = program.run({ actions, reference });
    const begin = performance.now();
    while (!run.next(10_000).done);
    least = Math.min(least, performance.now() - begin);
    run.free();
  }
  const ratio = (least / native[name]).toFixed(2);
  console.log(`${name}: ${least.toFixed(0)} ms in Node, ${native[name]} ms natively: ${ratio} times (bar ${bar})`);
}
