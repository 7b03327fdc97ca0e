/**
 * The tables of the program as grids: payout groups, bands, limits and lists, in contracts and in CSV files. The text and the grid are two
 * views of one file.
 */
import { useSignal } from "@preact/signals";
import type { GridTable } from "accrue-rules";
import { useEffect } from "preact/hooks";
import { count } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { tablePlace } from "../../state/tables.ts";
import { cellAt } from "./model.ts";
import { NewTable } from "./new.tsx";
import { Pane } from "./pane.tsx";
import { chosen, faults, keepReading, openTable, problem, tables } from "./session.ts";
import "./tables.css";

const KINDS: Record<GridTable["kind"], string> = {
  groups: "payout groups",
  bands: "bands",
  restrictions: "payout restrictions",
  limits: "limits",
  bonuses: "performance bonuses",
  entries: "entries",
  list: "list",
  csv: "CSV table",
};

function byFile(all: GridTable[]): [string, GridTable[]][] {
  return [...Map.groupBy(all, (table) => table.file)];
}

function List({ onNew, onChoose }: { onNew: () => void; onChoose: (id: string) => void }) {
  const all = tables.value ?? [];
  return (
    <nav class="tables-list" aria-label="Tables of the program">
      <button type="button" class="button" onClick={onNew}>
        <Icon name="add" /> New table
      </button>
      {byFile(all).map(([file, of]) => (
        <section key={file}>
          <h2 class="tables-file">{file}</h2>
          <ul>
            {of.map((table) => {
              const found = faults.value.get(table.id) ?? [];
              const wrong = found.length;
              const isError = found.some((fault) => fault.severity === "error");
              return (
                <li key={table.id}>
                  <button
                    type="button"
                    class="tables-entry"
                    aria-current={table === openTable.value ? "true" : undefined}
                    onClick={() => onChoose(table.id)}
                  >
                    <span class="tables-name">{table.title}</span>
                    <span class="quiet">
                      {table.kind === "csv" || table.title.toLowerCase() !== KINDS[table.kind] ? `${KINDS[table.kind]}, ` : ""}
                      {count(table.rows.length, "row")}
                    </span>
                    {wrong > 0 && (
                      <span class={isError ? "bad" : "warning"}>
                        {count(wrong, isError ? "fault" : "warning")}
                      </span>
                    )}
                  </button>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function Nothing() {
  return (
    <div class="page tables-nothing">
      <h2>This program has no tables yet</h2>
      <p>
        You have a rate for each SKU, country or tier in a spreadsheet? Make a table, paste the cells, and each row is a payout group. A
        column is named by a fact, such as <code>item.sku</code> or <code>customer.country</code>, or by a key of a payout group, such
        as <code>rate</code>. An empty cell below a fact means any value.
      </p>
      <p>Tables also hold bands, tiers of bonuses, limits and the values of lists. Payout groups and limits of a contract are shown here too.</p>
    </div>
  );
}

export default function Tables() {
  const isNew = useSignal(false);
  useEffect(keepReading, []);
  const asked = tablePlace.value;
  useEffect(() => {
    if (!asked || !tables.value) return;
    const found = tables.value.find((table) => table.file === asked.path && cellAt(table, asked.offset));
    const inFile = found ?? tables.value.find((table) => table.file === asked.path);
    if (inFile) chosen.value = inFile.id;
    isNew.value = false;
  }, [asked, tables.value !== null]);
  if (problem.value) return <p class="problem page">The tables cannot be read: {problem.value}</p>;
  if (!tables.value) return <p class="quiet page">Reading the tables…</p>;
  const table = openTable.value;
  return (
    <div class="tables">
      <List
        onNew={() => (isNew.value = true)}
        onChoose={(id) => {
          isNew.value = false;
          chosen.value = id;
        }}
      />
      <div class="tables-main">
        {isNew.value || !table ? (
          <>
            {!table && <Nothing />}
            <NewTable onDone={() => (isNew.value = false)} canLeave={table !== null} />
          </>
        ) : (
          <Pane />
        )}
      </div>
    </div>
  );
}
