import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, openExample, openPart, test } from "./page.ts";
import { cellOf as cell, gridOf as grid, makeTable, paste } from "./steps.ts";

test.beforeEach(async ({ context }) => context.grantPermissions(["clipboard-read", "clipboard-write"]));

/** Opens an example at one of its tables. */
async function openTable(page: Page, example: RegExp, name: RegExp): Promise<void> {
  await openExample(page, example);
  await openPart(page, "Tables");
  await page.getByRole("navigation", { name: "Tables of the program" }).getByRole("button", { name }).last().click();
  await expect(grid(page)).toBeVisible();
}

const standing = (page: Page, text: RegExp): Locator => page.getByRole("banner").getByRole("button", { name: text });

test("a rate table from a spreadsheet becomes payout groups, and is undone", async ({ page }) => {
  await openTable(page, /Fashion shop/i, /Payout groups 3 rows/);
  await expect(standing(page, /No errors/)).toBeVisible();
  await grid(page).focus();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Home");
  await paste(page, "name\trate\nsale\t5%\nshoes\t7%\n");
  await page.getByRole("button", { name: "Match columns by name" }).click();
  await expect(cell(page, 4, 2)).toHaveText("shoes");
  await expect(page.getByText("changed")).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "1 row added" })).toBeVisible();
  await page.keyboard.press("ControlOrMeta+z");
  await expect(cell(page, 4, 2)).toHaveCount(0);
  await expect(page.getByText("changed")).toBeHidden();
  await page.keyboard.press("ControlOrMeta+y");
  await expect(cell(page, 4, 2)).toHaveText("shoes");
});

test("a wrong cell is marked, and named below the grid", async ({ page }) => {
  await openTable(page, /Quarterly tiers/i, /tiers\.csv/);
  await grid(page).focus();
  const rate = grid(page).getByRole("columnheader", { name: /rate|add|each/ }).first();
  await rate.click();
  await page.keyboard.press("Home");
  await page.keyboard.press("ControlOrMeta+ArrowRight");
  await page.keyboard.type("lots");
  await page.keyboard.press("Enter");
  const wrong = grid(page).locator('[aria-invalid="true"]');
  await expect(wrong).toHaveText("lots");
  await expect(wrong).toHaveAttribute("title", /lots/);
  const list = page.getByRole("region", { name: "What is wrong in this table" });
  await expect(list).toContainText("Row 2");
  await page.keyboard.press("ControlOrMeta+Home");
  await list.getByRole("button").first().click();
  await expect(page.locator(".tables-active")).toHaveText("lots");
  await page.keyboard.press("ControlOrMeta+z");
  await expect(wrong).toHaveCount(0);
  await expect(list).toBeHidden();
});

test("everything by keyboard: edit, fill, copy, cut, rows, filter, sort", async ({ page }) => {
  await openTable(page, /Fashion shop/i, /Payout groups 3 rows/);
  await makeTable(page, "rates", "item.sku,customer.country,rate");
  await paste(page, 'SHOE-1\tDE\t8%\nSHOE-2\t"""Home, Garden"""\t9%\nHAT\t\t2%');
  await expect(cell(page, 2, 3)).toHaveText('"Home, Garden"');
  // Typing replaces, Enter goes down, F2 keeps the text, Escape takes back.
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("AT");
  await page.keyboard.press("Enter");
  await page.keyboard.press("F2");
  await page.keyboard.type("!");
  await page.keyboard.press("Escape");
  await expect(cell(page, 1, 3)).toHaveText("AT");
  await expect(cell(page, 2, 3)).toHaveText('"Home, Garden"');
  // Fill down from the first row of the selection.
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("ControlOrMeta+d");
  for (const row of [1, 2, 3]) await expect(cell(page, row, 3)).toHaveText("AT");
  // Delete empties, and one undo brings all of them back.
  await page.keyboard.press("Delete");
  for (const row of [1, 2, 3]) await expect(cell(page, row, 3)).toHaveText("");
  await page.keyboard.press("ControlOrMeta+z");
  for (const row of [1, 2, 3]) await expect(cell(page, row, 3)).toHaveText("AT");
  // Copy a row, and paste it over another.
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("Shift+ ");
  await page.keyboard.press("ControlOrMeta+c");
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("SHOE-1\tAT\t8%");
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("ControlOrMeta+ArrowDown");
  await page.keyboard.press("ControlOrMeta+v");
  await expect(cell(page, 3, 2)).toHaveText("SHOE-1");
  await page.keyboard.press("ControlOrMeta+z");
  await expect(cell(page, 3, 2)).toHaveText("HAT");
  // Insert, move and delete a row.
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("Alt+Enter");
  await expect(cell(page, 2, 2)).toHaveText("");
  await page.keyboard.type("NEW");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Alt+ArrowUp");
  await expect(cell(page, 1, 2)).toHaveText("NEW");
  await page.keyboard.press("Alt+Delete");
  await expect(cell(page, 1, 2)).toHaveText("SHOE-1");
  // Sort and filter are views: the numbers of the rows stay.
  await page.keyboard.press("ControlOrMeta+Home");
  await page.getByRole("button", { name: "Sort ↑" }).click();
  await expect(cell(page, 1, 2)).toHaveText("HAT");
  await expect(cell(page, 1, 1)).toHaveText("4");
  await page.getByRole("button", { name: "Sort ↑" }).click();
  await expect(cell(page, 1, 2)).toHaveText("SHOE-1");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("textbox", { name: "Text to filter by" }).fill("shoe");
  await expect(page.getByText("2 of 3 rows")).toBeVisible();
  await page.getByRole("searchbox", { name: "Search the table" }).fill("9%");
  await expect(page.getByText("1 of 3 rows")).toBeVisible();
  await expect(cell(page, 1, 2)).toHaveText("SHOE-2");
  await page.getByRole("button", { name: "Clear all" }).click();
  // The grid does not keep the keyboard: Escape, then Tab.
  await grid(page).focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(grid(page)).not.toBeFocused();
});

test("a new table of payout groups is paid by", async ({ page }) => {
  await openTable(page, /Fashion shop/i, /Payout groups 3 rows/);
  await makeTable(page, "rates", "item.sku,rate");
  await paste(page, "item.sku\trate\nSHOE-1\t8%\nHAT\t9%\n");
  await page.getByRole("button", { name: "Match columns by name" }).click();
  await expect(cell(page, 2, 3)).toHaveText("9%");
  await expect(standing(page, /No errors|warning/)).toBeVisible();
  // Another column, and a header that names no fact.
  await page.getByText("Columns", { exact: true }).click();
  await page.getByLabel("New column").fill("customer.land");
  await page.getByRole("button", { name: "Add the column" }).click();
  const header = grid(page).getByRole("columnheader", { name: "customer.land" });
  await expect(header.getByTitle(/has no column `customer.land`/)).toBeVisible();
  await expect(page.getByRole("region", { name: "What is wrong in this table" })).toContainText("Column customer.land");
});

test("the grid and the text are two views of one file", async ({ page }) => {
  await openTable(page, /Fashion shop/i, /Payout groups 3 rows/);
  await cell(page, 2, 4).click();
  await page.keyboard.type("33%");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  await page.getByRole("button", { name: "contracts/standard.toml", exact: true }).click();
  const text = page.getByRole("main").locator(".cm-content");
  await expect(text).toContainText('rate = "33%"');
  await expect(text).toBeFocused();
  // What is typed over the value that is selected is in the table, and undo in the table takes back what was typed in either.
  await page.keyboard.type('"44%"');
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await expect(page.locator(".tables-active")).toHaveText("44%");
  await expect(cell(page, 2, 4)).toHaveText("44%");
  await expect(grid(page)).toBeFocused();
  await expect(async () => {
    await page.keyboard.press("ControlOrMeta+z");
    await expect(cell(page, 2, 4)).toHaveText("3%", { timeout: 1000 });
  }).toPass();
});

test("the mouse selects a range and fills by the handle", async ({ page }) => {
  await openTable(page, /Fashion shop/i, /Payout groups 3 rows/);
  await makeTable(page, "rates", "item.sku,rate");
  await paste(page, "A\t1%\nB\t2%\nC\t3%\nD\t4%");
  await cell(page, 1, 2).click();
  await cell(page, 2, 3).click({ modifiers: ["Shift"] });
  await expect(page.getByText("2 × 2 cells")).toBeVisible();
  await page.getByTitle("Drag to fill").hover();
  await page.mouse.down();
  await cell(page, 4, 3).hover();
  await page.mouse.up();
  await expect(cell(page, 3, 2)).toHaveText("A");
  await expect(cell(page, 4, 3)).toHaveText("2%");
  await cell(page, 1, 2).hover();
  await page.mouse.down();
  await cell(page, 3, 3).hover();
  await page.mouse.up();
  await expect(page.getByText("3 × 2 cells")).toBeVisible();
});

test("5,000 rows of 30 columns stay smooth", async ({ page }) => {
  test.setTimeout(180_000);
  await openTable(page, /Fashion shop/i, /Payout groups 3 rows/);
  const customer = "id,status,country,region,lifetime_value,order_count,audiences".split(",").map((name) => `customer.${name}`);
  const action = "id,order_id,currency,amount,subtotal,discount,tax,shipping,promo_codes".split(",").map((name) => `action.${name}`);
  const others = "partner.id,partner.kind,partner.groups,partner.status,partner.country,partner.parent,partner.properties".split(",");
  const facts = [...customer, ...action, ...others, "item.category", "item.quantity", "item.amount", "item.cost"];
  await makeTable(page, "rates", ["item.sku", "rate", "points", ...facts].join(","));
  const rows = Array.from({ length: 5000 }, (_, row) =>
    [`SKU-${row}`, `${1 + (row % 9)}%`, "", ...facts.map((fact) => (fact === "customer.country" ? ["DE", "AT", "FR"][row % 3] : ""))].join("\t"),
  );
  const begin = Date.now();
  await paste(page, rows.join("\n"));
  await expect(page.getByText("5,000 rows", { exact: true })).toBeVisible({ timeout: 60_000 });
  const pasted = Date.now() - begin;
  await expect(cell(page, 1, 2)).toHaveText("SKU-0");
  await expect(standing(page, /No errors|warning/)).toBeVisible({ timeout: 60_000 });

  const frames = await grid(page).evaluate(async (of) => {
    const body = of.querySelector(".tabulator-tableholder") as HTMLElement;
    const times: number[] = [];
    let last = await new Promise<number>(requestAnimationFrame);
    for (let step = 0; step < 120; step += 1) {
      body.scrollTop += 120;
      if (step % 4 === 0) body.scrollLeft = (step * 25) % 2400;
      const now = await new Promise<number>(requestAnimationFrame);
      times.push(now - last);
      last = now;
    }
    return { times: times.sort((a, b) => a - b), rows: of.querySelectorAll(".tabulator-row").length };
  });
  // How long a frame takes depends on what else the machine does; how much is in the page does not.
  expect(frames.rows).toBeLessThan(80);
  await grid(page).focus();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("12%");
  const edit = await page.evaluate(async () => {
    const input = document.activeElement as HTMLInputElement;
    const grid = input.closest('[role="grid"]');
    const begin = performance.now();
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    await new Promise(requestAnimationFrame);
    const text = grid?.querySelector('[aria-rowindex="2"] [aria-colindex="3"]')?.textContent;
    return { took: performance.now() - begin, text };
  });
  // In the next frame, before anything was asked of the engine.
  expect(edit.text).toBe("12%");
  // A wrong cell is marked when the program has been checked.
  await page.keyboard.type("lots");
  const typed = Date.now();
  await page.keyboard.press("Enter");
  await expect(grid(page).locator('[aria-invalid="true"]')).toHaveText("lots");
  const marked = Date.now() - typed;
  const [half = 0, most = 0] = [0.5, 0.95].map((part) => frames.times[Math.floor(frames.times.length * part)]);
  console.log(`paste ${pasted} ms; frames: median ${half.toFixed(1)} ms, 95% ${most.toFixed(1)} ms; edit shown after ${edit.took.toFixed(1)} ms, checked after ${marked} ms`);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`nothing is out of reach, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await openTable(page, /Fashion shop/i, /Payout groups 3 rows/);
    const look = async () => expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await look();
    await cell(page, 1, 4).click();
    await page.keyboard.type("lots");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("region", { name: "What is wrong in this table" })).toBeVisible();
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await look();
    await page.getByRole("button", { name: "New table" }).click();
    await look();
    await page.getByRole("button", { name: "Make the table" }).click();
    await page.getByText("What may stand in a cell").click();
    await look();
  });
}
