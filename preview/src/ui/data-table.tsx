/** A table of results: its first column names the row, and columns with a key can be sorted by. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { whole } from "./format.ts";
import "./data-table.css";

export interface DataColumn<T> {
  title: string;
  cell(row: T): ComponentChildren;
  number?: boolean;
  /** What the column is sorted by. An amount is compared as a number, and shown as it is. */
  key?(row: T): string | number;
}

interface Props<T> {
  title: string;
  rows: readonly T[];
  columns: DataColumn<T>[];
  note?: ComponentChildren;
  /** The most rows that are shown at once. */
  most?: number;
}

export function DataTable<T>({ title, rows, columns, note, most = 25 }: Props<T>) {
  const id = useId();
  const [sorting, setSorting] = useState<{ at: number; down: boolean } | null>(null);
  const [all, setAll] = useState(false);
  if (rows.length === 0) return null;
  const key = sorting && columns[sorting.at]?.key;
  let sorted = rows;
  if (sorting && key) {
    const by = sorting.down ? -1 : 1;
    sorted = rows.toSorted((a, b) => {
      const [x, y] = [key(a), key(b)];
      return x < y ? -by : x > y ? by : 0;
    });
  }
  const shown = all ? sorted : sorted.slice(0, most);
  return (
    <section class="sheet data-table" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {note && <p class="quiet">{note}</p>}
      <div class="scroll" tabIndex={0} role="group" aria-labelledby={id}>
        <table class="data">
          <thead>
            <tr>
              {columns.map((column, at) => {
                const mine = sorting?.at === at ? sorting : null;
                return (
                  <th
                    key={column.title}
                    scope="col"
                    class={column.number ? "amount" : undefined}
                    aria-sort={mine ? (mine.down ? "descending" : "ascending") : undefined}
                  >
                    {column.key ? (
                      <button
                        type="button"
                        class="data-sort"
                        onClick={() => setSorting({ at, down: mine ? !mine.down : column.number === true })}
                      >
                        {column.title}
                        {mine ? (mine.down ? " ↓" : " ↑") : ""}
                      </button>
                    ) : (
                      column.title
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, at) => (
              <tr key={at}>
                {columns.map((column, index) =>
                  index === 0 ? (
                    <th key={column.title} scope="row">
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={column.title} class={column.number ? "amount" : undefined}>
                      {column.cell(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most && (
        <button type="button" class="plain data-more" onClick={() => setAll(!all)}>
          {all ? `Show the first ${whole(most)}` : `Show all ${whole(rows.length)}`}
        </button>
      )}
    </section>
  );
}
