import * as raw from "./wasm/engine.js";
import { tried } from "./error.js";
import type {
  Action,
  Adjustment,
  Analysis,
  Card,
  CellEdit,
  CellPlace,
  Comparison,
  Completion,
  Coverage,
  Decision,
  Diagnostic,
  Due,
  Explanation,
  FactError,
  GridTable,
  Guess,
  Hover,
  PartnerView,
  Place,
  Preview,
  ProgramOverview,
  QuickFix,
  Row,
  SemanticToken,
  Shipped,
  SignatureHelp,
  Span,
  SummaryData,
  Symbol,
  TestResults,
  TextEdit,
  Waterfall,
} from "./types.js";

/** The files of a program folder: each path, with `/`, such as `contracts/standard.toml`, and its text or bytes. */
export type Files = Record<string, string | Uint8Array>;

/** Limits by name, such as `rule_fuel`. A limit that is left out has the engine's default. */
export type Limits = Record<string, number>;

/** Options of {@link Accrue.load}. */
export interface LoadOptions {
  /** Limits on what is loaded, and on what one evaluation may use. */
  limits?: Limits;
  /** Whether rules are interpreted, and not compiled to WebAssembly. Decisions are the same. {@link Accrue.check} never compiles. */
  interpreted?: boolean;
}

/** Options of {@link Program.decide} and {@link Program.adjust}. */
export interface DecideOptions {
  /** Whether the decision has a trace: what every rule saw, and why a rule or limit did not apply. */
  trace?: boolean;
}

/** The reference facts and counters that an action is decided with. */
export interface Around {
  /** Partners, creatives, promo codes, rates, pauses. Without them, no reference fact is known. */
  reference?: Reference;
  /** The counters before the action. Without them, nothing was counted. */
  counters?: Counters;
}

/** The result for one of many actions. */
export interface Decided {
  /** The index of the action in the list that was given. */
  index: number;
  /** The decision, if there is one. */
  decision?: Decision;
  /** Why the action cannot be decided. */
  error?: { kind: string; message: string };
}

/** The result of {@link Accrue.check}. */
export interface Checked {
  /** Errors and warnings, with places and help. */
  diagnostics: Diagnostic[];
  /** What the program consists of; left out if it has errors. */
  overview?: ProgramOverview;
}

/** Which card {@link Program.card} makes. */
export interface CardOptions {
  /** The contract; left out for all. */
  contract?: string;
  /** The date at which versions are in force, such as `2026-04-01`; left out for the last version of each contract. */
  at?: string;
  /** The partner for whom the card is; left out for the brand's. */
  partner?: string;
}

/** A file of actions or adjustments: JSON Lines, CSV if its name ends in `.csv`, or an export of actions with its mapping. */
export interface NamedFile {
  /** The name of the file. */
  name: string;
  /** Its text or bytes. For a workbook: the bytes that `readWorkbook` of `accrue-rules/readers` returns. */
  content: string | Uint8Array;
  /** The text of the mapping, if it is an export of a network or a shop. */
  mapping?: string;
}

/** What a run decides, and from where it begins. */
export interface History {
  /** The actions, in any order. */
  actions: NamedFile[];
  /** What happened to the actions afterwards. */
  adjustments?: NamedFile[];
  /** Partners, creatives, promo codes, rates, pauses. Without them, no reference fact is known. */
  reference?: Reference;
  /** The counters before the first action. Without them, nothing was counted. They are not changed. */
  counters?: Counters;
  /** Whether the run closes the periods of bonuses as they end. */
  close?: boolean;
  /**
   * The date at whose end the run stops, such as `2026-04-01`: holds that end by then are released. If it is left out, the run ends with its
   * last action.
   */
  asOf?: string;
}

/** How far a {@link Run} is. */
export interface Progress {
  /** Whether everything was decided. */
  done: boolean;
  /** The number of actions that the run has gone through. */
  decided: number;
  /** The number of all actions. */
  total: number;
  /** The number of lines that are no actions or cannot be decided. */
  rejected: number;
  /** The number of rows that an export says are reversed, which are not decided. */
  set_aside: number;
}

/** A line or a row that was not decided. */
export interface Rejected {
  /** The name of the file. */
  file: string;
  /** The first line of the text in the file, from 1. */
  line: number;
  /** The text. */
  text: string;
  /** Why it was not decided, by field. */
  errors: FactError[];
}

/** A decision with everything that says how it came about. */
export interface ExplainedDecision {
  /** The action as it stands; `null` for a bonus. */
  action: Action | null;
  /** The decision as it stands, with a trace. */
  decision: Decision;
  /** The decision in words. */
  explanation: Explanation;
  /** The payout of each award, step by step. */
  waterfalls: Waterfall[];
  /** What the partner may see, if a partner was named. */
  view: PartnerView | null;
}

/** Options of {@link Program.test}. */
export interface TestOptions {
  /** Run only tests whose file or name contains this text. */
  filter?: string;
  /** Whether the results say what of the program the tests reach. */
  coverage?: boolean;
}

/** The results of tests, with what is wrong with their files. */
export type TestedProgram = TestResults & { diagnostics: Diagnostic[]; coverage?: Coverage };

const encoder = new TextEncoder();

/** Returns the bytes of a file. */
function bytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? encoder.encode(content) : content;
}

function folder(files: Files): raw.Files {
  const all = new raw.Files();
  for (const [path, content] of Object.entries(files)) all.set(path, bytes(content));
  return all;
}

/** Gives files to a call, and frees them after it. */
function withFiles<T>(files: Files, call: (files: raw.Files) => T): T {
  const all = folder(files);
  try {
    return tried(() => call(all));
  } finally {
    all.free();
  }
}

/** The engine. */
export class Accrue {
  /** Reads and checks the files of a program. Throws an `AccrueError` with all its diagnostics if it has errors. */
  load(files: Files, options: LoadOptions = {}): Program {
    return new Program(withFiles(files, (files) => raw.Program.load(files, text(options.limits), options.interpreted ?? false)));
  }

  /** Reads and checks the files of a program, and returns what is wrong with them instead of throwing it. */
  check(files: Files, options: LoadOptions = {}): Checked {
    return withFiles(files, (files) => JSON.parse(raw.check(files, text(options.limits))));
  }

  /** Opens a folder for editing. The workspace keeps what it has read of the files, so that it answers fast while somebody types. */
  open(files: Files, options: LoadOptions = {}): Workspace {
    return new Workspace(withFiles(files, (files) => raw.Workspace.open(files, text(options.limits))));
  }

  /** Restores counters from what {@link Counters.snapshot} returned. */
  restore(snapshot: unknown): Counters {
    return new Counters(tried(() => raw.Counters.restore(JSON.stringify(snapshot))));
  }

  /** Returns the mappings that ship with the engine, for exports of networks and shops. */
  mappings(): Shipped[] {
    return JSON.parse(raw.mappings());
  }

  /** Proposes a mapping for an export, and lists what was assumed and which questions are left. `zone` is the time zone of the program. */
  guess(file: NamedFile, zone?: string): Guess {
    return JSON.parse(tried(() => raw.guessMapping(file.name, bytes(file.content), zone)));
  }

  /** Returns what is wrong with the text of a mapping. */
  checkMapping(name: string, text: string): Diagnostic[] {
    return JSON.parse(raw.checkMapping(name, text));
  }

  /** Returns what the first transactions of an export become through its mapping. `zone` is the time zone of the program. */
  previewImport(file: NamedFile & { mapping: string }, count: number, zone?: string): Preview {
    const { name, content, mapping } = file;
    return JSON.parse(tried(() => raw.previewImport(name, bytes(content), mapping, zone, count)));
  }

  /** Returns the engine's limits, by name. */
  limits(): Limits {
    return JSON.parse(raw.limits());
  }

  /** Returns the payout of each award of a decision as a waterfall. */
  waterfalls(decision: Decision): Waterfall[] {
    return JSON.parse(tried(() => raw.waterfalls(JSON.stringify(decision))));
  }

  /** Returns what a partner may see of a decision; `null` if the partner is not credited. */
  partnerView(decision: Decision, partner: string): PartnerView | null {
    return JSON.parse(tried(() => raw.partnerView(JSON.stringify(decision), partner)));
  }
}

/** Gives the files of a history to a call, and frees them after it. */
function withInputs<T>(history: History, call: (inputs: raw.Inputs, asked: string) => T): T {
  const inputs = new raw.Inputs();
  try {
    for (const { name, content, mapping } of history.actions) inputs.addActions(name, bytes(content), mapping);
    for (const { name, content } of history.adjustments ?? []) inputs.addAdjustments(name, bytes(content));
    return call(inputs, JSON.stringify({ close: history.close ?? false, as_of: history.asOf }));
  } finally {
    inputs.free();
  }
}

function text(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/**
 * An object that holds memory of the engine's module until {@link Held.free}. The garbage collector also frees it, at some later time.
 */
export class Held<T extends { free(): void }> {
  /** @internal */
  constructor(readonly held: T) {}

  /** Gives the memory back. The object cannot be used afterwards. */
  free(): void {
    this.held.free();
  }
}

/** A checked program. */
export class Program extends Held<raw.Program> {
  /** The id of the program. */
  get id(): string {
    return this.held.id();
  }

  /** The digest over the files of the terms: 64 hexadecimal digits. */
  get digest(): string {
    return this.held.digest();
  }

  /** Returns what the program consists of. */
  overview(): ProgramOverview {
    return JSON.parse(this.held.overview());
  }

  /** Returns what is valid but probably not meant. */
  warnings(): Diagnostic[] {
    return JSON.parse(this.held.warnings());
  }

  /** Returns counters of this program that have counted nothing. */
  counters(): Counters {
    return new Counters(this.held.counters());
  }

  /** Reads reference facts from files such as `partners.csv`. Throws if any of them has a fault. */
  reference(files: Files = {}): Reference {
    const reference = this.held.reference();
    try {
      for (const [name, content] of Object.entries(files)) tried(() => reference.read(name, bytes(content)));
      tried(() => this.held.checkReference(reference));
    } catch (error) {
      reference.free();
      throw error;
    }
    return new Reference(reference);
  }

  /** Decides an action. The counters stay as they are: {@link Counters.apply} records the decision. */
  decide(action: Action, around: Around = {}, options: DecideOptions = {}): Decision {
    return this.#around(around, (reference, counters) =>
      JSON.parse(this.held.decide(JSON.stringify(action), reference, counters, options.trace ?? false)),
    );
  }

  /** Decides actions one after the other, and records each decision in the counters. */
  decideAll(actions: Action[], around: Around = {}): Decided[] {
    return this.#around(around, (reference, counters) =>
      JSON.parse(this.held.decideAll(JSON.stringify(actions), reference, counters)),
    );
  }

  /**
   * Adjusts an action. Takes the action and its decision as they stand, and returns both as they stand afterwards. The postings of the
   * returned decision are the difference, and {@link Counters.apply} records them.
   */
  adjust(
    adjustment: Adjustment,
    standing: { action: Action; decision: Decision },
    around: Around = {},
    options: DecideOptions = {},
  ): { action: Action; decision: Decision } {
    const [action, decision] = [JSON.stringify(standing.action), JSON.stringify(standing.decision)];
    return this.#around(around, (reference, counters) =>
      JSON.parse(
        this.held.adjust(JSON.stringify(adjustment), action, decision, reference, counters, options.trace ?? false),
      ),
    );
  }

  /** Decides the bonuses of the periods that end until a date, such as `2026-04-01`. Apply the decisions, then call {@link Program.closePeriods}. */
  close(until: string, around: Around = {}): Decision[] {
    return this.#around(around, (reference, counters) => JSON.parse(this.held.close(until, reference, counters)));
  }

  /** Closes the calendar periods that end until a date. */
  closePeriods(until: string, counters: Counters): void {
    tried(() => this.held.closePeriods(until, counters.held));
  }

  /** Returns the first date after `after` on which a period of a bonus ends; `undefined` if the program has no bonus. */
  nextClose(after: string): string | undefined {
    return tried(() => this.held.nextClose(after));
  }

  /** Explains a decision, line by line: to the brand, or to `partner`. Lines have `width` columns, or 80. The decision of a bonus has no action. */
  explain(decision: Decision, action?: Action, options: { partner?: string; width?: number } = {}): Explanation {
    return JSON.parse(
      tried(() => this.held.explain(JSON.stringify(decision), text(action), options.partner, options.width ?? 80)),
    );
  }

  /** Returns the terms in plain words, as data in which every number has its place in the terms. */
  card(options: CardOptions = {}, reference?: Reference): Card {
    return JSON.parse(this.#card(options, reference, "json"));
  }

  /** Returns the terms in plain words, as text, Markdown or a page of HTML to be printed. */
  cardAs(format: "text" | "markdown" | "html", options: CardOptions = {}, reference?: Reference): string {
    return this.#card(options, reference, format);
  }

  #card(options: CardOptions, reference: Reference | undefined, format: string): string {
    return this.#around(reference ? { reference } : {}, (reference) =>
      this.held.card(JSON.stringify(options), reference, format),
    );
  }

  /** Returns what can never apply, each with an action that shows it. */
  analyse(reference?: Reference): Analysis {
    return this.#around(reference ? { reference } : {}, (reference) => JSON.parse(this.held.analyse(reference)));
  }

  /** Returns the dates of the terms and of reference facts that come within `days` days of `from`, and tiers within reach. */
  due(from: string, days: number, around: Around = {}): Due[] {
    return this.#around(around, (reference, counters) => JSON.parse(this.held.due(from, days, reference, counters)));
  }

  /** Returns a run over a history at its beginning. Throws if a file cannot be read at all. */
  run(history: History): Run {
    return withInputs(history, (inputs, asked) =>
      this.#around(history, (reference) => new Run(this.held.run(inputs, reference, history.counters?.held.copy(), asked))),
    );
  }

  /** Returns a simulation over a history at its beginning: what would change if `draft` stood in place of this program. */
  simulate(draft: Program, history: History, options: SimulateOptions = {}): Simulation {
    return withInputs(history, (inputs, asked) =>
      this.#around(history, (reference) => {
        const counters = history.counters?.held.copy();
        const { held } = draft;
        return new Simulation(this.held.simulate(held, inputs, reference, counters, asked, JSON.stringify(options)));
      }),
    );
  }

  /** Runs the tests among the files of the folder. Every test knows the reference facts of the folder. */
  test(files: Files, options: TestOptions = {}): TestedProgram {
    return withFiles(files, (files) => JSON.parse(this.held.test(files, JSON.stringify(options))));
  }

  /** Runs a call with reference facts and counters, and frees those that were made for it. */
  #around<T>(around: Around, call: (reference: raw.Reference, counters: raw.Counters) => T): T {
    const reference = around.reference?.held ?? this.held.reference();
    const counters = around.counters?.held ?? this.held.counters();
    try {
      return tried(() => call(reference, counters));
    } finally {
      if (around.reference === undefined) reference.free();
      if (around.counters === undefined) counters.free();
    }
  }
}

/** A history that a program decides in slices. */
export class Run extends Held<raw.Run> {
  /** Decides up to this number of actions, and returns how far the run is. A page does other things between two calls. */
  next(count: number): Progress {
    return JSON.parse(tried(() => this.held.next(count)));
  }

  /** The number of decisions so far. */
  get count(): number {
    return this.held.count;
  }

  /** Returns the rows of `count` decisions, from the decision with the index `from`: a row for each award, or a row for a decision without awards. */
  rows(from: number, count: number): Row[] {
    return JSON.parse(this.held.rows(from, count));
  }

  /** Returns what was not decided, with the reasons. */
  rejects(): Rejected[] {
    return JSON.parse(this.held.rejects());
  }

  /** Returns the sums over the decisions: by partner, month, payout group, limit and reason. */
  summary(): SummaryData {
    return JSON.parse(tried(() => this.held.summary()));
  }

  /** Explains an action or a bonus as it stands in the end: to the brand, or to a partner. Decides the history up to it again. */
  explain(id: string, options: { partner?: string; width?: number } = {}): ExplainedDecision {
    return JSON.parse(tried(() => this.held.explain(id, options.partner, options.width ?? 80)));
  }

  /** Returns a test of a decision as the text of a file of tests. It was run, and it passes. `own` has the facts of the folder. */
  asTest(id: string, own?: Reference): string {
    const facts = own?.held ?? new raw.Reference();
    try {
      return tried(() => this.held.asTest(id, facts));
    } finally {
      if (own === undefined) facts.free();
    }
  }

  /** Returns every decision as a line of JSON, in the order in which it is made: the bytes that `accrue run` writes. */
  decisions(): string {
    return tried(() => this.held.decisions());
  }

  /** Returns the counters as they are now. */
  counters(): Counters {
    return new Counters(this.held.counters());
  }
}

/** Options of {@link Program.simulate}. */
export interface SimulateOptions {
  /** The most steps into which the draft is taken apart; 16 if left out. */
  steps?: number;
  /** The most steps that are also computed alone, to find changes that interact; 8 if left out. */
  alone?: number;
  /** The most changed actions that are listed for each currency; 100 if left out. */
  listed?: number;
}

/** A history that a program and a draft of it decide in slices. */
export class Simulation extends Held<raw.Simulation> {
  /** Decides up to this number of actions by every program of the simulation, and returns how far the simulation is. */
  next(count: number): Omit<Progress, "set_aside"> {
    return JSON.parse(tried(() => this.held.next(count)));
  }

  /** Decides what is left, and returns what the draft changes. Can be called once. */
  comparison(): Comparison {
    return JSON.parse(tried(() => this.held.comparison()));
  }
}

/**
 * A program folder that is being edited. Places are UTF-16 code units, as in strings of JavaScript. Every method answers for the text as it
 * is, however broken.
 */
export class Workspace extends Held<raw.Workspace> {
  /** Sets the text of a file. */
  set(path: string, text: string): void {
    this.held.set(path, text);
  }

  /** Removes a file. */
  remove(path: string): void {
    this.held.remove(path);
  }

  /** Returns what is wrong with the program and, if it has no errors, what it consists of. */
  check(): Checked {
    return JSON.parse(this.held.check());
  }

  /** Returns the program. Throws if it has errors. */
  program(options: Pick<LoadOptions, "interpreted"> = {}): Program {
    return new Program(tried(() => this.held.program(options.interpreted ?? false)));
  }

  /** Returns what may be written at a place. */
  complete(path: string, at: number): Completion[] {
    return JSON.parse(this.held.complete(path, at));
  }

  /** Returns what is known of the word at a place; `null` if nothing is. */
  hover(path: string, at: number): Hover | null {
    return JSON.parse(this.held.hover(path, at));
  }

  /** Returns the call that a place is in; `null` outside of a call. */
  signature(path: string, at: number): SignatureHelp | null {
    return JSON.parse(this.held.signature(path, at));
  }

  /** Returns the repairs of what is wrong in a range. */
  fixes(path: string, from: number, to: number): QuickFix[] {
    return JSON.parse(this.held.fixes(path, from, to));
  }

  /** Returns the outline of a file. */
  symbols(path: string): Symbol[] {
    return JSON.parse(this.held.symbols(path));
  }

  /** Returns where the name at a place is declared. */
  definition(path: string, at: number): Place[] {
    return JSON.parse(this.held.definition(path, at));
  }

  /** Returns where the name at a place is used, its declaration included. */
  references(path: string, at: number): Place[] {
    return JSON.parse(this.held.references(path, at));
  }

  /** Returns the name at a place and its range; `null` if it cannot be renamed. */
  renamed(path: string, at: number): { span: Span; name: string } | null {
    return JSON.parse(this.held.renamed(path, at));
  }

  /** Returns the edits that rename the name at a place, in all files. Throws if the new name cannot be taken. */
  rename(path: string, at: number, to: string): TextEdit[] {
    return JSON.parse(tried(() => this.held.rename(path, at, to)));
  }

  /** Returns the text of a file as it is usually written. Throws if the text is broken. */
  format(path: string): string {
    return tried(() => this.held.format(path));
  }

  /** Returns the words of a file with their kinds, for highlighting. */
  tokens(path: string): SemanticToken[] {
    return JSON.parse(this.held.tokens(path));
  }

  /** Returns the tables of the program as grids: payout groups, bands, restrictions, limits, lists, and tables of `tables/`. */
  tables(): GridTable[] {
    return JSON.parse(this.held.tables());
  }

  /** Returns for each diagnostic of {@link Workspace.check} its cell in {@link Workspace.tables}; `null` if it is in none. */
  cells(): (CellPlace | null)[] {
    return JSON.parse(this.held.cells());
  }

  /** Returns the edits that write cells of a table. Throws if a text cannot stand in its cell. */
  setCells(table: string, cells: CellEdit[]): TextEdit[] {
    return JSON.parse(tried(() => this.held.setCells(table, JSON.stringify(cells))));
  }

  /** Returns the edits that add rows before the row `at`. Each new row maps columns to the texts of its cells. */
  insertRows(table: string, at: number, rows: Record<string, string>[]): TextEdit[] {
    const pairs = JSON.stringify(rows.map((row) => Object.entries(row)));
    return JSON.parse(tried(() => this.held.insertRows(table, at, pairs)));
  }

  /** Returns the edits that delete rows. */
  deleteRows(table: string, rows: number[]): TextEdit[] {
    return JSON.parse(tried(() => this.held.deleteRows(table, JSON.stringify(rows))));
  }

  /** Returns the edits that move `count` rows, from the row `from`, before the row `to`. */
  moveRows(table: string, from: number, count: number, to: number): TextEdit[] {
    return JSON.parse(tried(() => this.held.moveRows(table, from, count, to)));
  }
}

/** Reference facts: partners, creatives, promo codes, exchange rates, pauses. {@link Program.reference} reads them. */
export class Reference extends Held<raw.Reference> {}

/** What a program has counted so far, for limits and for the totals that rules read. */
export class Counters extends Held<raw.Counters> {
  /** Returns everything that is counted, to be restored by {@link Accrue.restore}. */
  snapshot(): unknown {
    return JSON.parse(this.held.snapshot());
  }

  /** Returns everything that is counted, by counter, key and time. */
  entries(): unknown[] {
    return JSON.parse(this.held.entries());
  }

  /** Records a decision: applies its postings, all of them or none. */
  apply(decision: Decision): void {
    tried(() => this.held.apply(JSON.stringify(decision)));
  }

  /** Takes the postings of a recorded decision back. */
  revert(decision: Decision): void {
    tried(() => this.held.revert(JSON.stringify(decision)));
  }
}
