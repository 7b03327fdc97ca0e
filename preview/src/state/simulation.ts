/**
 * A comparison: the chosen actions decided by the saved version, by the draft, and by the steps between them. It has an engine of its
 * own, which is ended with it, so that it can be cancelled at once and keeps no run waiting.
 */
import {
  type Comparison, type ExplainedDecision, type Program, type Progress, type Remote, type Run, type SimulatedOutcome, type Started,
} from "accrue-rules";
import { batch, computed, signal } from "@preact/signals";
import { started } from "./engines.ts";
import { type Failure, failureOf } from "./failure.ts";
import { type Content, files, type Folder, saved, whenOpened } from "./files.ts";
import { chosenFiles, chosenIdentity, decidingFiles, loadTerms, readFacts, sameList } from "./history.ts";
import { options, type RunOptions } from "./run.ts";
import { inSlices } from "./slices.ts";

type ComparePhase = "none" | "planning" | "deciding" | "finishing" | "done" | "cancelled" | "failed";

/** How far the comparison is. */
export const comparePhase = signal<ComparePhase>("none");
export const compareProgress = signal<Omit<Progress, "set_aside"> | null>(null);
/** Why there is no comparison. */
export const compareFailure = signal<Failure | null>(null);
/** What the draft changes. */
export const comparison = signal<Comparison | null>(null);
/** The milliseconds that the comparison took. */
export const compareTook = signal(0);

export const comparing = computed(() => ["planning", "deciding", "finishing"].includes(comparePhase.value));

/** What was compared. */
export interface Compared {
  draft: Folder;
  saved: Folder;
  actions: string[];
  contents: Content[];
  options: RunOptions;
}

/** What the last comparison was made of. */
export const compared = signal<Compared | null>(null);

function inputs(): Compared {
  return { draft: files.value, saved: saved.value, ...chosenIdentity(), options: options.value };
}

function differ(a: Folder, b: Folder): boolean {
  const [before, now] = [decidingFiles(a), decidingFiles(b)];
  return before.size !== now.size || [...now].some(([path, content]) => before.get(path) !== content);
}

/** What has changed since the comparison, in words; empty if it is of what is there now. */
export const changedSinceCompared = computed<string[]>(() => {
  const before = compared.value;
  if (!before || comparing.value) return [];
  const now = inputs();
  const changed: string[] = [];
  if (differ(before.draft, now.draft)) changed.push("the draft");
  if (differ(before.saved, now.saved)) changed.push("the saved version");
  if (!sameList(before.actions, now.actions) || !sameList(before.contents, now.contents)) changed.push("the actions");
  if (before.options.close !== now.options.close || before.options.asOf !== now.options.asOf) changed.push("the options");
  return changed;
});

/** Paths of facts that differ. They are in no comparison: both programs decide with the facts of the saved version. */
export const changedFacts = computed<string[]>(() => {
  const paths = new Set([...files.value.keys(), ...saved.value.keys()]);
  return [...paths].filter((path) => /^facts\//.test(path) && files.value.get(path) !== saved.value.get(path)).sort();
});

/** Adds the lists that the engine leaves out because they are empty. */
function complete(of: Comparison): Comparison {
  const outcome = (of: SimulatedOutcome): SimulatedOutcome => ({
    ...of,
    reasons: of.reasons ?? [],
    awards: (of.awards ?? []).map((award) => ({
      ...award,
      groups: award.groups ?? [],
      limits: award.limits ?? [],
      reasons: award.reasons ?? [],
    })),
  });
  return {
    ...of,
    steps: of.steps.map((step) => ({
      ...step,
      changes: step.changes.map((change) => ({ ...change, edits: change.edits ?? [] })),
      interactions: step.interactions ?? [],
    })),
    changed_actions: of.changed_actions.map((action) => ({
      ...action,
      ...(action.old && { old: outcome(action.old) }),
      ...(action.new && { new: outcome(action.new) }),
    })),
  };
}

/** How long a slice may take, in milliseconds. */
const SLICE = 150;

/** The engine of the comparison that is made or shown. */
let engine: Started | null = null;
/** Returns a run of each version, from which decisions are explained. */
let runs: Record<Side, () => Promise<Remote<Run>>> | null = null;
let number = 0;

/** The two versions of a comparison. */
export type Side = "saved" | "draft";

function end(): void {
  engine?.stop();
  engine = null;
  runs = null;
}

/** Forgets the comparison that is made or shown, and all that belongs to it. */
function forget(): void {
  number++;
  end();
  batch(() => {
    comparePhase.value = "none";
    compareProgress.value = null;
    compareFailure.value = null;
    comparison.value = null;
    compared.value = null;
    openedChange.value = null;
  });
}

/** Compares the draft with the saved version. */
export async function startComparison(): Promise<void> {
  if (comparing.value) return;
  const made = inputs();
  batch(() => {
    forget();
    comparePhase.value = "planning";
    compared.value = made;
  });
  const of = number;
  const is = () => of === number;
  const begin = performance.now();
  try {
    const begun = await started(made.saved, made.draft);
    if (!is()) return begun.stop();
    engine = begun;
    const programs = { saved: await loadTerms(begun.accrue, made.saved), draft: await loadTerms(begun.accrue, made.draft) };
    const reference = await readFacts(programs.saved, made.saved);
    const history = {
      ...(await chosenFiles()),
      reference,
      close: made.options.close,
      ...(made.options.asOf && { asOf: made.options.asOf }),
    };
    const simulation = await programs.saved.simulate(programs.draft, history);
    const run = (program: Remote<Program>) => {
      let opened: Promise<Remote<Run>> | undefined;
      return () => (opened ??= program.run(history));
    };
    if (!is()) return;
    runs = { saved: run(programs.saved), draft: run(programs.draft) };
    comparePhase.value = "deciding";
    await inSlices((count) => simulation.next(count), {
      first: 50,
      length: SLICE,
      reached(now) {
        if (is()) compareProgress.value = now;
        return is();
      },
    });
    if (!is()) return;
    comparePhase.value = "finishing";
    const found = await simulation.comparison();
    if (!is()) return;
    batch(() => {
      comparison.value = complete(found);
      compareTook.value = performance.now() - begin;
      comparePhase.value = "done";
    });
  } catch (error) {
    if (is()) fail(error);
  }
}

function fail(error: unknown): void {
  end();
  batch(() => {
    comparePhase.value = "failed";
    compareFailure.value = failureOf(error);
  });
}

/** Cancels the comparison. A part of one would say nothing, so nothing of it stays. */
export function cancelComparison(): void {
  if (!comparing.value) return;
  number++;
  end();
  comparePhase.value = "cancelled";
}

/** Explains an action or a bonus as one of the two versions decides it. */
export async function explainBy(side: Side, action: string): Promise<ExplainedDecision> {
  if (!runs) throw new Error("there is no comparison: compare again");
  return (await runs[side]()).explain(action);
}

/** The changed action whose explanation is open, by one of the versions. */
export const openedChange = signal<{ action: string; side: Side } | null>(null);

// Another folder is not yet compared.
whenOpened(forget);
