import { AxeBuilder } from "@axe-core/playwright";
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readCsv } from "../src/state/csv.ts";
import { accrueBinary, expect, openExample, openPart, test } from "./page.ts";
import { explain, folderItem, run } from "./steps.ts";

test("the purchases of a music shop are decided as the command line decides them", async ({ page }) => {
  await openExample(page, "CDNOW");
  await run(page);
  const state = await page.getByText(/decided in/).textContent();
  console.log(`cdnow: ${state}`);
  expect(state).toMatch(/^69,659 actions decided in/);
  // What `accrue run rules-examples/cdnow` prints.
  await expect(page.getByRole("region", { name: "In USD", exact: true })).toContainText("106,091.03 USD");
  const partners = page.getByRole("region", { name: "Partners, in USD" });
  await expect(partners.getByRole("row", { name: /^student-saver/ })).toContainText("15,753.42");
  const months = page.getByRole("region", { name: "Months, in USD" });
  await expect(months.getByRole("row", { name: /^1997-02/ })).toContainText("17,500.00");
  const reasons = page.getByRole("region", { name: "Why actions are not simply payable" });
  await expect(reasons.getByRole("row", { name: /^LIMIT_USED_UP/ })).toContainText("2,694");
  await expect(page.getByRole("region", { name: "Limits that cut a payout" })).toContainText("5,739.09 USD");

  // All of them are in the table, which is filtered and sorted at once.
  await reasons.getByRole("button", { name: "LIMIT_USED_UP" }).click();
  await expect(page.getByText("2,694 of 69,659 awards")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  const grid = page.getByRole("grid", { name: "Decisions" });
  await grid.getByRole("button", { name: "Payout", exact: true }).click();
  await expect(grid.getByRole("columnheader", { name: "Payout ↓" })).toHaveAttribute("aria-sort", "descending");
  await grid.focus();
  await page.keyboard.press("End");
  await expect(grid.getByRole("row", { selected: true })).toHaveAttribute("aria-rowindex", "69660");
});

test("the awards that are shown are saved as CSV, as the command line writes them", async ({ page }) => {
  const out = join(mkdtempSync(join(tmpdir(), "accrue-")), "awards.csv");
  const folder = fileURLToPath(new URL("../../rules-examples/fashion-shop", import.meta.url));
  execFileSync(accrueBinary(), ["run", folder, "--out", out], { stdio: "ignore" });
  const [header = [], ...expected] = readCsv(await readFile(out, "utf8"));
  const saved = async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV", exact: true }).click()]);
    return readCsv(await readFile(await download.path(), "utf8"));
  };
  await openExample(page, "Fashion shop");
  await run(page);
  await page.getByRole("tab", { name: /Decisions/ }).click();
  expect(await saved()).toEqual([header, ...expected]);
  await page.getByLabel("Status").selectOption("rejected");
  const status = header.indexOf("status");
  expect(await saved()).toEqual([header, ...expected.filter((row) => row[status] === "rejected")]);
});

test("a component that did not pay does not say what it read", async ({ page }) => {
  await openExample(page, "Marketplace");
  await run(page);
  await explain(page, "sale-02");
  const panel = page.getByRole("region", { name: "Explanation" });
  await expect(panel).toContainText("casa-blog is paid 16.00 EUR on 300.00 EUR, by progressive of contract sellers, version 1.");
  await expect(panel.getByRole("listitem").filter({ hasText: "weekend" })).toContainText("It is a component. It is given all facts");
});

test("limits go on from the run before, also when the folder has got its first component since", async ({ page }) => {
  const paid = page.getByRole("region", { name: "In USD", exact: true });
  const goOn = async () => {
    await page.getByText("Options", { exact: true }).click();
    await page.getByRole("checkbox", { name: "Begin from nothing" }).uncheck();
    await run(page);
  };
  await openExample(page, "Mobile app");
  await run(page);
  const first = await paid.innerText();
  await goOn();
  await expect(paid).not.toHaveText(first);
  const second = await paid.innerText();

  await openPart(page, "Start");
  await openExample(page, "Mobile app");
  await run(page);
  expect(await paid.innerText()).toBe(first);
  const larger = page.waitForRequest(/engine-components/);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), folderItem(page, "Add files")]);
  await chooser.setFiles(fileURLToPath(new URL("../../rules-examples/marketplace/components/weekend.wasm", import.meta.url)));
  await larger;
  await openPart(page, "Decisions");
  await goOn();
  await expect(paid).toHaveText(second, { useInnerText: true });
});

test("a decision says how it came about, why not otherwise, and becomes a test", async ({ page }) => {
  await openExample(page, "CDNOW");
  await run(page);
  await explain(page, "cd-008467");
  const panel = page.getByRole("region", { name: "Explanation" });
  await expect(panel).toContainText("student-saver is paid 5.14 USD on 90.41 USD, by new customers of contract standard, version 1.");
  const waterfall = panel.getByRole("table", { name: /Payout to student-saver/ });
  await expect(waterfall.getByRole("row", { name: /^Rate 8%/ })).toContainText("+7.2328");
  await expect(waterfall.getByRole("row", { name: /^Limit monthly budget/ })).toContainText("−2.09");
  await expect(panel).toContainText("action.amount is 90.41; it would have to be 0.00");
  await expect(panel).toContainText("That would have been enough.");

  await panel.getByLabel("View of").selectOption("the partner student-saver");
  await expect(panel).toContainText("You are paid 5.14 USD on 90.41 USD, by new customers.");
  await panel.getByRole("button", { name: "As text" }).click();
  await expect(panel.getByLabel("Explanation as text")).toContainText("Payout to student-saver, in USD");
  await panel.getByRole("button", { name: "As text" }).click();

  await panel.getByRole("button", { name: "Make a test of this" }).click();
  await expect(page.getByText("Added to tests/from-decisions.toml.")).toBeVisible();
  await expect(page.getByRole("navigation").getByRole("button", { name: "Contract" })).toHaveAttribute("aria-current", "page");
  // A second time it is there already.
  await openPart(page, "Decisions");
  await panel.getByRole("button", { name: "Make a test of this" }).click();
  await expect(page.getByText("This test is there already.")).toBeVisible();

  // The limit is shown in the contract.
  await openPart(page, "Decisions");
  await panel.getByLabel("View of").selectOption("the brand");
  await waterfall.getByRole("button", { name: "monthly budget" }).click();
  await expect(page.getByRole("navigation").getByRole("button", { name: "Contract" })).toHaveAttribute("aria-current", "page");
});

test("a run is cancelled, and says how far it came", async ({ page }) => {
  await openExample(page, "CDNOW");
  await openPart(page, "Decisions");
  await expect(page.getByRole("button", { name: "Run" })).toBeEnabled();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("progressbar", { name: "Decided actions" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(/Cancelled after [\d,]+ of 69,659 actions/)).toBeVisible();
  // Also while nothing answers yet: then the engine is ended, and the next run has another.
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(/^Cancelled/)).toBeVisible();
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByText(/^69,659 actions decided in/)).toBeVisible({ timeout: 60_000 });
});

test("decisions are saved with the bytes of the command line", async ({ page }) => {
  await openExample(page, /Fashion shop/);
  await run(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "JSON Lines" }).click();
  const lines = (await readFile(await (await download).path(), "utf8")).trimEnd().split("\n");
  expect(lines).toHaveLength(36);
  expect(lines[1]).toContain('"receipt":"8fca909d2482a8bef3c0a6683f7de19c308cfc55c152c8a248cf54db5749b479"');
});

test("bonuses, holds and reversals are explained", async ({ page }) => {
  await openExample(page, /quarter|tiers/i);
  await run(page);
  await page.getByRole("tab", { name: /Decisions/ }).click();
  await page.getByRole("searchbox", { name: "Search" }).fill("bonus");
  await page.getByRole("grid", { name: "Decisions" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Explanation" })).toContainText(/as the bonus/);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`decisions are accessible, ${colorScheme} and ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      await openExample(page, /Fashion shop/);
      await run(page);
      const found = async () => (await new AxeBuilder({ page }).include("main").analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      expect(await found()).toEqual([]);
      await explain(page, "fs-002");
      expect(await found()).toEqual([]);
      await page.getByLabel("View of").selectOption("the partner style-diary");
      await expect(page.getByText(/^You are paid/)).toBeVisible();
      expect(await found()).toEqual([]);
      // Escape closes the panel and goes back to the table.
      await page.keyboard.press("Escape");
      await expect(page.getByRole("grid", { name: "Decisions" })).toBeFocused();
    });
  }
}
