/**
 * What the grid of the open table does: it leads edits, blocks that are pasted and commands from the grid to the file, and what is read of
 * the file back to the grid. Its columns are those of the table that are shown.
 */
import type { GridColumn, GridTable } from "accrue-rules";
import { batch, computed, effect, signal } from "@preact/signals";
import { showText } from "../../state/text.ts";
import { tell } from "../../state/view.ts";
import { count } from "../../ui/format.ts";
import { type Header, headerOf, parseBlock, writeBlock } from "./clipboard.ts";
import { Grid, type GridHost } from "./grid.ts";
import type { CellText, Step } from "./model.ts";
import { apply, faults, history, openTable, read, setShown, showColumns, visibleColumns } from "./session.ts";

/** How a filter compares the text of a cell. */
export const TESTS = {
  contains: (cell: string, text: string) => cell.toLowerCase().includes(text.toLowerCase()),
  "contains not": (cell: string, text: string) => !cell.toLowerCase().includes(text.toLowerCase()),
  is: (cell: string, text: string) => cell.toLowerCase() === text.toLowerCase(),
  "is empty": (cell: string) => cell === "",
  "is not empty": (cell: string) => cell !== "",
} as const;
export type Test = keyof typeof TESTS;

/** A filter on a column that is shown. */
export interface Filter {
  id: number;
  column: number;
  test: Test;
  text: string;
}

/** A block whose first row names columns: to be pasted by name, or cell by cell. */
export interface Offer {
  block: string[][];
  header: Header;
}

/** The texts of a table in some of its columns. */
function texts(table: GridTable, indexes: number[]): string[][] {
  return table.rows.map(({ cells }) => indexes.map((at) => cells[at]?.text ?? ""));
}

let filterIds = 0;

export class Sheet implements GridHost {
  /** Counts what may have changed in the grid: its selection, its texts, its rows. */
  readonly changes = signal(0);
  readonly filters = signal<Filter[]>([]);
  readonly search = signal("");
  readonly onlyFaulty = signal(false);
  readonly offer = signal<Offer | null>(null);
  readonly isNarrowed = computed(() => this.#tests.value.length > 0 || this.search.value !== "" || this.onlyFaulty.value);
  /** The columns that are shown. */
  readonly columns: GridColumn[];
  /** The filters that ask something: not those whose text is still to be typed. */
  readonly #tests = computed(() => this.filters.value.filter(({ test, text }) => TESTS[test].length < 2 || text !== ""));
  readonly #indexes: number[];
  readonly #grid: Grid;
  readonly #stops: (() => void)[];
  #shown: GridTable;
  #updates: Promise<unknown> = Promise.resolve();
  /** Whether the next change of the rows is brought into sight. */
  #reveals = false;
  readonly #find: () => void;

  /** Shows columns of a table in an element. `find` is called when somebody wants to search. */
  static async open(into: HTMLElement, table: GridTable, indexes: number[], find: () => void): Promise<Sheet> {
    const columns = indexes.flatMap((at) => table.columns[at] ?? []);
    const numbers = table.rows.map((row) => row.number);
    const grid = await Grid.open(into, { label: table.title, columns, rows: texts(table, indexes), numbers });
    return new Sheet(grid, table, columns, indexes, find);
  }

  private constructor(grid: Grid, table: GridTable, columns: GridColumn[], indexes: number[], find: () => void) {
    this.#grid = grid;
    this.#shown = table;
    this.columns = columns;
    this.#indexes = indexes;
    this.#find = find;
    grid.attach(this);
    this.#stops = [
      effect(() => {
        const table = openTable.value;
        if (table?.id === this.#shown.id && table !== this.#shown) this.#update(table);
      }),
      effect(() => {
        const found = faults.value.get(this.#shown.id) ?? [];
        this.#grid.mark(
          found.map(({ row, column, severity, message }) => ({
            severity,
            message,
            ...(row !== undefined && { row }),
            ...this.#columnOf(column),
          })),
        );
      }),
      effect(() => this.#filter()),
    ];
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
    this.#grid.destroy();
  }

  get grid(): Grid {
    void this.changes.value;
    return this.#grid;
  }

  /** The table as it was read last. */
  get table(): GridTable {
    return this.#shown;
  }

  set(cells: CellText[]): void {
    void setShown(this.#shown, this.#inTable(cells));
  }

  selected(): void {
    this.changes.value = this.changes.peek() + 1;
  }

  undo(): void {
    this.#reveals = true;
    void history(this.#shown, "undo");
  }

  redo(): void {
    this.#reveals = true;
    void history(this.#shown, "redo");
  }

  find(): void {
    this.#find();
  }

  copied(rows: string[][]): string {
    tell(`Copied ${count(rows.length * (rows[0]?.length ?? 0), "cell")}.`);
    return writeBlock(rows);
  }

  /** Inserts as many rows as are selected below them, and shows the first. */
  insert(): void {
    const selected = this.#grid.selectedRows;
    const at = selected.length === 0 ? 0 : (selected.at(-1) ?? 0) + 1;
    void this.#insert(at, Math.max(1, selected.length));
  }

  /** Adds a row at the end. */
  append(): void {
    void this.#insert(this.#shown.rows.length, 1);
  }

  /** Deletes the selected rows. */
  remove(): void {
    const selected = this.#grid.selectedRows;
    if (selected.length === 0) return;
    void apply(this.#shown, [{ do: "delete", rows: selected }]).then((done) => done && tell(`Deleted ${count(selected.length, "row")}.`));
  }

  /** Whether rows are shown as in the file, so that they can be moved. */
  get isInOrder(): boolean {
    return this.grid.sorting === null && !this.isNarrowed.value;
  }

  /** Moves the selected rows by one place. */
  move(by: -1 | 1): void {
    if (!this.isInOrder) return tell("Rows are moved when all are shown in the order of the file: clear the sort and the filters.");
    const { left, right, column } = this.#grid.selection;
    const [at] = this.#grid.selectedRows;
    const rows = this.#grid.selectedRows.length;
    if (at === undefined || (by < 0 ? at === 0 : at + rows >= this.#shown.rows.length)) return;
    const to = by < 0 ? at - 1 : at + rows + 1;
    void apply(this.#shown, [{ do: "move", from: at, count: rows, to }]).then(() =>
      this.#settled(() => this.#grid.reveal(at + by, column === left ? left : column, at + by + rows - 1, right)),
    );
  }

  /** Pastes a block at the active cell, or offers to match its columns by name. */
  paste(text: string): void {
    if (text === "") return tell("The clipboard has no text.");
    const block = parseBlock(text);
    const header = headerOf(block, this.#shown.columns);
    if (header) this.offer.value = { block, header };
    else this.#paste(block, this.#grid.selection.left);
  }

  /** Pastes the block that was offered: its columns by their names, or cell by cell. */
  accept(byName: boolean): void {
    const offer = this.offer.value;
    this.offer.value = null;
    if (!offer) return;
    if (!byName) this.#paste(offer.block, this.#grid.selection.left);
    else {
      const [, ...rows] = offer.block;
      const keys = offer.header.columns.flatMap((at) => (at === null ? [] : (this.#shown.columns[at]?.key ?? [])));
      void this.#pasteInto(rows, offer.header.columns);
      showColumns(this.#shown, keys);
    }
    this.#grid.focus();
  }

  /** Shows the active cell in the text of its file. */
  async toText(): Promise<void> {
    const active = this.#grid.active;
    await read();
    const table = this.#shown;
    const row = table.rows[active?.row ?? -1];
    const cell = row?.cells[this.#indexes[active?.column ?? -1] ?? -1];
    const place = cell?.range ?? row?.span;
    showText(table.file, place?.start, place?.end);
  }

  /** Selects a cell; its column is that of the table. */
  show(row: number, column?: number): void {
    if (this.isNarrowed.value && this.#grid.rowsFrom(0).every((at) => at !== row)) this.clearFilters();
    this.#settled(() => {
      this.#grid.reveal(row, Math.max(0, this.#indexes.indexOf(column ?? -1)));
      this.#grid.focus();
    });
  }

  addFilter(): void {
    filterIds += 1;
    const column = this.#grid.active?.column ?? 0;
    this.filters.value = [...this.filters.value, { id: filterIds, column, test: "contains", text: "" }];
  }

  setFilter(filter: Filter): void {
    this.filters.value = this.filters.value.map((other) => (other.id === filter.id ? filter : other));
  }

  removeFilter(id: number): void {
    this.filters.value = this.filters.value.filter((filter) => filter.id !== id);
  }

  clearFilters(): void {
    batch(() => {
      this.filters.value = [];
      this.search.value = "";
      this.onlyFaulty.value = false;
    });
  }

  #filter(): void {
    const filters = this.#tests.value;
    const search = this.search.value.toLowerCase();
    const onlyFaulty = this.onlyFaulty.value;
    if (!this.isNarrowed.value) return this.#grid.filter(null);
    this.#grid.filter(
      (cells, faulty) =>
        (!onlyFaulty || faulty) &&
        (search === "" || cells.some((cell) => cell.toLowerCase().includes(search))) &&
        filters.every(({ column, test, text }) => TESTS[test](cells[column] ?? "", text)),
    );
  }

  #update(table: GridTable): void {
    this.#shown = table;
    const numbers = table.rows.map((row) => row.number);
    this.#settled(async () => {
      const changed = await this.#grid.update(texts(table, this.#indexes), numbers);
      if (!this.#reveals || !changed) return;
      this.#reveals = false;
      const columns = changed.cells.map(({ column }) => column);
      const wide = columns.length > 0 && changed.to - changed.from === new Set(changed.cells.map(({ row }) => row)).size;
      const last = Math.max(changed.from, changed.to - 1);
      if (wide) this.#grid.reveal(changed.from, Math.min(...columns), last, Math.max(...columns));
      else this.#grid.reveal(Math.min(changed.from, table.rows.length - 1), 0);
    });
  }

  /** Does something with the grid when it shows what was read last. */
  #settled(work: () => unknown): void {
    this.#updates = this.#updates.then(work);
  }

  #columnOf(column: number | undefined): { column?: number } {
    const at = column === undefined ? -1 : this.#indexes.indexOf(column);
    // A fault in a column that is not shown is one of the row.
    return at < 0 ? {} : { column: at };
  }

  #inTable(cells: CellText[]): CellText[] {
    return cells.map((cell) => ({ ...cell, column: this.#indexes[cell.column] ?? cell.column }));
  }

  async #insert(at: number, rows: number): Promise<void> {
    // A row of one column cannot be empty: its line would be blank.
    const [only, ...others] = this.#shown.columns;
    const row: Record<string, string> = only && others.length === 0 ? { [only.key]: "new" } : {};
    const steps: Step[] = [{ do: "insert", at, rows: Array.from({ length: rows }, () => row) }];
    if (this.isNarrowed.value) {
      this.clearFilters();
      tell("The filters were cleared, so that the new row is shown.");
    }
    if (this.#grid.sorting) this.#grid.sort(null);
    if (!(await apply(this.#shown, steps))) return;
    this.#settled(() => {
      this.#grid.reveal(at, 0);
      this.#grid.focus();
    });
  }

  #paste(block: string[][], left: number): void {
    const { top, bottom, right } = this.#grid.selection;
    const width = Math.max(...block.map((row) => row.length));
    // A block that fits several times into the selection fills it.
    const times = (size: number, of: number) => (size % of === 0 ? size : of);
    const [high, wide] = [times(bottom - top + 1, block.length), times(right - left + 1, width)];
    const rows = Array.from({ length: high }, (_, row) =>
      Array.from({ length: wide }, (_, column) => block[row % block.length]?.[column % width] ?? ""),
    );
    const columns = Array.from({ length: wide }, (_, column) => this.#indexes[left + column] ?? null);
    void this.#pasteInto(rows, columns);
  }

  /** Pastes rows from the first selected one on, and adds those that are too many. Columns are those of the table. */
  async #pasteInto(rows: string[][], columns: (number | null)[]): Promise<void> {
    await read();
    const table = this.#shown;
    const { top } = this.#grid.selection;
    const there = this.#grid.rowsFrom(top).slice(0, rows.length);
    const keyOf = (column: number) => table.columns[column]?.key ?? "";
    const named = (texts: string[]) =>
      columns.flatMap((column, at) => (column === null ? [] : [{ column, text: texts[at] ?? "" }]));
    const changed = there
      .flatMap((row, n) => named(rows[n] ?? []).map((cell) => ({ ...cell, row })))
      .filter(({ row, column, text }) => table.rows[row]?.cells[column]?.text !== text);
    const added = rows.slice(there.length).map((texts) => Object.fromEntries(named(texts).map((cell) => [keyOf(cell.column), cell.text])));
    const left = columns.filter((column) => column === null).length;
    const steps: Step[] = [];
    if (changed.length) steps.push({ do: "set", cells: changed });
    if (added.length) steps.push({ do: "insert", at: table.rows.length, rows: added });
    if (steps.length === 0) return tell("The cells have these texts already.");
    const shown = changed.flatMap((cell) => {
      const column = this.#indexes.indexOf(cell.column);
      return column < 0 ? [] : [{ ...cell, column }];
    });
    this.#grid.show(shown);
    if (!(await apply(table, steps))) return;
    const parts = [`Pasted ${count(rows.length * (columns.length - left), "cell")}`];
    if (added.length > 0) parts.push(`${count(added.length, "row")} added`);
    if (left > 0) parts.push(`${count(left, "column")} left out`);
    tell(`${parts.join(", ")}.`);
    const visible = columns.flatMap((column) => (column === null ? [] : this.#indexes.indexOf(column))).filter((at) => at >= 0);
    const first = there[0] ?? table.rows.length;
    const last = added.length > 0 ? table.rows.length + added.length - 1 : (there.at(-1) ?? first);
    if (visible.length > 0) this.#settled(() => this.#grid.reveal(first, Math.min(...visible), last, Math.max(...visible)));
  }
}

/** What identifies the columns that are shown: another grid is made when it changes. */
export const shownKeys = computed(() => {
  const table = openTable.value;
  return table ? `${table.id}\n${visibleColumns.value.map((at) => table.columns[at]?.key).join("\n")}` : "";
});
