/**
 * The grid: rows and columns of Tabulator, and on them what people know from a spreadsheet: a selection, keys, a cell editor, a handle to
 * fill by.
 *
 * The grid knows texts of cells and nothing of programs. It shows an edit at once and tells its host; the host changes the file, and
 * gives the grid the rows again, of which it applies the differences.
 */
import type { GridColumn } from "accrue-rules";
import {
  FilterModule,
  FormatModule,
  FrozenColumnsModule,
  ResizeColumnsModule,
  ResizeTableModule,
  SortModule,
  Tabulator,
} from "tabulator-tables";
import "tabulator-tables/dist/css/tabulator.css";
import type { CellText } from "./model.ts";

Tabulator.registerModule([
  FilterModule,
  FormatModule,
  FrozenColumnsModule,
  ResizeColumnsModule,
  ResizeTableModule,
  SortModule,
]);

/** The height of a row in pixels, as in the style sheet. */
const ROW = 30;
/** The number of the first column for assistive technology: column 1 has the numbers of the rows. */
const FIRST = 2;
/** The largest number of rows that are added or removed one by one. */
const FEW = 400;
/** Rows that are looked at to find how wide a column is. */
const SAMPLE = 300;

/** What is wrong with a cell. */
export interface Mark {
  severity: "error" | "warning";
  message: string;
}

/** A row of the grid. */
interface GridRow {
  id: number;
  /** Its index in the file. */
  at: number;
  /** Its index among the rows that are shown; -1 if a filter hides it. */
  place: number;
  /** The number that people see. */
  number: number;
  cells: string[];
  /** What is wrong with the row, and with its cells. */
  mark: Mark | undefined;
  marks: (Mark | undefined)[];
  /** What shows it, where it was shown already. */
  label: HTMLElement | undefined;
  elements: (HTMLElement | undefined)[];
  texts: (Text | undefined)[];
  /** The place at which it was shown without anything selected in it; -1 if something is. */
  plain: number;
}

/** The cells that are selected, by the rows and columns that are shown. `row` and `column` are the active cell. */
interface Selection {
  row: number;
  column: number;
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** Who has the grid. Rows are counted as in the file. */
export interface GridHost {
  /** Cells were edited. The grid shows them already. */
  set(cells: CellText[]): void;
  /** A block of text was pasted. */
  paste(text: string): void;
  /** What the selection is now, or what it contains, may be another. */
  selected(): void;
  undo(): void;
  redo(): void;
  insert(): void;
  remove(): void;
  move(by: -1 | 1): void;
  find(): void;
  /** Texts for the clipboard. */
  copied(rows: string[][]): string;
}

/** What a grid begins with. */
interface GridContent {
  label: string;
  columns: GridColumn[];
  rows: string[][];
  numbers: number[];
}

let grids = 0;
let ids = 0;

function made(tag: string, name: string, text = ""): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** Orders texts as people do, numbers by what they are. Empty cells come last. */
function compared(a: string, b: string): number {
  if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
  const [x, y] = [a, b].map((text) => Number.parseFloat(text.replace(/^[<>=.\s]+/, "")));
  if (x !== undefined && y !== undefined && !Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y;
  return collator.compare(a, b);
}

export class Grid {
  readonly #table: Tabulator<GridRow>;
  readonly #root: HTMLElement;
  /** Set when Tabulator has made its elements, before the grid is handed out. */
  #holder!: HTMLElement;
  #host: GridHost | undefined;
  readonly #columns: GridColumn[];
  readonly #heads: HTMLElement[] = [];
  readonly #rowOf = new WeakMap<Element, GridRow>();
  readonly #handle = made("div", "tables-handle");
  readonly #prefix = `tables-${(grids += 1)}`;
  readonly #ended = new AbortController();
  /** All rows in the order of the file, and those that are shown in the order in which they are. */
  #rows: GridRow[];
  #shown: GridRow[] = [];
  #selection: Selection = { row: 0, column: 0, top: 0, bottom: 0, left: 0, right: 0 };
  #anchor = { row: 0, column: 0 };
  #editor: { input: HTMLInputElement; row: GridRow; column: number } | undefined;
  #drag: "cells" | "rows" | "fill" | undefined;
  #filled: Selection | undefined;
  /** Whether Tab leaves the grid: after Escape. */
  #leaves = false;
  #sorting: { column: number; down: boolean } | null = null;

  /** Makes a grid in an element, when Tabulator is ready. */
  static open(into: HTMLElement, content: GridContent): Promise<Grid> {
    return new Promise((resolve) => {
      const grid = new Grid(into, content);
      grid.#table.on("tableBuilt", () => {
        grid.#built(content.label);
        resolve(grid);
      });
    });
  }

  private constructor(into: HTMLElement, content: GridContent) {
    this.#columns = content.columns;
    this.#rows = content.rows.map((cells, at) => this.#row(cells, at, content.numbers[at] ?? at + 1));
    const wide = into.clientWidth > 560;
    const element = made("div", "tables-grid");
    into.append(element);
    this.#table = new Tabulator<GridRow>(element, {
      data: [...this.#rows],
      index: "id",
      height: "100%",
      layout: "fitData",
      renderVertical: "virtual",
      renderHorizontal: "virtual",
      rowHeight: ROW,
      nestedFieldSeparator: false,
      rowFormatter: (row) => {
        this.#rowOf.set(row.getElement(), row.getData());
        row.getData().plain = -1;
      },
      columns: [
        {
          title: "",
          field: "number",
          width: 58,
          frozen: true,
          resizable: false,
          headerSort: false,
          cssClass: "tables-number",
          titleFormatter: () => made("span", "tables-corner", "Row"),
          formatter: (cell) => {
            const row = cell.getData();
            row.label = cell.getElement();
            row.label.setAttribute("role", "rowheader");
            row.label.setAttribute("aria-colindex", "1");
            this.#dressRow(row);
            return document.createTextNode(String(row.number));
          },
        },
        ...content.columns.map((column, at) => ({
          title: "",
          field: `c${at}`,
          width: this.#width(at),
          minWidth: 48,
          frozen: at === 0 && wide,
          resizable: "header" as const,
          headerSort: false,
          titleFormatter: () => this.#head(column, at),
          formatter: (cell: { getElement(): HTMLElement; getData(): GridRow }) => this.#cell(cell.getData(), at, cell.getElement()),
          sorter: (_a: unknown, _b: unknown, a: { getData(): GridRow }, b: { getData(): GridRow }) =>
            compared(a.getData().cells[at] ?? "", b.getData().cells[at] ?? ""),
        })),
      ],
    });
    this.#root = element;
  }

  /** Gives the grid to its host, and tells the host of what happens in it from now on. */
  attach(host: GridHost): void {
    this.#host = host;
  }

  /** Takes the grid away. */
  destroy(): void {
    this.#ended.abort();
    this.#editor?.input.remove();
    this.#editor = undefined;
    this.#table.destroy();
    this.#root.remove();
  }

  focus(): void {
    this.#root.focus({ preventScroll: true });
  }

  get selection(): Selection {
    return this.#selection;
  }

  /** The number of rows that are shown, and of all. */
  get counts(): { shown: number; all: number } {
    return { shown: this.#shown.length, all: this.#rows.length };
  }

  /** The active cell: its row in the file, what people call the row, its text and what is wrong with it. */
  get active(): { row: number; number: number; column: number; text: string; mark: Mark | undefined } | null {
    const row = this.#shown[this.#selection.row];
    const column = this.#selection.column;
    if (!row) return null;
    return { row: row.at, number: row.number, column, text: row.cells[column] ?? "", mark: row.marks[column] ?? row.mark };
  }

  /** The rows of the file that are selected, in their order. */
  get selectedRows(): number[] {
    const { top, bottom } = this.#selection;
    return this.#shown
      .slice(top, bottom + 1)
      .map((row) => row.at)
      .sort((a, b) => a - b);
  }

  /** The file's rows from the first selected one on, as they are shown. */
  rowsFrom(top: number): number[] {
    return this.#shown.slice(top).map((row) => row.at);
  }

  /** The texts of the selected cells. */
  get selectedTexts(): string[][] {
    const { top, bottom, left, right } = this.#selection;
    return this.#shown.slice(top, bottom + 1).map((row) => row.cells.slice(left, right + 1));
  }

  get sorting(): { column: number; down: boolean } | null {
    return this.#sorting;
  }

  /** Sorts what is shown, and not the file. */
  sort(sorting: { column: number; down: boolean } | null): void {
    this.#sorting = sorting;
    if (sorting) this.#table.setSort(`c${sorting.column}`, sorting.down ? "desc" : "asc");
    else this.#table.clearSort();
    for (const [at, head] of this.#heads.entries()) {
      const sorted = sorting?.column === at ? sorting : null;
      const cell = head.closest(".tabulator-col");
      cell?.setAttribute("aria-sort", sorted ? (sorted.down ? "descending" : "ascending") : "none");
    }
    this.#arrange();
  }

  /** Shows the rows that match, or all. */
  filter(matches: ((cells: string[], faulty: boolean) => boolean) | null): void {
    const isFaulty = (row: GridRow) => row.mark !== undefined || row.marks.some((mark) => mark !== undefined);
    if (matches) this.#table.setFilter((row) => matches(row.cells, isFaulty(row)));
    else this.#table.clearFilter(false);
    this.#arrange();
  }

  /** Selects cells of the rows of the file, and brings them into sight. */
  reveal(row: number, column: number, bottom = row, right = column): void {
    const shown = this.#rows[row]?.place ?? -1;
    const last = this.#rows[bottom]?.place ?? -1;
    if (shown < 0) return;
    this.#select(shown, column, last < 0 ? shown : last, right);
    this.#scrollTo(shown, column);
  }

  /** Shows texts of cells of the file at once. */
  show(cells: CellText[]): void {
    for (const { row, column, text } of cells) {
      const of = this.#rows[row];
      if (of) this.#write(of, column, text);
    }
    this.#host?.selected();
  }

  /** Shows rows in place of those before: applies the differences. Returns the rows that changed, first and after the last. */
  async update(rows: string[][], numbers: number[]): Promise<{ from: number; to: number; cells: CellText[] } | null> {
    const before = this.#rows;
    const same = (a: string[], b: string[]) => a.length === b.length && a.every((text, at) => text === b[at]);
    const shortest = Math.min(before.length, rows.length);
    let from = 0;
    while (from < shortest && same(before[from]?.cells ?? [], rows[from] ?? [])) from += 1;
    let tail = 0;
    while (
      tail < shortest - from &&
      same(before[before.length - 1 - tail]?.cells ?? [], rows[rows.length - 1 - tail] ?? [])
    ) {
      tail += 1;
    }
    const both = shortest - from - tail;
    const cells: CellText[] = [];
    for (let row = from; row < from + both; row += 1) {
      for (const [column, text] of (rows[row] ?? []).entries()) {
        if (before[row]?.cells[column] !== text) cells.push({ row, column, text });
      }
    }
    this.show(cells);
    const removed = before.slice(from + both, before.length - tail);
    const added = rows.slice(from + both, rows.length - tail).map((texts) => this.#row(texts, 0, 0));
    if (removed.length + added.length > 0) {
      const at = from + both;
      this.#rows = [...before.slice(0, at), ...added, ...before.slice(before.length - tail)];
      if (removed.length + added.length > FEW) {
        await this.#table.replaceData([...this.#rows]);
      } else {
        if (removed.length) await this.#table.deleteRow(removed.map((row) => row.id));
        const next = this.#rows[at + added.length];
        if (added.length) await this.#table.addData([...added], next !== undefined, next?.id);
      }
    }
    for (const [at, row] of this.#rows.entries()) {
      row.at = at;
      const number = numbers[at] ?? at + 1;
      if (row.number === number) continue;
      row.number = number;
      if (row.label) row.label.textContent = String(number);
    }
    if (removed.length + added.length > 0) this.#arrange();
    if (cells.length + removed.length + added.length === 0) return null;
    return { from, to: from + both + added.length, cells };
  }

  /** Marks the cells, rows and headers with faults, and no others. */
  mark(faults: Iterable<Mark & { row?: number; column?: number }>): void {
    const marks = new Map<GridRow, { row: Mark | undefined; cells: (Mark | undefined)[] }>();
    const headers: (Mark | undefined)[] = [];
    for (const { row, column, severity, message } of faults) {
      const added = (to: Mark | undefined): Mark => {
        if (!to) return { severity, message };
        return { severity: to.severity === "error" ? "error" : severity, message: `${to.message}\n${message}` };
      };
      if (row === undefined) {
        if (column !== undefined) headers[column] = added(headers[column]);
        continue;
      }
      const of = this.#rows[row];
      if (!of) continue;
      const all = marks.get(of) ?? { row: undefined, cells: [] };
      marks.set(of, all);
      if (column === undefined) all.row = added(all.row);
      else all.cells[column] = added(all.cells[column]);
    }
    for (const [at, head] of this.#heads.entries()) {
      const { key, doc } = this.#columns[at] ?? { key: "", doc: "" };
      head.classList.toggle("tables-wrong", headers[at] !== undefined);
      head.title = [headers[at]?.message, key, doc].filter(Boolean).join("\n");
    }
    const equal = (a: Mark | undefined, b: Mark | undefined) => a?.severity === b?.severity && a?.message === b?.message;
    for (const row of this.#rows) {
      const now = marks.get(row);
      if (!now && !row.mark && row.marks.length === 0) continue;
      const old = row.marks;
      row.marks = now?.cells ?? [];
      for (let at = 0; at < Math.max(old.length, row.marks.length); at += 1) {
        if (!equal(old[at], row.marks[at])) this.#dress(row, at);
      }
      row.mark = now?.row;
      this.#dressRow(row);
    }
    this.#host?.selected();
  }

  /** Copies the first selected row down, or the row above if one row is selected. */
  fillDown(): void {
    const { top, bottom, left, right } = this.#selection;
    const from = top === bottom ? top - 1 : top;
    if (from < 0) return;
    this.#edit(from + 1, left, bottom, right, (_, column) => this.#shown[from]?.cells[column] ?? "");
  }

  /** Copies the first selected column to the right, or the column before if one column is selected. */
  fillRight(): void {
    const { top, bottom, left, right } = this.#selection;
    const from = left === right ? left - 1 : left;
    if (from < 0) return;
    this.#edit(top, from + 1, bottom, right, (row) => this.#shown[row]?.cells[from] ?? "");
  }

  /** Empties the selected cells. */
  clear(): void {
    const { top, bottom, left, right } = this.#selection;
    this.#edit(top, left, bottom, right, () => "");
  }

  /** Opens the editor in the active cell, with its text or empty. */
  edit(empty = false): void {
    const row = this.#shown[this.#selection.row];
    const column = this.#selection.column;
    if (!row || this.#editor) return;
    this.#scrollTo(this.#selection.row, column);
    // Tabulator draws rows when it hears of scrolling; the editor needs the cell now.
    this.#holder.dispatchEvent(new Event("scroll"));
    const cell = row.elements[column];
    const { left, width } = this.#across(column);
    const input = document.createElement("input");
    input.type = "text";
    input.className = "tables-editor";
    input.spellcheck = false;
    input.autocomplete = "off";
    input.value = empty ? "" : (row.cells[column] ?? "");
    input.setAttribute("aria-label", `${this.#columns[column]?.title ?? ""}, row ${row.number}`);
    const frozen = cell?.classList.contains("tabulator-frozen") ?? false;
    input.style.left = `${frozen ? left + this.#holder.scrollLeft : left}px`;
    input.style.top = `${this.#selection.row * ROW}px`;
    input.style.minWidth = `${width}px`;
    input.style.maxWidth = `${Math.max(width, Math.min(520, this.#holder.clientWidth - 24))}px`;
    this.#editor = { input, row, column };
    this.#holder.append(input);
    input.focus({ preventScroll: true });
    input.setSelectionRange(input.value.length, input.value.length);
    input.addEventListener("keydown", (event) => this.#editorKey(event));
    input.addEventListener("blur", () => this.#commit());
    for (const name of ["copy", "cut", "paste", "pointerdown", "dblclick"]) {
      input.addEventListener(name, (event) => event.stopPropagation());
    }
  }

  #row(cells: string[], at: number, number: number): GridRow {
    ids += 1;
    return { id: ids, at, place: -1, number, cells, mark: undefined, marks: [], label: undefined, elements: [], texts: [], plain: -1 };
  }

  /** Returns a width in which the header and most of the texts of a column fit. */
  #width(at: number): number {
    const column = this.#columns[at];
    const texts = this.#rows.slice(0, SAMPLE).map((row) => (row.cells[at] ?? "").length);
    const long = Math.max(4, ...texts) * 7.7 + 22;
    const head = Math.max((column?.title.length ?? 0) * 8, (column?.type.length ?? 0) * 6.6) + 34;
    return Math.round(Math.min(320, Math.max(72, long, head)));
  }

  #head(column: GridColumn, at: number): HTMLElement {
    const head = made("div", "tables-head");
    head.append(made("span", "tables-title", column.title), made("span", "tables-type", column.type));
    this.#heads[at] = head;
    return head;
  }

  #cell(row: GridRow, at: number, element: HTMLElement): Text {
    const text = document.createTextNode(row.cells[at] ?? "");
    element.setAttribute("aria-colindex", String(at + FIRST));
    row.elements[at] = element;
    row.texts[at] = text;
    this.#dress(row, at);
    return text;
  }

  #write(row: GridRow, column: number, text: string): void {
    row.cells[column] = text;
    const node = row.texts[column];
    if (node) node.data = text;
    this.#dress(row, column);
  }

  /** Sets how a cell looks: what is wrong with it, and its text where it does not fit. */
  #dress(row: GridRow, at: number): void {
    const element = row.elements[at];
    if (!element) return;
    const mark = row.marks[at];
    element.classList.toggle("tables-wrong", mark?.severity === "error");
    element.classList.toggle("tables-warned", mark?.severity === "warning");
    const title = mark?.message ?? ((row.cells[at]?.length ?? 0) > 24 ? row.cells[at] : undefined);
    if (title) element.title = title;
    else element.removeAttribute("title");
    if (mark?.severity === "error") element.setAttribute("aria-invalid", "true");
    else element.removeAttribute("aria-invalid");
  }

  #dressRow(row: GridRow): void {
    const { label, mark } = row;
    if (!label) return;
    const worst = mark?.severity ?? (row.marks.some((of) => of?.severity === "error") ? "error" : undefined);
    const any = worst ?? (row.marks.some(Boolean) ? "warning" : undefined);
    label.classList.toggle("tables-wrong", any === "error");
    label.classList.toggle("tables-warned", any === "warning");
    if (mark) label.title = mark.message;
    else label.removeAttribute("title");
  }

  /** Takes hold of what Tabulator made, and gives it the roles and names that assistive technology needs. */
  #built(label: string): void {
    const root = this.#root;
    const holder = root.querySelector<HTMLElement>(".tabulator-tableholder");
    if (!holder) throw new Error("the grid has no body");
    this.#holder = holder;
    root.tabIndex = 0;
    root.setAttribute("role", "grid");
    root.setAttribute("aria-label", label);
    root.setAttribute("aria-multiselectable", "true");
    root.setAttribute("aria-colcount", String(this.#columns.length + 1));
    root.removeAttribute("aria-owns");
    // The grid has the focus, and its active cell is named by `aria-activedescendant`.
    holder.tabIndex = -1;
    holder.setAttribute("role", "rowgroup");
    holder.querySelector(".tabulator-table")?.setAttribute("role", "presentation");
    this.#handle.title = "Drag to fill";
    this.#listen();
    this.#arrange();
  }

  /** Finds the rows that are shown, and keeps the active row. */
  #arrange(): void {
    const active = this.#shown[this.#selection.row];
    for (const row of this.#rows) row.place = -1;
    this.#shown = this.#table.getData("active");
    for (const [place, row] of this.#shown.entries()) row.place = place;
    this.#root.setAttribute("aria-rowcount", String(this.#shown.length + 1));
    const last = Math.max(0, this.#shown.length - 1);
    const row = active && active.place >= 0 ? active.place : Math.min(this.#selection.row, last);
    const { top, bottom, left, right, column } = this.#selection;
    const height = Math.min(bottom - top, last - row);
    this.#anchor = { row, column };
    this.#selection = { row, column, top: row, bottom: row + Math.max(0, height), left, right };
    this.#paint();
    this.#host?.selected();
  }

  #select(row: number, column: number, toRow = row, toColumn = column): void {
    this.#anchor = { row, column };
    this.#extend(toRow, toColumn);
  }

  /** Selects from where the selection began to a cell. */
  #extend(row: number, column: number): void {
    const from = this.#anchor;
    const inside = (at: number, count: number) => Math.max(0, Math.min(at, count - 1));
    const end = { row: inside(row, this.#shown.length), column: inside(column, this.#columns.length) };
    this.#selection = {
      row: inside(from.row, this.#shown.length),
      column: inside(from.column, this.#columns.length),
      top: Math.min(from.row, end.row),
      bottom: Math.max(from.row, end.row),
      left: Math.min(from.column, end.column),
      right: Math.max(from.column, end.column),
    };
    this.#leaves = false;
    this.#scrollTo(end.row, end.column);
    this.#paint();
    this.#host?.selected();
  }

  /** The end of the selection that moves. */
  get #end(): { row: number; column: number } {
    const { top, bottom, left, right } = this.#selection;
    const { row, column } = this.#anchor;
    return { row: row === top ? bottom : top, column: column === left ? right : left };
  }

  /** Shows the selection on the cells that are in the page. */
  #paint(): void {
    const { top, bottom, left, right, row: active, column: activeColumn } = this.#selection;
    const single = top === bottom && left === right;
    const filled = this.#filled;
    for (const element of this.#holder.querySelectorAll(".tabulator-row")) {
      const row = this.#rowOf.get(element);
      if (!row) continue;
      const inRow = top <= row.place && row.place <= bottom;
      const isPlain = !inRow && !filled;
      // While somebody scrolls, most rows are shown as they were.
      if (isPlain && row.plain === row.place) continue;
      row.plain = isPlain ? row.place : -1;
      element.setAttribute("aria-rowindex", String(row.place + 2));
      element.classList.toggle("tables-even", row.place % 2 === 1);
      row.label?.classList.toggle("tables-in", inRow);
      for (const [at, cell] of row.elements.entries()) {
        if (!cell) continue;
        const inside = inRow && left <= at && at <= right;
        const isActive = row.place === active && at === activeColumn;
        const fills = filled && filled.top <= row.place && row.place <= filled.bottom && filled.left <= at && at <= filled.right;
        cell.classList.toggle("tables-selected", inside && !single);
        cell.classList.toggle("tables-active", isActive);
        cell.classList.toggle("tables-filling", Boolean(fills) && !inside);
        if (inside) cell.setAttribute("aria-selected", "true");
        else cell.removeAttribute("aria-selected");
      }
    }
    for (const [at, head] of this.#heads.entries()) {
      head.closest(".tabulator-col")?.classList.toggle("tables-in", left <= at && at <= right);
    }
    const corner = this.#shown[bottom]?.elements[right];
    if (corner?.isConnected) corner.append(this.#handle);
    else this.#handle.remove();
    const cell = this.#shown[active]?.elements[activeColumn];
    if (cell?.isConnected) {
      cell.id = `${this.#prefix}-${this.#shown[active]?.id}-${activeColumn}`;
      this.#root.setAttribute("aria-activedescendant", cell.id);
    } else this.#root.removeAttribute("aria-activedescendant");
  }

  /** Where a column is, from the left edge of all columns. */
  #across(column: number): { left: number; width: number; before: number } {
    const width = (at: number) => this.#heads[at]?.closest<HTMLElement>(".tabulator-col")?.offsetWidth ?? 0;
    const corner = this.#root.querySelector<HTMLElement>(".tabulator-col.tables-number")?.offsetWidth ?? 0;
    let left = corner;
    let before = corner;
    for (let at = 0; at < column; at += 1) {
      left += width(at);
      if (this.#isFrozen(at)) before += width(at);
    }
    return { left, width: width(column), before: this.#isFrozen(column) ? 0 : before };
  }

  #isFrozen(column: number): boolean {
    return this.#heads[column]?.closest(".tabulator-frozen") !== null;
  }

  #scrollTo(row: number, column: number): void {
    const holder = this.#holder;
    const top = row * ROW;
    if (top < holder.scrollTop) holder.scrollTop = top;
    else if (top + ROW > holder.scrollTop + holder.clientHeight) holder.scrollTop = top + ROW - holder.clientHeight;
    const { left, width, before } = this.#across(column);
    if (before === 0) return;
    if (left - before < holder.scrollLeft) holder.scrollLeft = left - before;
    else if (left + width > holder.scrollLeft + holder.clientWidth) {
      holder.scrollLeft = Math.min(left + width - holder.clientWidth, left - before);
    }
  }

  /** Edits a block of cells that are shown, and tells the host of those that changed. */
  #edit(top: number, left: number, bottom: number, right: number, text: (row: number, column: number) => string): void {
    const cells: CellText[] = [];
    for (let place = top; place <= bottom; place += 1) {
      const row = this.#shown[place];
      for (let column = left; row && column <= right; column += 1) {
        const next = text(place, column);
        if (row.cells[column] !== next) cells.push({ row: row.at, column, text: next });
      }
    }
    if (cells.length === 0) return;
    this.show(cells);
    this.#host?.set(cells);
  }

  #commit(): void {
    const editor = this.#editor;
    if (!editor) return;
    this.#editor = undefined;
    const { input, row, column } = editor;
    const text = input.value;
    const hadFocus = document.activeElement === input;
    input.remove();
    if (hadFocus) this.focus();
    if (row.cells[column] === text) return;
    this.#write(row, column, text);
    this.#host?.set([{ row: row.at, column, text }]);
    this.#host?.selected();
  }

  #editorKey(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.isComposing) return;
    const step = { Enter: [event.shiftKey ? -1 : 1, 0], Tab: [0, event.shiftKey ? -1 : 1] }[event.key];
    if (step) {
      event.preventDefault();
      const { row, column } = this.#selection;
      this.#commit();
      this.#select(row + (step[0] ?? 0), column + (step[1] ?? 0));
    } else if (event.key === "Escape") {
      event.preventDefault();
      const input = this.#editor?.input;
      this.#editor = undefined;
      this.focus();
      input?.remove();
    }
  }

  #listen(): void {
    const root = this.#root;
    const on = { signal: this.#ended.signal };
    this.#table.on("renderComplete", () => this.#paint());
    this.#holder.addEventListener("scroll", () => this.#paint(), on);
    root.addEventListener("keydown", (event) => this.#key(event), on);
    root.addEventListener("pointerdown", (event) => this.#press(event), on);
    root.addEventListener("click", (event) => this.#tap(event), on);
    root.addEventListener("pointermove", (event) => this.#over(event), on);
    document.addEventListener("pointerup", () => this.#release(), on);
    root.addEventListener("dblclick", (event) => this.#cellOf(event.target) && this.edit(), on);
    root.addEventListener("copy", (event) => this.#copy(event), on);
    root.addEventListener("cut", (event) => this.#copy(event) && this.clear(), on);
    root.addEventListener(
      "paste",
      (event) => {
        if (event.target instanceof HTMLInputElement) return;
        event.preventDefault();
        this.#host?.paste(event.clipboardData?.getData("text/plain") ?? "");
      },
      on,
    );
  }

  #copy(event: ClipboardEvent): boolean {
    if (event.target instanceof HTMLInputElement) return false;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", this.#host?.copied(this.selectedTexts) ?? "");
    return true;
  }

  /** The cell that an element is in; its column is -1 for the number of a row. */
  #cellOf(target: EventTarget | null): { row: number; column: number } | null {
    const cell = target instanceof Element ? target.closest<HTMLElement>(".tabulator-cell") : null;
    const row = cell && this.#rowOf.get(cell.closest(".tabulator-row") ?? cell);
    return row ? { row: row.place, column: Number(cell?.getAttribute("aria-colindex")) - FIRST } : null;
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0 || event.pointerType === "touch") return;
    const head = event.target instanceof Element ? event.target.closest(".tables-head, .tables-corner") : null;
    const cell = this.#cellOf(event.target);
    if (!head && !cell) return;
    event.preventDefault();
    this.#commit();
    this.focus();
    if (head) return this.#pressHead(head, event.shiftKey);
    if (!cell) return;
    if (event.target === this.#handle) this.#drag = "fill";
    else if (cell.column < 0) {
      this.#drag = "rows";
      if (event.shiftKey) this.#anchor.column = 0;
      else this.#anchor = { row: cell.row, column: 0 };
      this.#extendRows(cell.row);
    } else {
      this.#drag = "cells";
      if (event.shiftKey) this.#extend(cell.row, cell.column);
      else this.#select(cell.row, cell.column);
    }
  }

  #pressHead(head: Element, extends_: boolean): void {
    const column = this.#heads.indexOf(head as HTMLElement);
    const last = Math.max(0, this.#shown.length - 1);
    const { scrollTop } = this.#holder;
    if (column < 0) this.#select(0, 0, last, this.#columns.length - 1);
    else {
      this.#anchor = { row: 0, column: extends_ ? this.#anchor.column : column };
      this.#extend(last, column);
    }
    this.#holder.scrollTop = scrollTop;
  }

  /** Selects whole rows from where the selection began. */
  #extendRows(row: number): void {
    const { scrollLeft } = this.#holder;
    this.#extend(row, this.#columns.length - 1);
    this.#holder.scrollLeft = scrollLeft;
  }

  /** A finger selects a cell; the same cell again is edited. */
  #tap(event: MouseEvent): void {
    if (!(event instanceof PointerEvent) || event.pointerType !== "touch") return;
    const cell = this.#cellOf(event.target);
    if (!cell) return;
    const { row, column } = this.#selection;
    if (cell.column < 0) {
      this.#anchor = { row: cell.row, column: 0 };
      this.#extendRows(cell.row);
    } else if (cell.row === row && cell.column === column) this.edit();
    else this.#select(cell.row, cell.column);
  }

  #over(event: PointerEvent): void {
    if (!this.#drag) return;
    const cell = this.#cellOf(document.elementFromPoint(event.clientX, event.clientY));
    if (!cell) return;
    const end = this.#end;
    if (this.#drag === "rows") {
      if (cell.row !== end.row) this.#extendRows(cell.row);
    } else if (this.#drag === "cells") {
      const column = Math.max(0, cell.column);
      if (cell.row !== end.row || column !== end.column) this.#extend(cell.row, column);
    } else this.#fillTo(cell.row, Math.max(0, cell.column));
  }

  /** Shows what the handle would fill: down or up, or else to a side. */
  #fillTo(row: number, column: number): void {
    const { top, bottom, left, right } = this.#selection;
    const down = Math.max(top - row, row - bottom, 0);
    const side = Math.max(left - column, column - right, 0);
    const to = { ...this.#selection };
    if (down > 0) [to.top, to.bottom] = [Math.min(top, row), Math.max(bottom, row)];
    else if (side > 0) [to.left, to.right] = [Math.min(left, column), Math.max(right, column)];
    this.#filled = to;
    this.#scrollTo(row, column);
    this.#paint();
  }

  #release(): void {
    const filled = this.#filled;
    this.#drag = undefined;
    if (!filled) return;
    this.#filled = undefined;
    const { top, bottom, left, right } = this.#selection;
    const [height, width] = [bottom - top + 1, right - left + 1];
    const turn = (at: number, from: number, size: number) => from + ((((at - from) % size) + size) % size);
    const texts = this.selectedTexts;
    this.#edit(
      filled.top,
      filled.left,
      filled.bottom,
      filled.right,
      (row, column) => texts[turn(row, top, height) - top]?.[turn(column, left, width) - left] ?? "",
    );
    this.#select(filled.top, filled.left, filled.bottom, filled.right);
  }

  #key(event: KeyboardEvent): void {
    if (event.target !== this.#root) return;
    const run = event.ctrlKey || event.metaKey ? this.#command(event) : event.altKey ? this.#alternative(event) : this.#plain(event);
    if (!run) return;
    event.preventDefault();
    run();
  }

  #command(event: KeyboardEvent): (() => void) | undefined {
    const all = () => this.#select(0, 0, this.#shown.length - 1, this.#columns.length - 1);
    const { top, bottom } = this.#selection;
    const shift = event.shiftKey;
    const commands: Record<string, () => void> = {
      a: all,
      d: () => this.fillDown(),
      f: () => this.#host?.find(),
      r: () => this.fillRight(),
      y: () => this.#host?.redo(),
      z: () => (shift ? this.#host?.redo() : this.#host?.undo()),
      " ": () => {
        this.#anchor = { row: 0, column: this.#anchor.column };
        this.#extend(this.#shown.length - 1, this.#selection.column);
      },
      Home: () => this.#go(0, 0, shift),
      End: () => this.#go(this.#shown.length - 1, this.#columns.length - 1, shift),
      ArrowUp: () => this.#go(this.#edge(-1, 0), this.#moving(shift).column, shift),
      ArrowDown: () => this.#go(this.#edge(1, 0), this.#moving(shift).column, shift),
      ArrowLeft: () => this.#go(this.#moving(shift).row, this.#edge(0, -1), shift),
      ArrowRight: () => this.#go(this.#moving(shift).row, this.#edge(0, 1), shift),
      Enter: () => {
        const text = this.active?.text ?? "";
        this.#edit(top, this.#selection.left, bottom, this.#selection.right, () => text);
      },
    };
    return commands[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  }

  #alternative(event: KeyboardEvent): (() => void) | undefined {
    const commands: Record<string, () => void> = {
      ArrowUp: () => this.#host?.move(-1),
      ArrowDown: () => this.#host?.move(1),
      Insert: () => this.#host?.insert(),
      Enter: () => this.#host?.insert(),
      Delete: () => this.#host?.remove(),
    };
    return commands[event.key];
  }

  #plain(event: KeyboardEvent): (() => void) | undefined {
    const shift = event.shiftKey;
    const { row, column } = this.#moving(shift);
    const page = Math.max(1, Math.floor(this.#holder.clientHeight / ROW) - 1);
    const last = this.#columns.length - 1;
    const keys: Record<string, () => void> = {
      ArrowUp: () => this.#go(row - 1, column, shift),
      ArrowDown: () => this.#go(row + 1, column, shift),
      ArrowLeft: () => this.#go(row, column - 1, shift),
      ArrowRight: () => this.#go(row, column + 1, shift),
      PageUp: () => this.#go(row - page, column, shift),
      PageDown: () => this.#go(row + page, column, shift),
      Home: () => this.#go(row, 0, shift),
      End: () => this.#go(row, last, shift),
      Enter: () => (shift ? this.#go(row - 1, column, false) : this.edit()),
      F2: () => this.edit(),
      Delete: () => this.clear(),
      Backspace: () => this.clear(),
      Escape: () => {
        this.#select(this.#selection.row, this.#selection.column);
        this.#leaves = true;
      },
    };
    if (event.key === "Tab") return this.#tab(shift);
    if (shift && event.key === " ") {
      return () => {
        this.#anchor = { row: this.#anchor.row, column: 0 };
        this.#extendRows(this.#end.row);
      };
    }
    if (event.key.length === 1) {
      // The letter goes into the editor, which has the focus before the letter arrives.
      this.edit(true);
      return undefined;
    }
    return keys[event.key];
  }

  /** Goes to the next cell, over the end of a row. From the last cell and after Escape, the focus leaves the grid. */
  #tab(back: boolean): (() => void) | undefined {
    const width = this.#columns.length;
    const { row, column } = this.#selection;
    const at = row * width + column + (back ? -1 : 1);
    if (this.#leaves || at < 0 || at >= this.#shown.length * width) return undefined;
    return () => this.#select(Math.floor(at / width), at % width);
  }

  /** The cell from which a key moves: the active one, or the end of the selection that is extended. */
  #moving(extend: boolean): { row: number; column: number } {
    return extend ? this.#end : { row: this.#selection.row, column: this.#selection.column };
  }

  #go(row: number, column: number, extend: boolean): void {
    if (extend) this.#extend(row, column);
    else {
      const inside = (at: number, count: number) => Math.max(0, Math.min(at, count - 1));
      this.#select(inside(row, this.#shown.length), inside(column, this.#columns.length));
    }
  }

  /** Where a run of cells with text ends, or the next begins. */
  #edge(down: number, right: number): number {
    const end = this.#end;
    const from = down ? end.row : end.column;
    const count = down ? this.#shown.length : this.#columns.length;
    const step = down || right;
    const has = (at: number) => (down ? this.#shown[at]?.cells[end.column] : this.#shown[end.row]?.cells[at]) !== "";
    const inside = (at: number) => at >= 0 && at < count;
    let at = from + step;
    if (!inside(at)) return from;
    if (has(from) && has(at)) {
      while (inside(at + step) && has(at + step)) at += step;
    } else {
      while (inside(at + step) && !has(at)) at += step;
    }
    return at;
  }
}
