/** What the panel says about a decision, in sentences. Amounts come from the decision; nothing is computed here. */
import type { Award, Decision, FailedPart, Reason, Wanted, WaterfallStep } from "accrue-rules";
import { money, percent, word } from "../../ui/format.ts";
import { reasonText } from "./reasons.ts";

/** Joins names: `a, b and c`. */
export function listed(names: readonly string[], last = "and"): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1)}`;
}

/** The longest list of values that is written out. */
const LISTED = 6;

function values(of: readonly string[]): string {
  const shown = of.slice(0, LISTED).map((value) => value || "empty");
  const more = of.length - shown.length;
  return more > 0 ? `${shown.join(", ")} or one of ${more} more` : listed(shown, "or");
}

/** What a fact would have to be. */
export function wantedText(wanted: Wanted): string {
  if (wanted === "known") return "known";
  if ("one_of" in wanted) return values(wanted.one_of);
  if ("none_of" in wanted) return `anything but ${values(wanted.none_of)}`;
  if ("at_least" in wanted) return `${wanted.at_least} or more`;
  if ("above" in wanted) return `more than ${wanted.above}`;
  if ("at_most" in wanted) return `${wanted.at_most} or less`;
  if ("below" in wanted) return `less than ${wanted.below}`;
  if ("containing" in wanted) return `a list with ${values(wanted.containing)}`;
  return `a text that ${{ starts_with: "begins with", ends_with: "ends with", contains: "contains" }[wanted.text.how] ?? word(wanted.text.how)} “${wanted.text.part}”`;
}

/** Why a part of a condition did not hold, and what would have been enough. */
export function partText(part: FailedPart): string {
  if (!part.fact) return `“${part.text}” did not hold`;
  const saw = `${part.fact} is ${part.saw || "empty"}`;
  if (!part.wanted) return saw;
  const missing = part.missing ? ` (${part.missing} away)` : "";
  return `${saw}; it would have to be ${wantedText(part.wanted)}${missing}`;
}

/** What was decided for one partner. */
export function awardText(award: Award, decision: Decision): string {
  const paid = money(award.payout, award.currency);
  const base = money(award.base, award.currency);
  const groups = award.groups?.length ? `, by ${listed(award.groups.map(groupText))}` : "";
  const terms = `of contract ${award.contract.name}, version ${award.contract.version}`;
  const why = award.reasons?.[0] ? ` ${because(award.reasons[0])}` : "";
  if (decision.bonus) return `${award.partner} is ${award.status === "held" ? "due" : "paid"} ${paid} as the bonus ${decision.bonus.bonus} for ${decision.bonus.period}.${why}`;
  switch (award.status) {
    case "payable":
      return `${award.partner} is paid ${paid} on ${base}${groups} ${terms}.`;
    case "held":
      return `${paid} for ${award.partner} is on hold.${why}`;
    case "rejected":
      return `The action is rejected for ${award.partner}: nothing is paid.${why}`;
    case "zero":
      return `The action counts for ${award.partner}, and pays nothing.${why}`;
    case "reversed":
      return `What ${award.partner} was to be paid is taken back.${why}`;
  }
}

/** The name of a group as people say it. */
export function groupText(group: string): string {
  return group === "default" ? "the default payout" : group;
}

export function because(reason: Pick<Reason, "code" | "rule">): string {
  const text = reasonText(reason.code);
  return text ? `${text} (${reason.code}).` : `Its reason is ${reason.code}.`;
}

/** What was decided of an action without awards. */
export function nobodyText(decision: Decision): string {
  const first = decision.reasons?.[0];
  return `Nobody is credited: nothing is paid.${first ? ` ${because(first)}` : ""}`;
}

/** What a step of a waterfall does, without who does it. */
export function stepText(step: WaterfallStep, currency: string): string {
  const value = step.value ?? "";
  switch (step.kind) {
    case "rate":
      return `Rate ${percent(value)}`;
    case "points":
      return `${value.startsWith("-") ? "" : "+"}${percent(value)}`;
    case "multiplier":
      return `Times ${value}`;
    case "amount":
      return `Adds ${money(value, currency)}`;
    case "amount_per_unit":
      return `Adds ${money(value, currency)} a unit`;
    case "share":
      return `Share of ${percent(value)}`;
    case "rounding":
      return "Rounding";
    case "limit":
      return "Limit";
    case "taken_back":
      return "Taken back";
    case "not_paid":
      return "Not paid";
  }
}

/** Why a limit was not about the action. */
export const SKIPPED: Record<string, string> = {
  event_type: "it is for other event types",
  condition: "its condition does not hold",
  not_credited: "the partner is not credited",
  key_unknown: "what it counts by is not known",
  nothing_paid: "there is no payout that it could cut",
};
