/** Reads and writes CSV. */
import type { Row } from "accrue-rules";
import papa from "papaparse";

/** Reads the cells of CSV with commas. Empty lines are passed over. */
export function readCsv(text: string, most = 0): string[][] {
  return papa.parse<string[]>(text, { delimiter: ",", skipEmptyLines: true, preview: most }).data;
}

/** What would be a formula in a spreadsheet: the command line puts a `'` before it, too. Numbers such as `-5` are none. */
const FORMULA = /^'*(?:[=@\t\r\n]|[+-](?![\d.,%]{0,63}$))/;

/** Writes awards, with the columns of `accrue run --format csv`. */
export function csvOfAwards(rows: Row[]): string {
  const cells = rows.map((row) => Object.values(row).map((value) => (Array.isArray(value) ? value.join("|") : value)));
  return `${papa.unparse({ fields: Object.keys(rows[0] ?? {}), data: cells }, { escapeFormulae: FORMULA, newline: "\n" })}\n`;
}
