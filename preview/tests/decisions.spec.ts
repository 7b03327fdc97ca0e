import { AxeBuilder } from "@axe-core/playwright";
import { expect, openExample, openPart, test } from "./page.ts";

async function run(page: import("@playwright/test").Page): Promise<void> {
  await openPart(page, "Decisions");
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByText(/decided in/)).toBeVisible({ timeout: 60_000 });
}

test("the purchases of a music shop are decided, and the page stays free", async ({ page }) => {
  await openExample(page, "CDNOW");
  await run(page);
  const state = await page.getByText(/decided in/).textContent();
  console.log(`cdnow: ${state}`);
  expect(state).toMatch(/^69,659 actions decided in/);
  // What `accrue run rules-examples/cdnow` prints.
  const partners = page.getByRole("region", { name: "Partners, in USD" });
  await expect(partners.getByRole("row", { name: /^student-saver/ })).toContainText("15,753.42");
  await expect(page.getByRole("region", { name: "In USD" })).toContainText("106,091.03 USD");
  const reasons = page.getByRole("region", { name: "Why actions are not simply payable" });
  await expect(reasons.getByRole("row", { name: /^LIMIT_USED_UP/ })).toContainText("2,694");
  await expect(page.getByRole("region", { name: "Limits that cut a payout" })).toContainText("5,739.09 USD");
});
