import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { defineConfig } from "vite";
import { folders } from "./folders.ts";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // The page is served from any folder.
  base: "./",
  plugins: [preact(), folders({ examples: at("../rules-examples"), templates: at("templates") })],
  worker: { format: "es" },
  build: {
    outDir: at("../target/preview"),
    emptyOutDir: true,
    target: "es2023",
    // No file is put into another as text: the content security policy of the page allows none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { fs: { allow: [at("..")] } },
});
