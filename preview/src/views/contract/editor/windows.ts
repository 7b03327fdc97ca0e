/**
 * Texts with the line ends of Windows. Both of their characters stand in the text, so that its places are those of the file; the caret
 * never stands between them, where what is typed would break the line end.
 */
import { EditorSelection, EditorState, type Extension, type Range, RangeSet, RangeValue, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

class End extends RangeValue {}
const END = new End();

/** A line that has nothing but such a character would have no height. */
const UNSEEN = Decoration.replace({});

/** The line ends that are seen. */
interface Ends {
  /** The keys go over each in one step. */
  steps: RangeSet<End>;
  /** The first of the two characters is not shown. */
  unseen: DecorationSet;
}

function endsIn({ state, visibleRanges }: EditorView): Ends {
  const ends: Range<End>[] = [];
  const unseen: Range<Decoration>[] = [];
  for (const { from, to } of visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = state.doc.lineAt(at);
      if (line.text.endsWith("\r") && line.to < state.doc.length) {
        ends.push(END.range(line.to - 1, line.to + 1));
        unseen.push(UNSEEN.range(line.to - 1, line.to));
      }
      at = line.to + 1;
    }
  }
  return { steps: RangeSet.of(ends), unseen: RangeSet.of(unseen) };
}

const steps = ViewPlugin.define(
  (view) => {
    const plugin = {
      ends: endsIn(view),
      update({ docChanged, viewportChanged, view }: ViewUpdate) {
        if (docChanged || viewportChanged) plugin.ends = endsIn(view);
      },
    };
    return plugin;
  },
  {
    decorations: ({ ends }) => ends.unseen,
    provide: (plugin) => EditorView.atomicRanges.of((view) => view.plugin(plugin)?.ends.steps ?? RangeSet.empty),
  },
);

/** Returns the place before a line end that a place is in the middle of. */
function outside(doc: Text, pos: number): number {
  const line = doc.lineAt(pos);
  return pos === line.to && line.text.endsWith("\r") ? pos - 1 : pos;
}

const caretOutside = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.selection && !transaction.docChanged) return transaction;
  const { newDoc, newSelection } = transaction;
  if (newSelection.ranges.every(({ anchor, head }) => outside(newDoc, anchor) === anchor && outside(newDoc, head) === head)) {
    return transaction;
  }
  const ranges = newSelection.ranges.map(({ anchor, head }) => EditorSelection.range(outside(newDoc, anchor), outside(newDoc, head)));
  return [transaction, { selection: EditorSelection.create(ranges, newSelection.mainIndex), sequential: true }];
});

/** What is pasted gets the line ends of the text. */
const pasted = EditorView.clipboardInputFilter.of((text, { doc }) =>
  text.replaceAll(/\r\n?|\n/g, doc.line(1).text.endsWith("\r") ? "\r\n" : "\n"),
);

export const windowsLines: Extension = [steps, caretOutside, pasted];
