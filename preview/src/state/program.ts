/**
 * What forms offer about the program: the words that `program.toml` declares, and the partners that the facts list. Suggestions only: what
 * is right is said by the engine.
 */
import { computed } from "@preact/signals";
import { overview } from "./check.ts";
import { files, textOf } from "./files.ts";
import { type TomlValue, readToml } from "./toml.ts";
import { readCsv } from "./csv.ts";
import { lines } from "./rows.ts";

/** An attribute that a program declares. */
export interface Declared {
  name: string;
  type: string;
  values: string[];
  required: boolean;
}

interface Declarations {
  zone: string;
  currency: string;
  eventTypes: { name: string; amount: boolean }[];
  attributes: Declared[];
  itemAttributes: Declared[];
  /** The meaning of the reason codes that the program declares. */
  reasons: Map<string, string>;
}

function field(value: TomlValue | null, key: string): TomlValue | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value[key] : undefined;
}

/** The declarations of `program.toml`. */
export const declared = computed<Declarations>(() => {
  const { entries } = readToml(textOf("program.toml"));
  // `[attributes]` with a line for each, and `[attributes.channel]`, say the same.
  const table = (name: string): Map<string, TomlValue | null> => {
    const found = new Map<string, TomlValue | null>();
    for (const { table, key, value } of entries) {
      if (table === name) found.set(key, value);
      else if (table.startsWith(`${name}.`)) {
        const of = table.slice(name.length + 1);
        found.set(of, { ...(found.get(of) as object | undefined), ...(value !== null && { [key]: value }) });
      }
    }
    return found;
  };
  const top = table("");
  const attributes = (name: string): Declared[] =>
    [...table(name)].map(([name, value]) => {
      const values = field(value, "values");
      return {
        name,
        type: String(field(value, "type") ?? "text"),
        values: Array.isArray(values) ? values.map(String) : [],
        required: field(value, "required") === true,
      };
    });
  return {
    zone: String(top.get("time_zone") ?? "UTC"),
    currency: String(top.get("currency") ?? ""),
    eventTypes: [...table("event_types")].map(([name, value]) => ({ name, amount: field(value, "amount") !== false })),
    attributes: attributes("attributes"),
    itemAttributes: attributes("item_attributes"),
    reasons: new Map([...table("reasons")].map(([code, text]) => [code, String(text ?? "")])),
  };
});

function column(folder: string, key: string): string[] {
  const found = new Set<string>();
  for (const [path, content] of files.value) {
    if (!path.startsWith(folder) || typeof content !== "string") continue;
    if (path.endsWith(".csv")) {
      const [header = [], ...rows] = readCsv(content);
      const at = header.indexOf(key);
      for (const row of rows) if (row[at]) found.add(row[at]);
    } else if (path.endsWith(".jsonl")) {
      for (const line of lines(content)) {
        try {
          const value = (JSON.parse(line) as Record<string, unknown>)[key];
          if (typeof value === "string") found.add(value);
        } catch {
          // The check of the folder tells it.
        }
      }
    }
  }
  return [...found].sort();
}

/** The partners that the facts or the contracts name. */
export const partners = computed(() => {
  const named = overview.value?.contracts.flatMap((of) => of.versions.flatMap((version) => version.partners.ids)) ?? [];
  return [...new Set([...column("facts/partners.", "id"), ...named])].sort();
});

/** The promo codes and creatives that the facts list. */
export const promoCodes = computed(() => column("facts/promo_codes.", "code"));
export const creatives = computed(() => column("facts/creatives.", "id"));

/** Names of the fields of an action as columns, for mappings: those of every program, and the attributes of this one. */
export const actionColumns = computed(() => [
  ...COLUMNS,
  ...declared.value.attributes.map(({ name }) => `attributes.${name}`),
  ...declared.value.itemAttributes.map(({ name }) => `item.attributes.${name}`),
]);

const COLUMNS = [
  "id", "event_type", "occurred_at", "submitted_at", "order_id", "currency", "amount", "subtotal", "discount", "tax", "shipping",
  "item.sku", "item.category", "item.quantity", "item.amount", "item.cost", "item.discount", "item.tax",
  "customer.id", "customer.status", "customer.lifetime_value", "customer.order_count", "customer.since", "customer.country",
  "customer.region", "customer.audiences", "promo_codes",
  "touch.partner", "touch.at", "touch.kind", "touch.id", "touch.creative", "touch.property", "touch.landing_page",
  "touch.link_updated_at", "touch.sub_ids", "credit.partner", "credit.weight", "credit.role",
  "device.kind", "device.os", "fraud.risk", "fraud.reasons", "follows.id", "follows.event_type", "follows.occurred_at",
];
