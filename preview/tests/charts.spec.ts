/** The sums of a run as charts: each with a sentence, and with its data as a table. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, openExample, openPart, test } from "./page.ts";

async function run(page: Page): Promise<void> {
  await openPart(page, "Charts");
  await expect(page.getByText(/Charts show what a run came to/)).toBeVisible();
  await page.getByRole("main").getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.getByText(/decided in/)).toBeVisible({ timeout: 60_000 });
}

test("charts have sentences and tables with the sums of the run", async ({ page }) => {
  await openExample(page, "CDNOW");
  await run(page);
  const partners = page.getByRole("figure", { name: "Payout by partner" });
  // What `accrue run rules-examples/cdnow` prints.
  await expect(partners).toContainText("106,091.03 USD");
  await expect(partners.getByRole("img", { name: /^Payout by partner\. / })).toBeVisible();
  await partners.getByText("As a table").click();
  await expect(partners.getByRole("row", { name: /^student-saver/ })).toContainText("15,753.42");
  const limits = page.getByRole("figure", { name: "Where limits cut" });
  await expect(limits).toContainText("5,739.09 USD");
  const months = page.getByRole("figure", { name: "Payout over time" });
  await months.getByText("As a table").click();
  await expect(months.getByRole("row", { name: /^1997-02/ })).toContainText("17,500.00");

  // Narrowed to a partner and a month.
  await page.getByRole("combobox", { name: "Partner" }).selectOption("student-saver");
  await expect(partners).toContainText("student-saver is paid 15,753.42 USD.");
  await page.getByRole("combobox", { name: "Month" }).selectOption("1997-02");
  await expect(partners).toContainText("student-saver is paid 2,500.00 USD in 1997-02.");
  await expect(page.getByRole("figure", { name: "Payout by payout group" })).toContainText("These sums are of all partners and months.");
});

test("what is on hold and what bonuses pay is told apart", async ({ page }) => {
  await openExample(page, /quarter/i);
  await run(page);
  await expect(page.getByRole("figure", { name: "Payout by bonus" })).toContainText("volume (content) pays the most: 220.50 EUR");
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`charts are accessible, ${colorScheme} and ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      await openExample(page, /Fashion shop/);
      await run(page);
      await page.getByText("As a table").first().click();
      const { violations } = await new AxeBuilder({ page }).include("main").analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    });
  }
}
