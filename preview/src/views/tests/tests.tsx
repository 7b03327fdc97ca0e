/** The tests of the program: what passed, what failed and why, and what they do not reach. */
import type { Diagnostic, TestFailure, Tested as Result } from "accrue-rules";
import { hasErrors } from "../../state/check.ts";
import { files } from "../../state/files.ts";
import { lineOf } from "../../state/places.ts";
import { running } from "../../state/run.ts";
import { automatic, hasTests, isTested, runTests, tested, type Tested, testFailure, testing, testsTook } from "../../state/testing.ts";
import { showText } from "../../state/text.ts";
import { view } from "../../state/view.ts";
import { ExplanationText } from "../../ui/explanation.tsx";
import { seconds } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Marked } from "../../ui/marked.tsx";
import { CoverageOf } from "./coverage.tsx";
import "../../ui/run-bar.css";
import "./tests.css";

interface Place {
  file: string;
  span: { start: number; end: number };
}

function show({ file, span }: Place): void {
  showText(file, span.start, span.end);
}

function Line({ place, of }: { place: Place; of: Tested }) {
  const text = of.folder.get(place.file);
  const line = typeof text === "string" ? lineOf(text, place.span.start).line : null;
  return (
    <button type="button" class="link mono" onClick={() => show(place)}>
      {place.file}
      {line && `:${line}`}
    </button>
  );
}

function Failure({ failure, of }: { failure: TestFailure; of: Tested }) {
  const { expected, got } = failure;
  const differs = typeof expected === "string" || typeof got === "string";
  return (
    <li>
      <p>
        <Marked text={failure.message} /> <Line place={failure.place} of={of} />
      </p>
      {differs && (
        <dl class="expected">
          <div>
            <dt>Expected</dt>
            <dd>{expected ?? <span class="quiet">nothing</span>}</dd>
          </div>
          <div class="got">
            <dt>Got</dt>
            <dd>{got ?? <span class="quiet">nothing</span>}</dd>
          </div>
        </dl>
      )}
    </li>
  );
}

const MARKS = { passed: "✓", failed: "✗", skipped: "–" } as const;
const TONES = { passed: "good", failed: "bad", skipped: "quiet" } as const;

function Test({ test, of }: { test: Result; of: Tested }) {
  return (
    <li class={`test-${test.outcome}`}>
      <p class="test-name">
        <span class={TONES[test.outcome]} aria-hidden="true">
          {MARKS[test.outcome]}
        </span>
        <span class="unseen">{test.outcome}: </span>
        <button type="button" class="test-go" title="Show it in the editor" onClick={() => show(test.place)}>
          {test.it}
        </button>
        {test.because && <span class="quiet">{test.because}</span>}
      </p>
      {test.failures.length > 0 && (
        <ul class="failures">
          {test.failures.map((failure, at) => (
            <Failure key={at} failure={failure} of={of} />
          ))}
        </ul>
      )}
      {test.why.length > 0 && (
        <ul class="test-why">
          {test.why.map((text, at) => (
            <li key={at}>
              <Marked text={text} />
            </li>
          ))}
        </ul>
      )}
      {test.explanations.length > 0 && (
        <details class="test-explained">
          <summary>How it is decided</summary>
          {test.explanations.map((explanation, at) => (
            <ExplanationText key={at} of={explanation} />
          ))}
        </details>
      )}
    </li>
  );
}

function tally(tests: readonly Result[]): string {
  const number = (outcome: Result["outcome"]) => tests.filter((test) => test.outcome === outcome).length;
  const parts = [`${number("passed")} passed`];
  if (number("failed") > 0) parts.push(`${number("failed")} failed`);
  if (number("skipped") > 0) parts.push(`${number("skipped")} skipped`);
  return parts.join(", ");
}

function OfFile({ file, tests, of }: { file: string; tests: Result[]; of: Tested }) {
  const failed = tests.filter((test) => test.outcome === "failed");
  const others = tests.filter((test) => test.outcome !== "failed");
  const id = `tests-of-${file}`;
  return (
    <section class="sheet test-file" aria-labelledby={id}>
      <h3 id={id}>
        <code>{file}</code> <span class={failed.length > 0 ? "bad" : "quiet"}>{tally(tests)}</span>
      </h3>
      <ul class="test-list">
        {[...failed, ...others].map((test, at) => (
          <Test key={`${test.it}-${at}`} test={test} of={of} />
        ))}
      </ul>
    </section>
  );
}

function Wrong({ found, of }: { found: Diagnostic; of: Tested }) {
  return (
    <li class={found.severity === "error" ? "bad" : "warning"}>
      <Marked text={found.message} /> {found.place && <Line place={found.place} of={of} />}
      {found.help && (
        <div class="quiet">
          <Marked text={found.help} />
        </div>
      )}
    </li>
  );
}

/** What the tests came to. Read aloud when it changes. */
function State({ of }: { of: Tested | null }) {
  let text = "";
  if (testing.value) text = "Running the tests…";
  else if (of) text = `${tally(of.tests)}, in ${seconds(testsTook.value)}`;
  const old = of && !isTested.value && !testing.value;
  return (
    <div class="run-state">
      <p role="status" class={of && !testing.value && of.failed > 0 ? "bad" : undefined}>
        {text}
      </p>
      {old && (
        <p class="stale">
          {hasErrors.value
            ? "The draft has errors: these results are of the last draft without any."
            : running.value && automatic.value
              ? "The draft has changed. The tests run when the run is over."
              : "The draft has changed since. Run the tests again."}
        </p>
      )}
      {testFailure.value && (
        <p class="problem" role="alert">
          The tests cannot run: <Marked text={testFailure.value} />
        </p>
      )}
    </div>
  );
}

export default function Tests() {
  const of = tested.value;
  const byFile = new Map<string, Result[]>();
  for (const test of of?.tests ?? []) byFile.set(test.file, [...(byFile.get(test.file) ?? []), test]);
  const broken = [...byFile].sort(([, a], [, b]) => Number(b.some(isFailed)) - Number(a.some(isFailed)));
  return (
    <div aria-busy={testing.value}>
      <header class="part-head">
        <h2>Tests</h2>
        <button type="button" class="button main" disabled={testing.value || hasErrors.value || !hasTests.value} onClick={() => void runTests()}>
          <Icon name="run" /> Run tests
        </button>
        <label>
          <input type="checkbox" checked={automatic.value} onChange={(event) => (automatic.value = event.currentTarget.checked)} /> Run when the
          draft changes
        </label>
      </header>
      <State of={of} />
      {hasErrors.value && !of && <p class="problem part-note">The draft has errors, so its tests cannot run. Correct them first.</p>}
      {!hasTests.value && (
        <div class="nothing">
          <p>
            There are no tests. Add a file in <code>tests/</code>, or open a decision and press <strong>Make a test of this</strong>.
          </p>
          <button type="button" class="button main" onClick={() => (view.value = files.value.size > 0 ? "decisions" : "start")}>
            Go to the decisions
          </button>
        </div>
      )}
      {of && (
        <div class="tests-body">
          <div class="tests-results">
            {of.diagnostics.length > 0 && (
              <ul class="sheet test-file" aria-label="What is wrong with the tests">
                {of.diagnostics.map((found, at) => (
                  <Wrong key={at} found={found} of={of} />
                ))}
              </ul>
            )}
            {of.only && <p class="warning">Some tests say “only”, so all others are skipped.</p>}
            {broken.map(([file, tests]) => (
              <OfFile key={file} file={file} tests={tests} of={of} />
            ))}
          </div>
          <CoverageOf coverage={of.coverage} />
        </div>
      )}
    </div>
  );
}

function isFailed(test: Result): boolean {
  return test.outcome === "failed";
}
