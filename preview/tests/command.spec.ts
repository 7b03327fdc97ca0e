/** `accrue preview DIR`: the page in the binary, on a real folder. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base } from "@playwright/test";
import { accrueBinary, expect, openExample, test as onPage } from "./page.ts";
import { exported, onDisk } from "./steps.ts";

const EXAMPLE = fileURLToPath(new URL("../../rules-examples/fashion-shop", import.meta.url));

interface Served {
  folder: string;
  address: string;
}

/** A copy of an example, served by the command. */
const test = base.extend<{ served: Served }>({
  served: async ({}, use) => {
    const folder = join(mkdtempSync(join(tmpdir(), "accrue-")), "shop");
    cpSync(EXAMPLE, folder, { recursive: true });
    const command = spawn(accrueBinary(), ["preview", folder, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    const address = await addressOf(command);
    await use({ folder, address });
    command.kill();
    rmSync(join(folder, ".."), { recursive: true });
  },
});

async function addressOf(command: ChildProcess): Promise<string> {
  let text = "";
  for await (const part of command.stdout ?? []) {
    text += part;
    const [, address] = /(http:\/\/127\.0\.0\.1:\d+\/)/.exec(text) ?? [];
    if (address) return address;
  }
  throw new Error(`the command told no address: ${text}`);
}

/** Asks the server as anybody could, with any headers. */
function ask(address: string, path: string, headers: Record<string, string>, method = "GET"): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, address), { headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", reject).end();
  });
}

test("a folder is edited, saved, and read again when it changes", async ({ page, served }) => {
  await page.goto(served.address);
  await expect(page.getByText("shop", { exact: true }).first()).toBeVisible();
  await page.getByRole("navigation", { name: "Parts of the page" }).getByRole("button", { name: "Contract", exact: true }).click();
  const editor = page.getByRole("textbox").first();
  await editor.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# saved from the page\n");
  await page.keyboard.press("Control+s");
  // The first of the contracts is open.
  const contract = join(served.folder, "contracts", "magazines.toml");
  await expect.poll(() => readFileSync(contract, "utf8")).toContain("# saved from the page");
  writeFileSync(join(served.folder, "lists", "from_disk.txt"), "A-1\n");
  await expect(page.getByRole("treeitem", { name: "from_disk.txt" })).toBeVisible();
});

test("only the page may ask, and only for files of the program", async ({ served }) => {
  const token = /accrue-token" content="([0-9a-f]+)"/.exec(await (await fetch(served.address)).text())?.[1] ?? "";
  const host = new URL(served.address).host;
  expect(token).toHaveLength(64);
  const own = { "x-accrue-token": token };
  expect(await ask(served.address, "api/folder", own)).toBe(200);
  expect(await ask(served.address, "api/folder", {})).toBe(403);
  expect(await ask(served.address, "api/folder", { "x-accrue-token": token.replace(/^./, (c) => (c === "0" ? "1" : "0")) })).toBe(403);
  expect(await ask(served.address, "api/folder", { ...own, host: "evil.example" })).toBe(421);
  expect(await ask(served.address, "api/folder", { ...own, origin: "http://evil.example" })).toBe(403);
  expect(await ask(served.address, "api/folder", { ...own, origin: `http://${host}` })).toBe(200);
  expect(await ask(served.address, "", { host: "evil.example" })).toBe(421);
  symlinkSync("/etc", join(served.folder, "lists", "out"));
  for (const path of ["..%2Fsecret", "%2Fetc%2Fpasswd", "lists/out/passwd", ".git/config", "secret.txt", "lists/.hidden", "lists/a%5C..%5Cb"]) {
    const headers = { ...own, "if-none-match": "*" };
    expect(await ask(served.address, `api/files/${path}`, headers, "PUT"), path).toBe(400);
  }
  // What the page does not know of is never written over.
  expect(await ask(served.address, "api/files/program.toml", { ...own, "if-none-match": "*" }, "PUT")).toBe(412);
  expect(await ask(served.address, "api/files/program.toml", { ...own, "if-match": '"old"' }, "DELETE")).toBe(412);
  expect(await ask(served.address, "api/files/program.toml", own, "DELETE")).toBe(400);
  expect(readFileSync(join(served.folder, "program.toml"), "utf8")).toContain("id =");
});

onPage("an exported folder is what the command line reads", async ({ page }) => {
  await openExample(page, "Fashion shop");
  const folder = onDisk(await exported(page));
  try {
    const run = (of: string) => execFileSync(accrueBinary(), ["run", of, "--json"], { stdio: ["ignore", "pipe", "ignore"] });
    expect(run(folder).equals(run(EXAMPLE))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
