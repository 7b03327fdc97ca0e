/** What an export looks like, and what it becomes through a mapping. Asked of the engine while somebody changes the mapping. */
import type { Diagnostic, Preview, RawRow, TableForm } from "accrue-rules";
import { signal } from "@preact/signals";
import { beginning, type Source } from "../../state/actions.ts";
import { assist, deciding } from "../../state/engines.ts";
import { messageOf } from "../../state/failure.ts";
import { declared } from "../../state/program.ts";
import { readable } from "../../state/readable.ts";

/** What is known of the export that is shown. */
interface Sketch {
  source: string;
  form: TableForm | null;
  /** Its first rows as they came. */
  rows: RawRow[];
  preview: Preview | null;
  diagnostics: Diagnostic[];
  /** Why there is no preview. */
  problem: string;
}

export const sketch = signal<Sketch | null>(null);

/** Rows of a preview. */
const ROWS = 25;
/** Milliseconds without a change after which the preview is made. */
const PAUSE = 200;

let number = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Makes the preview of a source through a mapping, once nothing changes for a moment. */
export function sketchSoon(source: Source, mapping: string): void {
  clearTimeout(timer);
  const of = ++number;
  if (sketch.value?.source !== source.id) sketch.value = null;
  timer = setTimeout(() => void make(source, mapping, of), sketch.value ? PAUSE : 0);
}

async function make(source: Source, mapping: string, of: number): Promise<void> {
  const engine = await assist();
  const { zone } = declared.value;
  const before = sketch.value?.source === source.id ? sketch.value : null;
  const found: Sketch = { source: source.id, form: before?.form ?? null, rows: before?.rows ?? [], preview: null, diagnostics: [], problem: "" };
  try {
    const file = await beginning(source);
    found.diagnostics = await engine.checkMapping(source.name, mapping);
    const wrong = found.diagnostics.some(({ severity }) => severity === "error");
    if (!found.form && wrong) ({ form: found.form, rows: found.rows } = await engine.guess(file, zone));
    if (!wrong) {
      found.preview = await engine.previewImport({ ...file, mapping }, ROWS, zone);
      found.form = found.preview.form;
    }
  } catch (error) {
    found.problem = messageOf(error);
  }
  if (of === number) sketch.value = found;
}

/** The most transactions that are read as a table. */
export const MOST_READ = 200_000;

/** Reads all of an export through a mapping. Not in the engine that answers while somebody types. */
export async function readAll(source: Source, mapping: string): Promise<Preview> {
  const { content } = await readable(source);
  return (await deciding()).previewImport({ name: source.name, content, mapping }, MOST_READ, declared.value.zone);
}
