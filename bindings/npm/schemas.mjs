// Writes `ts/types.ts`: the types of everything that the engine gives out and takes, from their JSON Schemas on standard input.
// With `--check`, fails if the file has other types.
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

/** The words of a description, which the engine's own documentation links to items of Rust. */
function told(description) {
  return description
    .replace(/\[(`[^`\]]+`)\](\([^)]*\))?/g, "$1")
    .replaceAll("`None`", "`null`")
    .replace(/`(?:crate::)?((?:\w+::)+\w+)`/g, (_, path) => `\`${path.replaceAll("::", ".")}\``);
}

/** A reference with a description of its own would become a type of its own: it is named instead. */
function named(value) {
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== "object" || value === null) return value;
  const { $ref, ...others } = value;
  if ($ref && Object.keys(others).length > 0) return { ...named(others), tsType: $ref.replace("#/$defs/", "") };
  const entry = ([key, part]) => [key, key === "description" && typeof part === "string" ? told(part) : named(part)];
  return Object.fromEntries(Object.entries(value).map(entry));
}

const schema = named(JSON.parse(readFileSync(0, "utf8")));
const text = await compile({ ...schema, title: "Types", type: "object", properties: {} }, "Types", {
  additionalProperties: false,
  bannerComment: "// Made from the JSON Schemas of the engine by `cargo xtask npm --types`.",
  unreachableDefinitions: true,
});
// The library says of each definition that it is one.
const referenced = / \*\n \* This interface was referenced by `Types`'s JSON-Schema\n \* via the `definition` "[^"]*"\.\n/g;
const alone = /\/\*\*\n \* This interface was referenced by `Types`'s JSON-Schema\n \* via the `definition` "[^"]*"\.\n \*\/\n/g;
const types = text.replace(alone, "").replace(referenced, "");
const file = new URL("ts/types.ts", import.meta.url);
if (!process.argv.includes("--check")) writeFileSync(file, types);
else if (readFileSync(file, "utf8") !== types) process.exit(1);
