// Decides actions by the engines of the package for JavaScript, in Node, with rules compiled and interpreted.
//
//     node node.mjs ENGINE jobs.jsonl decisions.txt
//
// ENGINE is the folder with `engine.js`, `engine.wasm` and `engine-components.wasm`, which decides programs with components. A job is a
// program: its files in hexadecimal digits, reference facts, limits and actions. The lines of a job in the output are the overview and
// the decisions with compiled rules, then the same with interpreted rules; for a program that is refused, its diagnostics. Every third
// action is decided with a trace. An action that is refused is `refused`.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, jobs, output] = process.argv.slice(2);
async function started(module) {
  const engine = await import(`${pathToFileURL(join(folder, "engine.js"))}?of=${module}`);
  engine.initSync({ module: readFileSync(join(folder, module)) });
  return engine;
}
const plain = await started("engine.wasm");
const withComponents = await started("engine-components.wasm");
writeFileSync(output, "");

const encoder = new TextEncoder();
for (const line of readFileSync(jobs, "utf8").trimEnd().split("\n")) {
  const job = JSON.parse(line);
  const engine = job.files.some(([path]) => path.startsWith("components/")) ? withComponents : plain;
  const files = new engine.Files();
  for (const [path, digits] of job.files) files.set(path, Buffer.from(digits, "hex"));
  for (const interpreted of [false, true]) {
    let program;
    try {
      program = engine.Program.load(files, job.limits, interpreted);
    } catch (refused) {
      appendFileSync(output, `${JSON.stringify(JSON.parse(refused).diagnostics)}\n`);
      continue;
    }
    const reference = program.reference();
    for (const [name, text] of job.facts) reference.read(name, encoder.encode(text));
    const counters = program.counters();
    const lines = job.actions.map((action, at) => {
      try {
        const decision = program.decide(action, reference, counters, at % 3 === 0);
        counters.apply(decision);
        return decision;
      } catch {
        return "refused";
      }
    });
    appendFileSync(output, [program.overview(), ...lines, ""].join("\n"));
    for (const object of [program, reference, counters]) object.free();
  }
  files.free();
}
