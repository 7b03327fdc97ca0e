/** A whole day with a contract: each part of the page goes on from what the part before it has left. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { accrueBinary, expect, openExample, openPart, test } from "./page.ts";
import {
  caretBehind, cellOf, compare, drawn, drop, editorOf, explain, exported, gridOf, linkOf, makeTable, onDisk, openFile, pagesOf, paste, run, select,
} from "./steps.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PURCHASES = join(ROOT, "rules-examples/cdnow/actions/actions.csv");

/** As cells of a spreadsheet are copied. */
const RATES = "customer.status\tpartner.id\trate\nnew\tstudent-saver\t9%\nexisting\tstudent-saver\t5%\nnew\tvinyl-weekly\t8.5%\n";

/** Chooses a table of the program by its file. */
async function openTable(page: Page, file: string): Promise<void> {
  await openPart(page, "Tables");
  const tables = page.getByRole("navigation", { name: "Tables of the program" });
  await tables.locator("section", { has: page.getByRole("heading", { name: file }) }).getByRole("button", { name: /groups|rates/i }).click();
  await expect(gridOf(page)).toBeVisible();
}

/** Types into a cell of the open table. */
async function fill(page: Page, row: number, column: number, text: string): Promise<void> {
  await cellOf(page, row, column).click();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await expect(cellOf(page, row, column)).toHaveText(text);
}

/** An export of impact.com, of partners that the music shop has. */
function report(): string {
  const text = readFileSync(join(ROOT, "tests/imports/impact/export.csv"), "utf8");
  return text.replaceAll(",10021,", ",vinyl-weekly,").replaceAll(",10044,", ",student-saver,").replaceAll(",10060,", ",music-mag,");
}

/** The mapping of impact.com for a contract that pays by clicks: who sent the customer is a touch. */
function byClicks(mapping: string): string {
  const touch = '"touch.partner" = "MediaPartnerId"\n"touch.at" = "ReferringDate"\n"touch.kind" = { value = "click" }';
  return mapping.replace('"credit.partner" = "MediaPartnerId"', touch).replace('"ReferringDate", ', "");
}

/** Payout, commissionable amount and number of actions by partner, as they are written. */
type Totals = Record<string, readonly string[]>;

/** The totals that the page shows. */
async function totalsOn(page: Page): Promise<Totals> {
  await page.getByRole("tab", { name: "Totals" }).click();
  const [, ...rows] = await page.getByRole("region", { name: "Partners, in USD" }).getByRole("row").all();
  const read = rows.map(async (row) => {
    const cells = await row.getByRole("cell").allInnerTexts();
    return [await row.getByRole("rowheader").innerText(), cells.slice(0, 3)] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** A row of the summary of the command line: a partner in a month. */
interface Row {
  partner: string | null;
  payable: string;
  commissionable_payable: string;
  actions: number;
}

/** The totals that the command line finds with a program folder. */
function totalsBy(folder: string, ...actions: string[]): Totals {
  // What is set aside is written beside the summary.
  const cwd = mkdtempSync(join(tmpdir(), "accrue-"));
  execFileSync(accrueBinary(), ["run", folder, ...actions, "--summary", "summary.json"], { cwd, stdio: "ignore" });
  const { partners } = JSON.parse(readFileSync(join(cwd, "summary.json"), "utf8")) as { partners: Row[] };
  const names = new Set(partners.map(({ partner }) => partner));
  const totals = [...names].map((name) => {
    const rows = partners.filter(({ partner }) => partner === name);
    const amount = (key: "payable" | "commissionable_payable") => {
      const cents = rows.reduce((sum, row) => sum + Math.round(Number(row[key]) * 100), 0);
      return (cents / 100).toLocaleString("en", { minimumFractionDigits: 2 });
    };
    const count = rows.reduce((sum, row) => sum + row.actions, 0);
    return [name ?? "nobody", [amount("payable"), amount("commissionable_payable"), count.toLocaleString("en")]] as const;
  });
  return Object.fromEntries(totals);
}

test("a day with a contract", async ({ page, context }, info) => {
  test.setTimeout(360_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const banner = page.getByRole("banner");
  const network = info.outputPath("impact-actions.csv");
  writeFileSync(network, report());

  await test.step("an example is opened", async () => {
    await openExample(page, "CDNOW");
    await expect(banner.getByRole("button", { name: "No errors" })).toBeVisible();
  });

  await test.step("a condition is broken, and mended by its fix", async () => {
    const editor = await openFile(page, "Contracts", "standard-1997.toml");
    await caretBehind(page, editor, "action.amount");
    await page.keyboard.press("Backspace");
    await page.keyboard.type("d");
    const wrong = editor.locator(".cm-lintRange-error");
    await expect(wrong).toHaveText("amound");
    await expect(banner.getByRole("button", { name: "1 error" })).toBeVisible();
    await page.getByRole("region", { name: "Problems" }).getByRole("button", { name: "Replace by amount" }).click();
    await expect(wrong).toHaveCount(0);
    await expect(banner.getByRole("button", { name: "No errors" })).toBeVisible();
    await expect(banner).not.toContainText("changed");
  });

  await test.step("a rate table of a spreadsheet is pasted, and stands in the files", async () => {
    await openPart(page, "Tables");
    await makeTable(page, "rates", "customer.status,partner.id,rate");
    await paste(page, RATES);
    await page.getByRole("button", { name: "Match columns by name" }).click();
    await expect(cellOf(page, 3, 4)).toHaveText("8.5%");
    await page.getByRole("button", { name: "tables/rates.csv", exact: true }).click();
    await expect(editorOf(page, "tables/rates.csv")).toContainText("new,student-saver,9%");

    // The page says that the general group comes first, so the table goes before it.
    await expect(banner.getByRole("button", { name: "2 warnings" })).toBeVisible();
    const contract = await openFile(page, "Contracts", "standard-1997.toml");
    await select(page, contract, '[[payout.groups]]\\ntable = "rates"\\n');
    await page.keyboard.press("ControlOrMeta+x");
    await select(page, contract, '[[payout.groups]]\\nname = "new');
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ControlOrMeta+v");
    await expect(banner.getByRole("button", { name: "No errors" })).toBeVisible();

    // The contract of the next year gets one of the rates as a group in its own text.
    await openTable(page, "contracts/standard-1998.toml");
    await cellOf(page, 1, 2).click();
    await page.keyboard.press("Alt+Enter");
    await paste(page, 'name\twhen\trate\nstudents\tpartner.id == "student-saver"\t4%\n');
    await page.getByRole("button", { name: "Match columns by name" }).click();
    await expect(cellOf(page, 2, 2)).toHaveText("students");
    await expect(banner.getByRole("button", { name: "No errors" })).toBeVisible();
    await page.getByRole("button", { name: "Save version" }).click();
    await expect(banner).not.toContainText("changed");
  });

  await test.step("changed rates are compared with the saved version", async () => {
    await openTable(page, "tables/rates.csv");
    await fill(page, 2, 4, "6%");
    await openTable(page, "contracts/standard-1998.toml");
    await fill(page, 2, 4, "5%");
    await expect(banner).toContainText("changed");
    await expect(banner.getByRole("button", { name: "No errors" })).toBeVisible();
    await compare(page);
    const steps = page.getByRole("region", { name: "Through which changes, in USD" });
    await expect(steps.getByRole("row", { name: /payout group students/ })).toContainText(/rate\s*4%\s*→\s*becomes\s*5%/);
    await expect(steps.getByRole("row", { name: /table tables\/rates\.csv/ })).toContainText(/1 line new, 1 gone.*\+\d/);
    await expect(steps.getByRole("row", { name: /All changes/ })).toContainText(/\+\d/);
  });

  const reported = await test.step("the export of a network is decided through its mapping", async () => {
    await openPart(page, "Actions");
    await page.getByLabel("Decide actions/actions.csv").uncheck();
    await drop(page, page.getByText(/Drop exports and files of actions here/), network);
    await expect(page.getByRole("row", { name: /impact-actions\.csv/ })).toContainText("impact.com: actions");
    const mapping = page.getByLabel("The mapping as text (TOML)");
    await mapping.fill(byClicks(await mapping.inputValue()));
    await page.getByRole("button", { name: "Save in the folder" }).click();
    await expect(page.getByText("Saved as imports/impact-actions.toml.")).toBeVisible();
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("button", { name: "See the decisions" }).click();
    await expect(page.getByText(/^5 actions decided.*1 transaction set aside/)).toBeVisible();
    const totals = await totalsOn(page);
    // 5% of 1,049.00 and of 15.25, by the group that was pasted and changed.
    expect(totals["student-saver"]).toEqual(["53.21", "1,064.25", "2"]);
    return totals;
  });

  const decided = await test.step("the purchases are dropped and decided", async () => {
    await openPart(page, "Actions");
    await page.getByRole("button", { name: "Remove impact-actions.csv" }).click();
    await drop(page, page.getByText(/Drop exports and files of actions here/), PURCHASES);
    await expect(page.getByText("69,659 rows")).toBeVisible();
    await run(page);
    await expect(page.getByText(/^69,659 actions decided in/)).toBeVisible();
    const totals = await totalsOn(page);
    // Seven partners, and the purchases that nobody is credited for.
    expect(Object.keys(totals)).toHaveLength(8);
    return totals;
  });

  await test.step("a decision is explained, and why not otherwise", async () => {
    const panel = await explain(page, "cd-000001");
    await expect(panel).toContainText("vinyl-weekly is paid 1.00 USD on 11.77 USD, by rates: new, vinyl-weekly of contract standard, version 1.");
    await expect(panel.getByRole("table", { name: /Payout to vinyl-weekly/ }).getByRole("row", { name: /^Rate 8.5%/ })).toBeVisible();
    await expect(panel).toContainText("Payout groups that did not pay");
    await expect(panel).toContainText("action.amount is 11.77; it would have to be 0.00");
  });

  await test.step("the decision becomes a test, which passes", async () => {
    await page.getByRole("button", { name: "Make a test of this" }).click();
    await expect(editorOf(page, "tests/from-decisions.toml")).toContainText("cd-000001");
    await openPart(page, "Tests");
    await expect(page.getByRole("main").getByRole("status")).toHaveText(/^12 passed, in/);
  });

  await test.step("the card is printed", async () => {
    await openPart(page, "Card");
    await expect(page.getByRole("button", { name: "5%", exact: true }).first()).toBeVisible();
    // The table is in the terms of the year before.
    await page.getByLabel("In force on").fill("1997-06-01");
    await expect(page.getByRole("button", { name: "8.5%" })).toBeVisible();
    await page.getByRole("button", { name: "Print" }).click();
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect([1, 2, 3]).toContain(pagesOf(pdf));
    expect(drawn(pdf)).toBeGreaterThan(5000);
  });

  await test.step("a run is cancelled, and run again to its end", async () => {
    await openPart(page, "Decisions");
    await page.getByRole("button", { name: "Run" }).click();
    await expect(page.getByRole("progressbar", { name: "Decided actions" })).toBeVisible();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByText(/^Cancelled after [\d,]+ of 69,659 actions/)).toBeVisible();
    await run(page);
    await expect(page.getByRole("region", { name: "Explanation" })).toContainText("vinyl-weekly is paid 1.00 USD");
    expect(await totalsOn(page)).toEqual(decided);
  });

  const shared = await test.step("a link opens the same in another tab", async () => {
    const link = await linkOf(page);
    await page.keyboard.press("Escape");
    const other = await context.newPage();
    await other.goto(link);
    await expect(other.getByRole("banner")).toContainText("cdnow · changed");
    await expect(other.getByRole("navigation").getByRole("button", { name: "Decisions" })).toHaveAttribute("aria-current", "page");
    // The action that was open is open, and is explained once there is a run.
    const panel = other.getByRole("region", { name: "Explanation" });
    await expect(panel.getByRole("heading", { name: "cd-000001" })).toBeVisible();
    await expect(panel).toContainText("Run the contract");
    await run(other);
    await expect(panel).toContainText("vinyl-weekly is paid 1.00 USD on 11.77 USD");
    expect(await totalsOn(other)).toEqual(decided);
    const files = await exported(other);
    await other.close();
    return files;
  });

  await test.step("the command line decides the exported folder the same", async () => {
    const files = await exported(page);
    expect(Object.keys(files)).toEqual(expect.arrayContaining(["imports/impact-actions.toml", "tables/rates.csv", "tests/from-decisions.toml"]));
    expect(shared).toEqual(files);
    const folder = onDisk(files);
    expect(totalsBy(folder)).toEqual(decided);
    expect(totalsBy(folder, network, "--map", "impact-actions")).toEqual(reported);
    execFileSync(accrueBinary(), ["test", folder], { stdio: "ignore" });
  });
});
