/** What every test of the page holds: nothing is asked of another origin, nothing is refused by the policy, nothing fails unseen. */
import { expect, type Page, test as base } from "@playwright/test";
import { fileURLToPath } from "node:url";
import { PAGE } from "../playwright.config.ts";

export { expect };

export const test = base.extend<{ page: Page }>({
  page: async ({ page }, use) => {
    const faults: string[] = [];
    const origin = new URL(PAGE).origin;
    // Of all tabs of the context.
    const context = page.context();
    context.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !/^(blob|data):/.test(url)) faults.push(`request to ${url}`);
    });
    context.on("weberror", (error) => faults.push(`error: ${error.error().message}`));
    context.on("console", (message) => {
      if (message.type() === "error") faults.push(`console: ${message.text()}`);
    });
    await use(page);
    expect(faults).toEqual([]);
  },
});

/** The command line, as `cargo xtask page` builds it: with the page in it. */
export function accrueBinary(): string {
  const target = process.env["CARGO_TARGET_DIR"] ?? fileURLToPath(new URL("../../target", import.meta.url));
  return `${target}/debug/accrue`;
}

/** Opens the page and an example. */
export async function openExample(page: Page, title: string | RegExp): Promise<void> {
  await page.goto("./");
  await page.getByRole("button", { name: title, exact: true }).first().click();
  await expect(page.getByRole("navigation").getByRole("button", { name: "Contract" })).toHaveAttribute("aria-current", "page");
}

/** Opens a part of the page. */
export async function openPart(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Parts of the page" }).getByRole("button", { name, exact: true }).click();
}
