/** The inputs of a run: the chosen actions and adjustments, and a folder as a program with its reference facts. */
import type { Accrue, NamedFile, Program, Reference, Remote } from "accrue-rules";
import { chosen, mappingOf, mappingText, type Source } from "./actions.ts";
import type { Content, Folder } from "./files.ts";
import { readable } from "./readable.ts";

/** Files that decide nothing. */
const NO_TERMS = /^(actions|adjustments|tests|imports)\/|(^|\/)readme/i;
const FACTS = /^facts\//;

/** The files of a folder that decide: the terms and the facts. */
export function decidingFiles(folder: Folder): ReadonlyMap<string, Content> {
  return new Map([...folder].filter(([path]) => !NO_TERMS.test(path)));
}

/** Reads the terms of a folder. */
export async function loadTerms(engine: Remote<Accrue>, folder: Folder): Promise<Remote<Program>> {
  const terms: Record<string, Content> = {};
  for (const [path, content] of decidingFiles(folder)) {
    // A table may be a workbook.
    if (!FACTS.test(path)) terms[path] = (await readable({ name: path, content })).content;
  }
  return engine.load(terms);
}

/** Reads the facts of a folder: partners, creatives, promo codes, rates, pauses. */
export function readFacts(program: Remote<Program>, folder: Folder): Promise<Remote<Reference>> {
  const facts = [...decidingFiles(folder)].filter(([path]) => FACTS.test(path));
  return program.reference(Object.fromEntries(facts.map(([path, content]) => [path.slice("facts/".length), content])));
}

/** The chosen files as the engine takes them. */
export async function chosenFiles(): Promise<{ actions: NamedFile[]; adjustments: NamedFile[] }> {
  const of = async (kind: Source["kind"]) => {
    const read: NamedFile[] = [];
    for (const source of chosen.value.filter((source) => source.kind === kind)) {
      const mapping = mappingOf(source);
      const { content } = await readable(source);
      read.push({ name: source.name, content, ...(mapping && { mapping: mappingText(mapping) }) });
    }
    return read;
  };
  return { actions: await of("actions"), adjustments: await of("adjustments") };
}

/** Returns whether two lists have the same values. */
export function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

/** What tells two sets of chosen files apart: their names and mappings, and their contents. */
export function chosenIdentity(): { actions: string[]; contents: Content[] } {
  return {
    actions: chosen.value.map((source) => {
      const mapping = mappingOf(source);
      return `${source.id} ${mapping ? mappingText(mapping) : ""}`;
    }),
    contents: chosen.value.map(({ content }) => content),
  };
}
