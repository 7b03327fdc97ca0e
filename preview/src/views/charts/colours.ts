/** How charts look: the colours of the page, and patterns, so that nothing is told by colour alone. */

/** What a bar stands for. */
export type Look = "payable" | "held" | "rejected" | "zero" | "reversed" | "cut";

const TOKENS: Record<Look, string> = {
  payable: "--accent",
  held: "--warning",
  rejected: "--bad",
  zero: "--quiet",
  reversed: "--bad",
  cut: "--bad",
};

/** The strokes of a pattern in a square of 8; none for an even colour. */
const STROKES: Partial<Record<Look, string>> = {
  held: "M-2 2 2 -2M0 8 8 0M6 10 10 6",
  rejected: "M0 0 8 8M-2 6 2 10M6 -2 10 2M-2 2 2 -2M0 8 8 0M6 10 10 6",
  zero: "M0 4H8",
  reversed: "M-2 6 2 10M0 0 8 8M6 -2 10 2",
};

/** Returns a token of the page as a colour that a canvas reads, as it is in this element. */
export function token(element: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Returns what fills the bars of a look. */
export function fill(element: HTMLElement, look: Look): string | CanvasPattern {
  const colour = token(element, TOKENS[look]);
  const strokes = STROKES[look];
  if (!strokes) return colour;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const context = tile.getContext("2d");
  if (!context) return colour;
  context.fillStyle = token(element, "--sheet");
  context.fillRect(0, 0, 8, 8);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.stroke(new Path2D(strokes));
  return context.createPattern(tile, "repeat") ?? colour;
}

/** Returns the colour of the line around the bars of a look. */
export function outline(element: HTMLElement, look: Look): string {
  return token(element, TOKENS[look]);
}
