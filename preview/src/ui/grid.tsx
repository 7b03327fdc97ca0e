/**
 * A table of very many rows. Rows have one height, and only those in sight are in the page, so that a hundred thousand scroll as ten do.
 * It is one stop of the keyboard: arrows, Page Up, Page Down, Home and End move the active row, Enter opens it.
 */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import "./grid.css";

/** The height of a row in pixels, as in the style sheet. */
const ROW = 32;
/** Rows above and below those in sight. */
const MORE = 8;

export interface GridColumn<T> {
  key: string;
  title: string;
  /** Width in pixels; the first column that `grows` takes what is left. */
  width: number;
  grows?: boolean;
  number?: boolean;
  cell(row: T): ComponentChildren;
}

export interface Sorting {
  key: string;
  down: boolean;
}

interface Props<T> {
  label: string;
  columns: GridColumn<T>[];
  rows: readonly T[];
  /** What is shown when there are no rows. */
  empty: string;
  sorting?: Sorting | null;
  onSort?(key: string): void;
  onOpen?(row: T, index: number): void;
  /** Whether a row is shown as one with a fault. */
  marked?(row: T): boolean;
  /** The index of the row that is open, which is brought into sight; -1 or `undefined` if none is. */
  open?: number | undefined;
}

export function Grid<T>({ label, columns, rows, empty, sorting, onSort, onOpen, marked, open }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [active, setActive] = useState(0);
  const id = useId();

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (active >= rows.length) setActive(Math.max(0, rows.length - 1));
  }, [rows.length]);

  const first = Math.max(0, Math.floor(top / ROW) - MORE);
  const after = Math.min(rows.length, Math.ceil((top + height) / ROW) + MORE);
  const inSight = rows.slice(first, after);

  const move = (to: number) => {
    const next = Math.min(Math.max(0, to), rows.length - 1);
    setActive(next);
    const element = scroller.current;
    if (!element) return;
    const visible = element.clientHeight - 2 * ROW;
    if (next * ROW < element.scrollTop) element.scrollTop = next * ROW;
    else if (next * ROW > element.scrollTop + visible) element.scrollTop = next * ROW - visible;
  };
  useEffect(() => {
    if (open !== undefined && open >= 0) move(open);
  }, [open]);
  const page = Math.max(1, Math.floor(height / ROW) - 2);
  const keys: Record<string, () => void> = {
    ArrowDown: () => move(active + 1),
    ArrowUp: () => move(active - 1),
    PageDown: () => move(active + page),
    PageUp: () => move(active - page),
    Home: () => move(0),
    End: () => move(rows.length - 1),
  };
  if (onOpen) {
    keys["Enter"] = () => {
      const row = rows[active];
      if (row !== undefined) onOpen(row, active);
    };
  }

  const style = (column: GridColumn<T>) => ({ width: `${column.width}px` });
  const kind = (column: GridColumn<T>) => `grid-cell${column.number ? " number" : ""}${column.grows ? " grows" : ""}`;
  return (
    <div class="grid">
      <div
        ref={scroller}
        class="grid-scroll"
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={rows.length > 0 ? `${id}-${active}` : undefined}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={(event) => {
          // A header is a button of its own.
          if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
          const key = keys[event.key];
          if (!key) return;
          event.preventDefault();
          key();
        }}
      >
        <div class="grid-inner" role="presentation">
          <div class="grid-head" role="row" aria-rowindex={1}>
            {columns.map((column) => {
              const sorted = sorting?.key === column.key ? sorting : null;
              return (
                <div
                  key={column.key}
                  role="columnheader"
                  class={kind(column)}
                  style={style(column)}
                  aria-sort={sorted ? (sorted.down ? "descending" : "ascending") : undefined}
                >
                  {onSort ? (
                    <button type="button" class="grid-sort" title={column.title} onClick={() => onSort(column.key)}>
                      {column.title}
                      {sorted ? (sorted.down ? " ↓" : " ↑") : ""}
                    </button>
                  ) : (
                    <span title={column.title}>{column.title}</span>
                  )}
                </div>
              );
            })}
          </div>
          <div class="grid-rows" role="rowgroup" style={{ height: `${rows.length * ROW}px` }}>
            {inSight.map((row, at) => {
              const index = first + at;
              const classes = ["grid-row"];
              if (onOpen) classes.push("opens");
              if (index === active) classes.push("active");
              if (marked?.(row)) classes.push("marked");
              return (
                <div
                  key={index}
                  id={`${id}-${index}`}
                  role="row"
                  aria-rowindex={index + 2}
                  aria-selected={index === active}
                  class={classes.join(" ")}
                  style={{ transform: `translateY(${index * ROW}px)` }}
                  onClick={() => {
                    setActive(index);
                    onOpen?.(row, index);
                  }}
                >
                  {columns.map((column) => (
                    <div key={column.key} role="gridcell" class={kind(column)} style={style(column)}>
                      {column.cell(row)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
          {rows.length === 0 && (
            <div role="row" class="grid-empty">
              <div role="gridcell">{empty}</div>
            </div>
          )}
        </div>
      </div>
    </div>
  );
}
