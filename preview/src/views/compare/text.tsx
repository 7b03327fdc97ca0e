/** What differs between the texts of the saved version and the draft, file by file. */
import { changedPaths, type Content, files, saved } from "../../state/files.ts";
import { showText } from "../../state/text.ts";
import { count } from "../../ui/format.ts";
import { diffLines, type DiffLine, hunks } from "./diff.ts";

const SIGNS = { same: " ", added: "+", removed: "−" };
const SAID = { same: "", added: "new: ", removed: "gone: " };

function Line({ line }: { line: DiffLine }) {
  return (
    <tr class={`diff-${line.kind}`}>
      <td class="diff-number">{line.old ?? ""}</td>
      <td class="diff-number">{line.new ?? ""}</td>
      <td class="diff-sign">
        <span aria-hidden="true">{SIGNS[line.kind]}</span>
        <span class="unseen">{SAID[line.kind]}</span>
      </td>
      <td class="diff-text">{line.text}</td>
    </tr>
  );
}

/** The first place of a draft that differs. */
function firstChange(lines: DiffLine[], text: string): number {
  const at = lines.find((line) => line.kind !== "same");
  const line = at?.new ?? at?.old ?? 1;
  return text.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
}

function what(before: Content | undefined, after: Content | undefined): string {
  if (before === undefined) return "new";
  if (after === undefined) return "removed";
  return "";
}

function File({ path }: { path: string }) {
  const [before, after] = [saved.value.get(path), files.value.get(path)];
  const isText = typeof (before ?? "") === "string" && typeof (after ?? "") === "string";
  const lines = isText ? diffLines(String(before ?? ""), String(after ?? "")) : [];
  const number = (kind: DiffLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  const state = what(before, after);
  return (
    <details class="diff-file" open={lines.length > 0 && lines.length < 2000}>
      <summary>
        <code>{path}</code>{" "}
        {state && <span class="chip chip-quiet">{state}</span>}{" "}
        {isText && (
          <span class="quiet">
            {count(number("added"), "line")} new, {number("removed")} gone
          </span>
        )}
      </summary>
      {after !== undefined && isText && (
        <button
          type="button"
          class="link"
          onClick={() => showText(path, firstChange(lines, String(after)))}
        >
          Show in the editor
        </button>
      )}
      {isText ? (
        <div class="diff-scroll" tabIndex={0} role="group" aria-label={`Lines of ${path} that differ`}>
          <table class="diff">
            <caption class="unseen">Lines of {path} that differ: their numbers in the saved version and in the draft</caption>
            {hunks(lines).map((hunk, at) => (
              <tbody key={at}>
                {hunk.map((line, index) => (
                  <Line key={index} line={line} />
                ))}
              </tbody>
            ))}
          </table>
        </div>
      ) : (
        <p class="quiet">It is not text, so its lines are not compared.</p>
      )}
    </details>
  );
}

export function TextChanges() {
  const paths = changedPaths.value;
  if (paths.length === 0) return null;
  return (
    <section class="sheet data-table" aria-labelledby="text-changes">
      <h3 id="text-changes">What changed in the text</h3>
      {paths.map((path) => (
        <File key={path} path={path} />
      ))}
    </section>
  );
}
