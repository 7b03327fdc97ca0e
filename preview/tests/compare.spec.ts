/** The draft against the saved version: the figures are those that `accrue simulate` prints. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import type { Comparison } from "accrue-rules";
import { accrueBinary, expect, openExample, openPart, test } from "./page.ts";
import { compare, replace } from "./steps.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const EDITS = [
  ['rate = "6%"', 'rate = "5%"'],
  ['add = "50.00"', 'add = "80.00"'],
] as const;

async function changed(page: Page): Promise<void> {
  await openExample(page, /quarter/i);
  for (const [before, after] of EDITS) await replace(page, before, after);
  await expect(page.getByRole("button", { name: "No errors" })).toBeVisible();
}

/** What the command line says of the same draft. */
function simulated(): Comparison {
  const old = join(ROOT, "rules-examples/quarterly-tiers");
  const draft = join(mkdtempSync(join(tmpdir(), "accrue-")), "draft");
  cpSync(old, draft, { recursive: true });
  const file = join(draft, "contracts/content.toml");
  let text = readFileSync(file, "utf8");
  for (const [before, after] of EDITS) text = text.replace(before, after);
  writeFileSync(file, text);
  return JSON.parse(execFileSync(accrueBinary(), ["simulate", old, draft, "--close", "--json"], { encoding: "utf8" })) as Comparison;
}

const written = (amount: string | number) => {
  const [, sign, digits] = /^(-?)(.*)$/.exec(Number(amount).toLocaleString("en", { minimumFractionDigits: 2 })) ?? [];
  return `${sign ? "−" : Number(amount) === 0 ? "" : "+"}${digits}`;
};

test("the difference is split by change, as the command line splits it", async ({ page }) => {
  await changed(page);
  await compare(page);
  const steps = page.getByRole("region", { name: "Through which changes, in EUR" });
  await expect(steps.getByRole("row", { name: /payout default/ })).toContainText(/rate\s*6%\s*→\s*becomes\s*5%/);
  await expect(steps.getByRole("row", { name: /bonus new readers/ })).toContainText("80.00");

  await expect(steps.getByRole("row", { name: /payout default/ })).toContainText("−143.50");
  await expect(steps.getByRole("row", { name: /bonus new readers/ })).toContainText("+30.00");
  await expect(steps.getByRole("row", { name: /All changes/ })).toContainText("−113.50");
  const of = simulated();
  const total = of.totals[0]!;
  const paid = page.getByRole("region", { name: "Payouts in EUR" });
  await expect(paid.getByRole("row", { name: /^Payable/ })).toContainText(written(total.change.payable));
  await expect(steps.getByRole("row", { name: /All changes/ })).toContainText(written(total.change.payable));
  for (const step of of.steps) {
    await expect(steps.getByRole("row").nth(step.number)).toContainText(written(step.money[0]?.change.payable ?? "0"));
  }
  const partners = page.getByRole("region", { name: "Who gains and who loses, in EUR" });
  for (const partner of of.partners.filter(({ change }) => Number(change) !== 0)) {
    await expect(partners.getByRole("row", { name: new RegExp(`^${partner.partner}`) })).toContainText(written(partner.change));
  }
  await expect(page.getByText(/decided by \d+ programs/)).toContainText(`${of.changed} changed`);

  // The text says the same.
  const text = page.getByRole("region", { name: "What changed in the text" });
  await expect(text).toContainText("2 lines new, 2 gone");
  await expect(text.getByRole("row", { name: /new: rate = "5%"/ })).toBeVisible();

  // A step leads to its line.
  await steps.getByRole("button", { name: /contracts\/content\.toml:\d+/ }).first().click();
  await expect(page.getByRole("textbox", { name: "contracts/content.toml" })).toBeFocused();
});

test("a changed action is explained by both versions", async ({ page }) => {
  await changed(page);
  await compare(page);
  const actions = page.getByRole("region", { name: "Actions that change most, in EUR" });
  await actions.getByRole("button", { name: "g-04" }).click();
  const panel = page.getByRole("region", { name: "Explanation" });
  await expect(panel).toContainText("155.00 EUR");
  await panel.getByRole("button", { name: "By the saved version" }).click();
  await expect(panel).toContainText("186.00 EUR");
  await page.keyboard.press("Escape");
  await expect(actions.getByRole("button", { name: "g-04" })).toBeFocused();
});

test("what changes nothing says so, and a comparison is cancelled at once", async ({ page }) => {
  await openExample(page, "CDNOW");
  await openPart(page, "Compare");
  await expect(page.getByText("The draft is the same as the saved version.")).toBeVisible();
  await page.getByRole("button", { name: "Edit the contract" }).click();
  await page.getByRole("treeitem", { name: /standard-1998/ }).click();
  await replace(page, 'rate = "7%"', 'rate = "6.5%"');
  await expect(page.getByRole("button", { name: "No errors" })).toBeVisible();
  await openPart(page, "Compare");
  await page.getByRole("main").getByRole("button", { name: "Compare", exact: true }).click();
  await expect(page.getByRole("progressbar", { name: "Compared actions" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(/^Cancelled/)).toBeVisible();
});

test("a draft that decides nothing differently says so", async ({ page }) => {
  await openExample(page, /quarter/i);
  await replace(page, "# The quarter", "# A quarter");
  await compare(page);
  await expect(page.getByText("The draft decides all 15 actions as the saved version does, and pays the same.")).toBeVisible();
  await expect(page.getByRole("region", { name: "What changed in the text" })).toContainText("1 line new, 1 gone");
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`comparisons are accessible, ${colorScheme} and ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      await changed(page);
      await compare(page);
      const found = async () => (await new AxeBuilder({ page }).include("main").analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      expect(await found()).toEqual([]);
      await page.getByRole("button", { name: "g-04" }).click();
      await expect(page.getByRole("region", { name: "Explanation" })).toContainText("155.00 EUR");
      expect(await found()).toEqual([]);
    });
  }
}
