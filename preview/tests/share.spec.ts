/** Links that carry the whole state of the page, and links that carry something else. */
import { deflateSync, strToU8 } from "fflate";
import type { Browser, Page } from "@playwright/test";
import { linkOf as hashOf, readLink, type State } from "../src/state/link.ts";
import { expect, openExample, openPart, test } from "./page.ts";
import { exported, folderItem, linkOf } from "./steps.ts";

/** Opens an address as somebody else would who has it. */
async function elsewhere(browser: Browser, url: string, viewport = { width: 1280, height: 800 }): Promise<Page> {
  const page = await (await browser.newContext({ viewport })).newPage();
  await page.goto(url);
  return page;
}

async function addFile(page: Page, name: string, text: string): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), folderItem(page, "Add files")]);
  await chooser.setFiles([{ name, mimeType: "text/plain", buffer: Buffer.from(text) }]);
}

/** A link with any content. */
const made = (content: unknown, version = "1") => `./#share=${version}.${Buffer.from(deflateSync(strToU8(JSON.stringify(content)))).toString("base64url")}`;
const empty = { name: "x", saved: {}, left: [], view: "contract", path: "", opened: null, from: null };

test("a link carries bytes, odd paths, removed files and the action that is open", async () => {
  const bytes = new Uint8Array([0, 255, 128, 10]);
  const state: State = {
    name: "Köln “1”",
    files: new Map<string, string | Uint8Array>([["program.toml", "a\r\nb"], ["components/x.wasm", bytes], ["__proto__", "odd"], ["new.md", ""]]),
    saved: new Map<string, string | Uint8Array>([["program.toml", "a"], ["components/x.wasm", bytes], ["__proto__", "odd"], ["old.md", "gone"]]),
    view: "decisions",
    path: "new.md",
    opened: { action: "a-1", partner: null },
    from: { kind: "examples", name: "cdnow" },
  };
  const { hash, left } = await hashOf(state);
  expect(left).toEqual([]);
  expect(hash).toMatch(/^#share=1\.[\w-]+$/);
  expect(readLink(hash).state).toEqual(state);
  await expect(hashOf({ ...state, files: new Map(Array.from({ length: 30 }, (_, at) => [`f${at}.bin`, crypto.getRandomValues(new Uint8Array(60_000))])) })).rejects.toThrow(
    "too large for a link",
  );
});

test("a link opens the same draft, the same part, and what differs from the saved version", async ({ page, browser, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openExample(page, /Fashion shop/i);
  await addFile(page, "notes.md", "für später");
  await openPart(page, "Tests");
  const before = await exported(page);
  const link = await linkOf(page);
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText("Copied.")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);

  const other = await elsewhere(browser, link);
  await expect(other.getByRole("banner")).toContainText("fashion-shop · changed");
  await expect(other.getByRole("navigation").getByRole("button", { name: "Tests" })).toHaveAttribute("aria-current", "page");
  expect(await exported(other)).toEqual(before);
  expect(new URL(other.url()).hash).toBe("");
  await other.context().close();
});

test("a link opens the decision that was open", async ({ page, browser }) => {
  const run = async (of: Page) => {
    await of.getByRole("main").getByRole("button", { name: "Run", exact: true }).click();
    await expect(of.getByText(/decided in/)).toBeVisible();
  };
  await openExample(page, /Fashion shop/i);
  await openPart(page, "Decisions");
  await run(page);
  await page.getByRole("tab", { name: /Decisions/ }).click();
  await page.getByRole("grid", { name: "Decisions" }).getByText("fs-002").click();
  await expect(page.getByRole("heading", { name: "fs-002" })).toBeVisible();
  const link = await linkOf(page);
  const other = await elsewhere(browser, link);
  await expect(other.getByRole("heading", { name: "fs-002" })).toBeVisible();
  await run(other);
  await expect(other.getByRole("region", { name: "Explanation" })).toContainText("Receipt");
  await other.context().close();

  // On a phone the explanation covers the page, and has the button that runs.
  const phone = await elsewhere(browser, link, { width: 390, height: 844 });
  const explanation = phone.getByRole("region", { name: "Explanation" });
  await explanation.getByRole("button", { name: "Run", exact: true }).click();
  await expect(explanation).toContainText("Receipt");
  await phone.context().close();

  // The same example again is another folder, with no run yet.
  await page.keyboard.press("Escape");
  await openPart(page, "Start");
  await page.getByRole("button", { name: /Fashion shop/ }).click();
  await openPart(page, "Decisions");
  await expect(page.getByText(/Run the contract over the chosen actions/)).toBeVisible();
  await expect(page.getByRole("region", { name: "Explanation" })).toBeHidden();
});

test("a link to a large example leaves its actions to the page", async ({ page, browser }) => {
  test.setTimeout(120_000);
  await openExample(page, /CDNOW/i);
  const link = await linkOf(page);
  expect(link.length).toBeLessThan(20_000);
  await expect(page.getByText("69,659 actions. This page has them")).toBeVisible();
  const other = await elsewhere(browser, link);
  await expect(other.getByRole("banner")).toContainText("cdnow");
  const files = await exported(other);
  expect(files["actions/actions.csv"]?.length).toBe(8_877_979);
  await other.context().close();
});

test("a link without its actions says so", async ({ page, browser }) => {
  await openExample(page, /Fashion shop/i);
  const rows = Array.from({ length: 5000 }, (_, at) => `b-${at},sale,2026-03-01T10:00:00Z,5.00`);
  await addFile(page, "many.csv", ["id,event_type,occurred_at,amount", ...rows, ""].join("\n"));
  const link = await linkOf(page);
  await expect(page.getByText("This link has the contract without its 5,000 actions.")).toBeVisible();
  const other = await elsewhere(browser, link);
  await expect(other.getByRole("status").filter({ hasText: "without its 5,000 actions" })).toBeVisible();
  await other.context().close();
});

test("a link does not replace changes without a question", async ({ page }) => {
  await openExample(page, /Fashion shop/i);
  await addFile(page, "notes.md", "mine");
  const link = made({ ...empty, name: "theirs", files: { "program.toml": 'id = "x"' } });
  const follow = () => page.evaluate((hash) => (location.hash = hash), link.slice(2));
  await follow();
  await page.getByRole("dialog", { name: "Open the link to theirs?" }).getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("banner")).toContainText("fashion-shop");
  // The same link can be followed again.
  await expect.poll(() => page.evaluate(() => location.hash)).toBe("");
  await follow();
  await page.getByRole("dialog").getByRole("button", { name: "Open it" }).click();
  await expect(page.getByRole("banner")).toContainText("theirs");
  await openPart(page, "Start");
  await expect(page.getByRole("region", { name: "Continue where you left off" }).getByRole("button", { name: /^fashion-shop/ })).toBeVisible();
});

const bomb = Buffer.from(deflateSync(new Uint8Array(64 << 20))).toString("base64url");
for (const [what, link, said] of [
  ["is cut off", made({ ...empty, files: { "program.toml": "x".repeat(500) } }).slice(0, -9), "damaged"],
  ["is no base64", "./#share=1.%%%", "damaged"],
  ["is no JSON of a link", made(["a"]), "damaged"],
  ["has no files", made({ ...empty, files: 3 }), "damaged"],
  ["is of a later version", made({}, "2"), "newer version"],
  ["leads out of the folder", made({ ...empty, files: { "../x": "" } }), "leads out of the folder"],
  ["begins at the root", made({ ...empty, files: { "/etc/passwd": "" } }), "leads out of the folder"],
  ["has a drive", made({ ...empty, files: { "C:x": "" } }), "no path of a folder has"],
  ["inflates without end", `./#share=1.${bomb}`, "unpacks to more"],
  ["has too many files", made({ ...empty, files: Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`f${at}`, ""])) }), "more files"],
] as const) {
  test(`a link that ${what} is refused with a reason`, async ({ page }) => {
    await page.goto(link);
    await expect(page.getByRole("alert")).toContainText(said);
    await expect(page.getByRole("radio", { name: /Affiliates/ })).toBeVisible();
  });
}
