/** The tests of a program: they run by themselves, say what is wrong, and mark what they reach beside the lines. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, openExample, openPart, test } from "./page.ts";
import { replace } from "./steps.ts";

test("a test that fails says what it expected, and passes again after the fix", async ({ page }) => {
  await openExample(page, /quarter/i);
  await openPart(page, "Tests");
  const state = page.getByRole("main").getByRole("status");
  await expect(state).toHaveText(/^10 passed, in/);
  await expect(page.getByRole("region", { name: "Coverage" })).toContainText("100.0%");

  await openPart(page, "Contract");
  await replace(page, 'rate = "6%"', 'rate = "5%"');
  await openPart(page, "Tests");
  await expect(state).toHaveText(/^9 passed, 1 failed/);
  const failed = page.getByRole("listitem").filter({ hasText: "refuses a return of January in May" });
  await expect(failed).toContainText("Expected36.00");
  await expect(failed).toContainText("Got30.00");
  await failed.getByText("How it is decided").click();
  await expect(failed.getByLabel("Explanation as text").first()).toContainText("30.00");

  // It leads to the line of the test.
  await failed.getByRole("button", { name: /tests\/quarters\.toml:\d+/ }).click();
  await expect(page.getByRole("textbox", { name: "tests/quarters.toml" })).toBeFocused();

  await page.getByRole("treeitem", { name: /content\.toml/ }).click();
  await replace(page, 'rate = "5%"', 'rate = "6%"');
  await openPart(page, "Tests");
  await expect(state).toHaveText(/^10 passed, in/);
});

test("what the tests do not reach is listed, and marked beside the lines", async ({ page }) => {
  await openExample(page, /quarter/i);
  await replace(page, "[[bonuses]]", '[[limits]]\nname = "budget"\nmax = "5000"\nper = ["program"]\nperiod = "month"\n\n[[bonuses]]');
  await expect(page.getByRole("button", { name: /^No errors|warning/ })).toBeVisible();
  await openPart(page, "Tests");
  const coverage = page.getByRole("region", { name: "Coverage" });
  await expect(coverage).toContainText("1 point not reached");
  const missing = coverage.getByRole("listitem").filter({ hasText: "budget never takes effect" }).last();
  await missing.getByRole("button", { name: /^line \d+/ }).click();
  const editor = page.getByRole("textbox", { name: "contracts/content.toml" });
  await expect(editor).toBeFocused();
  await expect(editor.locator(".cm-activeLine")).toContainText("budget");
  // The gutter says it too.
  await expect(page.getByTitle(/Not reached: limit budget takes effect/)).toBeVisible();
  await expect(page.getByTitle(/^Reached: /).first()).toBeVisible();
});

test("tests run by a button when they are not to run by themselves", async ({ page }) => {
  await openExample(page, /quarter/i);
  await openPart(page, "Tests");
  const state = page.getByRole("main").getByRole("status");
  await expect(state).toHaveText(/^10 passed/);
  await page.getByLabel("Run when the draft changes").uncheck();
  await openPart(page, "Contract");
  await replace(page, 'rate = "6%"', 'rate = "5%"');
  await openPart(page, "Tests");
  await expect(page.getByText("The draft has changed since. Run the tests again.")).toBeVisible();
  await page.getByRole("button", { name: "Run tests" }).click();
  await expect(state).toHaveText(/1 failed/);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`tests are accessible, ${colorScheme} and ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      await openExample(page, /quarter/i);
      await replace(page, 'rate = "6%"', 'rate = "5%"');
      await openPart(page, "Tests");
      await expect(page.getByText("Expected").first()).toBeVisible();
      await page.getByText("How it is decided").first().click();
      const { violations } = await new AxeBuilder({ page }).include("main").analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    });
  }
}
