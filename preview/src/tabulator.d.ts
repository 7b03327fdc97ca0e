/** The part of Tabulator that the page uses. */
declare module "tabulator-tables" {
  export interface TabulatorColumn<Row> {
    title: string;
    field: string;
    width: number;
    minWidth?: number;
    frozen?: boolean;
    resizable?: boolean | "header";
    headerSort: boolean;
    cssClass?: string;
    titleFormatter?: () => HTMLElement;
    formatter?: (cell: TabulatorCell<Row>) => HTMLElement | Text;
    sorter?: (a: unknown, b: unknown, aRow: TabulatorRow<Row>, bRow: TabulatorRow<Row>) => number;
  }

  export interface TabulatorCell<Row> {
    getElement(): HTMLElement;
    getData(): Row;
  }

  export interface TabulatorRow<Row> {
    getElement(): HTMLElement;
    getData(): Row;
  }

  export interface TabulatorOptions<Row> {
    data: Row[];
    columns: TabulatorColumn<Row>[];
    index: string;
    height: string;
    layout: "fitData";
    renderVertical: "virtual";
    renderHorizontal: "virtual" | "basic";
    rowHeight: number;
    nestedFieldSeparator: false;
    columnDefaults?: Partial<TabulatorColumn<Row>>;
    rowFormatter?: (row: TabulatorRow<Row>) => void;
    placeholder?: HTMLElement;
  }

  export interface TabulatorEvents {
    tableBuilt: () => void;
    dataFiltered: () => void;
    dataSorted: () => void;
    renderComplete: () => void;
    scrollVertical: () => void;
    scrollHorizontal: () => void;
    columnResized: () => void;
  }

  export class Tabulator<Row> {
    static registerModule(modules: unknown[]): void;
    constructor(element: HTMLElement, options: TabulatorOptions<Row>);
    element: HTMLElement;
    on<Name extends keyof TabulatorEvents>(name: Name, listener: TabulatorEvents[Name]): void;
    destroy(): void;
    redraw(force?: boolean): void;
    getData(range: "active"): Row[];
    replaceData(data: Row[]): Promise<void>;
    addData(data: Row[], above: boolean, at?: number): Promise<void>;
    deleteRow(indices: number[]): Promise<void>;
    setFilter(matches: (row: Row) => boolean): void;
    clearFilter(headers: boolean): void;
    setSort(field: string, direction: "asc" | "desc"): void;
    clearSort(): void;
    scrollToRow(index: number, position: "top" | "center" | "bottom" | "nearest", ifVisible: boolean): Promise<void>;
  }

  export const FilterModule: unknown;
  export const FormatModule: unknown;
  export const FrozenColumnsModule: unknown;
  export const ResizeColumnsModule: unknown;
  export const ResizeTableModule: unknown;
  export const SortModule: unknown;
}
