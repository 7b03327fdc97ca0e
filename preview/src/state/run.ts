/** A run: all chosen actions decided by the draft, in slices, so that it shows how far it is and can be cancelled. */
import {
  type Accrue, AccrueError, type Counters, type ExplainedDecision, type Program, type Progress, type Reference, type Rejected, type Remote, type Row, type Run, type SummaryData,
} from "accrue-rules";
import { batch, computed, signal } from "@preact/signals";
import { chosen } from "./actions.ts";
import { deciding, stopDeciding } from "./engines.ts";
import { type Failure, failureOf } from "./failure.ts";
import { type Content, files, whenOpened } from "./files.ts";
import { chosenFiles, chosenIdentity, decidingFiles, loadTerms, readFacts, sameList } from "./history.ts";
import { readable } from "./readable.ts";
import { inSlices } from "./slices.ts";

/** What a run may be told besides its actions. */
export interface RunOptions {
  /** Whether periods of bonuses are closed on the way. */
  close: boolean;
  /** The date at whose end the run stops; empty for none. */
  asOf: string;
  /** Whether limits and totals begin from nothing, or go on from the run before. */
  fresh: boolean;
}

const USUAL: RunOptions = { close: true, asOf: "", fresh: true };

/** The options of the next run. */
export const options = signal(USUAL);

type Phase = "none" | "reading" | "deciding" | "done" | "cancelled" | "failed";

/** How far the run is. */
export const phase = signal<Phase>("none");
export const progress = signal<Progress | null>(null);
/** Why there is no run. */
export const failure = signal<Failure | null>(null);
/** The milliseconds that the run took. */
export const took = signal(0);
/** The sums of what was decided. */
export const summary = signal<SummaryData | null>(null);
/** The awards of what was decided. */
export const rows = signal<Row[]>([]);
/** What cannot be decided. */
export const rejects = signal<Rejected[]>([]);
/** Whether the awards are still being fetched. */
export const loading = signal(false);
/** Whether there is a run whose counters the next one may go on from. */
export const mayGoOn = computed(() => phase.value === "done");

/** Whether something is decided now. */
export const running = computed(() => phase.value === "reading" || phase.value === "deciding");

/** The run, and the engine that it is in. */
let decidedIn: Remote<Accrue> | null = null;
let current: Remote<Run> | null = null;
let program: Remote<Program> | null = null;
let known: Remote<Reference> | null = null;
let number = 0;

/** What a run was made of. */
interface Inputs {
  terms: ReadonlyMap<string, Content>;
  actions: string[];
  contents: Content[];
  options: RunOptions;
}

const ranWith = signal<Inputs | null>(null);

function inputs(): Inputs {
  return { terms: decidingFiles(files.value), ...chosenIdentity(), options: options.value };
}

/** What has changed since the run, in words; empty if the run is of what is there now. */
export const changedSince = computed<string[]>(() => {
  const before = ranWith.value;
  if (!before || running.value) return [];
  const now = inputs();
  const changed: string[] = [];
  const paths = new Set([...before.terms.keys(), ...now.terms.keys()]);
  const terms = [...paths].filter((path) => before.terms.get(path) !== now.terms.get(path));
  if (terms.length > 0) changed.push(terms.length === 1 ? `\`${terms[0]}\`` : `${terms.length} files of the program`);
  if (!sameList(before.actions, now.actions) || !sameList(before.contents, now.contents)) changed.push("the actions");
  if (before.options !== now.options) changed.push("the options");
  return changed;
});

/** How long a slice of a run may take, in milliseconds: the page shows its progress that often. */
const SLICE = 120;
/** How long a cancelled slice may still take before its engine is ended. */
const PATIENCE = 400;
/** Decisions whose awards are fetched at once. */
const FETCH = 4000;

let cancelled = false;

/** Decides all chosen actions by the draft. */
export async function startRun(): Promise<void> {
  if (running.value) return;
  const of = ++number;
  const is = () => of === number;
  cancelled = false;
  const made = inputs();
  batch(() => {
    phase.value = "reading";
    progress.value = null;
    failure.value = null;
    summary.value = null;
    rows.value = [];
    rejects.value = [];
    ranWith.value = made;
  });
  try {
    const begin = performance.now();
    const run = await opened(made);
    if (!is()) return;
    phase.value = "deciding";
    await inSlices((count) => run.next(count), {
      first: 100,
      length: SLICE,
      reached(now) {
        if (!is()) return false;
        progress.value = now;
        took.value = performance.now() - begin;
        return !cancelled;
      },
    });
    if (!is()) return;
    const [sums, refused] = [await run.summary(), [...(await rejectedBefore()), ...(await run.rejects())]];
    if (!is()) return;
    batch(() => {
      summary.value = sums;
      rejects.value = refused;
      loading.value = true;
      phase.value = cancelled ? "cancelled" : "done";
    });
    await fetchRows(run, is);
  } catch (error) {
    if (is()) fail(error);
  }
}

async function opened(made: Inputs): Promise<Remote<Run>> {
  const engine = await deciding();
  const counters = made.options.fresh ? undefined : await countersIn(engine);
  const loaded = await loadTerms(engine, files.value);
  const reference = await readFacts(loaded, files.value);
  const run = await loaded.run({
    ...(await chosenFiles()),
    reference,
    ...(counters !== undefined && { counters }),
    close: made.options.close,
    ...(made.options.asOf && { asOf: made.options.asOf }),
  });
  forgetRun();
  [decidedIn, current, known, program] = [engine, run, reference, loaded];
  return run;
}

/** Returns in an engine what the run before has counted. */
async function countersIn(engine: Remote<Accrue>): Promise<Remote<Counters> | undefined> {
  const counted = await current?.counters();
  // A folder that has its first component is decided by another engine.
  return counted && decidedIn !== engine ? engine.restore(await counted.snapshot()) : counted;
}

/** Gives back the engine's memory of a run that is not shown any more. */
function forgetRun(): void {
  for (const old of [current, known, program]) void old?.free().catch(() => {});
  [current, known, program] = [null, null, null];
}

/** Rows of Parquet that the engine did not even read as actions. */
async function rejectedBefore(): Promise<Rejected[]> {
  const found: Rejected[] = [];
  for (const source of chosen.value) {
    const { rejects } = await readable(source);
    for (const { row, id, errors } of rejects) found.push({ file: source.name, line: row, text: id ?? "", errors });
  }
  return found;
}

async function fetchRows(run: Remote<Run>, is: () => boolean): Promise<void> {
  const all: Row[] = [];
  const length = await run.count;
  for (let from = 0; from < length && is(); from += FETCH) {
    for (const row of await run.rows(from, FETCH)) all.push(row);
    // The first of them can be looked at while the others come.
    if (from === 0 && is()) rows.value = [...all];
  }
  if (!is()) return;
  batch(() => {
    rows.value = all;
    loading.value = false;
  });
}

function fail(error: unknown): void {
  batch(() => {
    phase.value = "failed";
    loading.value = false;
    failure.value = failureOf(error);
  });
}

/** Cancels the run. What is decided already stays, unless the engine does not answer: then it is ended. */
export async function cancelRun(): Promise<void> {
  if (!running.value || cancelled) return;
  cancelled = true;
  const of = number;
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  if (of !== number || !running.value) return;
  number++;
  [current, known, program] = [null, null, null];
  await stopDeciding();
  batch(() => {
    phase.value = "cancelled";
    loading.value = false;
  });
}

/** Returns the path of one action, decided again with a trace. */
export async function explain(action: string, options: { partner?: string; width?: number } = {}): Promise<ExplainedDecision> {
  return asked((run) => run.explain(action, options));
}

/** Returns a test that expects what was decided of an action. */
export async function asTest(action: string): Promise<string> {
  return asked((run) => (known ? run.asTest(action, known) : run.asTest(action)));
}

/** Returns the decisions as JSON Lines, as the command line writes them. */
export async function decisions(): Promise<string> {
  return asked((run) => run.decisions());
}

async function asked<T>(ask: (run: Remote<Run>) => Promise<T>): Promise<T> {
  const run = current;
  if (!run) throw new Error("the run is gone; run again");
  try {
    return await ask(run);
  } catch (error) {
    // Another part of the page has ended the engine that decides.
    if (error instanceof AccrueError || current !== run) throw error;
    current = null;
    throw new Error("the run is gone, because its engine was ended; run again");
  }
}

/** Runs when Ctrl and Enter are pressed. */
export function runByKey(event: KeyboardEvent): void {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  void startRun();
}

// Another folder has no run yet.
whenOpened(() => {
  number++;
  forgetRun();
  phase.value = "none";
  summary.value = null;
  rows.value = [];
  rejects.value = [];
  failure.value = null;
  progress.value = null;
  ranWith.value = null;
  loading.value = false;
  options.value = USUAL;
});
