/** The page under `accrue preview`, against a server that speaks the protocol in `src/state/server.ts`. */
import { createHash } from "node:crypto";
import type { Page, Route } from "@playwright/test";
import { strToU8, zipSync } from "fflate";
import { expect, openPart, test } from "./page.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const tag = (text: string) => `"${createHash("sha256").update(text).digest("hex")}"`;

/** A folder on disk and the server in front of it. */
class Disk {
  files = new Map([
    ["program.toml", 'id = "corner"\nname = "Corner"\ncurrency = "EUR"\n\n[event_types]\nsale = {}\n'],
    ["contracts/standard.toml", 'contract = "standard"\nversion = 1\neffective_from = 2026-01-01\n\n[payout.default]\nrate = "5%"\n'],
    ["README.md", "# Corner\n"],
  ]);
  requests: string[] = [];

  async serve(page: Page): Promise<void> {
    // Playwright cannot answer piece by piece: the stream of changes is made in the page.
    await page.addInitScript((token) => {
      const real = window.fetch;
      window.fetch = (url, options) => {
        if (!String(url).endsWith("/some/folder/api/changes")) return real(url, options);
        if (new Headers(options?.headers).get("x-accrue-token") !== token) return Promise.resolve(new Response("no token", { status: 403 }));
        const stream = new ReadableStream<Uint8Array>({
          start(controller) {
            const write = (event: Event) => event instanceof CustomEvent && controller.enqueue(new TextEncoder().encode(String(event.detail)));
            addEventListener("told", write);
            addEventListener("cut", () => (removeEventListener("told", write), controller.close()), { once: true });
          },
        });
        return Promise.resolve(new Response(stream));
      };
    }, TOKEN);
    await page.route("**/some/folder/", async (route) => {
      const response = await route.fetch();
      const meta = `<meta name="accrue-token" content="${TOKEN}">`;
      await route.fulfill({ response, body: (await response.text()).replace("<head>", `<head>${meta}`) });
    });
    await page.route("**/some/folder/api/**", (route) => this.answer(route));
  }

  /** Changes files as an editor on the same machine would. */
  async change(page: Page, text: string, ...paths: string[]): Promise<void> {
    for (const path of paths) this.files.set(path, text);
    // In two pieces, as a network may deliver it.
    const told = `: here\n\ndata: ${JSON.stringify({ paths })}\n\n`;
    for (const piece of [told.slice(0, 20), told.slice(20)])
      await page.evaluate((detail) => dispatchEvent(new CustomEvent("told", { detail })), piece);
  }

  private async answer(route: Route): Promise<void> {
    const request = route.request();
    const headers = await request.allHeaders();
    if (headers["x-accrue-token"] !== TOKEN) return route.fulfill({ status: 403, body: "no token" });
    const path = decodeURIComponent(new URL(request.url()).pathname.split("/api/")[1] ?? "");
    if (path === "folder") {
      const zip = zipSync(Object.fromEntries([...this.files].map(([name, text]) => [name, strToU8(text)])));
      return route.fulfill({ body: Buffer.from(zip), headers: { "x-accrue-name": encodeURIComponent("Körner") } });
    }
    const name = path.slice("files/".length);
    const there = this.files.get(name);
    if (request.method() === "GET") return route.fulfill(there === undefined ? { status: 404 } : { body: there, headers: { etag: tag(there) } });
    this.requests.push(`${request.method()} ${name}`);
    const expected = headers["if-none-match"] === "*" ? undefined : headers["if-match"];
    if (expected !== (there === undefined ? undefined : tag(there))) return route.fulfill({ status: 412, body: "changed" });
    if (request.method() === "DELETE") this.files.delete(name);
    else this.files.set(name, request.postData() ?? "");
    return route.fulfill({ status: 204 });
  }
}

async function add(page: Page, name: string, text: string): Promise<void> {
  await page.getByRole("button", { name: "Folder", exact: true }).click();
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("menuitem", { name: "Add files" }).click()]);
  await chooser.setFiles([{ name, mimeType: "text/plain", buffer: Buffer.from(text) }]);
  await page.getByRole("dialog").getByRole("button", { name: "Replace them" }).click();
}

const changed = (page: Page) => page.getByRole("banner").getByText("· changed");

test("the folder on disk is opened, and only what changed is written to it", async ({ page }) => {
  const disk = new Disk();
  await disk.serve(page);
  await page.goto("./");
  await expect(page.getByRole("banner")).toContainText("Körner");
  await expect(page.getByRole("button", { name: "No errors" })).toBeVisible();
  await add(page, "README.md", "# New\n");
  await expect(changed(page)).toBeVisible();
  await page.getByRole("button", { name: "Save version" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved 1 file to the folder on disk." })).toBeVisible();
  await expect(changed(page)).toBeHidden();
  expect(disk.requests).toEqual(["PUT README.md"]);
  expect(disk.files.get("README.md")).toBe("# New\n");

  // Another folder is not written over the one on disk.
  await openPart(page, "Start");
  await page.getByRole("button", { name: /Fashion shop/ }).click();
  await add(page, "README.md", "# Fashion\n");
  await page.getByRole("button", { name: "Save version" }).click();
  await expect(page.getByRole("status").filter({ hasText: "in this browser" })).toBeVisible();
  expect(disk.requests).toEqual(["PUT README.md"]);
  await openPart(page, "Start");
  await page.getByRole("button", { name: "Back to the folder of accrue preview" }).click();
  await expect(page.getByRole("banner")).toContainText("Körner");
});

test("what changes on disk comes into the page, and is asked about if both have changed", async ({ page }) => {
  const disk = new Disk();
  await disk.serve(page);
  await page.goto("./");
  await expect(page.getByRole("banner")).toContainText("Körner");
  await disk.change(page, "# On disk\n", "README.md");
  await expect(page.getByRole("status").filter({ hasText: "Changed on disk: README.md" })).toBeVisible();
  await expect(changed(page)).toBeHidden();

  await add(page, "README.md", "# Mine\n");
  await disk.change(page, "# Theirs\n", "README.md");
  await page.getByRole("dialog", { name: "README.md was changed on disk and here" }).getByRole("button", { name: "Cancel" }).click();
  await expect(changed(page)).toBeVisible();
  await page.getByRole("button", { name: "Save version" }).click();
  await expect(changed(page)).toBeHidden();
  expect(disk.files.get("README.md")).toBe("# Mine\n");

  // One question after the other.
  const both = ["README.md", "contracts/standard.toml"];
  await add(page, "README.md", "# Mine again\n");
  await add(page, "standard.toml", `${disk.files.get("contracts/standard.toml")}# Mine\n`);
  await disk.change(page, "# Theirs, too\n", ...both);
  for (const path of both) {
    await page.getByRole("dialog", { name: `${path} was changed` }).getByRole("button", { name: /on disk/ }).click();
  }
  await expect(changed(page)).toBeHidden();

  await page.evaluate(() => dispatchEvent(new Event("cut")));
  disk.files.set("README.md", "# While away\n");
  await expect(page.getByRole("status").filter({ hasText: "Changed on disk: README.md" })).toBeVisible();
});

test("a file that changed on disk unnoticed is not written over", async ({ context }) => {
  // A page of its own: browsers write answers such as 412 into the console, which the shared page takes as a fault.
  const page = await context.newPage();
  const disk = new Disk();
  await disk.serve(page);
  await page.goto("./");
  await expect(page.getByRole("banner")).toContainText("Körner");
  await add(page, "README.md", "# Mine\n");
  disk.files.set("README.md", "# Unnoticed\n");
  await page.getByRole("button", { name: "Save version" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take the file on disk" }).click();
  await expect(changed(page)).toBeHidden();
  expect(disk.files.get("README.md")).toBe("# Unnoticed\n");
});
