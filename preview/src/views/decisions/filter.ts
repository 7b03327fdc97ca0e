/** Which awards of a run are shown, and in which order. */
import { computed, signal } from "@preact/signals";
import type { Row } from "accrue-rules";
import { declared } from "../../state/program.ts";
import { whenOpened } from "../../state/files.ts";
import { rows } from "../../state/run.ts";
import { moment } from "../../ui/format.ts";
import type { Sorting } from "../../ui/grid.tsx";

export interface Filter {
  text: string;
  partner: string;
  status: string;
  reason: string;
  month: string;
}

export const NO_FILTER: Filter = { text: "", partner: "", status: "", reason: "", month: "" };

export const filter = signal<Filter>(NO_FILTER);
export const sorting = signal<Sorting | null>(null);

/** The tab of the part that is open. */
export const tab = signal<"totals" | "awards" | "rejects">("totals");

// Another folder has other partners and reasons.
whenOpened(() => {
  filter.value = NO_FILTER;
  sorting.value = null;
  tab.value = "totals";
});

/** Shows the awards that something is about. */
export function showAwards(of: Partial<Filter>): void {
  filter.value = { ...NO_FILTER, ...of };
  tab.value = "awards";
}

/** An award with what it is filtered by. */
export interface Shown {
  row: Row;
  month: string;
  moment: string;
  text: string;
}

/** The awards that were prepared before, by their rows: fetching more prepares only those that are new. */
let prepared = new WeakMap<Row, Shown>();
let zoneOfPrepared = "";

const all = computed<Shown[]>(() => {
  const { zone } = declared.value;
  if (zone !== zoneOfPrepared) [prepared, zoneOfPrepared] = [new WeakMap(), zone];
  return rows.value.map((row) => {
    let shown = prepared.get(row);
    if (!shown) {
      const at = moment(row.occurred_at, zone);
      const words = [row.action, row.order_id, row.partner, row.reported_partner, row.contract, row.event_type];
      const text = [...words, ...row.groups, ...row.reasons, ...row.limits, ...row.notices].filter(Boolean).join("\n").toLowerCase();
      shown = { row, month: at.slice(0, 7), moment: at, text };
      prepared.set(row, shown);
    }
    return shown;
  });
});

/** What can be chosen in each filter. */
export const choices = computed(() => {
  const [partners, statuses, reasons, months] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { row, month } of all.value) {
    if (row.partner) partners.add(row.partner);
    statuses.add(row.status);
    months.add(month);
    for (const code of row.reasons) reasons.add(code);
    for (const code of row.notices) reasons.add(code);
  }
  return { partner: [...partners].sort(), status: [...statuses], reason: [...reasons].sort(), month: [...months].sort() };
});

/** What a column is sorted by. Amounts are compared as numbers, and shown as they are. */
const KEYS: Record<string, (of: Shown) => string | number> = {
  action: ({ row }) => row.action,
  moment: ({ row }) => Date.parse(row.occurred_at),
  order: ({ row }) => row.order_id ?? "",
  partner: ({ row }) => row.partner ?? "",
  status: ({ row }) => row.status,
  base: ({ row }) => Number(row.base),
  payout: ({ row }) => Number(row.payout),
  held: ({ row }) => Number(row.held),
  groups: ({ row }) => row.groups.join(", "),
  reasons: ({ row }) => row.reasons.join(", "),
  limits: ({ row }) => row.limits.join(", "),
  contract: ({ row }) => `${row.contract ?? ""} ${row.version ?? ""}`,
};

export function sortBy(key: string): void {
  const before = sorting.value;
  if (before?.key !== key) sorting.value = { key, down: LARGEST_FIRST.has(key) };
  else sorting.value = { key, down: !before.down };
}

/** Columns that begin with the largest. */
const LARGEST_FIRST = new Set(["moment", "base", "payout", "held"]);

/** The awards that are shown. */
export const shownAwards = computed<Shown[]>(() => {
  const { text, partner, status, reason, month } = filter.value;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  // A name with blanks, such as that of a payout group, is looked for as a whole first.
  const whole = text.trim().toLowerCase();
  const found = all.value.filter(
    (of) =>
      (!partner || of.row.partner === partner) &&
      (!status || of.row.status === status) &&
      (!month || of.month === month) &&
      (!reason || of.row.reasons.includes(reason) || of.row.notices.includes(reason)) &&
      (!whole || of.text.includes(whole) || words.every((word) => of.text.includes(word))),
  );
  const sorted = sorting.value;
  const key = sorted && KEYS[sorted.key];
  if (!sorted || !key) return found;
  const keyed = found.map((of) => ({ of, key: key(of) }));
  const direction = sorted.down ? -1 : 1;
  keyed.sort((a, b) => (a.key < b.key ? -direction : a.key > b.key ? direction : 0));
  return keyed.map(({ of }) => of);
});
