/** The contract card: for the brand and for a partner, on paper, and beside the text. */
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, openExample, openPart, test } from "./page.ts";
import { drawn, pagesOf, replace } from "./steps.ts";

test("a number of the card leads to its place in the contract", async ({ page }) => {
  await openExample(page, /Fashion shop/);
  await openPart(page, "Card");
  await expect(page.getByRole("heading", { name: "Fashion shop: contract card" })).toBeVisible();
  await page.getByRole("combobox", { name: "Contract" }).selectOption("standard");
  await expect(page.getByRole("heading", { name: /^Contract magazines/ })).toBeHidden();
  await page.getByRole("button", { name: "10%" }).click();
  const editor = page.getByRole("textbox", { name: "contracts/standard.toml" });
  await expect(editor).toBeFocused();
  await expect(editor.locator(".cm-activeLine")).toContainText('rate = "10%"');

  // Of a parameter, where the contract sets it.
  await openPart(page, "Card");
  await page.getByRole("button", { name: "365 days" }).click();
  await expect(editor.locator(".cm-activeLine")).toContainText("stale_after");
});

test("the card of a partner has what concerns the partner", async ({ page }) => {
  await openExample(page, /Fashion shop/);
  await openPart(page, "Card");
  await page.getByRole("combobox", { name: "For" }).selectOption("mode-heute");
  await expect(page.getByRole("heading", { name: /contract card of mode-heute/ })).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Contract standard/ })).toBeHidden();
});

test("the card is printed on one or two sheets, and saved", async ({ page }) => {
  await openExample(page, /Fashion shop/);
  await page.emulateMedia({ colorScheme: "dark" });
  await openPart(page, "Card");
  await page.getByRole("combobox", { name: "Contract" }).selectOption("standard");
  await expect(page.getByRole("button", { name: "10%" })).toBeVisible();
  const pdf = await page.pdf({ preferCSSPageSize: true });
  expect([1, 2]).toContain(pagesOf(pdf));
  expect(drawn(pdf)).toBeGreaterThan(5000);
  // Only the card is on paper, in dark letters on white.
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(page.getByRole("navigation", { name: "Parts of the page" })).toBeHidden();
  await expect(page.getByRole("button", { name: "Print" })).toBeHidden();
  await expect(page.getByText("10%")).toBeVisible();
  await expect(page.getByText("10%")).toHaveCSS("color", "rgb(28, 28, 28)");
  await page.emulateMedia({ media: "screen", colorScheme: "dark" });

  for (const [name, ending, expected] of [
    ["Text", "txt", "accessories         10% of the item's commissionable amount"],
    ["Markdown", "md", "10%"],
    ["HTML", "html", "<b>10%</b>"],
  ] as const) {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name, exact: true }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`fashion-shop-standard-card.${ending}`);
    expect(await readFile(await file.path(), "utf8")).toContain(expected);
  }
});

test("the card beside the text follows what is typed, and says when it is old", async ({ page }) => {
  await openExample(page, /quarter/i);
  await page.getByRole("button", { name: "Card beside" }).click();
  const card = page.getByRole("complementary", { name: "Card" });
  await expect(card.getByRole("button", { name: "6%" })).toBeVisible();
  await replace(page, 'rate = "6%"', 'rate = "7.25%"');
  await expect(card.getByRole("button", { name: "7.25%" })).toBeVisible();
  await replace(page, 'rate = "7.25%"', 'ratee = "8%"');
  await expect(card.getByText(/the card of the last draft without any/)).toBeVisible();
  await expect(card.getByRole("button", { name: "7.25%" })).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`cards are accessible, ${colorScheme} and ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      await openExample(page, "CDNOW");
      await openPart(page, "Card");
      await expect(page.getByRole("heading", { name: /contract card/i }).last()).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).include("main").analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    });
  }
}
