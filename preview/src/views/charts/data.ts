/** What the charts show of the sums of a run. All sums are the engine's: nothing is added here. */
import type { ByStatusOfuint64, SummaryData } from "accrue-rules";
import { STATUSES } from "../../ui/chip.tsx";
import { count, isZero, money, whole } from "../../ui/format.ts";
import type { Data } from "./figure.tsx";

/** What the charts are narrowed to; empty for all. */
export interface Narrowed {
  currency: string;
  partner: string;
  month: string;
}

interface Paid {
  payable: string | number;
  held: string | number;
}

const NOBODY = "nobody";

/** For the order of bars only. */
function size({ payable, held }: Paid): number {
  return Number(payable) + Number(held);
}

/** Two series of money; what is held only if something is. */
function paidSeries(rows: readonly Paid[]): Data["series"] {
  const payable = { name: "Payable", look: "payable" as const, values: rows.map((row) => row.payable) };
  const held = { name: "On hold", look: "held" as const, values: rows.map((row) => row.held) };
  return rows.some((row) => !isZero(row.held)) ? [payable, held] : [payable];
}

/** An amount and what of it is held. */
function paidText({ payable, held }: Paid, currency: string): string {
  if (isZero(held)) return money(payable, currency);
  return isZero(payable) ? `${money(held, currency)} on hold` : `${money(payable, currency)}, and ${money(held, currency)} on hold`;
}

/** The name of a partner, or what stands for nobody. */
function named(partner: string | null | undefined): string {
  return partner ?? NOBODY;
}

/** Whose sums are shown, for the beginning of a sentence. */
function whose({ partner, month }: Narrowed): string {
  return [partner && `for ${partner}`, month && `in ${month}`].filter(Boolean).join(" ");
}

function byPartner(of: SummaryData, narrowed: Narrowed): Data {
  const { currency, partner, month } = narrowed;
  const all = month
    ? of.partner_months.filter((row) => row.currency === currency && row.month === month)
    : (of.currencies.find((row) => row.currency === currency)?.partners ?? []);
  const rows = all
    .filter((row) => (partner ? named(row.partner) === partner : size(row) !== 0))
    .toSorted((a, b) => size(b) - size(a));
  const total = month
    ? of.currencies.find((row) => row.currency === currency)?.months.find((row) => row.month === month)
    : of.currencies.find((row) => row.currency === currency);
  const [first] = rows;
  let sentence = `${["Nothing is paid", whose(narrowed)].filter(Boolean).join(" ")}.`;
  if (first && partner) sentence = `${partner} is paid ${paidText(first, currency)}${month && ` in ${month}`}.`;
  else if (first && total) {
    sentence = `${named(first.partner)} is paid the most: ${paidText(first, currency)}. All ${count(rows.length, "partner")} together are paid ${paidText(total, currency)}${month && ` in ${month}`}.`;
  }
  return { title: "Payout by partner", sentence, of: "Partner", labels: rows.map((row) => named(row.partner)), series: paidSeries(rows), currency };
}

function overTime(of: SummaryData, narrowed: Narrowed): Data {
  const { currency, partner, month } = narrowed;
  const rows = partner
    ? of.partner_months.filter((row) => row.currency === currency && named(row.partner) === partner)
    : (of.currencies.find((row) => row.currency === currency)?.months ?? []);
  const best = rows.toSorted((a, b) => size(b) - size(a))[0];
  const sentence =
    best && size(best) !== 0
      ? `${partner ? `The most for ${partner}` : "The most"} is paid in ${best.month}: ${paidText(best, currency)}. The chart shows ${count(rows.length, "month")}.`
      : `Nothing is paid${partner && ` to ${partner}`}.`;
  return {
    title: "Payout over time",
    sentence,
    of: "Month",
    labels: rows.map((row) => row.month),
    series: paidSeries(rows),
    currency,
    upright: true,
    ...(month && { note: `All months are shown, not only ${month}.` }),
  };
}

function byGroup(of: SummaryData, { currency, partner, month }: Narrowed): Data {
  const rows = of.groups.filter((row) => row.currency === currency).toSorted((a, b) => size(b) - size(a));
  const several = new Set(rows.map(({ contract }) => contract)).size > 1;
  const name = (row: (typeof rows)[number]) => (several ? `${row.group} (${row.contract})` : row.group);
  const [first] = rows;
  return {
    title: "Payout by payout group",
    sentence: first
      ? `${name(first)} pays the most: ${paidText(first, currency)} for ${count(first.actions, "action")}.`
      : "No payout group pays anything.",
    of: "Payout group",
    labels: rows.map(name),
    series: paidSeries(rows),
    currency,
    ...((partner || month) && { note: "These sums are of all partners and months." }),
  };
}

function byBonus(of: SummaryData, { currency, partner, month }: Narrowed): Data | null {
  const rows = of.bonuses.filter((row) => row.currency === currency).toSorted((a, b) => Number(b.payout) - Number(a.payout));
  const [first] = rows;
  if (!first) return null;
  const several = new Set(rows.map(({ contract }) => contract)).size > 1;
  const name = (row: (typeof rows)[number]) => (several ? `${row.bonus} (${row.contract})` : row.bonus);
  return {
    title: "Payout by bonus",
    sentence: `${name(first)} pays the most: ${money(first.payout, currency)} in ${count(first.decisions, "decision")}.`,
    of: "Bonus",
    labels: rows.map(name),
    series: [{ name: "Payout", look: "payable", values: rows.map((row) => row.payout) }],
    currency,
    note: partner || month ? "These sums are of all partners and months, held payouts included." : "Held payouts are included.",
  };
}

function byLimit(of: SummaryData, { currency, partner, month }: Narrowed): Data {
  const rows = of.partner_limits
    .filter((row) => row.currency === currency && (!partner || row.partner === partner))
    .toSorted((a, b) => Number(b.cut) - Number(a.cut));
  const limits = of.limits.filter((row) => row.currency === currency).toSorted((a, b) => Number(b.cut) - Number(a.cut));
  const several = limits.length > 1;
  const [most, first] = [limits[0], rows[0]];
  let sentence = partner ? `No limit cuts a payout to ${partner}.` : "No limit cuts a payout.";
  if (first && partner) sentence = `${first.limit} takes ${money(first.cut, currency)} off ${count(first.actions, "action")} of ${partner}.`;
  else if (first && most) {
    sentence = `${most.limit} takes the most off: ${money(most.cut, currency)} of ${count(most.actions, "action")}. It cuts ${first.partner} the most, by ${money(first.cut, currency)}.`;
    if (first.limit !== most.limit) sentence = `${most.limit} takes the most off: ${money(most.cut, currency)} of ${count(most.actions, "action")}.`;
  }
  return {
    title: "Where limits cut",
    sentence,
    of: "Partner",
    labels: rows.map((row) => (several ? `${row.partner}: ${row.limit}` : row.partner)),
    series: [{ name: several ? "Taken off" : `Taken off by ${most?.limit ?? "limits"}`, look: "cut", values: rows.map((row) => row.cut) }],
    currency,
    ...(month && { note: "These sums are of all months." }),
  };
}

function statuses(of: SummaryData, narrowed: Narrowed): Data {
  const { currency, partner, month } = narrowed;
  const total = of.currencies.find((row) => row.currency === currency);
  let actions: ByStatusOfuint64 | undefined = total?.actions;
  if (partner && month) {
    actions = of.partner_months.find((row) => row.currency === currency && row.month === month && named(row.partner) === partner)?.actions;
  } else if (partner) actions = total?.partners.find((row) => named(row.partner) === partner)?.actions;
  else if (month) actions = total?.months.find((row) => row.month === month)?.actions;
  const found = STATUSES.filter((status) => (actions?.[status] ?? 0) > 0);
  const told = found.map((status) => `${whole(actions?.[status] ?? 0)} ${status}`);
  return {
    title: "Actions by status",
    sentence: told.length > 0 ? `${["Actions", whose(narrowed)].filter(Boolean).join(" ")}: ${told.join(", ")}.` : "There are no actions.",
    of: "Status",
    labels: [...found],
    series: [{ name: "Actions", look: "payable", values: found.map((status) => actions?.[status] ?? 0) }],
    currency: null,
  };
}

/** All charts of a run. */
export function charts(of: SummaryData, narrowed: Narrowed): Data[] {
  const all = [overTime(of, narrowed), byPartner(of, narrowed), byGroup(of, narrowed), byBonus(of, narrowed), byLimit(of, narrowed), statuses(of, narrowed)];
  return all.filter((data) => data !== null);
}

/** What the charts can be narrowed to. */
export function narrowings(of: SummaryData, currency: string): { currencies: string[]; partners: string[]; months: string[] } {
  const mine = of.currencies.find((row) => row.currency === currency);
  return {
    currencies: of.currencies.map((row) => row.currency),
    partners: (mine?.partners ?? []).map((row) => named(row.partner)).toSorted(),
    months: (mine?.months ?? []).map((row) => row.month),
  };
}
