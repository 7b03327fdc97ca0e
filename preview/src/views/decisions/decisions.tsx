/** What the draft decides of the chosen actions: totals, every award, and the explanation of each. */
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { chosen } from "../../state/actions.ts";
import { hasErrors } from "../../state/check.ts";
import { openedAction } from "../../state/chosen.ts";
import { messageOf } from "../../state/failure.ts";
import { folderName } from "../../state/files.ts";
import { decisions, loading, phase, rejects, rows, runByKey, summary } from "../../state/run.ts";
import { tell, view } from "../../state/view.ts";
import { download } from "../../ui/download.ts";
import { whole } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { RunBar, RunState } from "../../ui/run-bar.tsx";
import { Rejects } from "../../ui/rejects.tsx";
import { Awards } from "./awards.tsx";
import { tab } from "./filter.ts";
import { Options } from "./options.tsx";
import { Panel } from "./panel.tsx";
import { Totals } from "./totals.tsx";
import "./decisions.css";

type Tab = typeof tab.value;

const saving = signal(false);

async function save(): Promise<void> {
  saving.value = true;
  try {
    download(`${folderName.value}-decisions.jsonl`, await decisions(), "application/jsonl");
  } catch (error) {
    tell(`The decisions cannot be saved: ${messageOf(error)}`);
  } finally {
    saving.value = false;
  }
}

function Tabs({ tabs }: { tabs: { id: Tab; label: string }[] }) {
  return (
    <div class="tabs" role="tablist" aria-label="Result of the run">
      {tabs.map(({ id, label }, at) => (
        <button
          key={id}
          id={`tab-${id}`}
          type="button"
          role="tab"
          class="tab"
          aria-selected={tab.value === id}
          aria-controls="result"
          tabIndex={tab.value === id ? 0 : -1}
          onClick={() => (tab.value = id)}
          onKeyDown={(event) => {
            const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            const next = by && tabs[(at + by + tabs.length) % tabs.length];
            if (!next) return;
            tab.value = next.id;
            document.getElementById(`tab-${next.id}`)?.focus();
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function Nothing() {
  const none = chosen.value.every(({ kind }) => kind !== "actions");
  return (
    <div class="nothing">
      {none ? (
        <>
          <p>No actions are chosen. Choose a file with actions, or make an action.</p>
          <button type="button" class="button main" onClick={() => (view.value = "actions")}>
            Choose actions
          </button>
        </>
      ) : (
        <p>
          Run the contract over the chosen actions: press <strong>Run</strong>, or Ctrl and Enter.
        </p>
      )}
    </div>
  );
}

export default function Decisions() {
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    window.addEventListener("keydown", runByKey);
    return () => window.removeEventListener("keydown", runByKey);
  }, []);
  const sums = summary.value;
  const refused = rejects.value;
  const opened = openedAction.value;
  const close = () => {
    openedAction.value = null;
    root.current?.querySelector<HTMLElement>("[role=grid]")?.focus();
  };
  const shown: Tab = tab.value === "rejects" && refused.length === 0 ? "totals" : tab.value;
  const tabs: { id: Tab; label: string }[] = [
    { id: "totals", label: "Totals" },
    { id: "awards", label: `Decisions (${loading.value ? "…" : whole(rows.value.length)})` },
  ];
  if (refused.length > 0) tabs.push({ id: "rejects", label: `Rejected lines (${whole(refused.length)})` });
  return (
    <div ref={root} class={opened ? "decisions with-panel" : "decisions"}>
      <div class="decisions-main">
        <header class="part-head">
          <h2>Decisions</h2>
          <RunBar />
          <Options />
          <span class="gap" />
          {sums && (
            <button type="button" class="button" disabled={saving.value} title="The bytes that the command line writes" onClick={() => void save()}>
              <Icon name="export" /> {saving.value ? "Writing…" : "JSON Lines"}
            </button>
          )}
        </header>
        <RunState />
        {hasErrors.value && (
          <p class="problem part-note">
            The program has errors, so nothing can be decided.{" "}
            <button type="button" class="link" onClick={() => (view.value = "contract")}>
              Correct them
            </button>
          </p>
        )}
        {sums ? (
          <>
            <Tabs tabs={tabs} />
            <div id="result" class="result" role="tabpanel" aria-labelledby={`tab-${shown}`}>
              {shown === "totals" && <Totals summary={sums} />}
              {shown === "awards" && <Awards />}
              {shown === "rejects" && <Rejects rejects={refused} />}
            </div>
          </>
        ) : (
          phase.value === "none" && !hasErrors.value && <Nothing />
        )}
      </div>
      {opened && <Panel onClose={close} />}
    </div>
  );
}
