/** Why an action is decided as it is: by the draft, and by the saved version. */
import type { ExplainedDecision } from "accrue-rules";
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { messageOf } from "../../state/failure.ts";
import { compared, explainBy, openedChange, type Side } from "../../state/simulation.ts";
import { Status } from "../../ui/chip.tsx";
import { Icon } from "../../ui/icon.tsx";
import { ForBrand } from "../decisions/panel.tsx";

type Answer = { of: string; explained: ExplainedDecision } | { of: string; failed: string } | null;

const answer = signal<Answer>(null);

async function ask(action: string, side: Side): Promise<void> {
  const of = `${side} ${action}`;
  let found: Answer;
  try {
    found = { of, explained: placed(await explainBy(side, action), side) };
  } catch (error) {
    found = { of, failed: messageOf(error) };
  }
  const opened = openedChange.value;
  if (opened && of === `${opened.side} ${opened.action}`) answer.value = found;
}

/** Leaves the files out of places that differ, so that nothing leads to them: the editor shows the draft. */
function placed(explained: ExplainedDecision, side: Side): ExplainedDecision {
  const before = compared.value;
  const { trace } = explained.decision;
  if (side === "draft" || !before || !trace) return explained;
  const same = (file: string) => before.saved.get(file) === before.draft.get(file);
  const awards = trace.awards.map((award) => ({
    ...award,
    rules: award.rules.map((rule) => (same(rule.place.file) ? rule : { ...rule, place: { ...rule.place, file: "" } })),
  }));
  return { ...explained, decision: { ...explained.decision, trace: { ...trace, awards } } };
}

const SIDES: { side: Side; label: string }[] = [
  { side: "saved", label: "By the saved version" },
  { side: "draft", label: "By the draft" },
];

export function ExplainedChange({ onClose }: { onClose(): void }) {
  const opened = openedChange.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const { action, side } = opened ?? { action: "", side: "draft" as const };
  useEffect(() => {
    if (action) void ask(action, side);
  }, [action, side]);
  useEffect(() => heading.current?.focus(), [action]);
  if (!opened) return null;
  const known = answer.value?.of === `${side} ${action}` ? answer.value : null;
  const explained = known && "explained" in known ? known.explained : null;
  return (
    <section
      class="panel"
      aria-label="Explanation"
      aria-busy={known === null}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header class="panel-head">
        <h2 ref={heading} tabIndex={-1}>
          {action}
        </h2>
        {explained && <Status status={explained.decision.status} />}
        <span class="gap" />
        <button type="button" class="plain" aria-label="Close the explanation" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="panel-body" tabIndex={0} role="group" aria-label="How it is decided">
        <div class="panel-tools" role="group" aria-label="Decided by">
          {SIDES.map((of) => (
            <button
              key={of.side}
              type="button"
              class="button"
              aria-pressed={of.side === side}
              onClick={() => (openedChange.value = { action, side: of.side })}
            >
              {of.label}
            </button>
          ))}
        </div>
        {!known && (
          <p class="quiet" role="status">
            Deciding it again, with everything that it depends on…
          </p>
        )}
        {known && "failed" in known && <p class="problem">It cannot be explained: {known.failed}</p>}
        {explained && <ForBrand explained={explained} />}
      </div>
    </section>
  );
}
