/**
 * Colours the words of a text by what the engine says they are. Until it has answered, and for files that it does not read, a few patterns
 * choose the colours.
 */
import { type EditorState, type Extension, RangeSet, type Range, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import { pathOf } from "./path.ts";

/** A word, at its place. */
interface Word {
  span: { start: number; end: number };
  kind: string;
}

const marks = new Map<string, Decoration>();

function mark(kind: string): Decoration {
  let found = marks.get(kind);
  if (!found) marks.set(kind, (found = Decoration.mark({ class: `word-${kind}` })));
  return found;
}

function decorations(words: Word[], length: number): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const { span, kind } of words) {
    if (span.start < span.end && span.end <= length) ranges.push(mark(kind).range(span.start, span.end));
  }
  return RangeSet.of(ranges, true);
}

/** What words look like, by the names of the groups. */
const TOML = new RegExp(
  [
    /(?<comment>#.*)/,
    /(?<table>^[ \t]*\[\[?[^\]\n]*\]\]?)/,
    /(?<key>^[ \t]*[\w."-]+(?=[ \t]*=)|(?<=[{,]\s*)[\w."-]+(?=[ \t]*=))/,
    /(?<string>"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'[^'\n]*'?)/,
    /(?<number>\b\d[\w:.+-]*)/,
    /(?<keyword>\b(?:true|false)\b)/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gm",
);
const RHAI = new RegExp(
  [
    /(?<comment>\/\/.*|\/\*[\s\S]*?(?:\*\/|$))/,
    /(?<string>"(?:\\.|[^"\\\n])*"?)/,
    /(?<keyword>\b(?:let|const|if|else|switch|for|in|fn|return|true|false)\b)/,
    /(?<verb>\b(?:rate|add_points|multiply|add|reject|hold|hold_until|zero|flag)(?=\())/,
    /(?<function>\b[a-z_]\w*(?=\())/,
    /(?<field>\b[a-z_]\w*(?:\.[a-z_]\w*)+)/,
    /(?<number>\b\d[\d_]*(?:\.\d+)?)/,
    /(?<operator>[-+*/%!=<>&|?]+)/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gm",
);

/** The largest text that is coloured before the engine says its words, in characters. */
const LARGEST = 100_000;

function guessed(state: EditorState): Word[] {
  const path = pathOf(state);
  const pattern = path.endsWith(".toml") ? TOML : path.endsWith(".rhai") ? RHAI : null;
  if (!pattern || state.doc.length > LARGEST) return [];
  const words = [];
  for (const { index, groups, 0: whole } of state.doc.toString().matchAll(pattern)) {
    const kind = Object.entries(groups ?? {}).find(([, text]) => text !== undefined)?.[0];
    if (kind) words.push({ span: { start: index, end: index + whole.length }, kind });
  }
  return words;
}

const wordsAre = StateEffect.define<Word[]>();

const field = StateField.define<DecorationSet>({
  create: (state) => decorations(guessed(state), state.doc.length),
  update(words, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(wordsAre)) return decorations(effect.value, transaction.newDoc.length);
    }
    return transaction.docChanged ? words.map(transaction.changes) : words;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Colours a text as the engine says. */
export function colour(view: EditorView, words: Word[]): void {
  view.dispatch({ effects: wordsAre.of(words) });
}

export const highlighting: Extension = field;
