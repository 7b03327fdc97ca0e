/** What a user does on the page, for the specs that need the same steps. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { inflateSync } from "node:zlib";
import type { Locator, Page } from "@playwright/test";
import { unzipSync } from "fflate";
import { expect, openPart } from "./page.ts";

/** The editor with a file. */
export function editorOf(page: Page, path: string): Locator {
  return page.getByRole("textbox", { name: path });
}

/** Opens a file of the list. */
export async function openFile(page: Page, folder: string, name: string): Promise<Locator> {
  await page.getByRole("treeitem", { name: folder, exact: true }).getByRole("treeitem", { name: new RegExp(`^${name}`) }).click();
  const path = folder === "Program" ? name : `${folder.toLowerCase()}/${name}`;
  const editor = editorOf(page, path);
  await expect(editor).toBeVisible();
  return editor;
}

/** Selects a text by searching for it. */
export async function select(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.focus();
  await page.keyboard.press("Control+f");
  await page.getByRole("textbox", { name: "Find" }).pressSequentially(text);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(editor).toBeFocused();
}

/** Puts the caret behind a text by searching for it. */
export async function caretBehind(page: Page, editor: Locator, text: string): Promise<void> {
  await select(page, editor, text);
  await page.keyboard.press("ArrowRight");
}

/** Replaces a text in the file that is open, as somebody does who searches and types. */
export async function replace(page: Page, before: string, after: string): Promise<void> {
  await select(page, page.getByRole("textbox", { name: /\.(toml|rhai)$/ }), before);
  await page.keyboard.press("Delete");
  await page.keyboard.type(after);
}

/** The grid of the open table. */
export const gridOf = (page: Page) => page.getByRole("main").getByRole("grid");

/** A cell of the open table by its row, from 1, and its column; column 1 has the numbers of the rows. */
export const cellOf = (page: Page, row: number, column: number) =>
  gridOf(page).locator(`[aria-rowindex="${row + 1}"] [aria-colindex="${column}"]`);

/** Pastes as a person does who has copied cells in a spreadsheet. The context must have the permission to write to the clipboard. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press("ControlOrMeta+v");
}

/** Makes a table of payout groups with these columns. */
export async function makeTable(page: Page, name: string, header: string): Promise<void> {
  await page.getByRole("button", { name: "New table" }).click();
  const form = page.getByRole("form", { name: "New table" });
  await form.getByLabel("Name", { exact: true }).fill(name);
  await form.getByLabel("Columns").fill(header);
  await form.getByRole("button", { name: "Make the table" }).click();
  await expect(page.getByRole("heading", { name: `${name}.csv`, exact: true })).toBeVisible();
  await gridOf(page).focus();
}

/** Compares the draft with the saved version. */
export async function compare(page: Page): Promise<void> {
  await openPart(page, "Compare");
  await page.getByRole("main").getByRole("button", { name: "Compare", exact: true }).click();
  await expect(page.getByText(/decided by \d+ programs/)).toBeVisible({ timeout: 60_000 });
}

/** Drops a file or a folder of the disk on a place of the page. */
export async function drop(page: Page, on: Locator, file: string): Promise<void> {
  await on.scrollIntoViewIfNeeded();
  const box = await on.boundingBox();
  const at = { x: (box?.x ?? 0) + 5, y: (box?.y ?? 0) + 5, data: { items: [], files: [file], dragOperationsMask: 1 } };
  const devtools = await page.context().newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"] as const) await devtools.send("Input.dispatchDragEvent", { type, ...at });
  await devtools.detach();
}

/** Runs the contract over the chosen actions. */
export async function run(page: Page): Promise<void> {
  await openPart(page, "Decisions");
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByText(/decided in/)).toBeVisible({ timeout: 60_000 });
}

/** Opens the explanation of an action, by the keyboard alone. */
export async function explain(page: Page, action: string): Promise<Locator> {
  await page.getByRole("tab", { name: /Decisions/ }).click();
  await page.getByRole("searchbox", { name: "Search" }).fill(action);
  const grid = page.getByRole("grid", { name: "Decisions" });
  await expect(grid.getByRole("row").nth(1)).toContainText(action);
  await grid.focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("region", { name: "Explanation" });
  await expect(panel.getByRole("heading", { name: action })).toBeFocused();
  await expect(panel).toHaveAttribute("aria-busy", "false");
  return panel;
}

/** Returns the link to the state of the page, and leaves its window open. */
export async function linkOf(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Share", exact: true }).click();
  return page.getByRole("textbox", { name: "Link" }).inputValue();
}

/** Chooses an entry of the menu of the folder. */
export async function folderItem(page: Page, item: string): Promise<void> {
  await page.getByRole("button", { name: "Folder", exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

/** Exports the folder, and returns the files of the zip file. */
export async function exported(page: Page): Promise<Record<string, Uint8Array>> {
  const [download] = await Promise.all([page.waitForEvent("download"), folderItem(page, "Export as zip")]);
  return unzipSync(readFileSync(await download.path()));
}

/** Writes files to a new folder, and returns its path. */
export function onDisk(files: Record<string, Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), "accrue-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** The number of pages of a PDF. */
export function pagesOf(pdf: Buffer): number {
  return pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

/** The size of the drawings of a PDF, unpacked: a page of text has some thousand bytes. */
export function drawn(pdf: Buffer): number {
  let size = 0;
  const text = pdf.toString("latin1");
  for (const { index } of text.matchAll(/stream\r?\n/g)) {
    const begin = text.indexOf("\n", index) + 1;
    try {
      size += inflateSync(pdf.subarray(begin, text.indexOf("endstream", begin))).length;
    } catch {
      // A picture or a font.
    }
  }
  return size;
}
