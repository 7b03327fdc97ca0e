import { defineConfig } from "@playwright/test";

/** The page as it was built, served from a folder that is not the root. */
export const PORT = Number(process.env["PORT"] ?? 4817);
export const PAGE = `http://127.0.0.1:${PORT}/some/folder/`;

export default defineConfig({
  testDir: "tests",
  outputDir: "../target/preview-tests",
  // Two cores: one for the browser, one for the engine in it.
  workers: 1,
  timeout: 60_000,
  // A machine that does other things meanwhile makes somebody wait, which is no fault of the page.
  retries: 1,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    baseURL: PAGE,
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
  },
  webServer: { command: `node tests/server.mjs ${PORT}`, url: PAGE, reuseExistingServer: false },
});
