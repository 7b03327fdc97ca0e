/** The files of the folder: a tree beside the editor, and a choice above it on a phone. */
import { computed, signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { count } from "../../../ui/format.ts";
import { Icon } from "../../../ui/icon.tsx";
import { diagnostics } from "../../../state/check.ts";
import { changedPaths, files, openPath, saved, setFile } from "../../../state/files.ts";
import { focusEditor } from "../editor/shown.ts";
import { type Group, grouped, type Listed } from "./order.ts";
import { question } from "./questions.tsx";

const groups = computed(() => grouped(files.value, changedPaths.value));

/** Folders that are closed in the tree. */
const closed = signal<ReadonlySet<string>>(new Set());

/** The part of the tree that the keys act on: a path, or a folder's name with a slash. */
const active = signal("");

/** Errors and warnings by file. */
const counts = computed(() => {
  const by = new Map<string, { errors: number; warnings: number }>();
  for (const { place, severity } of diagnostics.value) {
    const of = by.get(place?.file ?? "") ?? { errors: 0, warnings: 0 };
    by.set(place?.file ?? "", { ...of, [`${severity}s`]: of[`${severity}s`] + 1 });
  }
  return by;
});

function open(path: string): void {
  active.value = path;
  if (files.value.has(path)) openPath.value = path;
}

/** Brings a file back that was deleted. */
function restore(path: string): void {
  const content = saved.value.get(path);
  if (content !== undefined) setFile(path, content);
  open(path);
}

function toggle(name: string): void {
  const next = new Set(closed.value);
  if (!next.delete(name)) next.add(name);
  closed.value = next;
}

const MARKS = { same: "", changed: "changed", added: "new", removed: "deleted" } as const;

function File({ file }: { file: Listed }) {
  const { path, name, state } = file;
  const { errors = 0, warnings = 0 } = counts.value.get(path) ?? {};
  const said = errors ? count(errors, "error") : count(warnings, "warning");
  return (
    <li
      role="treeitem"
      aria-level={2}
      aria-selected={openPath.value === path}
      class={`file file-${state}`}
      data-item={path}
      tabIndex={current() === path ? 0 : -1}
      onClick={(event) => {
        event.stopPropagation();
        open(path);
      }}
      onDblClick={() => (state === "removed" ? restore(path) : focusEditor())}
    >
      <span class="file-name" title={path}>
        {name}
      </span>
      {errors + warnings > 0 && (
        <span class={`count ${errors ? "bad" : "warning"}`} title={said}>
          <span aria-hidden="true">{errors || warnings}</span>
          <span class="unseen">{said}</span>
        </span>
      )}
      {state === "changed" ? (
        <span class="file-mark" title="changed">
          <span aria-hidden="true">●</span>
          <span class="unseen">changed</span>
        </span>
      ) : (
        <span class="file-mark">{MARKS[state]}</span>
      )}
    </li>
  );
}

function Folder({ group }: { group: Group }) {
  const expanded = !closed.value.has(group.name);
  const item = `${group.name}/`;
  return (
    <li
      role="treeitem"
      aria-level={1}
      aria-expanded={expanded}
      aria-selected={false}
      aria-label={group.title}
      data-item={item}
      tabIndex={current() === item ? 0 : -1}
      onClick={(event) => {
        event.stopPropagation();
        active.value = item;
        toggle(group.name);
      }}
    >
      <span class="folder-name">
        <Icon name="open" />
        {group.title}
      </span>
      {expanded && (
        <ul role="group">
          {group.files.map((file) => (
            <File key={file.path} file={file} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** The parts of the tree that are seen, from top to bottom. */
const seen = computed(() =>
  groups.value.flatMap(({ name, files }) => [`${name}/`, ...(closed.value.has(name) ? [] : files.map(({ path }) => path))]),
);

/** The part of the tree that has its place in the order of the Tab key. */
function current(): string {
  const items = seen.value;
  return items.includes(active.value) ? active.value : items.includes(openPath.value) ? openPath.value : (items[0] ?? "");
}

export function FileTree() {
  const tree = useRef<HTMLUListElement>(null);
  const go = (item: string | undefined) => {
    if (item === undefined) return;
    active.value = item;
    tree.current?.querySelector<HTMLElement>(`[data-item="${CSS.escape(item)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const items = seen.value;
    const item = current();
    const at = items.indexOf(item);
    const isFolder = item.endsWith("/");
    const name = item.slice(0, -1);
    const folder = items.slice(0, at).findLast((other) => other.endsWith("/"));
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown") go(items[at + 1]);
    else if (event.key === "ArrowUp") go(items[at - 1]);
    else if (event.key === "Home") go(items[0]);
    else if (event.key === "End") go(items.at(-1));
    else if (event.key === "ArrowRight" && isFolder) {
      if (closed.value.has(name)) toggle(name);
      else go(items[at + 1]);
    } else if (event.key === "ArrowLeft") {
      if (!isFolder) go(folder);
      else if (!closed.value.has(name)) toggle(name);
    } else if (event.key === "Enter" || event.key === " ") {
      if (isFolder) toggle(name);
      else if (files.value.has(item)) {
        open(item);
        if (event.key === "Enter") focusEditor();
      } else restore(item);
    } else if ((event.key === "F2" || event.key === "Delete") && !isFolder && files.value.has(item)) {
      open(item);
      question.value = event.key === "F2" ? "rename" : "delete";
    } else if (/^[\w.]$/.test(event.key)) {
      const names = [...items.slice(at + 1), ...items.slice(0, at + 1)];
      go(names.find((other) => !other.endsWith("/") && other.slice(other.indexOf("/") + 1).startsWith(event.key)));
    } else return;
    event.preventDefault();
  };
  return (
    <ul ref={tree} role="tree" class="files" aria-label="Files" onKeyDown={onKeyDown}>
      {groups.value.map((group) => (
        <Folder key={group.name} group={group} />
      ))}
    </ul>
  );
}

export function FileChoice() {
  return (
    <select
      class="file-choice"
      aria-label="File"
      value={openPath.value}
      onChange={(event) => {
        const path = event.currentTarget.value;
        if (files.value.has(path)) open(path);
        else restore(path);
      }}
    >
      {groups.value.map((group) => (
        <optgroup key={group.name} label={group.title}>
          {group.files.map(({ path, name, state }) => (
            <option key={path} value={path}>
              {name}
              {MARKS[state] && ` (${MARKS[state]})`}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

/** What can be done with files. */
export function FileActions() {
  const path = openPath.value;
  const there = files.value.has(path);
  const removed = changedPaths.value.find((other) => other === active.value && !files.value.has(other));
  return (
    <div class="file-actions">
      <button type="button" class="plain" onClick={() => (question.value = "add")}>
        <Icon name="add" />
        Add
      </button>
      <span class="gap" />
      {removed !== undefined && (
        <button type="button" class="plain" onClick={() => restore(removed)}>
          Bring back
        </button>
      )}
      <button type="button" class="plain" disabled={!there} aria-label={`Rename ${path}`} title="Rename" onClick={() => (question.value = "rename")}>
        <Icon name="edit" />
      </button>
      <button
        type="button"
        class="plain"
        disabled={!there || path === "program.toml"}
        aria-label={`Delete ${path}`}
        title="Delete"
        onClick={() => (question.value = "delete")}
      >
        <Icon name="delete" />
      </button>
    </div>
  );
}
