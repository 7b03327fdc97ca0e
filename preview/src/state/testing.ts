/**
 * The tests of the draft and what they came to. They run when the draft changes and has no errors, and the deciding engine is idle: typing
 * and runs never wait for them.
 */
import type { Coverage, TestedProgram } from "accrue-rules";
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { checkedFolder, hasErrors } from "./check.ts";
import { coverage, keepCoverage } from "./coverage.ts";
import { deciding } from "./engines.ts";
import { messageOf } from "./failure.ts";
import { changedPaths, files, type Folder, openings, whenOpened } from "./files.ts";
import { loadTerms } from "./history.ts";
import { coverageIn, placesIn } from "./places.ts";
import { running as deciderRuns } from "./run.ts";
import { view } from "./view.ts";

/** The results of the tests, with places of the editor. */
export interface Tested extends Omit<TestedProgram, "coverage"> {
  coverage: Coverage;
  /** The files that were tested. */
  folder: Folder;
}

/** What the tests came to; `null` before they ran. */
export const tested = signal<Tested | null>(null);
/** Whether the tests run now. */
export const testing = signal(false);
/** Why the tests cannot run. */
export const testFailure = signal("");
/** The milliseconds that the tests took. */
export const testsTook = signal(0);
/** Whether the tests run when the draft changes. */
export const automatic = signal(true);

/** Files that no test depends on. */
const UNTESTED = /^(actions|adjustments|imports)\/|(^|\/)readme/i;

function testFiles(folder: Folder): Folder {
  return new Map([...folder].filter(([path]) => !UNTESTED.test(path)));
}

/** Whether the draft has tests. */
export const hasTests = computed(() => [...files.value.keys()].some((path) => /^tests\/.+\.toml$/.test(path)));

/** Whether the results are those of the draft as it is now. */
export const isTested = computed(() => {
  const before = tested.value?.folder;
  if (!before) return false;
  const [was, now] = [testFiles(before), testFiles(files.value)];
  return was.size === now.size && [...now].every(([path, content]) => was.get(path) === content);
});

let again = false;

/** Runs the tests of the draft. A draft that changes meanwhile is tested next. */
export async function runTests(): Promise<void> {
  if (testing.value) {
    again = true;
    return;
  }
  testing.value = true;
  do {
    again = false;
    await testOnce(files.value);
  } while (again);
  testing.value = false;
}

async function testOnce(folder: Folder): Promise<void> {
  const begin = performance.now();
  const of = openings;
  try {
    const program = await loadTerms(await deciding(), folder);
    const found = await program.test(Object.fromEntries(testFiles(folder)), { coverage: true });
    void program.free().catch(() => {});
    if (of !== openings) return;
    const reached = found.coverage ?? { points: [], tests: [] };
    const convert = placesIn(folder);
    batch(() => {
      tested.value = {
        ...found,
        folder,
        tests: found.tests.map((test) => ({
          ...test,
          place: convert(test.place),
          failures: test.failures.map((failure) => ({ ...failure, place: convert(failure.place) })),
        })),
        diagnostics: found.diagnostics.map((diagnostic) => ({
          ...diagnostic,
          ...(diagnostic.place && { place: convert(diagnostic.place) }),
        })),
        coverage: coverageIn(folder, reached),
      };
      testFailure.value = "";
      testsTook.value = performance.now() - begin;
      keepCoverage(folder, reached);
    });
  } catch (error) {
    if (of !== openings) return;
    // A run that was cancelled ends the engine, and the tests with it: they run again.
    if (deciderRuns.value || (error instanceof Error && error.message === "the engine was stopped")) return;
    testFailure.value = messageOf(error);
  }
}

/** How long the draft has to stay as it is before its tests run, in milliseconds. */
const PAUSE = 500;

/** Runs the tests from now on when the draft has changed, or when somebody looks at them. */
export function keepTesting(): void {
  let pause: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    clearTimeout(pause);
    const wanted = automatic.value && hasTests.value && (view.value === "tests" || changedPaths.value.length > 0);
    const sound = !hasErrors.value && checkedFolder.value === files.value;
    if (!wanted || !sound || deciderRuns.value || isTested.value) return;
    pause = setTimeout(() => untracked(() => void runTests()), PAUSE);
  });
  // Another folder has other tests.
  whenOpened(() => {
    tested.value = null;
    coverage.value = null;
    testFailure.value = "";
  });
}
