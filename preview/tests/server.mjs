/** Serves the built page from a folder that is not the root, so that nothing in it can depend on where it is. */
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../target/preview/", import.meta.url));
const BASE = "/some/folder/";
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".zip": "application/zip",
};

createServer((request, response) => {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  const file = join(ROOT, normalize(path.slice(BASE.length - 1)).replace(/\/$/, "/index.html"));
  const found = path.startsWith(BASE) && file.startsWith(ROOT) && statSync(file, { throwIfNoEntry: false })?.isFile();
  if (!found) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
}).listen(Number(process.argv[2]), "127.0.0.1");
