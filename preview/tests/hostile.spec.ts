/** Rules that mean harm: each ends with its error, and the page answers meanwhile. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page, TestInfo } from "@playwright/test";
import { accrueBinary, expect, openPart, test } from "./page.ts";
import { drop, openFile, run } from "./steps.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAM = 'id = "shop"\nname = "Shop"\ncurrency = "EUR"\n[event_types]\nsale = {}\n';
const CONTRACT = 'contract = "standard"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = "4%"\n';

/** Opens a folder of these files, with some sales. */
async function opened(page: Page, info: TestInfo, files: Record<string, string | Uint8Array>, sales: number): Promise<void> {
  const folder = info.outputPath("hostile");
  const sale = (n: number) => ({
    id: `a${n}`,
    event_type: "sale",
    occurred_at: "2026-03-07T10:00:00Z",
    amount: "100.00",
    touches: [{ partner: "acme", at: "2026-03-07T09:00:00Z", kind: "click" }],
  });
  const actions = Array.from({ length: sales }, (_, n) => JSON.stringify(sale(n))).join("\n");
  for (const [path, content] of Object.entries({ "program.toml": PROGRAM, "actions/sales.jsonl": actions, ...files })) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  await page.goto("./");
  await drop(page, page.getByText("Drop a program folder here"), folder);
  await expect(page.getByRole("banner")).toContainText("hostile");
}

test("a rule that could use more fuel than it may is refused where it stands", async ({ page }, info) => {
  const rule = "let pairs = 0;\nfor a in action.items { for b in action.items { if a.sku == b.sku { pairs += 1; } } }\nif pairs > 0 { rate(0.01); }\n";
  const contract = `${CONTRACT}[[payout.groups]]\nname = "pairs"\nrule = "rules/pairs.rhai"\n`;
  await opened(page, info, { "contracts/standard.toml": contract, "rules/pairs.rhai": rule }, 1);
  await openPart(page, "Contract");
  await page.getByRole("button", { name: "Problems" }).click();
  await expect(page.getByRole("region", { name: "Problems" })).toContainText("E501");
  await openPart(page, "Decisions");
  await expect(page.getByRole("button", { name: "Run", exact: true })).toBeDisabled();
});

test("a component that never ends is held with its error, while somebody types", async ({ page }, info) => {
  test.setTimeout(180_000);
  const [core, component] = [info.outputPath("core.wasm"), info.outputPath("endless.wasm")];
  const text = join(ROOT, "tests/hostile/components/endless_loop.wat");
  mkdirSync(info.outputPath(), { recursive: true });
  execFileSync(join(ROOT, "bindings/npm/node_modules/.bin/wasm-as"), [text, "-o", core]);
  execFileSync(accrueBinary(), ["component", core, "--out", component], { stdio: "ignore" });
  const contract = `${CONTRACT}[[payout.groups]]\nname = "endless"\ncomponent = "components/endless.wasm"\n`;
  await opened(page, info, { "contracts/standard.toml": contract, "components/endless.wasm": readFileSync(component) }, 30);
  await openPart(page, "Decisions");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await openPart(page, "Contract");
  const editor = await openFile(page, "Contracts", "standard.toml");
  await editor.focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\n# typed");
  await expect(editor).toContainText("# typed");
  await expect(page.getByText(/^Checked in \d+ ms$/)).toBeVisible();
  await openPart(page, "Decisions");
  await expect(page.getByRole("button", { name: "Cancel" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(/^Cancelled/)).toBeVisible();

  await run(page);
  const reasons = page.getByRole("region", { name: "Why actions are not simply payable" });
  await expect(reasons.getByRole("row", { name: /^RULE_ERROR/ })).toContainText("30");
});
