/** Bars beside the lines: what the tests reached, and what they did not. */
import { type Extension, RangeSet, RangeValue, StateEffect, StateField } from "@codemirror/state";
import { type BlockInfo, type EditorView, gutter, GutterMarker } from "@codemirror/view";
import { coverage, type CoverageMark } from "../../../state/coverage.ts";
import { pathOf } from "./path.ts";

class Reached extends RangeValue {
  constructor(readonly mark: CoverageMark) {
    super();
  }
  override eq(other: Reached): boolean {
    return this.mark === other.mark;
  }
}

const marksAre = StateEffect.define<RangeSet<Reached>>();

const field = StateField.define<RangeSet<Reached>>({
  create: () => RangeSet.empty,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(marksAre)) return effect.value;
    return transaction.docChanged ? marks.map(transaction.changes) : marks;
  },
});

/** What has to happen at a point, in words. */
const HAPPENS: Record<CoverageMark["kind"], (name: string) => string> = {
  group: (name) => `group ${name} pays`,
  restriction: (name) => `restriction ${name} matches`,
  holds: (name) => `${name} holds`,
  fails: (name) => `${name} does not hold`,
  arm: (name) => `arm ${name} runs`,
  default_arm: () => "arm _ runs",
  verb: (name) => `${name} is given`,
  band: (name) => `a value in the band from ${name}`,
  band_edge: (name) => `a value of exactly ${name}`,
  tier: (name) => `a measure in the tier from ${name}`,
  tier_edge: (name) => `a measure of exactly ${name}`,
  limit_below: (name) => `limit ${name} lets a payout through whole`,
  limit_reached: (name) => `limit ${name} takes effect`,
  bonus: (name) => `bonus ${name} pays`,
  return_below: (name) => `a return of at most ${name}`,
  return_above: (name) => `a return of a part above ${name}`,
  age: (name) => `a return from day ${name} on`,
};

/** The most tests that are named for one point. */
const NAMED = 3;

function said({ kind, name, hits, tests }: CoverageMark): string {
  const what = HAPPENS[kind](name);
  if (hits === 0) return `Not reached: ${what}`;
  const named = tests.slice(0, NAMED).map((test) => `\n  ${test}`);
  const more = tests.length > NAMED ? `\n  and ${tests.length - NAMED} more` : "";
  return `Reached: ${what}${named.join("")}${more}`;
}

class Bar extends GutterMarker {
  constructor(readonly marks: CoverageMark[]) {
    super();
  }
  override eq(other: Bar): boolean {
    return this.marks.length === other.marks.length && this.marks.every((mark, at) => mark === other.marks[at]);
  }
  override toDOM(): Node {
    const bar = document.createElement("span");
    const reached = this.marks.filter(({ hits }) => hits > 0).length;
    bar.className = reached === this.marks.length ? "reached" : reached === 0 ? "unreached" : "partly";
    bar.title = this.marks.map(said).join("\n");
    return bar;
  }
}

function bar(view: EditorView, line: BlockInfo): GutterMarker | null {
  const marks: CoverageMark[] = [];
  view.state.field(field).between(line.from, line.to, (from, _, { mark }) => {
    if (from >= line.from) marks.push(mark);
  });
  return marks.length ? new Bar(marks) : null;
}

/** Shows what the tests reached in the text of the editor, if they ran on it as it is. */
export function showCoverage(view: EditorView): void {
  const path = pathOf(view.state);
  const reached = coverage.value;
  if (reached && reached.folder.get(path) !== view.state.doc.toString()) return;
  const marks = (reached?.marks.get(path) ?? []).map((mark) => new Reached(mark).range(mark.from, mark.to));
  view.dispatch({ effects: marksAre.of(RangeSet.of(marks, true)) });
}

export const covering: Extension = [
  field,
  gutter({
    class: "cm-coverage",
    lineMarker: bar,
    lineMarkerChange: ({ startState, state }) => startState.field(field) !== state.field(field),
  }),
];
