/** Types of the package that are being built: replaced by those of `accrue-rules`. */
import type { Accrue, Action, Adjustment, Decision, Diagnostic, Explanation, FactError, PartnerView, Remote, Waterfall } from "accrue-rules";

export interface RunFile {
  name: string;
  content: Uint8Array;
  mapping?: string;
}
export interface History {
  actions: RunFile[];
  adjustments?: { name: string; content: Uint8Array }[];
  reference?: unknown;
  counters?: unknown;
  close?: boolean;
  asOf?: string;
}
export interface Progress {
  done: boolean;
  decided: number;
  total: number;
  rejected: number;
}
export interface Row {
  action: string;
  event_type: string;
  occurred_at: string;
  order_id?: string | null;
  partner?: string | null;
  role?: string | null;
  share?: string | null;
  reported_partner?: string | null;
  status: "payable" | "held" | "rejected" | "zero" | "reversed";
  currency?: string | null;
  base: string;
  payout: string;
  payable: string;
  held: string;
  adjustment?: string | null;
  change: string;
  groups: string[];
  reasons: string[];
  release_at?: string | null;
  locks_at?: string | null;
  pays_on?: string | null;
  limits: string[];
  limit_cut: string[];
  notices: string[];
  contract?: string | null;
  version?: number | null;
}
export interface ByStatus<T> {
  payable: T;
  held: T;
  rejected: T;
  zero: T;
  reversed: T;
}
export interface Totals {
  actions: ByStatus<number>;
  commissionable: ByStatus<string>;
  payable: string;
  held: string;
}
export interface Summary {
  actions: number;
  currencies: (Totals & {
    currency: string;
    months: (Totals & { month: string })[];
    partners: (Totals & { partner: string | null })[];
  })[];
  groups: { contract: string; group: string; currency: string; actions: number; payable: string; held: string }[];
  limits: { limit: string; currency: string; actions: number; cut: string }[];
  reasons: { reason: string; status: string; currency: string; actions: number; amount: string; held: string; meaning?: string }[];
  uncredited: { partner: string; reason: string; currency: string; actions: number; amount: string }[];
  bonuses: { contract: string; bonus: string; currency: string; decisions: number; payout: string }[];
  notices: { notice: string; actions: number; meaning?: string }[];
}
export interface Rejected {
  file: string;
  line?: number | null;
  text?: string;
  errors: FactError[];
}
export interface Explained {
  action: Action | null;
  decision: Decision;
  explanation: Explanation;
  waterfalls: Waterfall[];
  view: PartnerView | null;
}
export interface Run {
  free(): void;
  next(count: number): Progress;
  rows(from: number, count: number): Row[];
  rowCount: number;
  rejects(): Rejected[];
  summary(): Summary;
  explain(action: string, options?: { partner?: string; width?: number }): Explained;
  asTest(action: string): string;
  decisions(): string;
  counters(): { free(): void };
}
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
export interface DraftProgram {
  free(): void;
  run(history: History): Run;
}
export const importing = (engine: Remote<Accrue>) => engine as unknown as Remote<Importing>;
