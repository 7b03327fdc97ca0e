/** Serves the built page from a folder that is not the root, so that nothing in it can depend on where it is. */
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../target/preview/", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".zip": "application/zip",
};

const PACKAGE_ROOT = fileURLToPath(new URL("../../bindings/npm/dist/", import.meta.url));
// The package beside the page, for what is asked of the engine alone.
const FOLDERS = [
  { base: "/some/folder/", root: ROOT },
  { base: "/some/package/", root: PACKAGE_ROOT },
];

createServer((request, response) => {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  const { base, root } = FOLDERS.find(({ base }) => path.startsWith(base)) ?? {};
  const file = root && join(root, normalize(path.slice(base.length - 1)).replace(/\/$/, "/index.html"));
  const found = file?.startsWith(root) && statSync(file, { throwIfNoEntry: false })?.isFile();
  if (!found) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
}).listen(Number(process.argv[2]), "127.0.0.1");
