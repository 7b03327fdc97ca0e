/** Stands for the engine's `Workspace` until the package has it. */
import type { Accrue, Checked, Files, Remote } from "accrue-rules";

export interface TextEdit { file: string; from: number; to: number; text: string }
export interface Fix { title: string; edits: TextEdit[] }
export interface Signature { label: string; parameters: { from: number; to: number }[]; active: number; documentation?: string }
export interface Workspace {
  set(path: string, content: string | Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  check(): Promise<Checked>;
  complete(path: string, offset: number): Promise<{ from: number; to: number; items: { label: string; kind: string; detail?: string; documentation?: string; insert: string; snippet: boolean }[] } | null>;
  hover(path: string, offset: number): Promise<{ from: number; to: number; markdown: string } | null>;
  signature(path: string, offset: number): Promise<Signature | null>;
  fixes(path: string, from: number, to: number): Promise<Fix[]>;
  rename(path: string, offset: number, name: string): Promise<TextEdit[]>;
  definition(path: string, offset: number): Promise<{ file: string; from: number; to: number } | null>;
  format(path: string): Promise<string>;
  tokens(path: string): Promise<{ from: number; to: number; kind: string }[]>;
}

export function openWorkspace(accrue: Remote<Accrue>, files: Files): Workspace {
  const all = new Map(Object.entries(files));
  return {
    async set(path, content) { all.set(path, content); },
    async remove(path) { all.delete(path); },
    check: () => accrue.check(Object.fromEntries(all)),
    complete: async () => null,
    hover: async () => null,
    signature: async () => null,
    fixes: async () => [],
    rename: async () => [],
    definition: async () => null,
    format: async (path) => String(all.get(path)),
    tokens: async () => [],
  };
}
