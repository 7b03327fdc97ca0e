/** What the tests of the program reached when they last ran. The part "Tests" keeps it, and the editor shows it beside the lines. */
import type { Coverage, PointKind } from "accrue-rules";
import { signal } from "@preact/signals";
import type { Folder } from "./files.ts";
import { coverageIn } from "./places.ts";

/** One thing that a test can reach, at its place in a text. */
export interface CoverageMark {
  from: number;
  to: number;
  kind: PointKind;
  /** What it is a point of: the name of a group, restriction or limit, or the text of a condition. */
  name: string;
  /** How often it was reached. */
  hits: number;
  /** The tests that reached it. */
  tests: string[];
}

/** What the tests reached; `null` before they ran with coverage. */
export const coverage = signal<{
  /** The files as they were tested. Marks of a file that was edited since are moved with the text, or gone. */
  folder: Folder;
  /** By file. */
  marks: ReadonlyMap<string, CoverageMark[]>;
} | null>(null);

/** Keeps what the tests of these files reached, as the engine says it. */
export function keepCoverage(folder: Folder, reached: Coverage): void {
  const { points, tests } = coverageIn(folder, reached);
  const marks = new Map<string, CoverageMark[]>();
  for (const { place, kind, name, hits, tests: by } of points) {
    const mark = { from: place.span.start, to: place.span.end, kind, name, hits, tests: (by ?? []).map((at) => tests[at] ?? "") };
    marks.set(place.file, [...(marks.get(place.file) ?? []), mark]);
  }
  coverage.value = { folder, marks };
}
