/** Types of the package that are being built: replaced by those of `accrue-rules`. */
import type { Accrue, Action, Adjustment, Diagnostic, FactError, Remote } from "accrue-rules";

export interface TableForm {
  encoding?: string | null;
  delimiter?: string | null;
  header_line: number;
  columns: string[];
}
export interface RawRow {
  first_line: number;
  last_line: number;
  cells: string[];
}
export type Outcome =
  | { kind: "action"; action: Action }
  | { kind: "reversed"; action: Action; reversal: Adjustment }
  | { kind: "set_aside" }
  | { kind: "rejected"; errors: (FactError & { columns: number[] })[] };
export interface Preview {
  form: TableForm;
  entries: { rows: RawRow[]; outcome: Outcome }[];
  is_cut: boolean;
}
export interface Guess {
  toml: string;
  notes: string[];
  questions: string[];
  candidates: { name: string; title: string }[];
  form: TableForm;
  rows: RawRow[];
}
export interface Shipped {
  name: string;
  title: string;
  text: string;
}
export interface Importing {
  mappings(): Shipped[];
  guess(name: string, content: Uint8Array): Guess;
  checkMapping(text: string): Diagnostic[];
  previewImport(mapping: string, name: string, content: Uint8Array, rows: number): Preview;
}
export const importing = (engine: Remote<Accrue>) => engine as unknown as Remote<Importing>;
