/** The editor of the program's files: their list, the text that is open, what is wrong, and the card beside it. */
import { signal } from "@preact/signals";
import { Icon } from "../../ui/icon.tsx";
import { lazy } from "../../ui/lazy.tsx";
import { changedPaths, files, openPath, redo, rewrite, saved, undo } from "../../state/files.ts";
import { sizeOf } from "../../state/paths.ts";
import { mayHoldTable, showTable } from "../../state/tables.ts";
import { caret } from "./editor/caret.ts";
import { Editor } from "./editor/editor.tsx";
import { format } from "./editor/format.ts";
import { focusEditor, searchEditor } from "./editor/shown.ts";
import { FileActions, FileChoice, FileTree } from "./files/list.tsx";
import { notEditable } from "./files/order.ts";
import { Questions } from "./files/questions.tsx";
import { Keys } from "./keys.tsx";
import { goToNext } from "./problems/go.ts";
import { Problems } from "./problems/panel.tsx";
import "./contract.css";

const Card = lazy(() => import("../card/beside.tsx"));

/** Whether the card is shown beside the text. */
const beside = signal(false);

function Tools({ path }: { path: string }) {
  const text = typeof files.value.get(path) === "string";
  const before = saved.value.get(path);
  const changed = typeof before === "string" && changedPaths.value.includes(path);
  return (
    <div class="tools" role="toolbar" aria-label="Editor">
      <span class="open-path" title={path}>
        {path}
      </span>
      <span class="gap" />
      {changed && (
        <button type="button" class="plain" title="Back to the text as it was saved" onClick={() => rewrite(path, before)}>
          Revert
        </button>
      )}
      <button type="button" class="plain" aria-label="Undo" title="Undo (Ctrl+Z)" disabled={!text} onClick={() => undo(path)}>
        <Icon name="undo" />
      </button>
      <button type="button" class="plain" aria-label="Redo" title="Redo (Ctrl+Y)" disabled={!text} onClick={() => redo(path)}>
        <Icon name="redo" />
      </button>
      <button type="button" class="plain" aria-label="Search" title="Search (Ctrl+F)" disabled={!text} onClick={searchEditor}>
        <Icon name="search" />
      </button>
      <button
        type="button"
        class="plain"
        title="Format (Shift+Alt+F)"
        disabled={!text || !/\.(toml|rhai)$/.test(path)}
        onClick={() => {
          void format(path);
          focusEditor();
        }}
      >
        <Icon name="format" />
        <span class="label">Format</span>
      </button>
      {mayHoldTable(path) && (
        <button
          type="button"
          class="plain wide"
          title="Show the rows at the caret as a table"
          onClick={() => showTable(path, caret.value.path === path ? caret.value.offset : 0)}
        >
          <Icon name="tables" />
          <span class="label">Table</span>
        </button>
      )}
      <button
        type="button"
        class="plain wide"
        title="Card beside the contract"
        aria-pressed={beside.value}
        onClick={() => (beside.value = !beside.value)}
      >
        <Icon name="beside" />
        <span class="label">Card beside</span>
      </button>
      <Keys />
    </div>
  );
}

/** What is shown of a file that cannot be edited here. */
function Notice({ path }: { path: string }) {
  const content = files.value.get(path);
  if (content === undefined) return <p class="notice quiet">Choose a file from the list.</p>;
  const why = typeof content === "string" ? "It is too large to be edited here." : "It is not text, so it cannot be edited here.";
  const where = /^actions\//.test(path) ? " The part “Actions” shows what is in it." : /^tables\//.test(path) ? " The part “Tables” shows it." : "";
  return (
    <p class="notice quiet">
      <strong>{path}</strong> has {sizeOf(content.length)}. {why}
      {where}
    </p>
  );
}

export default function Contract() {
  const path = openPath.value;
  const content = files.value.get(path);
  const editable = content !== undefined && notEditable(content) === null;
  return (
    <div
      class={`contract ${beside.value ? "with-card" : ""}`}
      onKeyDown={(event) => {
        if (event.key !== "F8") return;
        event.preventDefault();
        goToNext(event.shiftKey);
      }}
    >
      <aside class="file-list" aria-label="Files of the folder">
        <FileChoice />
        <FileTree />
        <FileActions />
      </aside>
      <section class="text" aria-label="Text">
        <Tools path={path} />
        {editable ? <Editor /> : <Notice path={path} />}
        <Problems />
      </section>
      {beside.value && (
        <aside class="card-beside" aria-label="Card">
          <Card />
        </aside>
      )}
      <Questions />
    </div>
  );
}
