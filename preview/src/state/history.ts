/** What programs are given to decide: the chosen actions and adjustments, and a folder as a program with its facts. */
import type { Accrue, NamedFile, Program, Reference, Remote } from "accrue-rules";
import { bytesOf, chosen, mappingOf, mappingText, NEEDS_READERS, type Source } from "./actions.ts";
import type { Content, Folder } from "./files.ts";

/** Files that decide nothing. */
const NO_TERMS = /^(actions|adjustments|tests|imports)\/|(^|\/)readme/i;
const FACTS = /^facts\//;

/** The files of a folder that decide: the terms and the facts. */
export function decidingFiles(folder: Folder): ReadonlyMap<string, Content> {
  return new Map([...folder].filter(([path]) => !NO_TERMS.test(path)));
}

/** Reads the terms of a folder. */
export function loadTerms(engine: Remote<Accrue>, folder: Folder): Promise<Remote<Program>> {
  const terms = [...decidingFiles(folder)].filter(([path]) => !FACTS.test(path));
  return engine.load(Object.fromEntries(terms));
}

/** Reads the facts of a folder: partners, creatives, promo codes, rates, pauses. */
export function readFacts(program: Remote<Program>, folder: Folder): Promise<Remote<Reference>> {
  const facts = [...decidingFiles(folder)].filter(([path]) => FACTS.test(path));
  return program.reference(Object.fromEntries(facts.map(([path, content]) => [path.slice("facts/".length), content])));
}

/** Loads the readers of workbooks and of Parquet, if a source needs them. */
export async function loadReaders(engine: Remote<Accrue>, sources: readonly Source[] = chosen.value): Promise<void> {
  if (!sources.some(({ name }) => NEEDS_READERS.test(name))) return;
  await (engine as unknown as { readers(): Promise<void> }).readers();
}

/** The chosen files as the engine takes them. */
export function chosenFiles(): { actions: NamedFile[]; adjustments: NamedFile[] } {
  const of = (kind: Source["kind"]) =>
    chosen.value
      .filter((source) => source.kind === kind)
      .map((source) => {
        const mapping = mappingOf(source);
        return { name: source.name, content: bytesOf(source.content), ...(mapping && { mapping: mappingText(mapping) }) };
      });
  return { actions: of("actions"), adjustments: of("adjustments") };
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
