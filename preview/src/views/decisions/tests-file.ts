/** Puts a test that was made of a decision into the folder, beside the tests that are there. */
import { edit, files, setFile, textOf } from "../../state/files.ts";
import { asTest } from "../../state/run.ts";
import { showText } from "../../state/text.ts";
import { tell } from "../../state/view.ts";

/** A block of a file of tests: a top-level header with all that belongs to it. */
interface Block {
  name: string;
  text: string;
}

function blocks(text: string): Block[] {
  const starts = [...text.matchAll(/^\[\[([A-Za-z0-9_-]+)\]\]/gm)];
  return starts.map((start, at) => ({
    name: start[1]!,
    text: text.slice(start.index, starts[at + 1]?.index ?? text.length).trim(),
  }));
}

/** The keys by which facts are told apart: a file may list a partner once. */
function subject({ name, text }: Block): string {
  const keys = [...text.matchAll(/^(id|code|from|to|at|target|partner) = .*$/gm)].map(([line]) => line);
  return `${name} ${keys.join(" ")}`;
}

/** Returns what is to be added to a file, without the facts that it has already; `null` if it says something else of one of them. */
function missing(before: string, made: string): string | null {
  const there = blocks(before);
  const added: string[] = [];
  for (const block of blocks(made)) {
    if (there.some(({ text }) => text === block.text)) continue;
    if (block.name !== "tests" && there.some((other) => subject(other) === subject(block))) return null;
    added.push(block.text);
  }
  return added.join("\n\n");
}

/** Makes a test of what was decided of an action, and opens it in the editor. */
export async function makeTest(action: string): Promise<void> {
  const made = await asTest(action);
  for (let number = 1; ; number++) {
    const path = `tests/from-decisions${number === 1 ? "" : `-${number}`}.toml`;
    if (!files.value.has(path)) {
      setFile(path, `# Tests that were made of decisions.\n\n${made.trim()}\n`);
      return opened(path, textOf(path).indexOf("[[tests]]"));
    }
    const before = textOf(path);
    const added = missing(before, made);
    if (added === null) continue;
    if (added === "") {
      tell("This test is there already.");
      const [test] = blocks(made).filter(({ name }) => name === "tests");
      return opened(path, before.indexOf(test?.text ?? ""), false);
    }
    const gap = before.endsWith("\n") ? "\n" : "\n\n";
    edit(path, { from: before.length, insert: `${gap}${added}\n` });
    return opened(path, before.length + gap.length + Math.max(0, added.indexOf("[[tests]]")));
  }
}

function opened(path: string, from: number, isNew = true): void {
  if (isNew) tell(`Added to ${path}.`);
  showText(path, Math.max(0, from));
}
