/** The draft against the saved version, over the chosen actions: what changes, for whom, and through which change. */
import { computed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { chosen } from "../../state/actions.ts";
import { hasErrors } from "../../state/check.ts";
import { changedPaths } from "../../state/files.ts";
import {
  cancelComparison, changedFacts, changedSinceCompared, compareFailure, comparePhase, compareProgress, compareTook, comparing, comparison, openedChange, startComparison,
} from "../../state/simulation.ts";
import { options } from "../../state/run.ts";
import { view } from "../../state/view.ts";
import { Failed } from "../../ui/failed.tsx";
import { count, seconds, whole } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Marked } from "../../ui/marked.tsx";
import { Options } from "../decisions/options.tsx";
import { ExplainedChange } from "./explanation.tsx";
import { Result } from "./result.tsx";
import { TextChanges } from "./text.tsx";
import "../../ui/run-bar.css";
import "../decisions/decisions.css";
import "./compare.css";

/** Whether there is something to compare, and something to compare it by. */
const may = computed(
  () => !hasErrors.value && changedPaths.value.length > 0 && chosen.value.some(({ kind }) => kind === "actions"),
);

/** Compares when Ctrl and Enter are pressed. */
function compareByKey(event: KeyboardEvent): void {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  if (may.value) void startComparison();
}

function Start() {
  if (comparing.value) {
    return (
      <button type="button" class="button" onClick={cancelComparison}>
        <Icon name="stop" /> Cancel
      </button>
    );
  }
  return (
    <button
      type="button"
      class="button main"
      title="Ctrl and Enter"
      aria-keyshortcuts="Control+Enter"
      disabled={!may.value}
      onClick={() => void startComparison()}
    >
      <Icon name="compare" /> Compare
    </button>
  );
}

function Reached() {
  const reached = compareProgress.value;
  if (comparePhase.value === "planning" || !reached) return <p>Finding the changes, and reading the actions…</p>;
  if (comparePhase.value === "finishing") return <p>Decided. Summing up…</p>;
  return (
    <p>
      <progress max={Math.max(1, reached.total)} value={reached.decided} aria-label="Compared actions" /> {whole(reached.decided)} of{" "}
      {count(reached.total, "action")}
    </p>
  );
}

function State() {
  const of = comparison.value;
  const changed = changedSinceCompared.value;
  const failed = compareFailure.value;
  return (
    <div class="run-state">
      {comparing.value && <Reached />}
      <div role="status">
        {of && (
          <p class="quiet">
            {count(of.actions_old, "action")} decided by {of.runs} programs in {seconds(compareTook.value)}: {whole(of.changed)} changed.
            {(compareProgress.value?.rejected ?? 0) > 0 && <span class="bad"> {count(compareProgress.value!.rejected, "line")} rejected.</span>}
          </p>
        )}
        {comparePhase.value === "cancelled" && <p class="warning">Cancelled. Compare again to see what the draft changes.</p>}
        {of && changed.length > 0 && (
          <p class="stale">
            <strong>Changed since:</strong> {changed.join(", ")}. Compare again to see what the draft changes now.
          </p>
        )}
      </div>
      {!options.value.fresh && <p class="quiet">Both versions begin from nothing here: what the previous run counted is left out.</p>}
      {changedFacts.value.length > 0 && (
        <p class="quiet">
          Both versions decide with the facts of the saved version. Not compared: <Marked text={changedFacts.value.map((path) => `\`${path}\``).join(", ")} />.
        </p>
      )}
      {failed && <Failed what="It cannot be compared" failure={failed} />}
    </div>
  );
}

function Hint() {
  if (hasErrors.value) return <p class="problem">The draft has errors, so nothing can be decided by it. Correct them first.</p>;
  if (changedPaths.value.length === 0) {
    return (
      <>
        <p>The draft is the same as the saved version. Change a contract, then compare it here: who gains, who loses, and why.</p>
        <button type="button" class="button main" onClick={() => (view.value = "contract")}>
          Edit the contract
        </button>
      </>
    );
  }
  if (chosen.value.every(({ kind }) => kind !== "actions")) {
    return (
      <>
        <p>No actions are chosen. Choose a file with actions that both versions decide.</p>
        <button type="button" class="button main" onClick={() => (view.value = "actions")}>
          Choose actions
        </button>
      </>
    );
  }
  return (
    <p>
      Press <strong>Compare</strong>, or Ctrl and Enter, to decide the chosen actions by both versions.
    </p>
  );
}

export default function Compare() {
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    window.addEventListener("keydown", compareByKey);
    return () => window.removeEventListener("keydown", compareByKey);
  }, []);
  const of = comparison.value;
  const opened = openedChange.value;
  const close = () => {
    const action = opened?.action;
    openedChange.value = null;
    const buttons = root.current?.querySelectorAll<HTMLElement>(".link") ?? [];
    [...buttons].find((button) => button.textContent === action)?.focus();
  };
  return (
    <div ref={root} class={opened ? "compare with-panel" : "compare"}>
      <div class="compare-main" aria-busy={comparing.value}>
        <header class="part-head">
          <h2>Compare</h2>
          <Start />
          <Options />
          <span class="gap" />
          <span class="quiet">Draft against the saved version</span>
        </header>
        <State />
        <div class="compare-body">
          {of ? <Result of={of} /> : !comparing.value && (
            <div class="nothing">
              <Hint />
            </div>
          )}
          <TextChanges />
        </div>
      </div>
      {opened && <ExplainedChange onClose={close} />}
    </div>
  );
}
