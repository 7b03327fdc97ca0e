import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, openExample, openPart, test } from "./page.ts";

/** The exports that the tests of the imports read, too. */
const sample = (path: string) => fileURLToPath(new URL(`../../tests/imports/${path}`, import.meta.url));

interface Dropped {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

async function add(page: Page, files: string | Dropped): Promise<void> {
  await page.getByLabel("Files of actions", { exact: true }).setInputFiles(files);
}

test("the actions of the folder are chosen, and shown as they are written", async ({ page }) => {
  await openExample(page, "CDNOW");
  await openPart(page, "Actions");
  const file = page.getByRole("row", { name: /actions\/actions\.csv/ });
  await expect(file.getByRole("checkbox")).toBeChecked();
  await expect(file).toContainText("Accrue's own format");
  await expect(page.getByText("69,659 rows")).toBeVisible();
  await page.getByRole("searchbox", { name: "Search" }).fill("cd-069659");
  const grid = page.getByRole("grid", { name: "Rows of actions/actions.csv" });
  await expect(grid.getByRole("row").nth(1)).toContainText("cd-069659");
  await expect(page.getByText("1 of 69,659 rows")).toBeVisible();
  // A row begins the form, with all that it says.
  await grid.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Change cd-069659 and try again" })).toBeFocused();
  await expect(page.getByLabel("Customer id")).not.toHaveValue("");
});

test("an action of the form is decided and explained, changed and tried again", async ({ page }) => {
  await openExample(page, /Fashion shop/);
  await openPart(page, "Actions");
  await page.getByRole("button", { name: "New action" }).click();
  const form = page.getByRole("form", { name: "An action to try" });
  await form.getByLabel("Id", { exact: true }).fill("mine");
  await form.getByLabel(/^Occurred/).fill("2026-09-01T12:00");
  await form.getByLabel(/^Amount/).fill("200.00");
  await form.getByLabel("Partner").fill("style-diary");
  await form.getByLabel(/^At/).fill("2026-09-01T11:00");
  await form.getByRole("button", { name: "Add an item" }).click();
  await form.getByLabel("SKU").fill("BA-1");
  await form.getByLabel("Category").fill("bags");
  await form.getByLabel("Amount of the line").fill("200.00");
  await form.getByRole("button", { name: "Run and explain" }).click();
  const panel = page.getByRole("region", { name: "Explanation" });
  await expect(panel.getByRole("heading", { name: "mine" })).toBeVisible();
  await expect(panel).toContainText("style-diary is paid 20.00 EUR on 200.00 EUR, by accessories of contract standard, version 1.");

  await panel.getByRole("button", { name: "Change and try again" }).click();
  const again = page.getByRole("form", { name: "Change mine and try again" });
  await again.getByLabel("Category").fill("gift-cards");
  await again.getByRole("button", { name: "Run and explain" }).click();
  await expect(panel.getByRole("heading", { name: "mine-again" })).toBeVisible();
  await expect(panel).toContainText("The action counts for style-diary, and pays nothing.");

  // An action that is none says which field is wrong, and stays in the form.
  await panel.getByRole("button", { name: "Change and try again" }).click();
  const wrong = page.getByRole("form");
  await wrong.getByLabel(/^Amount,/).fill("12,5");
  await wrong.getByRole("button", { name: "Run and explain" }).click();
  await expect(wrong.getByRole("alert")).toContainText("amount");
});

test("the orders of a shop are dropped, and decided through the mapping that ships", async ({ page }) => {
  await openExample(page, /Fashion shop/);
  await openPart(page, "Actions");
  await page.getByLabel("Decide actions/2026-autumn.jsonl").uncheck();
  const text = await readFile(sample("shopify_orders/export.csv"), "utf8");
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "orders_export.csv", { type: "text/csv" }));
    return transfer;
  }, text);
  await page.getByText(/Drop exports and files of actions here/).dispatchEvent("drop", { dataTransfer: data });
  await expect(page.getByRole("row", { name: /orders_export\.csv/ })).toContainText("Shopify: orders export");
  await expect(page.getByRole("region", { name: "What the first rows become" })).toContainText("#1001");

  await page.keyboard.press("Control+Enter");
  await expect(page.getByText(/decided in/)).toBeVisible();
  await page.getByRole("button", { name: "See the decisions" }).click();
  // As `accrue run rules-examples/fashion-shop --map shopify_orders` decides them.
  await expect(page.getByText(/^2 actions decided.*, 1 line rejected, 3 transactions set aside/)).toBeVisible();
  const reasons = page.getByRole("region", { name: "Why actions are not simply payable" });
  await expect(reasons.getByRole("row", { name: /^NO_CREDIT/ })).toContainText("1,363.00 EUR");
});

test("the report of a network is pasted, and pays by a mapping that is written as text", async ({ page }) => {
  await openExample(page, /Fashion shop/);
  await openPart(page, "Actions");
  await page.getByLabel("Decide actions/2026-autumn.jsonl").uncheck();
  const report = await readFile(sample("E1-german-spreadsheet/export.csv"), "utf8");
  const text = report.replaceAll("acme", "style-diary").replaceAll("bloggers", "capsule");
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    window.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
  }, text);
  await page.getByLabel("The mapping as text (TOML)").fill(await readFile(sample("E1-german-spreadsheet/mapping.toml"), "utf8"));
  await expect(page.getByRole("region", { name: "What the first rows become" }).getByRole("row", { name: /1\.537,66/ })).toContainText("1537.66");
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("button", { name: "See the decisions" }).click();
  const partners = page.getByRole("region", { name: "Partners, in EUR" });
  await expect(partners.getByRole("row", { name: /^style-diary/ })).toContainText("107.64");
  await expect(partners.getByRole("row", { name: /^capsule/ })).toContainText("0.88");
});

test("an export without a mapping gets a proposal, is corrected, and its mapping is saved", async ({ page }) => {
  await openExample(page, /Fashion shop/);
  await openPart(page, "Actions");
  await add(page, { name: "März.csv.gz", mimeType: "application/gzip", buffer: gzipSync(await readFile(sample("E1-german-spreadsheet/export.csv"))) });
  await expect(page.getByRole("row", { name: /März\.csv/ })).toContainText("4 questions left");
  const text = page.getByLabel("The mapping as text (TOML)");
  await expect(text).toHaveValue(/# \? event_type/);

  await page.getByRole("button", { name: "event_type is right" }).click();
  await page.getByRole("combobox", { name: "Decimal mark" }).selectOption(",");
  await page.getByRole("combobox", { name: "Mark between thousands" }).selectOption(".");
  await page.getByRole("combobox", { name: "Time zone" }).fill("Europe/Berlin");
  await page.getByRole("combobox", { name: "Time zone" }).press("Tab");
  await page.getByLabel("Meaning of n", { exact: true }).fill("existing");
  await page.getByLabel("Meaning of n", { exact: true }).press("Tab");
  await expect(text).toHaveValue(/^event_type = \{ value = "sale" \}$/m);
  await expect(text).toHaveValue(/^decimal_mark = ","$/m);
  await expect(text).toHaveValue(/^"customer.status" = .*n = "existing"/m);
  await expect(text).not.toHaveValue(/# \? \w/);

  // The cells as they came, what they become, and what is wrong with them.
  const preview = page.getByRole("region", { name: "What the first rows become" });
  await expect(preview.getByRole("row", { name: /1\.537,66/ })).toContainText("1537.66");
  await expect(preview).toContainText("clocks in Europe/Berlin never show");

  await page.getByLabel("Name", { exact: true }).fill("network");
  await page.getByRole("button", { name: "Save in the folder" }).click();
  await expect(page.getByText("Saved as imports/network.toml.")).toBeVisible();
  await expect(page.getByLabel("Read through")).toHaveValue("imports/network.toml");
  await page.getByRole("button", { name: "Show all rows as actions" }).click();
  await expect(page.getByRole("grid", { name: "Rejected lines" })).toContainText("occurred_at");

  // The next export of this network is read through it.
  await add(page, sample("E1-german-spreadsheet/export.csv"));
  await expect(page.getByRole("row", { name: /export\.csv/ })).toContainText("imports/network.toml");
});

test("a workbook is read by the module that is loaded for it", async ({ page }) => {
  const modules: string[] = [];
  page.on("request", (request) => modules.push(new URL(request.url()).pathname));
  await openExample(page, /Fashion shop/);
  await openPart(page, "Actions");
  await expect(page.getByText("Accrue's own format")).toBeVisible();
  expect(modules.filter((path) => path.includes("readers"))).toEqual([]);
  await add(page, sample("workbook-xlsx/export.xlsx"));
  await expect(page.getByRole("row", { name: /export\.xlsx/ })).toContainText("a mapping of its own");
  const mapping = await readFile(sample("workbook-xlsx/mapping.toml"), "utf8");
  // The shop declares no such attribute.
  await page.getByLabel("The mapping as text (TOML)").fill(mapping.replace(/^"attributes\.rate".*$/m, '[rows]\nignore = ["Rate"]'));
  const preview = page.getByRole("region", { name: "What the first rows become" });
  await expect(preview.getByRole("row", { name: /1001/ })).toContainText("1537.66");
  await expect(preview).toContainText("#REF! is an error of the spreadsheet; correct the cell");
  await expect(preview).toContainText("Set aside: the export says that it is reversed.");
  expect(modules.filter((path) => path.endsWith(".wasm") && path.includes("readers"))).toHaveLength(1);
});

test("lines that are no actions stand apart", async ({ page }) => {
  await openExample(page, /Fashion shop/);
  await openPart(page, "Actions");
  const lines = ['{"id":"x1","event_type":"sale","occurred_at":"2026-09-01T10:00:00Z","amount":"10.00"}', '{"id":"x2","event_type":"sale","occurred_at":"2026-09-01T10:00:00Z","amount":"ten"}'];
  const file = (of: string[]) => ({ name: "more.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(of.join("\n")) });
  // Two files of one name: each has its own lines.
  await add(page, file(lines.slice(0, 1).map((line) => line.replace("x1", "x0"))));
  await expect(page.getByRole("row", { name: /more\.jsonl/ })).toBeVisible();
  await add(page, file(lines));
  await expect(page.getByRole("row", { name: /more-2\.jsonl/ })).toBeVisible();
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByText(/1 line rejected\./)).toBeVisible();
  const rejected = page.getByRole("grid", { name: "Rejected lines" });
  await expect(rejected.getByRole("row").nth(1)).toContainText("amount");
  await expect(rejected.getByRole("row").nth(1)).toContainText("more-2.jsonl2");
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 390]) {
    test(`actions are accessible, ${colorScheme} and ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      await openExample(page, /Fashion shop/);
      await openPart(page, "Actions");
      const found = async () => (await new AxeBuilder({ page }).include("main").analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      await page.getByRole("button", { name: "New action" }).click();
      expect(await found()).toEqual([]);
      await page.getByRole("button", { name: "Close the form" }).click();
      await add(page, sample("E1-german-spreadsheet/export.csv"));
      await expect(page.getByText("The first rows as they came")).toBeVisible();
      expect(await found()).toEqual([]);
      await page.getByRole("button", { name: "event_type is right" }).click();
      await page.getByRole("button", { name: "Remove customer.status" }).click();
      await page.getByRole("button", { name: "Leave it aside" }).click();
      await expect(page.getByText("What the first rows become")).toBeVisible();
      expect(await found()).toEqual([]);
    });
  }
}
