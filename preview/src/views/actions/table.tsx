/** The rows of a source as a table, with a search. A row begins the form. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { formAction, type Source, textOfSource } from "../../state/actions.ts";
import { declared } from "../../state/program.ts";
import { readable } from "../../state/readable.ts";
import { actionOf, isParquet, type RawRow, type RawTable, rawTable } from "../../state/rows.ts";
import { count, whole } from "../../ui/format.ts";
import { Grid, type GridColumn } from "../../ui/grid.tsx";
import "../../ui/filters.css";

/** Gives the value of an attribute the type that the program declares. */
function typed(name: string, text: string, item: boolean): unknown {
  const of = (item ? declared.value.itemAttributes : declared.value.attributes).find((attribute) => attribute.name === name);
  if (of?.type === "bool") return text.toLowerCase() === "true";
  if (of?.type === "integer") return Number(text);
  return text;
}

/** The width of a column: of its name and of its first cells. */
function width(table: RawTable, at: number): number {
  const longest = table.rows.slice(0, 40).reduce((most, row) => Math.max(most, table.cells(row)[at]?.length ?? 0), table.columns[at]?.length ?? 0);
  return Math.min(320, Math.max(70, longest * 9 + 26));
}

export function SourceTable({ source }: { source: Source }) {
  const [read, setRead] = useState<RawTable | string | null>(null);
  const packed = isParquet(source.name);
  useEffect(() => {
    if (!packed) return;
    readable(source).then(
      ({ content }) => setRead(rawTable("actions.jsonl", new TextDecoder().decode(content))),
      (error: Error) => setRead(error.message),
    );
  }, [source.content]);
  const plain = useMemo(() => (packed ? null : rawTable(source.name, textOfSource(source))), [source.content]);
  const table = plain ?? read;
  if (table === null) return <p class="quiet">Reading the file…</p>;
  if (typeof table === "string") return <p class="problem">{table}</p>;
  return <RawGrid table={table} label={`Rows of ${source.name}`} opens={source.kind === "actions"} />;
}

export function RawGrid({ table, label, opens }: { table: RawTable; label: string; opens: boolean }) {
  const [search, setSearch] = useState("");
  const columns = useMemo(
    (): GridColumn<RawRow>[] => [
      { key: "line", title: "Line", width: 66, number: true, cell: (row) => <span class="quiet">{row.line}</span> },
      ...table.columns.map((title, at) => ({ key: `${at}`, title, width: width(table, at), cell: (row: RawRow) => table.cells(row)[at] ?? "" })),
    ],
    [table],
  );
  const rows = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return wanted ? table.rows.filter((row) => table.text(row).toLowerCase().includes(wanted)) : table.rows;
  }, [table, search]);
  return (
    <div class="source-table">
      <div class="filters" role="search" aria-label={`Search ${label}`}>
        <label class="filter filter-text">
          <span>Search</span>
          <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        </label>
        <span class="quiet filter-count" role="status">
          {search ? `${whole(rows.length)} of ${count(table.rows.length, "row")}` : count(table.rows.length, "row")}
          {opens && ". Open a row to change it and try again."}
        </span>
      </div>
      <Grid
        label={label}
        columns={columns}
        rows={rows}
        empty={search ? "No row has this text." : "The file has no rows."}
        {...(opens && {
          onOpen: (row: RawRow) => {
            formAction.value = actionOf(table, table.rows.indexOf(row), typed);
          },
        })}
      />
    </div>
  );
}
