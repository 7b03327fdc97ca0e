/** The list of all that is wrong with the program. */
import type { Diagnostic } from "accrue-rules";
import { computed, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { count } from "../../../ui/format.ts";
import { Icon } from "../../../ui/icon.tsx";
import { Inline, Markdown } from "../../../ui/markdown.tsx";
import { checkTook, counted } from "../../../state/check.ts";
import { messageOf } from "../../../state/failure.ts";
import { files, reveal, textOf } from "../../../state/files.ts";
import { caret } from "../editor/caret.ts";
import { explained } from "./explained.ts";
import { fixOf, lineAt } from "./fix.ts";
import { announced, goTo } from "./go.ts";
import { problemsByFile } from "./order.ts";

/**
 * Whether the list is open. It opens by itself when something stays wrong, and not by each word that is half typed; and it stays open, so
 * that the text does not jump when the last problem is gone. Once somebody has closed it, it stays closed.
 */
const listed = signal<"not yet" | "open" | "closed">("not yet");

/** How long something has to be wrong before the list opens, in milliseconds. */
const LASTING = 1200;

/** The code whose explanation is shown, and the explanation when it is loaded. */
const explanation = signal<{ code: string; text: string } | null>(null);

/** How many errors and warnings there are, in words. */
const standing = computed(() => {
  const { errors, warnings } = counted.value;
  return [errors && count(errors, "error"), warnings && count(warnings, "warning")].filter(Boolean).join(", ") || "No problems";
});

async function explain(code: string): Promise<void> {
  if (explanation.value?.code === code) {
    explanation.value = null;
    return;
  }
  explanation.value = { code, text: "" };
  const text = await explained(code).catch((error: unknown) => `The explanation cannot be loaded: ${messageOf(error)}`);
  if (explanation.value?.code === code) explanation.value = { code, text };
}

function Where({ found }: { found: Diagnostic }) {
  const { place, cell } = found;
  if (cell?.column) return <span class="where">{`row ${cell.row}, column ${cell.header ?? cell.column}`}</span>;
  if (cell?.row) return <span class="where">{`row ${cell.row}`}</span>;
  return place && textOf(place.file) ? <span class="where">{`line ${lineAt(place)}`}</span> : null;
}

function Problem({ found, id }: { found: Diagnostic; id: string }) {
  const { code, message, help, place, labels, severity } = found;
  const fix = fixOf(found);
  const open = explanation.value?.code === code ? explanation.value : null;
  const at = caret.value;
  const here = place?.file === at.path && place.span.start <= at.offset && at.offset <= place.span.end;
  return (
    <li class={`problem-row problem-${severity}`} aria-current={here ? "true" : undefined}>
      <button type="button" class="problem-go" disabled={!place || !files.value.has(place.file)} onClick={() => goTo(found)}>
        <span class={`severity ${severity === "error" ? "bad" : "warning"}`}>{severity === "error" ? "Error" : "Warning"}</span>
        <span class="problem-text">
          <Inline text={message} />
        </span>
        <Where found={found} />
      </button>
      {help && (
        <p class="problem-help">
          <Inline text={help} />
        </p>
      )}
      {labels?.map(({ place, message }) => (
        <p class="problem-help">
          <button type="button" class="link" onClick={() => reveal(place.file, place.span.start, place.span.end)}>
            {place.file}, line {lineAt(place)}
          </button>
          : <Inline text={message} />
        </p>
      ))}
      <div class="problem-actions">
        {fix && (
          <button type="button" class="button" onClick={fix.apply}>
            {fix.title}
          </button>
        )}
        <button type="button" class="link" aria-expanded={open !== null} aria-controls={id} onClick={() => void explain(code)}>
          What {code} means
        </button>
      </div>
      <div id={id} class="explained" hidden={!open}>
        {open && <Markdown text={open.text} />}
      </div>
    </li>
  );
}

export function Problems() {
  const list = useRef<HTMLDivElement>(null);
  const files = problemsByFile.value;
  const open = listed.value === "open";
  const wrong = files.length > 0;
  useEffect(() => {
    if (!wrong) return undefined;
    const timer = setTimeout(() => {
      if (listed.value === "not yet") listed.value = "open";
    }, LASTING);
    return () => clearTimeout(timer);
  }, [wrong]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const rows = [...(list.current?.querySelectorAll<HTMLElement>(".problem-go:not(:disabled)") ?? [])];
    const at = rows.indexOf(event.target as HTMLElement);
    if (at < 0) return;
    event.preventDefault();
    rows[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  };
  return (
    <section class="problems" aria-label="Problems">
      <div class="problems-head">
        <button type="button" class="plain" aria-expanded={open} onClick={() => (listed.value = open ? "closed" : "open")}>
          <Icon name="open" />
          Problems
        </button>
        <span role="status" class={wrong ? "quiet" : "good"}>
          {standing.value}
        </span>
        <span role="status" class="unseen">
          {announced.value}
        </span>
        <span class="gap" />
        {wrong && <span class="quiet keys">F8 next</span>}
        {checkTook.value > 0 && <span class="quiet took">Checked in {Math.ceil(checkTook.value)} ms</span>}
      </div>
      {open && (
        <div ref={list} class="problem-list" onKeyDown={onKeyDown}>
          {!wrong && <p class="quiet">Nothing is wrong with the program.</p>}
          {files.map(({ path, found }, of) => (
            <section key={path} aria-label={path || "The folder"}>
              <h2>{path || "The folder"}</h2>
              <ul>
                {found.map((one, at) => (
                  <Problem key={`${one.code} ${at}`} found={one} id={`explained-${of}-${at}`} />
                ))}
              </ul>
            </section>
          ))}
        </div>
      )}
    </section>
  );
}
