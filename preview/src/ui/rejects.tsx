/** Lines of files that are not valid actions, each with what was expected. */
import type { FactError } from "accrue-rules";
import { Marked } from "./marked.tsx";
import { Grid, type GridColumn } from "./grid.tsx";

/** What is not decided: a line of a file, and why. */
interface RejectedLine {
  file: string;
  line?: number | null;
  text?: string;
  errors: FactError[];
}

interface Line {
  file: string;
  line: number | null;
  field: string;
  message: string;
  text: string;
}

const COLUMNS: GridColumn<Line>[] = [
  { key: "file", title: "File", width: 180, cell: (of) => of.file },
  { key: "line", title: "Line", width: 70, number: true, cell: (of) => of.line ?? "" },
  { key: "field", title: "Field", width: 200, cell: (of) => of.field },
  { key: "message", title: "What was expected", width: 520, grows: true, cell: (of) => <span title={of.message}><Marked text={of.message} /></span> },
  { key: "text", title: "As it came", width: 320, cell: (of) => <span class="mono">{of.text}</span> },
];

export function Rejects({ rejects }: { rejects: readonly RejectedLine[] }) {
  const lines = rejects.flatMap(({ file, line, text, errors }) =>
    errors.map((error): Line => ({ file, line: error.line ?? line ?? null, field: error.field ?? "", message: error.message, text: text ?? "" })),
  );
  return <Grid label="Rejected lines" columns={COLUMNS} rows={lines} empty="No line is rejected." />;
}
