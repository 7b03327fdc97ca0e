/** The first rows of an export: each cell as it came, what it becomes, and what is wrong with it. */
import type { Action, Preview as Data, PreviewOutcome, RawRow, TableForm } from "accrue-rules";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { Source } from "../../state/actions.ts";
import { messageOf } from "../../state/failure.ts";
import { type RawTable, tableOf } from "../../state/rows.ts";
import { count, whole } from "../../ui/format.ts";
import { Marked } from "../../ui/marked.tsx";
import { Rejects } from "../../ui/rejects.tsx";
import { columnsOf, type FieldEntry } from "./mapping-text.ts";
import { MOST_READ, readAll } from "./sketch.ts";
import { RawGrid } from "./table.tsx";

const PARTS: Record<string, keyof Action> = { item: "items", touch: "touches", credit: "credits" };

/** What a field of an action has become; of lists, what the row has become. */
function becomes(action: Action, field: string, row: number): string {
  const [first = "", ...rest] = field.split(".");
  const list = PARTS[first] && action[PARTS[first]];
  let value: unknown = Array.isArray(list) ? (list[row] ?? (first === "item" ? undefined : list[0])) : action[first as keyof Action];
  for (const part of rest) value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[part] : undefined;
  return Array.isArray(value) ? value.map(String).join(", ") : value === undefined || value === null ? "" : String(value);
}

function note(outcome: PreviewOutcome): string {
  if (outcome.kind === "reversed") return "Becomes an action and its reversal.";
  if (outcome.kind === "set_aside") return "Set aside: the export says that it is reversed.";
  return "";
}

interface Props {
  source: Source;
  mapping: string;
  data: Data;
  fields: FieldEntry[];
}

interface Column {
  name: string;
  /** Where it comes from. */
  from?: string;
}

interface FirstRowsProps {
  title: string;
  /** What is to be known of the rows; read aloud when it changes. */
  note: ComponentChildren;
  columns: Column[];
  /** The rows of the table. */
  rows: ComponentChildren;
  children?: ComponentChildren;
}

/** A table of the first rows, each with its line in the file. */
function FirstRows({ title, note, columns, rows, children }: FirstRowsProps) {
  const id = useId();
  return (
    <section class="preview" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <p class="quiet" role="status">
        {note}
      </p>
      <div class="scroll preview-scroll" tabIndex={0} role="group" aria-labelledby={id}>
        <table>
          <thead>
            <tr>
              <th scope="col" class="amount">
                Line
              </th>
              {columns.map(({ name, from }, at) => (
                <th key={at} scope="col">
                  {name}
                  {from !== undefined && <small>{from}</small>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{rows}</tbody>
        </table>
      </div>
      {children}
    </section>
  );
}

function LineNumber({ of }: { of: RawRow }) {
  return (
    <th scope="row" class="amount quiet">
      {of.first_line}
    </th>
  );
}

/** The rows of one transaction, and what is to be said of it. */
function Transaction({ of: { rows, outcome }, form, fields }: { of: Data["entries"][number]; form: TableForm; fields: FieldEntry[] }) {
  const errors = outcome.kind === "rejected" ? outcome.errors : [];
  const wrong = new Set(errors.flatMap(({ columns }) => columns));
  const action = outcome.kind === "action" || outcome.kind === "reversed" ? outcome.action : null;
  const told = note(outcome);
  return (
    <>
      {rows.map((row, index) => (
        <tr key={index} class={outcome.kind === "set_aside" ? "set-aside" : undefined}>
          <LineNumber of={row} />
          {fields.map((field) => {
            const places = columnsOf(field).map((name) => form.columns.indexOf(name)).filter((place) => place >= 0);
            const raw = places.map((place) => row.cells[place] ?? "").filter(Boolean).join(" · ");
            const value = action ? becomes(action, field.field, index) : raw;
            return (
              <td key={field.field} class={places.some((place) => wrong.has(place)) ? "wrong" : undefined}>
                {action ? value || <span class="quiet">—</span> : raw}
                {raw !== value && raw !== "" && <small>{raw}</small>}
              </td>
            );
          })}
        </tr>
      ))}
      {(errors.length > 0 || told) && (
        <tr class="told">
          <td />
          <td colSpan={fields.length}>
            {errors.map((error, index) => (
              <div key={index} class="bad stays">
                {error.field && `${error.field}: `}
                <Marked text={error.message} />
              </div>
            ))}
            {told && <div class="quiet stays">{told}</div>}
          </td>
        </tr>
      )}
    </>
  );
}

export function Preview({ source, mapping, data, fields }: Props) {
  const shown = fields.filter((field) => !field.asked);
  const counts = { action: 0, reversed: 0, set_aside: 0, rejected: 0 };
  for (const { outcome } of data.entries) counts[outcome.kind]++;
  return (
    <FirstRows
      title="What the first rows become"
      note={
        <>
          {count(counts.action + counts.reversed, "action")}
          {counts.set_aside > 0 && `, ${whole(counts.set_aside)} set aside`}
          {counts.rejected > 0 && <span class="bad">, {whole(counts.rejected)} with errors</span>} of the first{" "}
          {count(data.entries.length, "transaction")}.
        </>
      }
      columns={shown.map((field) => ({
        name: field.field,
        from: field.constant === null ? columnsOf(field).join(", ") : `always ${field.constant}`,
      }))}
      rows={data.entries.map((entry, at) => (
        <Transaction key={at} of={entry} form={data.form} fields={shown} />
      ))}
    >
      <All key={source.id} source={source} mapping={mapping} />
    </FirstRows>
  );
}

/** The first rows as they came, while the mapping does not say yet what they become. */
export function RawRows({ form, rows }: { form: TableForm; rows: RawRow[] }) {
  return (
    <FirstRows
      title="The first rows as they came"
      note="What they become is shown here once the mapping has no errors."
      columns={form.columns.map((name) => ({ name }))}
      rows={rows.map((row) => (
        <tr key={row.first_line}>
          <LineNumber of={row} />
          {form.columns.map((_, at) => (
            <td key={at}>{row.cells[at]}</td>
          ))}
        </tr>
      ))}
    />
  );
}

interface AllRead {
  table: RawTable;
  rejects: { file: string; line: number | null; text: string; errors: { field?: string | null; message: string; line?: number | null }[] }[];
  setAside: number;
  /** Whether the export has more transactions than are read. */
  isCut: boolean;
}

/** All actions of the export as a table, read when somebody asks for it. */
function All({ source, mapping }: { source: Source; mapping: string }) {
  const [read, setRead] = useState<AllRead | "reading" | { failed: string } | null>(null);
  useEffect(() => setRead(null), [mapping]);
  const start = async () => {
    setRead("reading");
    try {
      const { entries } = await readAll(source, mapping);
      const actions = entries.flatMap(({ rows, outcome }) =>
        outcome.kind === "action" || outcome.kind === "reversed" ? [{ line: rows[0]?.first_line ?? 0, action: outcome.action }] : [],
      );
      const rejects = entries.flatMap(({ rows, outcome }) =>
        outcome.kind === "rejected"
          ? [{ file: source.name, line: rows[0]?.first_line ?? null, text: rows.map((row) => row.cells.join(",")).join("\n"), errors: outcome.errors }]
          : [],
      );
      const setAside = entries.filter(({ outcome }) => outcome.kind === "set_aside").length;
      setRead({ table: tableOf(actions), rejects, setAside, isCut: entries.length === MOST_READ });
    } catch (error) {
      setRead({ failed: messageOf(error) });
    }
  };
  if (read === null || read === "reading") {
    return (
      <button type="button" class="button" disabled={read === "reading"} onClick={() => void start()}>
        {read === "reading" ? "Reading all rows…" : "Show all rows as actions"}
      </button>
    );
  }
  if ("failed" in read) return <p class="problem">It cannot be read: {read.failed}</p>;
  return (
    <div class="all-read">
      <h3>All actions of this export</h3>
      {read.isCut && <p class="warning">Only the first {count(MOST_READ, "transaction")} are shown. A run decides all of them.</p>}
      {read.setAside > 0 && <p class="quiet">{count(read.setAside, "transaction")} set aside, since the export says that they are reversed.</p>}
      {read.table.rows.length > 0 ? (
        <RawGrid table={read.table} label={`Actions of ${source.name}`} opens />
      ) : (
        <p>No row of this export becomes an action.</p>
      )}
      {read.rejects.length > 0 && (
        <>
          <h3>Rejected rows</h3>
          <div class="rejects">
            <Rejects rejects={read.rejects} />
          </div>
        </>
      )}
    </div>
  );
}
