/** The lines in which two texts differ. */

/** A line of a comparison of texts. */
export interface DiffLine {
  kind: "same" | "added" | "removed";
  text: string;
  /** Its number in the saved text, from 1; none if it is new. */
  old?: number;
  /** Its number in the draft, from 1; none if it is gone. */
  new?: number;
}

/** Lines that stand together, with what stands around them. */
type Hunk = DiffLine[];

/** The most pairs of lines that are compared. Beyond them, all lines between the first and the last difference are shown as replaced. */
const PAIRS = 4_000_000;
/** Lines that are shown around a difference. */
const AROUND = 2;

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Returns the lines of two texts in order: the longest common sequence is what stayed. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [rows, columns] = [a.length - start - end, b.length - start - end];
  const width = columns + 1;
  const compared = rows * columns <= PAIRS;
  // The length of the longest common sequence of what follows from each pair of lines on.
  const common = new Uint32Array(compared ? (rows + 1) * width : 0);
  if (compared) {
    for (let i = rows - 1; i >= 0; i--) {
      for (let j = columns - 1; j >= 0; j--) {
        common[i * width + j] =
          a[start + i] === b[start + j]
            ? common[(i + 1) * width + j + 1]! + 1
            : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
      }
    }
  }
  const found: DiffLine[] = [];
  const same = (i: number, j: number) => found.push({ kind: "same", text: a[i] ?? "", old: i + 1, new: j + 1 });
  for (let i = 0; i < start; i++) same(i, i);
  let [i, j] = [0, 0];
  while (i < rows || j < columns) {
    if (compared && i < rows && j < columns && a[start + i] === b[start + j]) {
      same(start + i++, start + j++);
    } else if (i < rows && (!compared || j >= columns || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) {
      found.push({ kind: "removed", text: a[start + i] ?? "", old: start + ++i });
    } else {
      found.push({ kind: "added", text: b[start + j] ?? "", new: start + ++j });
    }
  }
  for (let at = end; at > 0; at--) same(a.length - at, b.length - at);
  return found;
}

/** Returns the differences with the lines around them. */
export function hunks(lines: DiffLine[]): Hunk[] {
  const found: Hunk[] = [];
  let last = -1;
  for (const [at, line] of lines.entries()) {
    if (line.kind === "same") continue;
    const from = Math.max(last + 1, at - AROUND);
    const to = Math.min(lines.length - 1, at + AROUND);
    const more = lines.slice(from, to + 1);
    if (from <= last + 1 && found.length > 0) found.at(-1)?.push(...more);
    else found.push(more);
    last = Math.max(last, to);
  }
  return found;
}
