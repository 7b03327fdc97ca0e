/** What of the contracts and rules the tests reach: a share of each file, and every point that they do not reach. */
import type { Coverage as Reached, Point } from "accrue-rules";
import { files } from "../../state/files.ts";
import { showText } from "../../state/text.ts";
import { view } from "../../state/view.ts";
import { count, whole } from "../../ui/format.ts";
import { Marked } from "../../ui/marked.tsx";
import { missingText, shareText } from "./words.ts";

function show(point: Point): void {
  const { file, span } = point.place;
  if (typeof files.value.get(file) === "string") showText(file, span.start, span.end);
  else view.value = "tables";
}

function where(point: Point): string {
  const { cell } = point;
  if (!cell || (!cell.sheet && !cell.column)) return point.line > 0 ? `line ${point.line}` : "";
  return [cell.sheet, cell.row > 0 && `row ${cell.row}`, cell.header ?? (cell.column && `column ${cell.column}`)].filter(Boolean).join(", ");
}

interface OfFile {
  file: string;
  all: number;
  missing: Point[];
}

function byFile(points: readonly Point[]): OfFile[] {
  const found = new Map<string, OfFile>();
  for (const point of points) {
    const { file } = point.place;
    const of = found.get(file) ?? { file, all: 0, missing: [] };
    of.all += 1;
    if (point.hits === 0) of.missing.push(point);
    found.set(file, of);
  }
  return [...found.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

function Meter({ reached, all, label }: { reached: number; all: number; label: string }) {
  return (
    <span class="coverage-meter" role="img" aria-label={`${label}: ${shareText(reached, all)} reached`}>
      <span style={{ width: `${(100 * reached) / Math.max(1, all)}%` }} />
    </span>
  );
}

export function CoverageOf({ coverage }: { coverage: Reached }) {
  const { points } = coverage;
  if (points.length === 0) return null;
  const reached = points.filter(({ hits }) => hits > 0).length;
  return (
    <section class="sheet coverage" aria-labelledby="coverage">
      <h3 id="coverage">Coverage</h3>
      <p class="coverage-all">
        <strong>{shareText(reached, points.length)}</strong> <Meter reached={reached} all={points.length} label="All files" />
        <span class="quiet">
          {whole(reached)} of {count(points.length, "point")} reached. The editor marks them beside the lines.
        </span>
      </p>
      <ul class="coverage-files">
        {byFile(points).map(({ file, all, missing }) => (
          <li key={file}>
            <details open={missing.length > 0 && missing.length <= 12}>
              <summary>
                <code>{file}</code>
                <Meter reached={all - missing.length} all={all} label={file} />
                <span class="coverage-share">{shareText(all - missing.length, all)}</span>
                <span class={missing.length > 0 ? "warning" : "good"}>
                  {missing.length > 0 ? `${count(missing.length, "point")} not reached` : "all reached"}
                </span>
              </summary>
              {missing.length > 0 ? (
                <ul class="missing">
                  {missing.map((point, at) => (
                    <li key={at}>
                      <button type="button" class="link" onClick={() => show(point)}>
                        {where(point) || "Show"}
                      </button>{" "}
                      <Marked text={missingText(point)} />
                    </li>
                  ))}
                </ul>
              ) : (
                <p class="quiet missing">The tests reach every point of this file.</p>
              )}
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}
