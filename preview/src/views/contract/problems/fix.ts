/** The repairs of errors and warnings: those that the engine knows to be exact. */
import type { Diagnostic, TextEdit } from "accrue-rules";
import { checkedFolder } from "../../../state/check.ts";
import { edit, type Folder, textOf } from "../../../state/files.ts";
import { lineOf } from "../../../state/places.ts";
import { tell } from "../../../state/view.ts";

/** Edits files, each by one step of its history. `folder` has the texts that the places are of. Returns whether they could be edited. */
export function editAll(edits: TextEdit[], folder: Folder): boolean {
  const files = new Set(edits.map(({ file }) => file));
  if ([...files].some((file) => folder.get(file) !== textOf(file))) {
    tell("The text has changed meanwhile. Try again.");
    return false;
  }
  for (const file of files) {
    const changes = edits.filter((change) => change.file === file).map(({ span, text }) => ({ from: span.start, to: span.end, insert: text }));
    edit(file, changes);
  }
  return true;
}

const LONGEST = 40;

function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function titleOf(edits: TextEdit[]): string {
  const [only] = edits;
  if (!only || edits.length > 1) return "Fix";
  if (only.text.trim() === "") return `Remove ${shortened(textOf(only.file).slice(only.span.start, only.span.end))}`;
  return only.span.start === only.span.end ? `Insert ${shortened(only.text)}` : `Replace by ${shortened(only.text)}`;
}

/** Returns the fix of an error or warning, if it has one. */
export function fixOf(found: Diagnostic): { title: string; apply(): void } | null {
  const edits = (found.replacements ?? []).map(({ place, text }) => ({ ...place, text }));
  if (edits.length === 0) return null;
  const folder = checkedFolder.value;
  return { title: titleOf(edits), apply: () => void editAll(edits, folder) };
}

/** Returns the line of a place, from 1. */
export function lineAt(place: { file: string; span: { start: number } }): number {
  return lineOf(textOf(place.file), place.span.start).line;
}
