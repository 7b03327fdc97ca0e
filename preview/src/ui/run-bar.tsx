/** The button that runs, how far the run is, and what has changed since. */
import { hasErrors } from "../state/check.ts";
import { chosen } from "../state/actions.ts";
import { cancelRun, changedSince, failure, phase, progress, running, startRun, summary, took } from "../state/run.ts";
import { Failed } from "./failed.tsx";
import { count, seconds, whole } from "./format.ts";
import { Icon } from "./icon.tsx";
import { Marked } from "./marked.tsx";
import "./run-bar.css";

export function RunBar() {
  if (running.value) {
    return (
      <button type="button" class="button" onClick={() => void cancelRun()}>
        <Icon name="stop" /> Cancel
      </button>
    );
  }
  const nothing = chosen.value.every(({ kind }) => kind !== "actions");
  return (
    <button
      type="button"
      class="button main"
      title="Ctrl and Enter"
      aria-keyshortcuts="Control+Enter"
      disabled={hasErrors.value || nothing}
      onClick={() => void startRun()}
    >
      <Icon name="run" /> Run
    </button>
  );
}

function Reached() {
  const reached = progress.value;
  if (phase.value === "reading" || !reached) return <p>Reading the actions…</p>;
  return (
    <p>
      <progress max={Math.max(1, reached.total)} value={reached.decided} aria-label="Decided actions" />{" "}
      {whole(reached.decided)} of {count(reached.total, "action")}
    </p>
  );
}

/** What a run is at, or came to. Read aloud when it changes from one to another. */
export function RunState() {
  const changed = changedSince.value;
  const reached = progress.value;
  const failed = failure.value;
  const state = phase.value;
  return (
    <div class="run-state">
      {running.value && <Reached />}
      <div role="status">
        {state === "done" && reached && (
          <p class="quiet">
            {count(summary.value?.actions ?? reached.decided, "action")} decided in {seconds(took.value)}
            {reached.rejected > 0 && <span class="bad">, {count(reached.rejected, "line")} rejected</span>}
            {reached.set_aside > 0 && `, ${count(reached.set_aside, "transaction")} set aside, since the export says that they are reversed`}.
          </p>
        )}
        {state === "cancelled" && (
          <p class="warning">
            {reached
              ? `Cancelled after ${whole(reached.decided)} of ${count(reached.total, "action")}. Totals and decisions cover only these actions.`
              : "Cancelled before anything was decided."}
          </p>
        )}
        {changed.length > 0 && state !== "none" && (
          <p class="stale">
            <strong>Changed since this run:</strong> <Marked text={changed.join(", ")} />. Run again to see what it decides now.
          </p>
        )}
      </div>
      {failed && <Failed what="It cannot be run" failure={failed} />}
    </div>
  );
}
