/** The table that is open: what can be done with it, its grid, the active cell, and what is wrong with it. */
import { useSignal } from "@preact/signals";
import type { GridTable } from "accrue-rules";
import { useEffect, useRef } from "preact/hooks";
import { tablePlace } from "../../state/tables.ts";
import { edit, textOf } from "../../state/files.ts";
import { tell } from "../../state/view.ts";
import { count, whole } from "../../ui/format.ts";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { cellAt, type Fault } from "./model.ts";
import { faults, openTable, read, showColumns, visibleColumns } from "./session.ts";
import { type Filter, Sheet, shownKeys, type Test, TESTS } from "./sheet.ts";

/** The largest number of faults that are listed. */
const LISTED = 100;

interface ToolProps {
  label: string;
  keys?: string;
  icon?: IconName;
  disabled?: boolean;
  pressed?: boolean;
  onClick: () => void;
}

function Tool({ label, keys, icon, disabled, pressed, onClick }: ToolProps) {
  return (
    <button
      type="button"
      class="plain tables-tool"
      title={keys ? `${label} (${keys})` : label}
      aria-label={icon ? label : undefined}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      {icon ? <Icon name={icon} /> : label}
    </button>
  );
}

/** Sorts what is shown by the active column. */
function Sorting({ sheet }: { sheet: Sheet }) {
  const { grid } = sheet;
  const column = grid.active?.column ?? 0;
  const title = sheet.columns[column]?.title ?? "";
  const sorted = grid.sorting;
  const is = (down: boolean) => sorted?.column === column && sorted.down === down;
  const toggle = (down: boolean) => {
    grid.sort(is(down) ? null : { column, down });
    sheet.selected();
  };
  return (
    <>
      <Tool label="Sort ↑" keys={`by ${title}; the file stays as it is`} pressed={is(false)} onClick={() => toggle(false)} />
      <Tool label="Sort ↓" keys={`by ${title}; the file stays as it is`} pressed={is(true)} onClick={() => toggle(true)} />
    </>
  );
}

function Toolbar({ sheet, table, filter }: { sheet: Sheet; table: GridTable; filter: () => void }) {
  const { grid } = sheet;
  const none = grid.counts.shown === 0;
  const paste = async () => {
    try {
      sheet.paste(await navigator.clipboard.readText());
    } catch {
      tell("The browser lets only the keys paste: press Ctrl-V in the grid.");
    }
  };
  return (
    <div class="tables-toolbar" role="toolbar" aria-label="Edit the table">
      <span class="tables-tools">
        <Tool label="Undo" keys="Ctrl-Z" icon="undo" onClick={() => sheet.undo()} />
        <Tool label="Redo" keys="Ctrl-Y" icon="redo" onClick={() => sheet.redo()} />
      </span>
      <span class="tables-tools">
        <Tool label="Insert" keys="rows below, Alt-Enter" disabled={none} onClick={() => sheet.insert()} />
        <Tool label="Add row" keys="at the end" onClick={() => sheet.append()} />
        <Tool label="Delete" keys="rows, Alt-Delete" disabled={none} onClick={() => sheet.remove()} />
        <Tool label="Up" keys="move rows, Alt-↑" disabled={none || !sheet.isInOrder} onClick={() => sheet.move(-1)} />
        <Tool label="Down" keys="move rows, Alt-↓" disabled={none || !sheet.isInOrder} onClick={() => sheet.move(1)} />
      </span>
      <span class="tables-tools">
        <Tool label="Fill down" keys="Ctrl-D" disabled={none} onClick={() => grid.fillDown()} />
        <Tool label="Fill right" keys="Ctrl-R" disabled={none} onClick={() => grid.fillRight()} />
        <Tool label="Paste" keys="Ctrl-V" onClick={() => void paste()} />
      </span>
      <span class="tables-tools">
        <Sorting sheet={sheet} />
        <Tool label="Filter" pressed={sheet.filters.value.length > 0} onClick={filter} />
      </span>
      <Columns sheet={sheet} table={table} />
    </div>
  );
}

/** Chooses the columns that are shown; in a CSV table, adds one. */
function Columns({ sheet, table }: { sheet: Sheet; table: GridTable }) {
  const name = useSignal("");
  const details = useRef<HTMLDetailsElement>(null);
  const isCsv = table.file.endsWith(".csv");
  const visible = visibleColumns.value;
  const add = async () => {
    const key = name.value.trim();
    if (!key) return;
    await read();
    const { table } = sheet;
    if (table.columns.some((column) => column.key === key)) return tell(`There is a column ${key} already.`);
    const text = textOf(table.file);
    const end = text.slice(0, table.rows[0]?.span.start).trimEnd().length;
    const written = /[,"]/.test(key) ? `"${key.replaceAll('"', '""')}"` : key;
    edit(table.file, { from: end, insert: `,${written}` });
    name.value = "";
    if (details.current) details.current.open = false;
  };
  return (
    <details
      class="tables-columns"
      ref={details}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !details.current) return;
        details.current.open = false;
        details.current.querySelector("summary")?.focus();
      }}
    >
      <summary class="plain">Columns</summary>
      <div class="tables-menu sheet">
        {isCsv ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void add();
            }}
          >
            <label>
              New column
              <input
                type="text"
                placeholder="customer.country"
                value={name.value}
                onInput={(event) => (name.value = event.currentTarget.value)}
              />
            </label>
            <button type="submit" class="button">
              Add the column
            </button>
          </form>
        ) : (
          table.columns.map((column, at) => (
            <label key={column.key} title={column.doc}>
              <input
                type="checkbox"
                checked={visible.includes(at)}
                disabled={column.used}
                onChange={(event) => showColumns(sheet.table, [column.key], event.currentTarget.checked)}
              />
              <span>{column.title}</span>
              <span class="quiet">{column.type}</span>
            </label>
          ))
        )}
      </div>
    </details>
  );
}

function FilterRow({ sheet, filter }: { sheet: Sheet; filter: Filter }) {
  const title = sheet.columns[filter.column]?.title ?? "";
  return (
    <div class="tables-filter" role="group" aria-label={`Filter on ${title}`}>
      <select
        aria-label="Column"
        value={String(filter.column)}
        onChange={(event) => sheet.setFilter({ ...filter, column: Number(event.currentTarget.value) })}
      >
        {sheet.columns.map((column, at) => (
          <option key={column.key} value={String(at)}>
            {column.title}
          </option>
        ))}
      </select>
      <select
        aria-label="Test"
        value={filter.test}
        onChange={(event) => sheet.setFilter({ ...filter, test: event.currentTarget.value as Test })}
      >
        {Object.keys(TESTS).map((test) => (
          <option key={test}>{test}</option>
        ))}
      </select>
      {!filter.test.endsWith("empty") && (
        <input
          type="text"
          aria-label="Text to filter by"
          value={filter.text}
          ref={(input) => {
            if (input && filter.text === "" && input.dataset["seen"] === undefined) {
              input.dataset["seen"] = "";
              input.focus();
            }
          }}
          onInput={(event) => sheet.setFilter({ ...filter, text: event.currentTarget.value })}
        />
      )}
      <button type="button" class="plain" aria-label={`Remove the filter on ${title}`} onClick={() => sheet.removeFilter(filter.id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** What may stand in the cells of a CSV table, in short. */
const CELLS: [string, string][] = [
  ["(empty)", "below a fact: any value; below a key: left out"],
  ["DE | AT", "one of these"],
  ["not DE | AT", "none of these"],
  [">= 100", "a comparison; also >, <= and <"],
  ["100..200", "from 100 to less than 200; 100.. and ..200 too"],
  ["lists.eu", "in a list of the program"],
  ["yes, no", "for a fact that is true or false"],
  ["known, unknown", "whether the fact is known"],
  ['"Home, Garden"', "this text: quotes around , | and *"],
];

function CellHelp() {
  return (
    <details class="tables-help">
      <summary>What may stand in a cell</summary>
      <p>
        A column that is named by a fact, such as <code>customer.country</code>, is a condition. A column that is named by a key, such as{" "}
        <code>rate</code>, says what is paid. All conditions of a row must hold. The
        first row that matches pays, unless the contract chooses otherwise.
      </p>
      <dl>
        {CELLS.map(([cell, means]) => (
          <div key={cell}>
            <dt>
              <code>{cell}</code>
            </dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** What a block that was pasted may mean. */
function PasteOffer({ sheet }: { sheet: Sheet }) {
  const first = useRef<HTMLButtonElement>(null);
  const offer = sheet.offer.value;
  useEffect(() => {
    if (offer) first.current?.focus();
  }, [offer]);
  if (!offer) return null;
  const { block, header } = offer;
  const close = () => {
    sheet.offer.value = null;
    sheet.grid.focus();
  };
  return (
    <div
      class="tables-offer"
      role="group"
      aria-label="Paste"
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <p>
        The first row has names of columns: <strong>{block[0]?.filter((name) => name.trim()).join(", ")}</strong>.
        {header.unknown.length > 0 && (
          <span class="warning"> The table has no column {header.unknown.join(", ")}: such cells are left out.</span>
        )}
      </p>
      <div class="tables-buttons">
        <button type="button" class="button main" ref={first} onClick={() => sheet.accept(true)}>
          Match columns by name
        </button>
        <button type="button" class="button" onClick={() => sheet.accept(false)}>
          Paste cell by cell
        </button>
        <button type="button" class="button" onClick={close}>
          Cancel
        </button>
      </div>
    </div>
  );
}

/** The active cell: its column, all of its text, and what is wrong with it. */
function Active({ sheet }: { sheet: Sheet }) {
  const active = sheet.grid.active;
  const column = sheet.columns[active?.column ?? -1];
  if (!active || !column) return <div class="tables-active-cell quiet">No cell</div>;
  const { top, bottom, left, right } = sheet.grid.selection;
  const many = top !== bottom || left !== right;
  return (
    <div class="tables-active-cell">
      <span class="tables-address">
        {column.title}, row {active.number}
        {many && <span class="quiet"> · {bottom - top + 1} × {right - left + 1} cells</span>}
      </span>
      <code class="tables-text">{active.text || <span class="quiet">empty</span>}</code>
      {column.words.length > 0 && <span class="quiet">one of {column.words.join(", ")}</span>}
      <span class={active.mark?.severity === "error" ? "bad" : "warning"} role="status">
        {active.mark?.message}
      </span>
      {!active.mark && column.doc && <span class="quiet tables-doc">{column.doc.split("\n")[0]}</span>}
    </div>
  );
}

/** Names where a fault is, as messages do. */
function placeOf(table: GridTable, { row, column }: Fault): string {
  const title = table.columns[column ?? -1]?.title;
  if (row === undefined) return title ? `Column ${title}` : "Table";
  const number = `Row ${table.rows[row]?.number ?? row + 1}`;
  return title ? `${number}, ${title}` : number;
}

function FaultList({ sheet, table }: { sheet: Sheet; table: GridTable }) {
  const all = faults.value.get(table.id) ?? [];
  if (all.length === 0) return null;
  return (
    <section class="tables-faults" aria-label="What is wrong in this table">
      <ul>
        {all.slice(0, LISTED).map((fault, at) => (
          <li key={`${fault.row}.${fault.column}.${at}`}>
            <button type="button" class="tables-fault" onClick={() => sheet.show(fault.row ?? 0, fault.column)}>
              <span class={fault.severity === "error" ? "bad" : "warning"}>
                {placeOf(table, fault)}
              </span>
              <span>
                {fault.message}
                {fault.help && <span class="quiet"> — {fault.help}</span>}
              </span>
            </button>
          </li>
        ))}
        {all.length > LISTED && <li class="quiet">{all.length - LISTED} more</li>}
      </ul>
    </section>
  );
}

function Counts({ sheet }: { sheet: Sheet }) {
  const { shown, all } = sheet.grid.counts;
  return (
    <span class="quiet" role="status">
      {shown === all ? count(all, "row") : `${whole(shown)} of ${count(all, "row")}`}
    </span>
  );
}

export function Pane() {
  const into = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const open = useSignal<Sheet | null>(null);
  const keys = shownKeys.value;
  const table = openTable.value;
  const asked = tablePlace.value;
  useEffect(() => {
    const table = openTable.peek();
    if (!into.current || !table) return;
    let isOpen = true;
    void read();
    void Sheet.open(into.current, table, visibleColumns.peek(), () => search.current?.focus()).then((sheet) => {
      if (isOpen) open.value = sheet;
      else sheet.destroy();
    });
    return () => {
      isOpen = false;
      open.peek()?.destroy();
      open.value = null;
    };
  }, [keys]);
  const sheet = open.value;
  useEffect(() => {
    if (!asked || !sheet || sheet.table.file !== asked.path) return;
    const at = cellAt(sheet.table, asked.offset);
    if (at) sheet.show(at.row, at.column);
    tablePlace.value = null;
  }, [asked, sheet]);
  const onlyFaulty = sheet?.onlyFaulty.value ?? false;
  const hasFaults = faults.value.get(table?.id ?? "")?.some(({ row }) => row !== undefined) ?? false;
  return (
    <>
      <div class="tables-top">
        <div class="tables-heading">
          <h2>{table?.title}</h2>
          <button type="button" class="plain mono tables-path" title="Show the active cell in the text" onClick={() => void sheet?.toText()}>
            {table?.file}
          </button>
          <span class="gap" />
          {sheet && <Counts sheet={sheet} />}
          {sheet && (hasFaults || onlyFaulty) && (
            <label class="tables-check">
              <input
                type="checkbox"
                checked={onlyFaulty}
                onChange={(event) => (sheet.onlyFaulty.value = event.currentTarget.checked)}
              />
              Only rows with problems
            </label>
          )}
          <label class="tables-search">
            <Icon name="search" />
            <input
              ref={search}
              type="search"
              aria-label="Search the table"
              placeholder="Search"
              value={sheet?.search.value ?? ""}
              onInput={(event) => {
                if (sheet) sheet.search.value = event.currentTarget.value;
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter" || event.key === "Escape") sheet?.grid.focus();
              }}
            />
          </label>
        </div>
        {sheet && table && <Toolbar sheet={sheet} table={table} filter={() => sheet.addFilter()} />}
        {sheet && sheet.filters.value.length > 0 && (
          <div class="tables-filters">
            {sheet.filters.value.map((filter) => (
              <FilterRow key={filter.id} sheet={sheet} filter={filter} />
            ))}
            <button type="button" class="plain" onClick={() => sheet.clearFilters()}>
              Clear all
            </button>
          </div>
        )}
        {sheet && <PasteOffer sheet={sheet} />}
        {sheet && <Active sheet={sheet} />}
      </div>
      <div class="tables-body" ref={into} />
      {table?.rows.length === 0 && (
        <p class="tables-empty">
          No rows yet. Paste cells from a spreadsheet into the grid, or add a row. Names of columns in the first row are matched.
        </p>
      )}
      {sheet && table && <FaultList sheet={sheet} table={table} />}
      {table?.kind === "csv" && <CellHelp />}
      <p class="tables-keys quiet">
        Enter or F2 edits, Delete empties, Ctrl-C, X and V copy, cut and paste, Ctrl-D and R fill, Ctrl-Z undoes. Escape, then Tab, leaves
        the grid.
      </p>
    </>
  );
}
