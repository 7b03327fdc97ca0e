/** Which actions a run decides: files of the folder, added files through mappings, and actions made in a form. */
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import {
  addFile, addText, choose, formAction, isChosen, mappingOf, type Mapping, mappingText, removeSource, shownSource, type Source, sources,
} from "../../state/actions.ts";
import { messageOf } from "../../state/failure.ts";
import { bytesOf, contentOf, files, setFile } from "../../state/files.ts";
import { sizeOf } from "../../state/paths.ts";
import { phase, rejects, runByKey } from "../../state/run.ts";
import { tell, view } from "../../state/view.ts";
import { count } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Rejects } from "../../ui/rejects.tsx";
import { RunBar, RunState } from "../../ui/run-bar.tsx";
import { ActionForm } from "./form.tsx";
import { MappingEditor } from "./mapping.tsx";
import { questionsIn } from "./mapping-text.ts";
import { SourceTable } from "./table.tsx";
import "./actions.css";

const dragging = signal(false);
const reading = signal(false);

async function addAll(list: Iterable<File>): Promise<void> {
  reading.value = true;
  for (const file of list) {
    try {
      await addFile(file.name, new Uint8Array(await file.arrayBuffer()));
    } catch (error) {
      tell(`${file.name} cannot be read: ${messageOf(error)}`);
    }
  }
  reading.value = false;
}

async function paste(text: string): Promise<void> {
  if (text.trim() === "") return tell("There is no text to paste. Copy rows of a spreadsheet or lines of a file first.");
  try {
    await addText(text);
  } catch (error) {
    tell(`The text cannot be read: ${messageOf(error)}`);
  }
}

async function pasteClipboard(): Promise<void> {
  let text: string;
  try {
    text = await navigator.clipboard.readText();
  } catch {
    return tell("The browser does not let the page read the clipboard: press Ctrl and V.");
  }
  await paste(text);
}

export default function Actions() {
  const picker = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const pasted = (event: ClipboardEvent) => {
      // In a field it is text of that field.
      if (event.target instanceof HTMLElement && event.target.closest("input, textarea, select")) return;
      const data = event.clipboardData;
      if (!data) return;
      event.preventDefault();
      if (data.files.length > 0) void addAll(data.files);
      else void paste(data.getData("text/plain"));
    };
    window.addEventListener("keydown", runByKey);
    window.addEventListener("paste", pasted);
    return () => {
      window.removeEventListener("keydown", runByKey);
      window.removeEventListener("paste", pasted);
    };
  }, []);
  const all = sources.value;
  const shown = all.find(({ id }) => id === shownSource.value) ?? all[0];
  return (
    <div
      class={dragging.value ? "actions dragging" : "actions"}
      onDragOver={(event) => {
        event.preventDefault();
        dragging.value = true;
      }}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) dragging.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        dragging.value = false;
        if (event.dataTransfer?.files.length) void addAll(event.dataTransfer.files);
      }}
    >
      <header class="part-head">
        <h2>Actions</h2>
        <RunBar />
        {phase.value === "done" && (
          <button type="button" class="button" onClick={() => (view.value = "decisions")}>
            <Icon name="decisions" /> See the decisions
          </button>
        )}
        <span class="gap" />
        <button type="button" class="button" onClick={() => (formAction.value = {})}>
          <Icon name="add" /> New action
        </button>
        <button type="button" class="button" onClick={() => picker.current?.click()}>
          <Icon name="actions" /> Add files
        </button>
        <button
          type="button"
          class="button"
          title="Or press Ctrl and V"
          onClick={() => void pasteClipboard()}
        >
          Paste
        </button>
        <input
          ref={picker}
          class="unseen"
          type="file"
          multiple
          tabIndex={-1}
          aria-label="Files of actions"
          accept=".csv,.tsv,.txt,.jsonl,.ndjson,.xlsx,.ods,.parquet,.gz"
          onChange={(event) => {
            void addAll([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
      </header>
      <RunState />
      <div class="actions-body">
        {formAction.value && <ActionForm />}
        <Sources all={all} shown={shown} />
        <p class="quiet drop-here">
          {reading.value ? "Reading…" : "Drop exports and files of actions here: CSV, JSON Lines, .xlsx, .ods, Parquet, also in gzip. They stay on this page."}
        </p>
        {shown && <Shown key={shown.id} source={shown} />}
      </div>
    </div>
  );
}

function Sources({ all, shown }: { all: Source[]; shown: Source | undefined }) {
  if (all.length === 0) return <p>The folder has no actions. Add a file, paste rows, or make an action.</p>;
  return (
    <div class="sheet scroll" tabIndex={0} role="group" aria-label="Files of actions and adjustments">
      <table class="sources">
        <thead>
          <tr>
            <th scope="col">Decide</th>
            <th scope="col">File</th>
            <th scope="col">Has</th>
            <th scope="col">Read through</th>
            <th scope="col" class="amount">
              Size
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {all.map((source) => (
            <Row key={source.id} source={source} isShown={source === shown} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function readThrough(source: Source, mapping: Mapping | undefined): string {
  if (!mapping) return source.own ? "Accrue's own format" : "no mapping yet";
  if (mapping.kind === "folder") return mapping.path;
  return mapping.kind === "shipped" ? mapping.title : "a mapping of its own";
}

function Row({ source, isShown }: { source: Source; isShown: boolean }) {
  const mapping = mappingOf(source);
  const questions = mapping ? questionsIn(mappingText(mapping)) : 0;
  const refused = rejects.value.filter(({ file }) => file === source.name).length;
  return (
    <tr class={isShown ? "shown" : undefined}>
      <td>
        <input
          type="checkbox"
          aria-label={`Decide ${source.name}`}
          checked={isChosen(source)}
          onChange={(event) => choose(source, event.currentTarget.checked)}
        />
      </td>
      <th scope="row">
        <button type="button" class="link" aria-pressed={isShown} onClick={() => (shownSource.value = source.id)}>
          {source.name}
        </button>
        {source.from === "added" && <small>added, not in the folder</small>}
        {source.from === "form" && <small>made in the form</small>}
      </th>
      <td>{source.kind}</td>
      <td>
        {readThrough(source, mapping)}
        {questions > 0 && <small class="warning">{count(questions, "question")} left</small>}
        {refused > 0 && <small class="bad">{count(refused, "line")} rejected in the last run</small>}
      </td>
      <td class="amount">{sizeOf(source.content.length)}</td>
      <td class="field-tools">
        {source.from !== "folder" && (
          <>
            {source.own && (
              <button type="button" class="plain" onClick={() => keep(source)}>
                Keep in the folder
              </button>
            )}
            <button type="button" class="plain" aria-label={`Remove ${source.name}`} onClick={() => removeSource(source)}>
              <Icon name="close" />
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

/** Puts a file that was added into the folder. */
function keep(source: Source): void {
  const base = `${source.kind}/${source.name}`;
  let path = base;
  for (let number = 2; files.value.has(path); number++) path = base.replace(/(\.[^.]*)?$/, `-${number}$1`);
  setFile(path, contentOf(path, bytesOf(source.content)));
  removeSource(source);
  shownSource.value = path;
  tell(`Kept as ${path}.`);
}

function Shown({ source }: { source: Source }) {
  const refused = rejects.value.filter(({ file }) => file === source.name);
  return (
    <section class="shown-source" aria-labelledby="shown-title">
      <h3 id="shown-title">{source.name}</h3>
      {(mappingOf(source) || !source.own) && <MappingEditor source={source} />}
      {source.own && !mappingOf(source) && <SourceTable source={source} />}
      {refused.length > 0 && (
        <>
          <h3>Rejected lines of the last run</h3>
          <div class="rejects">
            <Rejects rejects={refused} />
          </div>
        </>
      )}
    </section>
  );
}
