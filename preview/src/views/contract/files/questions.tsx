/** What is asked before a file is added, renamed or deleted. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Dialog } from "../../../ui/dialog.tsx";
import { Inline } from "../../../ui/markdown.tsx";
import { edit, files, moveFile, openPath, removeFile, setFile } from "../../../state/files.ts";
import { focusEditor } from "../editor/shown.ts";
import { notEditable } from "./order.ts";
import { TEMPLATES, templateHere } from "./templates.ts";

/** The question that is open. */
export const question = signal<"add" | "rename" | "delete" | null>(null);

const PATH = /^[\w][\w.-]*(\/[\w][\w.-]*)*$/;

function faultOf(path: string): string {
  if (!PATH.test(path)) return "A name has letters, digits, `-`, `_` and `.`, and no spaces.";
  return files.value.has(path) ? `\`${path}\` is there already.` : "";
}

/** Returns the texts that name a file, with the places. */
function namedIn(path: string): { file: string; at: number }[] {
  const found = [];
  for (const [file, text] of files.value) {
    if (!file.endsWith(".toml") || notEditable(text) || typeof text !== "string") continue;
    for (const { index } of text.matchAll(/"[^"\n]+"|'[^'\n]+'/g)) {
      if (text.startsWith(path, index + 1) && /["']/.test(text.charAt(index + 1 + path.length))) found.push({ file, at: index + 1 });
    }
  }
  return found;
}

function Fault({ text }: { text: string }) {
  return (
    <p class="bad" role="alert">
      <Inline text={text} />
    </p>
  );
}

function Add() {
  const [template, setTemplate] = useState(templateHere);
  const [name, setName] = useState(template.name);
  const path = `${template.folder}/${name}.${template.extension}`;
  const fault = faultOf(path);
  return (
    <Dialog
      title="Add a file"
      action="Add"
      disabled={fault !== ""}
      onClose={() => (question.value = null)}
      onAnswer={() => {
        setFile(path, template.text(name));
        openPath.value = path;
        focusEditor();
      }}
    >
      <label class="field">
        Kind
        <select
          value={template.folder}
          onChange={(event) => {
            const chosen = TEMPLATES.find(({ folder }) => folder === event.currentTarget.value) ?? template;
            if (name === template.name) setName(chosen.name);
            setTemplate(chosen);
          }}
        >
          {TEMPLATES.map(({ folder, label }) => (
            <option key={folder} value={folder}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        Name
        <input type="text" value={name} spellcheck={false} autofocus onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <p class="quiet">
        The file is <code>{path}</code>. <Inline text={template.then.replaceAll("NAME", name)} />
      </p>
      {fault && <Fault text={fault} />}
    </Dialog>
  );
}

function Rename({ path }: { path: string }) {
  const [to, setTo] = useState(path);
  const [follow, setFollow] = useState(true);
  const places = namedIn(path);
  const fault = to === path ? "" : faultOf(to);
  return (
    <Dialog
      title={`Rename ${path}`}
      action="Rename"
      disabled={to === path || fault !== ""}
      onClose={() => (question.value = null)}
      onAnswer={() => {
        if (follow) {
          for (const file of new Set(places.map(({ file }) => file))) {
            const changes = places.filter((place) => place.file === file).map(({ at }) => ({ from: at, to: at + path.length, insert: to }));
            edit(file, changes);
          }
        }
        moveFile(path, to);
        focusEditor();
      }}
    >
      <label class="field">
        Path in the folder
        <input type="text" value={to} spellcheck={false} autofocus onInput={(event) => setTo(event.currentTarget.value)} />
      </label>
      {places.length > 0 && (
        <label>
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} />{" "}
          {places.length === 1 ? `Also where ${places[0]?.file} names it` : `Also in the ${places.length} places that name it`}
        </label>
      )}
      {fault && <Fault text={fault} />}
    </Dialog>
  );
}

function Delete({ path }: { path: string }) {
  const naming = [...new Set(namedIn(path).map(({ file }) => file))];
  return (
    <Dialog
      title={`Delete ${path}?`}
      action="Delete"
      onClose={() => (question.value = null)}
      onAnswer={() => {
        removeFile(path);
        focusEditor();
      }}
    >
      {naming.length > 0 && (
        <p class="warning">
          {naming.join(", ")} {naming.length === 1 ? "names" : "name"} this file and will have an error.
        </p>
      )}
      <p class="quiet">Until the folder is saved, you can bring the file back from the list of files.</p>
    </Dialog>
  );
}

export function Questions() {
  if (question.value === "add") return <Add />;
  if (question.value === "rename") return <Rename path={openPath.value} />;
  if (question.value === "delete") return <Delete path={openPath.value} />;
  return null;
}
