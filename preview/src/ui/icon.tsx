/** Icons: lines on a grid of 24. What an icon stands for is always written beside it or in the label of its button. */
const LINES = {
  start: "M4 11 12 4l8 7M6 10v10h12V10",
  contract: "M6 3h9l4 4v14H6zM14 3v5h5M9 13h7M9 17h7",
  tables: "M4 5h16v14H4zM4 10h16M4 15h16M10 5v14",
  actions: "M12 4v11M7 10l5 5 5-5M4 19h16",
  decisions: "M4 6h2M9 6h11M4 12h2M9 12h11M4 18h2M9 18h11",
  compare: "M8 4v16M16 4v16M4 8h4M4 14h4M16 10h4M16 16h4",
  card: "M5 4h14v16H5zM8 8h8M8 12h8M8 16h5",
  tests: "M9 3v6L4 19a1 1 0 0 0 1 2h14a1 1 0 0 0 1-2L15 9V3M8 3h8M7 15h10",
  charts: "M4 20h16M7 17v-6M12 17V6M17 17v-9",
  run: "M7 4v16l13-8z",
  stop: "M6 6h12v12H6z",
  share: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  save: "M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6",
  folder: "M3 6h6l2 2h10v11H3z",
  export: "M12 15V4M8 8l4-4 4 4M4 19h16",
  theme: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z",
  close: "M6 6l12 12M18 6 6 18",
  add: "M12 5v14M5 12h14",
  undo: "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  redo: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6",
  print: "M7 8V3h10v5M6 18H4V9h16v9h-2M7 14h10v7H7z",
  edit: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  delete: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  format: "M4 6h16M4 10h10M4 14h16M4 18h8",
  beside: "M4 5h16v14H4zM13 5v14",
  keys: "M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8",
  open: "M9 6l6 6-6 6",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4 4",
} as const;

export type IconName = keyof typeof LINES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={LINES[name]} />
    </svg>
  );
}
