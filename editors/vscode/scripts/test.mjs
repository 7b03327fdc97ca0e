// Checks that the package holds what the extension needs, and nothing else.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

const zip = readFileSync(process.argv[2] ?? "accrue.vsix");

/** The files of the archive, from its list at the end. */
function files() {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  assert.ok(end >= 0, "the package is a ZIP archive");
  const found = new Map();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size, names, extra, comment] = [10, 20, 28, 30, 32].map((field, n) =>
      n === 1 ? zip.readUInt32LE(at + field) : zip.readUInt16LE(at + field),
    );
    const name = zip.toString("utf8", at + 46, at + 46 + names);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(start, start + size);
    found.set(name, method === 0 ? bytes : inflateRawSync(bytes));
    at += 46 + names + extra + comment;
  }
  return found;
}

const found = files();
const inside = [...found.keys()].filter((name) => name.startsWith("extension/")).sort();
assert.deepEqual(
  inside.map((name) => name.slice("extension/".length).toLowerCase()),
  [
    "contract.language.json",
    "dist/extension.js",
    "package.json",
    "readme.md",
    "rules.language.json",
    "syntaxes/contract.tmlanguage.json",
    "syntaxes/rules.injection.json",
    "syntaxes/rules.tmlanguage.json",
  ],
);

const manifest = JSON.parse(found.get("extension/package.json").toString());
const named = [
  manifest.main,
  ...manifest.contributes.languages.map((language) => language.configuration),
  ...manifest.contributes.grammars.map((grammar) => grammar.path),
];
for (const path of named) {
  const file = found.get(`extension/${path.replace(/^\.\//, "")}`);
  assert.ok(file, `${path} is named and is in the package`);
  if (path.endsWith(".json")) JSON.parse(file.toString());
}

// Every pattern of the grammars is a regular expression.
for (const { path, scopeName } of manifest.contributes.grammars) {
  const grammar = JSON.parse(found.get(`extension/${path.replace(/^\.\//, "")}`).toString());
  assert.equal(grammar.scopeName, scopeName);
  (function walk(part) {
    for (const [key, value] of Object.entries(part ?? {})) {
      if (["match", "begin", "end"].includes(key)) new RegExp(value, "u");
      else if (typeof value === "object") walk(value);
    }
  })(grammar);
}

const bundle = found.get("extension/dist/extension.js").toString();
assert.ok(bundle.includes("lsp"), "the extension starts `accrue lsp`");
assert.ok(!bundle.includes("node_modules"), "the extension is one file");
console.log(`${process.argv[2]}: ${inside.length} files, ${zip.length} bytes`);
