/** What each code of an error or warning means, as the docs say it. Loaded when somebody first asks. */

let loaded: Promise<Map<string, string>> | undefined;

async function load(): Promise<Map<string, string>> {
  const { default: text } = await import("../../../../../docs/src/errors.md?raw");
  const sections = text.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [code = "", ...rest] = section.split("\n");
      // Codes that were explained together refer to each other by links, which are words here.
      return [code.trim(), rest.join("\n").trim()];
    }),
  );
}

/** Returns the explanation of a code, in Markdown. */
export async function explained(code: string): Promise<string> {
  loaded ??= load();
  // It is loaded again when it is asked for again.
  loaded.catch(() => (loaded = undefined));
  const all = await loaded;
  return all.get(code) ?? "There is no explanation of this code.";
}
