/** Finds where the contract has what a decision names, and shows it in the editor. */
import type { Award, AwardTrace } from "accrue-rules";
import { overview } from "../../state/check.ts";
import { files, textOf } from "../../state/files.ts";
import { placesIn } from "../../state/places.ts";
import { showText } from "../../state/text.ts";

export interface Found {
  path: string;
  from: number;
  to: number;
}

/** Returns the place that the engine names. */
export function placeOf(place: { file: string; span: { start: number; end: number } } | null | undefined): Found | undefined {
  if (!place || !textOf(place.file)) return undefined;
  const { file, span } = placesIn(files.value)(place);
  return { path: file, from: span.start, to: span.end };
}

/** Returns the place of a payout group or limit of an award: the one that the trace names, or the one that has this name in the contract. */
export function placeOfName(name: string, award: Award, trace: AwardTrace | undefined): Found | undefined {
  const traced = placeOf(trace?.rules.find((rule) => rule.rule === name && rule.outcome === "chosen")?.place);
  if (traced) return traced;
  const contract = overview.value?.contracts.find((of) => of.contract === award.contract.name);
  const path = contract?.versions.find((of) => of.version === award.contract.version)?.file;
  if (!path) return undefined;
  const text = textOf(path);
  const wanted = name === "default" ? "[payout.default]" : `name = ${JSON.stringify(name)}`;
  const from = text.indexOf(wanted);
  return from < 0 ? undefined : { path, from, to: from + wanted.length };
}

/** Shows a place in the contract editor. */
export function show(found: Found): void {
  showText(found.path, found.from, found.to);
}
