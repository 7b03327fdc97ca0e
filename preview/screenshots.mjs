// Takes the pictures of the book: each part of the page, in light and dark colours and at the width of a phone.
//
//     node screenshots.mjs [FOLDER]
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

const to = process.argv[2] ?? fileURLToPath(new URL("../docs/src/preview", import.meta.url));
const PORT = 4899;
const PAGE = `http://127.0.0.1:${PORT}/some/folder/`;

/** How each picture is made of the page on which the fashion shop is open. */
const PARTS = {
  start: async (page) => page.goto(PAGE),
  contract: async (page) => {
    await open(page, "Contract");
    const tree = page.getByRole("treeitem", { name: "standard.toml" });
    if (await tree.isVisible()) await tree.click();
    await page.waitForTimeout(800);
  },
  tables: async (page) => {
    await open(page, "Tables");
    await page.getByText("Payout groups").last().click();
    await page.waitForTimeout(1200);
  },
  actions: async (page) => {
    await open(page, "Actions");
    await page.waitForTimeout(1200);
  },
  decisions: async (page) => {
    await open(page, "Decisions");
    await run(page);
    await page.getByRole("tab", { name: /Decisions/ }).click();
    await page.getByRole("searchbox", { name: "Search" }).fill("fs-029");
    await page.getByRole("grid", { name: "Decisions" }).getByRole("row").nth(1).click();
    await page.getByRole("searchbox", { name: "Search" }).fill("");
    await page.waitForTimeout(1000);
  },
  compare: async (page) => {
    await open(page, "Contract");
    const files = page.getByRole("combobox", { name: /file/i });
    if (await files.isVisible()) await files.selectOption("contracts/standard.toml");
    else await page.getByRole("treeitem", { name: "standard.toml" }).click();
    await page.getByRole("textbox", { name: /standard\.toml$/ }).focus();
    await page.keyboard.press("Control+f");
    await page.getByRole("textbox", { name: "Find" }).pressSequentially("7%");
    for (const key of ["Enter", "Escape", "Delete"]) await page.keyboard.press(key);
    await page.keyboard.type("8%");
    await page.waitForTimeout(600);
    await open(page, "Compare");
    await page.getByRole("main").getByRole("button", { name: "Compare", exact: true }).click();
    await page.getByRole("main").getByText(/programs in .*changed/).waitFor();
    await page.waitForTimeout(500);
  },
  card: async (page) => {
    await open(page, "Card");
    await page.waitForTimeout(1000);
  },
  tests: async (page) => {
    await open(page, "Tests");
    await page.waitForTimeout(1500);
  },
  charts: async (page) => {
    await open(page, "Decisions");
    await run(page);
    await open(page, "Charts");
    await page.waitForTimeout(1500);
  },
};

const LOOKS = [
  { name: "light", viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  { name: "dark", viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  { name: "phone", viewport: { width: 390, height: 844 }, colorScheme: "light" },
];

async function open(page, part) {
  await page.getByRole("navigation", { name: "Parts of the page" }).getByRole("button", { name: part, exact: true }).click();
}

async function run(page) {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("main").getByText(/actions decided in/).waitFor();
}

mkdirSync(to, { recursive: true });
const server = spawn(process.execPath, [fileURLToPath(new URL("tests/server.mjs", import.meta.url)), `${PORT}`]);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  for (const { name, ...look } of LOOKS) {
    for (const [part, show] of Object.entries(PARTS)) {
      const page = await (await browser.newContext(look)).newPage();
      await page.goto(PAGE);
      if (part !== "start") {
        await page.getByRole("button", { name: "Fashion shop", exact: true }).click();
        await page.getByRole("button", { name: /error|warning/i }).first().waitFor();
      }
      await show(page);
      await page.screenshot({ path: join(to, `${part}-${name}.png`) });
      await page.context().close();
    }
  }
} finally {
  await browser.close();
  server.kill();
}
