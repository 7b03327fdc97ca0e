/** Start: questions, examples, folders of one's own, and what the browser keeps. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { zipSync, strToU8 } from "fflate";
import { expect, openExample, openPart, test } from "./page.ts";
import { drop, exported, folderItem } from "./steps.ts";

const PROGRAM = 'id = "corner"\nname = "Corner"\ncurrency = "EUR"\n\n[event_types]\nsale = {}\n';
const CONTRACT = 'contract = "standard"\nversion = 1\neffective_from = 2026-01-01\n\n[payout.default]\nrate = "5%"\n';

/** Chooses files where a button opens the browser's window for them. */
async function choose(page: Page, button: () => Promise<void>, files: { name: string; text: string | Uint8Array }[]): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button()]);
  await chooser.setFiles(files.map(({ name, text }) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) })));
}

async function noViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

test("an example is opened and checked", async ({ page }) => {
  await openExample(page, /Fashion shop/i);
  await expect(page.getByRole("button", { name: "No errors" })).toBeVisible();
});

test("the answers to three questions make a contract without errors, by keyboard alone", async ({ page }) => {
  await page.goto("./");
  await page.getByRole("radio", { name: /Affiliates/ }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("radio", { name: /Apps/ })).toBeChecked();
  await page.getByRole("checkbox", { name: /Registrations/ }).focus();
  await page.keyboard.press("Space");
  await expect(page.getByRole("checkbox", { name: /Late purchases/ })).toBeHidden();
  await page.getByRole("checkbox", { name: /Purchases in the app/ }).focus();
  await page.keyboard.press("Space");
  await expect(page.getByRole("checkbox", { name: /Late purchases/ })).toBeChecked();
  await page.getByRole("checkbox", { name: /Blocked apps/ }).uncheck();
  await page.getByLabel("Name of the program").fill("Spring campaign");
  await page.getByLabel("Currency").selectOption("JPY");
  await page.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await page.getByLabel("Name of the program").press("Enter");
  await expect(page.getByRole("button", { name: "No errors" })).toBeVisible();
  await expect(page.getByRole("banner")).toContainText("Spring campaign");
  const files = await exported(page);
  const program = Buffer.from(files["program.toml"] ?? []).toString();
  expect(program).toContain('id = "spring-campaign"');
  expect(program).toContain('currency = "JPY"');
  expect(program).not.toMatch(/registration|BLOCKED_APP/);
  expect(Buffer.from(files["contracts/networks.toml"] ?? []).toString()).toContain('add = "120"');
});

test("nothing to pay for makes no contract", async ({ page }) => {
  await page.goto("./");
  await page.getByRole("radio", { name: /Resellers/ }).check();
  for (const box of await page.getByRole("group", { name: /What do you pay for/ }).getByRole("checkbox").all()) await box.uncheck();
  await expect(page.getByText("Choose at least one.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Make the contract" })).toBeDisabled();
});

test("a zip file is opened, also one with a folder in it, and exported with the same files and the same bytes", async ({ page }) => {
  await page.goto("./");
  const inside = { "program.toml": PROGRAM, "contracts/standard.toml": CONTRACT, "components/odd.wasm": new Uint8Array([0, 97, 115, 109, 255]) };
  const packed = Object.entries(inside).map(([path, text]) => [`corner/${path}`, typeof text === "string" ? strToU8(text) : text] as const);
  const zip = zipSync(Object.fromEntries([...packed, ["__MACOSX/corner/._program.toml", strToU8("x")], ["corner/.DS_Store", strToU8("x")]]));
  await choose(page, () => page.getByRole("button", { name: "Choose a zip or files" }).click(), [{ name: "download.zip", text: zip }]);
  await expect(page.getByRole("banner")).toContainText("corner");
  const [first, second] = [await exported(page), await exported(page)];
  expect(Object.keys(first)).toEqual(["components/odd.wasm", "contracts/standard.toml", "program.toml"]);
  for (const [path, text] of Object.entries(inside)) expect(Buffer.from(first[path] ?? [])).toEqual(Buffer.from(text));
  expect(second).toEqual(first);
});

test("single files go where they belong, and what is missing is said", async ({ page }) => {
  await page.goto("./");
  const pick = () => page.getByRole("button", { name: "Choose a zip or files" }).click();
  await choose(page, pick, [{ name: "standard.toml", text: CONTRACT }]);
  await expect(page.getByRole("alert")).toContainText("There is no program.toml");
  await choose(page, pick, [{ name: "broken.zip", text: "PK nothing" }]);
  await expect(page.getByRole("alert")).toContainText("not a zip file, or it is damaged");
  await choose(page, pick, [{ name: "hostile.zip", text: zipSync({ "../program.toml": strToU8(PROGRAM) }) }]);
  await expect(page.getByRole("alert")).toContainText("leads out of the folder");
  await choose(page, pick, [
    { name: "program.toml", text: PROGRAM },
    { name: "standard.toml", text: CONTRACT },
    { name: "partners.csv", text: "id\nacme\n" },
    { name: "march.csv", text: "id,event_type,occurred_at,amount\na1,sale,2026-03-01T10:00:00Z,5.00\n" },
  ]);
  await expect(page.getByRole("button", { name: "No errors" })).toBeVisible();
  await expect(page.getByRole("alert")).toBeHidden();
  expect(Object.keys(await exported(page))).toEqual(["actions/march.csv", "contracts/standard.toml", "facts/partners.csv", "program.toml"]);
});

test("one of several programs in a zip file is chosen", async ({ page }) => {
  await page.goto("./");
  const zip = zipSync(Object.fromEntries(["a", "b"].map((name) => [`all/${name}/program.toml`, strToU8(PROGRAM)])));
  await choose(page, () => page.getByRole("button", { name: "Choose a zip or files" }).click(), [{ name: "all.zip", text: zip }]);
  await page.getByRole("button", { name: "b", exact: true }).click();
  await expect(page.getByRole("banner")).toContainText("b");
});

test("a dropped folder is opened, and a dropped zip file", async ({ page }, info) => {
  const root = info.outputPath("corner");
  mkdirSync(join(root, "contracts"), { recursive: true });
  writeFileSync(join(root, "program.toml"), PROGRAM);
  writeFileSync(join(root, "contracts/standard.toml"), CONTRACT);
  const zip = info.outputPath("other.zip");
  writeFileSync(zip, zipSync({ "program.toml": strToU8(PROGRAM) }));
  for (const [file, name, paths] of [
    [root, "corner", ["contracts/standard.toml", "program.toml"]],
    [zip, "other", ["program.toml"]],
  ] as const) {
    await page.goto("./");
    await drop(page, page.getByText("Drop a program folder here"), file);
    await expect(page.getByRole("banner")).toContainText(name);
    expect(Object.keys(await exported(page))).toEqual(paths);
  }
});

test("changes survive a reload and a closed tab, and can be saved, reverted and deleted", async ({ page, context }) => {
  await openExample(page, /Fashion shop/i);
  await expect(page.getByRole("button", { name: "Save version" })).toBeDisabled();
  const changed = page.getByRole("banner").getByText("· changed");
  const add = (text: string) => choose(page, () => folderItem(page, "Add files"), [{ name: "notes.md", text }]);
  await add("first");
  await expect(changed).toBeVisible();
  await expect.poll(() => page.evaluate(() => sessionStorage.getItem("accrue-open"))).toContain('"id"');
  await page.reload();
  await expect(changed).toBeVisible();
  expect(Buffer.from((await exported(page))["notes.md"] ?? []).toString()).toBe("first");

  await page.keyboard.press("Control+s");
  await expect(changed).toBeHidden();
  await add("second");
  await page.getByRole("dialog", { name: "Replace files?" }).getByRole("button", { name: "Replace them" }).click();
  await expect(changed).toBeVisible();
  await folderItem(page, "Revert");
  await page.getByRole("dialog").getByRole("button", { name: "Revert" }).click();
  await expect(changed).toBeHidden();
  expect(Buffer.from((await exported(page))["notes.md"] ?? []).toString()).toBe("first");
  await page.waitForTimeout(1500);
  await page.close();

  const later = await context.newPage();
  await later.goto("./");
  await later.getByRole("region", { name: "Continue where you left off" }).getByRole("button", { name: /^fashion-shop/ }).click();
  expect(Buffer.from((await exported(later))["notes.md"] ?? []).toString()).toBe("first");
  await openPart(later, "Start");
  await later.getByRole("button", { name: /Delete fashion-shop/ }).click();
  await later.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(later.getByRole("region", { name: "Continue where you left off" })).toBeHidden();
});

test("a folder that is open in another tab goes on as a copy", async ({ page, context }) => {
  await page.goto("./");
  await page.getByRole("radio", { name: /Agencies/ }).check();
  await page.getByRole("button", { name: "Make the contract" }).click();
  await openPart(page, "Start");
  const kept = (of: Page) => of.getByRole("region", { name: "Continue where you left off" }).getByRole("button", { name: /^Agency program/ });
  await expect(kept(page)).toHaveCount(1);
  const other = await context.newPage();
  await other.goto("./");
  await kept(other).click();
  await expect(other.getByRole("status").filter({ hasText: "is open in another tab" })).toBeVisible();
  await openPart(other, "Start");
  await expect(kept(other)).toHaveCount(2);
});

test("a browser that keeps nothing says so once", async ({ page }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("refused", "SecurityError");
    };
  });
  await page.goto("./");
  await expect(page.getByRole("status").filter({ hasText: "This browser keeps nothing for this page" })).toBeVisible();
});

test("the menu of the folder works by keyboard", async ({ page }) => {
  await openExample(page, /Fashion shop/i);
  const button = page.getByRole("button", { name: "Folder", exact: true });
  await button.focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Export as zip" })).toBeFocused();
  await page.keyboard.press("End");
  await expect(page.getByRole("menuitem", { name: "Add files" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Export as zip" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
  await expect(page.getByRole("menu")).toBeHidden();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`Start has no violations of accessibility in ${colorScheme} colours`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto("./");
    await page.getByRole("radio", { name: /Creators/ }).check();
    await noViolations(page);
    await page.getByRole("button", { name: "Make the contract" }).click();
    await openPart(page, "Start");
    await expect(page.getByRole("region", { name: "Continue where you left off" })).toBeVisible();
    await page.getByRole("button", { name: "Folder", exact: true }).click();
    await noViolations(page);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await expect(page.getByRole("textbox", { name: "Link" })).toBeVisible();
    await noViolations(page);
  });
}
