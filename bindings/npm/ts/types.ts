// Made from the JSON Schemas of the engine by `cargo xtask npm --types`.

/**
 * An exact decimal: a string such as "19.90", or a JSON number, which is read from its text.
 */
export type Decimal = string | number;
/**
 * A value of the type that the program declares for this attribute.
 */
export type Attribute = string | number | boolean;
/**
 * A currency code of ISO 4217, such as "USD".
 */
export type Currency = string;
/**
 * A moment in RFC 3339 with an offset, such as "2026-03-01T10:00:00Z".
 */
export type Timestamp = string;
/**
 * How often a flat amount is paid.
 */
export type AddPer = "order" | "item" | "unit";
/**
 * What an adjustment is.
 */
export type AdjustmentKind = "modification" | "reversal" | "enrichment" | "approval" | "rejection" | "release";
/**
 * What becomes of a bonus if something of its period changes after it was computed.
 */
export type AfterClose = "keep" | "recompute" | "recompute_until_lock";
/**
 * The moment whose terms are in force for an action.
 */
export type Anchor = "click" | "event" | "submission";
/**
 * Whether a draft pays more or less for an action, on the same sums of what was counted before. Held payouts are payouts.
 */
export type Answer =
  "same" | "never_more" | "never_less" | "more_and_less" | "more" | "less" | "not_decided" | "added" | "removed";
/**
 * An exact decimal as it was computed, in a string such as "2.925".
 */
export type ComputedDecimal = string;
/**
 * The part that a partner had in an action.
 */
export type Role = "introducer" | "influencer" | "closer" | "participant" | "parent";
/**
 * What a fact would have to be. Values are written as in a trace.
 */
export type Wanted =
  | {
      one_of: string[];
    }
  | {
      none_of: string[];
    }
  | {
      at_least: string;
    }
  | {
      above: string;
    }
  | {
      at_most: string;
    }
  | {
      below: string;
    }
  | {
      containing: string[];
    }
  | {
      text: {
        /**
         * `starts_with`, `ends_with` or `contains`.
         */
        how: string;
        /**
         * The text.
         */
        part: string;
      };
    }
  | "known";
/**
 * A piece of a sentence.
 */
export type Piece =
  | {
      kind: "text";
      /**
       * The words.
       */
      text: string;
    }
  | {
      kind: "name";
      /**
       * The name.
       */
      text: string;
    }
  | {
      /**
       * Where the terms have the number. More than one if parts of the contract for several event types or currencies say the same;
       * none if the number is repeated from elsewhere on the card, and on the card of a partner.
       */
      at?: Origin[];
      kind: "number";
      /**
       * The number as the card writes it, with its unit.
       */
      text: string;
    };
/**
 * The place of a number in the checked terms of a version, such as `payout.groups[1].rate`, `limits[0].max`, or
 * `restrictions[2].when@40..43` for a constant in a rule, with its bytes in the file. In a contract with payouts by event type or in
 * several currencies, the event type and the currency stand before it: `lead USD: payout.default.add`.
 */
export type Origin = string;
/**
 * What a change is about. Steps are made in this order.
 */
export type ChangeKind =
  | "program"
  | "functions"
  | "list"
  | "parameter"
  | "total"
  | "terms"
  | "rule"
  | "table"
  | "component"
  | "restriction"
  | "payout"
  | "group"
  | "limit"
  | "bonus"
  | "validity"
  | "version";
/**
 * When a bonus is computed.
 */
export type Closes = "period_end" | "lock";
/**
 * The stable name of a kind of fault. `E` codes are errors, `W` codes are warnings.
 *
 * `E1xx` files and TOML, `E2xx` terms, `E3xx` what the rule language leaves out, `E4xx` names and
 * types in rules, `E5xx` cost; `W6xx` lints.
 */
export type Code =
  | "E101"
  | "E102"
  | "E103"
  | "E104"
  | "E105"
  | "E106"
  | "E107"
  | "E108"
  | "E109"
  | "W110"
  | "E111"
  | "E112"
  | "E113"
  | "E114"
  | "E201"
  | "E202"
  | "W203"
  | "E204"
  | "E205"
  | "E206"
  | "E207"
  | "E208"
  | "E209"
  | "E300"
  | "E301"
  | "E302"
  | "E303"
  | "E304"
  | "E305"
  | "E306"
  | "E307"
  | "E308"
  | "E309"
  | "E310"
  | "E311"
  | "E312"
  | "E313"
  | "E314"
  | "E315"
  | "E316"
  | "E317"
  | "E401"
  | "E402"
  | "E403"
  | "E404"
  | "E405"
  | "E406"
  | "E407"
  | "E408"
  | "E409"
  | "E410"
  | "E411"
  | "E501"
  | "E502"
  | "W601"
  | "W602"
  | "W603"
  | "E604"
  | "W605"
  | "W606"
  | "W607"
  | "W608"
  | "W609"
  | "W610"
  | "W611"
  | "W612"
  | "W613"
  | "W614";
/**
 * The outcome of an action.
 */
export type Status = "payable" | "held" | "rejected" | "zero" | "reversed";
/**
 * Why several changes are one step.
 */
export type Joined = "versions" | "needed" | "bound";
/**
 * What a completion is.
 */
export type CompletionKind =
  | "record"
  | "field"
  | "function"
  | "method"
  | "verb"
  | "param"
  | "list"
  | "total"
  | "attribute"
  | "local"
  | "keyword"
  | "value"
  | "key"
  | "table"
  | "file"
  | "name";
/**
 * One part of the key by which a counter counts.
 */
export type Scope = "action" | "order" | "customer" | "click" | "partner" | "parent" | "group" | "program";
/**
 * What becomes of an amount that is converted to the contract's currency.
 */
export type ConvertedAmounts = "minor_unit" | "unrounded";
/**
 * When a movement counts.
 */
export type CountedAt =
  | {
      period: string;
    }
  | {
      moment: Timestamp;
    }
  | "always";
/**
 * What a counter counts, such as `shop contract=standard per=partner period=month currency=EUR`.
 */
export type CounterId = string;
export type CounterKey = string[];
/**
 * SHA-256, in hexadecimal.
 */
export type Digest = string;
/**
 * A date that is due. `Program.due` lists them.
 */
export type Due = Due1 & Due2;
export type Due1 =
  | {
      /**
       * The name of the contract.
       */
      contract: string;
      kind: "version_begins";
      /**
       * The number of the version.
       */
      version: number;
    }
  | {
      /**
       * The name of the contract.
       */
      contract: string;
      kind: "version_ends";
      /**
       * The number of the version that begins when this version ends; `null` if actions are rejected from then on.
       */
      next?: number | null;
      /**
       * The number of the version.
       */
      version: number;
    }
  | {
      /**
       * The name of the contract.
       */
      contract: string;
      kind: "review";
      /**
       * The number of the version.
       */
      version: number;
    }
  | {
      /**
       * The id of the creative.
       */
      creative: string;
      kind: "creative_expires";
    }
  | {
      kind: "promo_code_expires";
      /**
       * The partner that the code belongs to; `null` for a public code.
       */
      owner?: string | null;
      /**
       * The promo code.
       */
      promo_code: string;
    }
  | {
      /**
       * The name of the bonus.
       */
      bonus: string;
      /**
       * The name of the contract.
       */
      contract: string;
      kind: "tier_within_reach";
      /**
       * What the partner lacks of it.
       */
      lacks: ComputedDecimal;
      /**
       * The partner.
       */
      partner: string;
      /**
       * The tier.
       */
      tier: ComputedDecimal;
    }
  | {
      /**
       * The name of the list.
       */
      holidays: string;
      kind: "holidays_end";
    };
/**
 * What happens to a payout that would exceed a limit.
 */
export type Edge = "remainder" | "all_or_nothing" | "pay_then_stop" | "hold" | "alert";
/**
 * A payout verb with its value.
 */
export type Effect =
  | {
      rate: ComputedDecimal;
    }
  | {
      add_points: ComputedDecimal;
    }
  | {
      multiply: ComputedDecimal;
    }
  | {
      add: {
        /**
         * The amount.
         */
        amount: ComputedDecimal;
        /**
         * How often the amount is added.
         */
        per: AddPer;
      };
    };
/**
 * Why a checked rule failed while it ran. A failed rule never pays: the action is held with `RULE_ERROR`.
 */
export type FaultKind =
  | "overflow"
  | "division_by_zero"
  | "rounding_step"
  | "budget"
  | "deadline"
  | "memory"
  | "stack"
  | "trap"
  | "bad_output"
  | "too_much_output"
  | "reported"
  | "decision_fuel"
  | "decision_steps"
  | "decision_text";
/**
 * The kind of a finding.
 */
export type FindingKind =
  | "group_never_applies"
  | "group_covered"
  | "group_refused"
  | "default_never_pays"
  | "groups_overlap"
  | "restriction_never_applies"
  | "restriction_always_applies"
  | "part_always_true"
  | "part_never_matters"
  | "verb_never_given"
  | "band_never_reached"
  | "window_gap"
  | "limit_never_cuts"
  | "limit_always_cuts";
/**
 * How something is changed.
 */
export type How = "added" | "removed" | "changed" | "reordered";
/**
 * A month, such as `2026-03`.
 */
export type Month = string;
/**
 * What a name is of.
 */
export type NameKind =
  | "event_type"
  | "attribute"
  | "partner_attribute"
  | "item_attribute"
  | "reason"
  | "list"
  | "holidays"
  | "contract"
  | "param"
  | "total"
  | "restriction"
  | "group"
  | "limit"
  | "bonus"
  | "function"
  | "rule_file"
  | "local";
/**
 * The outcome of a rule.
 */
export type Outcome =
  | {
      /**
       * @minItems 2
       * @maxItems 2
       */
      restricted: [unknown, unknown];
    }
  | "chosen"
  | {
      not_chosen: ComputedDecimal | null;
    }
  | "not_matched"
  | "counted"
  | {
      amount: ComputedDecimal;
    }
  | {
      failed: FaultKind;
    };
/**
 * The phase in which a rule runs. It determines the facts and verbs that the rule has.
 */
export type Phase =
  "credit" | "order_amount" | "item_amount" | "restrict" | "pay_order" | "pay_item" | "count" | "count_item" | "close";
/**
 * What the tests of a program can reach at a place of its contracts and rules.
 */
export type PointKind =
  | "group"
  | "restriction"
  | "holds"
  | "fails"
  | "arm"
  | "default_arm"
  | "verb"
  | "band"
  | "band_edge"
  | "tier"
  | "tier_edge"
  | "limit_below"
  | "limit_reached"
  | "bonus"
  | "return_below"
  | "return_above"
  | "age";
/**
 * What some rows become.
 */
export type PreviewOutcome =
  | {
      /**
       * The action.
       */
      action: Action;
      kind: "action";
    }
  | {
      /**
       * The action.
       */
      action: Action;
      kind: "reversed";
      /**
       * Its reversal.
       */
      reversal: Adjustment;
    }
  | {
      kind: "set_aside";
    }
  | {
      /**
       * Every error of the rows.
       */
      errors: PreviewError[];
      kind: "rejected";
    };
/**
 * How a part of a minor unit is rounded. The published convention is half-up.
 */
export type RoundingMode = "half_up" | "half_even" | "up" | "down";
/**
 * What is rounded, once.
 */
export type RoundingPlace = "item" | "order";
/**
 * What a section is about.
 */
export type SectionKind =
  | "scope"
  | "payout"
  | "amount"
  | "credit"
  | "restrictions"
  | "limits"
  | "bonuses"
  | "totals"
  | "reversals"
  | "dates"
  | "parameters"
  | "changes";
/**
 * Whether a program loads in spite of a diagnostic.
 */
export type Severity = "error" | "warning";
/**
 * Why a limit did not apply to an action.
 */
export type Skipped = "event_type" | "condition" | "not_credited" | "key_unknown" | "nothing_paid";
/**
 * What a step of a waterfall does.
 */
export type StepKind =
  | "rate"
  | "points"
  | "multiplier"
  | "amount"
  | "amount_per_unit"
  | "share"
  | "rounding"
  | "limit"
  | "taken_back"
  | "not_paid";
/**
 * What a grid is.
 */
export type TableKind = "groups" | "bands" | "restrictions" | "limits" | "bonuses" | "entries" | "list" | "csv";
/**
 * Whether a test passed.
 */
export type TestOutcome = "passed" | "failed" | "skipped";
/**
 * When a tier is reached.
 */
export type Threshold = "reaches" | "exceeds";
/**
 * What a word is.
 */
export type TokenKind =
  | "keyword"
  | "string"
  | "number"
  | "comment"
  | "field"
  | "function"
  | "verb"
  | "type"
  | "variable"
  | "key"
  | "table"
  | "operator";
/**
 * The meaning of a line, for a program that draws it.
 */
export type Tone = "heading" | "plain" | "quiet" | "good" | "warning" | "bad";
/**
 * How a partner touched the customer.
 */
export type TouchKind = "click" | "impression" | "code";
/**
 * What a restriction does to an action that it matches, in rising order: the strictest wins.
 */
export type Verdict = "flag" | "zero" | "hold" | "reject";
/**
 * How likely a finding is a mistake.
 */
export type Weight = "warning" | "note";

export interface Types {}
/**
 * A conversion event, credited or to be credited to a partner.
 *
 * One line of an actions file. Every field that is left out is *unknown*, which is a value of its own in rules:
 * neither zero nor false.
 */
export interface Action {
  /**
   * What the conversion is worth. Required for event types that carry an amount.
   */
  amount?: Decimal | null;
  /**
   * The brand's own attributes, typed by the program.
   */
  attributes?: {
    [k: string]: Attribute;
  };
  /**
   * The partners whom the host has credited itself, instead of a path of touches.
   */
  credits?: Credit[];
  /**
   * Currency of every amount in the action; the program's when left out.
   */
  currency?: Currency | null;
  /**
   * Who bought.
   */
  customer?: Customer;
  /**
   * What it happened on.
   */
  device?: Device;
  /**
   * Taken off the subtotal.
   */
  discount?: Decimal | null;
  /**
   * Its event type: one of the program's, such as `sale`, `lead`, `install` or `click`.
   */
  event_type: string;
  /**
   * The earlier action that this one follows, as a purchase follows an install.
   */
  follows?: Follows | null;
  /**
   * What fraud detection says.
   */
  fraud?: Fraud;
  /**
   * The action's id, unique in the program.
   */
  id: string;
  /**
   * The lines of the order.
   */
  items?: Item[];
  /**
   * When it happened.
   */
  occurred_at: Timestamp;
  /**
   * The brand's order number.
   */
  order_id?: string | null;
  /**
   * Codes used on the order, compared without regard to case.
   */
  promo_codes?: string[];
  /**
   * Shipping.
   */
  shipping?: Decimal | null;
  /**
   * When it was reported; the same as `occurred_at` when left out.
   */
  submitted_at?: Timestamp | null;
  /**
   * Sum of the items before discount, tax and shipping.
   */
  subtotal?: Decimal | null;
  /**
   * Tax.
   */
  tax?: Decimal | null;
  /**
   * The path of touches that led here.
   */
  touches?: Touch[];
}
/**
 * A partner whom the host has credited itself.
 */
export interface Credit {
  /**
   * The partner.
   */
  partner: string;
  /**
   * The part that the partner had: `introducer`, `influencer` or `closer`. Either all credits of an action have a role, or none.
   */
  role?: string | null;
  /**
   * How much the partner's part weighs against the others'. Either all credits of an action have a weight, or none.
   */
  weight?: Decimal | null;
}
/**
 * The earlier action that an action follows.
 */
export interface Follows {
  /**
   * Its event type.
   */
  event_type: string;
  /**
   * The earlier action's id.
   */
  id: string;
  /**
   * When it happened.
   */
  occurred_at: Timestamp;
}
/**
 * One line of an order.
 */
export interface Item {
  /**
   * What the line is worth in all, not per unit.
   */
  amount: Decimal;
  /**
   * The brand's own attributes of the line, typed by the program.
   */
  attributes?: {
    [k: string]: Attribute;
  };
  /**
   * The product's category.
   */
  category?: string | null;
  /**
   * What the line costs the brand in all.
   */
  cost?: Decimal | null;
  /**
   * What was taken off the line in all. `amount` says what the line is worth, with or without it.
   */
  discount?: Decimal | null;
  /**
   * Units; 1 when left out.
   */
  quantity?: number;
  /**
   * The product's key.
   */
  sku: string;
  /**
   * The tax of the line in all. `amount` says what the line is worth, with or without it.
   */
  tax?: Decimal | null;
}
/**
 * One touch of a path.
 */
export interface Touch {
  /**
   * When.
   */
  at: Timestamp;
  /**
   * The creative that was shown or clicked.
   */
  creative?: string | null;
  /**
   * The touch's own key, such as a click id.
   */
  id?: string | null;
  /**
   * How: `click`, `impression` or `code`.
   */
  kind: TouchKind;
  /**
   * Where it led to.
   */
  landing_page?: string | null;
  /**
   * When the link was last changed, for rules about stale links.
   */
  link_updated_at?: Timestamp | null;
  /**
   * The partner who touched.
   */
  partner: string;
  /**
   * The partner's property (site, channel, app) it came from.
   */
  property?: string | null;
  /**
   * The partner's own labels.
   */
  sub_ids?: string[];
}
/**
 * A change of an action that was decided before: a modification, a reversal, late facts, or a person's decision.
 *
 * Which fields an adjustment may have follows from its kind. A field that is left out is not changed.
 */
export interface Adjustment {
  /**
   * The id of the action that it changes.
   */
  adjusts: string;
  /**
   * A modification: what the action is worth now; zero reverses it. A reversal: what is taken back of that.
   */
  amount?: Decimal | null;
  /**
   * A modification or an enrichment: attributes of the brand's own.
   */
  attributes?: {
    [k: string]: Attribute;
  };
  /**
   * An enrichment: what is known about the customer now.
   */
  customer?: Customer;
  /**
   * A modification: what is taken off the subtotal now.
   */
  discount?: Decimal | null;
  /**
   * An enrichment: what fraud detection says now.
   */
  fraud?: Fraud;
  /**
   * The adjustment's own id, unique in the program.
   */
  id: string;
  /**
   * A modification: all lines of the order as they are now.
   */
  items?: Item[];
  /**
   * What it is: `modification`, `reversal`, `enrichment`, `approval`, `rejection` or `release`.
   */
  kind: AdjustmentKind;
  /**
   * When it happened.
   */
  occurred_at: Timestamp;
  /**
   * The partner whose award a person decides; all awards when left out. For approvals and rejections.
   */
  partner?: string | null;
  /**
   * Why, in the brand's own words or codes.
   */
  reason?: string | null;
  /**
   * A reversal: the lines that are taken back.
   */
  returned?: ReturnedItem[];
  /**
   * A modification: shipping now.
   */
  shipping?: Decimal | null;
  /**
   * A modification: the sum of the items now.
   */
  subtotal?: Decimal | null;
  /**
   * A modification: tax now.
   */
  tax?: Decimal | null;
}
/**
 * A line of an order that is taken back.
 */
export interface ReturnedItem {
  /**
   * The amount that is taken back, instead of a number of units.
   */
  amount?: Decimal | null;
  /**
   * The units that are taken back; all of them when left out.
   */
  quantity?: number | null;
  /**
   * The product's key.
   */
  sku: string;
}
/**
 * What an analysis of a program found. `Program.analyse` makes it.
 */
export interface Analysis {
  /**
   * The findings, in the order of the contracts and of their text.
   */
  findings: Finding[];
  /**
   * What could not be decided, and why.
   */
  undecided: Undecided[];
}
/**
 * Something in the terms that is probably not meant, or that is good to know, with an action that shows it.
 */
export interface Finding {
  /**
   * The contract.
   */
  contract: string;
  /**
   * What to do about it; empty if nothing is wrong.
   */
  help: string;
  /**
   * The kind of finding.
   */
  kind: FindingKind;
  /**
   * One sentence that says what was found.
   */
  message: string;
  /**
   * The name of the payout group, restriction or limit.
   */
  name: string;
  /**
   * What else has to do with it, such as the groups that take all actions before.
   */
  others: Other[];
  /**
   * Where it stands: the condition or the part of a condition, if the finding is about that.
   */
  place: Place;
  /**
   * The number of the version.
   */
  version: number;
  /**
   * How likely it is a mistake.
   */
  weight: Weight;
  /**
   * An action that shows it.
   */
  witness: Witness;
}
/**
 * Something else that a finding is about.
 */
export interface Other {
  /**
   * The name of the payout group, restriction or limit.
   */
  name: string;
  /**
   * Where it stands.
   */
  place: Place;
}
/**
 * What an analysis could not decide.
 */
export interface Undecided {
  /**
   * The contract.
   */
  contract: string;
  /**
   * The name of the payout group, restriction or limit; empty for the whole version.
   */
  name: string;
  /**
   * The number of the version.
   */
  version: number;
  /**
   * Why it could not be decided.
   */
  why: string;
}
/**
 * What one partner is awarded for an action, under one contract version.
 *
 * `Award.payout` includes a payout that is held: `Award.payable` and `Award.held` tell the two apart.
 */
export interface Award {
  /**
   * The commissionable amount, in `currency`: the partner's share of it, so that the awards of an action sum to it. Zero for
   * participation and for parents.
   */
  base: ComputedDecimal;
  /**
   * For a parent: whose action it is paid for.
   */
  below?: Below | null;
  /**
   * The contract version that applies.
   */
  contract: ContractRef;
  /**
   * What the totals with conditions or a measure count of the action; those that count nothing of it are left out.
   */
  counted?: TotalCount[];
  /**
   * Whether the award counts for totals and limits.
   */
  counts: boolean;
  /**
   * The currency of every amount of the award.
   */
  currency: Currency;
  /**
   * The exchange rate by which the action's amounts were converted to `currency`: multiplied by a rate into it, divided by a rate
   * from it. `null` if the action was reported in it.
   */
  exchange?: ExchangeRate | null;
  /**
   * The fuel that this award used: its rules, its components, and settling and limiting its payout.
   */
  fuel: number;
  /**
   * The names of the payout groups whose verbs took effect: `default` for the default payout, `participation` for the participation
   * bonus, `level 1` for what a parent is paid. Steps and shares name a group by its index in this list.
   */
  groups?: string[];
  /**
   * The limits that cut the payout.
   */
  limits?: LimitCut[];
  /**
   * The payout by line.
   */
  lines?: Line[];
  /**
   * When the award locks: the first moment of a day in the program's time zone, from which on nothing changes it. `null` if the
   * contract has no `[locking]`, or after the year 2999.
   */
  locks_at?: Timestamp | null;
  /**
   * The number of decimals that the lines were rounded to.
   */
  minor_digits: number;
  /**
   * Notices for the brand and the partner.
   */
  notices?: Notice[];
  /**
   * The parent of the partner, if the host reports one.
   */
  parent?: string | null;
  /**
   * The id of the partner.
   */
  partner: string;
  /**
   * What is paid: the sum of the lines less what was taken back of them, in `currency`. Zero unless the status is payable or held.
   */
  payout: Decimal;
  /**
   * The date on which the payout is paid. `null` if the contract has no `[payment]`, if nothing is paid since the award is rejected or
   * zero, or after the year 2999.
   */
  pays_on?: string | null;
  /**
   * Why the award is held, rejected, zero or flagged; the strictest reason first.
   */
  reasons?: Reason[];
  /**
   * When the hold ends by itself; `null` if the award is not held or the hold does not end by itself.
   */
  release_at?: Timestamp | null;
  /**
   * The part that the partner had; `null` for a partner who is credited alone, or whom the host reports without a role.
   */
  role?: Role | null;
  /**
   * The mode by which the lines were rounded.
   */
  rounding: Rounding;
  /**
   * The share of the payout, a fraction with at most 12 decimals, if several partners share it. The lines show the whole
   * (`unrounded`) and the share (`earned`).
   */
  share?: ComputedDecimal | null;
  /**
   * The outcome of the award.
   */
  status: Status;
  /**
   * The credited touch, by its index in the action's touches; `null` without a touch of its own.
   */
  touch?: number | null;
}
/**
 * The partner below whose action a parent is paid for.
 */
export interface Below {
  /**
   * How far above that partner the parent is: 1 for the partner's own parent.
   */
  level: number;
  /**
   * The partner who is credited.
   */
  partner: string;
}
/**
 * What a total with conditions or a measure counts of an action.
 */
export interface TotalCount {
  /**
   * The counter of the total.
   */
  counter: CounterId;
  /**
   * The amount that is summed: the partner's share of it. `null` for the commissionable amount.
   */
  revenue?: ComputedDecimal | null;
  /**
   * The units of the lines that count.
   */
  units: number;
}
/**
 * One exchange rate: `1 from` is worth `rate to` from this moment on, until a later rate of the two currencies. It converts in
 * both directions.
 */
export interface ExchangeRate {
  /**
   * From when on it holds.
   */
  at: Timestamp;
  /**
   * Currency converted from.
   */
  from: Currency;
  /**
   * What one unit is worth.
   */
  rate: Decimal;
  /**
   * Currency converted to.
   */
  to: Currency;
}
/**
 * A limit that cut a payout.
 */
export interface LimitCut {
  /**
   * The amount of money that the limit took off.
   */
  cut: Decimal;
  /**
   * How the limit treats an action that reaches it.
   */
  edge: Edge;
  /**
   * What was left under the limit before this action: money, or a count for a limit on counts.
   */
  left: ComputedDecimal;
  /**
   * The name of the limit.
   */
  limit: string;
}
/**
 * One line of a payout. `Line.recompute` computes its unrounded payout from its steps.
 */
export interface Line {
  /**
   * The commissionable amount that rates apply to.
   */
  base: ComputedDecimal;
  /**
   * The payout after rounding, before limits: the partner's share, if several share it. It is rounded once, from the exact payout;
   * the shares of one contract sum to their exact sum, rounded.
   */
  earned: Decimal;
  /**
   * The index of the item in the action; `null` for a line of the whole order.
   */
  item?: number | null;
  /**
   * The payout after limits.
   */
  payout: Decimal;
  /**
   * The number of units, for amounts per unit.
   */
  quantity: number;
  /**
   * What was returned of `base` so far.
   */
  returned?: ComputedDecimal;
  /**
   * The part of `payout` that each payout group made, if more than one group made it; the parts sum to `payout`. A limit for
   * one group, or for each group, reads these parts.
   */
  shares?: GroupShare[];
  /**
   * The SKU of the item; `null` for a line of the whole order.
   */
  sku?: string | null;
  /**
   * The verbs in the order in which they took effect, each with the payout group that gave it.
   */
  steps: Step[];
  /**
   * What reversals have taken back of `payout` so far.
   */
  taken_back?: Decimal;
  /**
   * The whole payout before rounding, limits and sharing: all of it if it has at most 28 digits, else cut to the digits that fit.
   * Payouts are compared, shared and rounded with every digit.
   */
  unrounded: ComputedDecimal;
}
/**
 * The part of a line's payout that one payout group made.
 */
export interface GroupShare {
  /**
   * The payout group, by its index in `Award.groups`.
   */
  group: number;
  /**
   * What the verbs of the group changed: the payout with them, less the payout before them. May be negative.
   */
  payout: Decimal;
}
/**
 * One verb that took effect on a line.
 */
export interface Step {
  /**
   * The verb and its value.
   */
  effect: Effect;
  /**
   * The payout group, by its index in `Award.groups`.
   */
  group: number;
}
/**
 * A notice: something that the brand and the partner should know about an action.
 */
export interface Notice {
  /**
   * `limit_warning`, or a declared reason code.
   */
  code: string;
  /**
   * Whether the rule reads fraud signals, which a partner must not learn about.
   */
  fraud?: boolean;
  /**
   * The name of the rule or limit that raised the notice.
   */
  rule: string;
}
/**
 * Why an action is not payable, or is flagged.
 */
export interface Reason {
  /**
   * A declared reason code, or one of the engine's own codes (see `terms.reasons`).
   */
  code: string;
  /**
   * For `RULE_ERROR`: what failed, and where. `null` for every other code.
   */
  fault?: RuleFault | null;
  /**
   * Whether the rule reads fraud signals, which a partner must not learn about.
   */
  fraud?: boolean;
  /**
   * For `UNKNOWN_PARTNER` and `NO_CONTRACT`: the id of the partner that was reported, who is not credited. `null` for every
   * other code.
   */
  partner?: string | null;
  /**
   * The name of the restriction, rule or limit that gave the reason.
   */
  rule: string;
  /**
   * What the reason does to the action.
   */
  verdict: Verdict;
}
/**
 * The failure of a rule.
 */
export interface RuleFault {
  /**
   * The kind of failure.
   */
  kind: FaultKind;
  /**
   * Where the rule failed; `null` if the failure is not in the text of a rule.
   */
  place?: Place | null;
  /**
   * The source text at that place.
   */
  text?: string;
}
/**
 * A place in a program's sources: a file and a range of its bytes.
 */
export interface Place {
  /**
   * Path inside the program folder, with `/` between parts.
   */
  file: string;
  /**
   * The bytes in the file.
   */
  span: Span;
}
/**
 * What one partner is awarded.
 */
export interface AwardOutcome {
  /**
   * The contract.
   */
  contract: string;
  /**
   * The currency of the payout.
   */
  currency: Currency;
  /**
   * The payout groups whose verbs took effect.
   */
  groups: string[];
  /**
   * The limits that cut the payout.
   */
  limits: string[];
  /**
   * The partner.
   */
  partner: string;
  /**
   * The payout, a held payout included.
   */
  payout: Decimal;
  /**
   * Codes of the reasons, the strictest first.
   */
  reasons: string[];
  /**
   * The outcome of the award.
   */
  status: Status;
  /**
   * The number of the contract version.
   */
  version: number;
}
/**
 * Every rule considered for an award, in the order of the phases.
 */
export interface AwardTrace {
  /**
   * The limits that were considered.
   */
  limits: LimitTrace[];
  /**
   * The facts by which groups are looked up, with the values for which these were not tried.
   */
  looked_up?: Seen[];
  /**
   * The number of rules and limits that were considered and are not listed, because the trace is at its limit
   * (`Limits.trace_bytes`).
   */
  not_listed?: number;
  /**
   * The number of payout groups that were not tried, over all lines: groups are looked up by a fact, such as the SKU, and these ask
   * for another value of it.
   */
  not_tried?: number;
  /**
   * The rules that were considered.
   */
  rules: RuleTrace[];
  /**
   * The limits that are not about the action, each with the reason.
   */
  skipped?: SkippedLimit[];
}
/**
 * A limit and what it let through: money, or paid actions for a limit on counts.
 */
export interface LimitTrace {
  /**
   * What this action asked for.
   */
  asked: ComputedDecimal;
  /**
   * What the limit granted.
   */
  granted: ComputedDecimal;
  /**
   * The name of the limit.
   */
  limit: string;
  /**
   * The maximum.
   */
  max: ComputedDecimal;
  /**
   * What was used of `max` before this action.
   */
  used: ComputedDecimal;
}
/**
 * A value that a rule saw.
 */
export interface Seen {
  /**
   * The fact as rules write it, such as `customer.status`.
   */
  fact: string;
  /**
   * The value as text; `unknown` if the fact is not known.
   */
  value: string;
}
/**
 * A rule and its outcome.
 */
export interface RuleTrace {
  /**
   * The fuel that the rule used.
   */
  fuel: number;
  /**
   * The index of the item for which the rule was evaluated; `null` if it was evaluated for the whole order.
   */
  item?: number | null;
  /**
   * The outcome of the rule.
   */
  outcome: Outcome;
  /**
   * The phase in which the rule ran.
   */
  phase: Phase;
  /**
   * Where the rule is written.
   */
  place: Place;
  /**
   * The name of the restriction, payout group or amount that the rule belongs to.
   */
  rule: string;
  /**
   * The values that its conditions saw, in the order in which they were first read.
   */
  saw?: Seen[];
  /**
   * Why the rule did not match, and what would have been enough; `null` if it matched or failed, or if that cannot be said.
   */
  why_not?: WhyNot | null;
}
/**
 * Why a condition did not hold.
 *
 * The parts are those that would have to be otherwise. Together they are enough if `WhyNot.enough` is true: the condition holds if
 * the fact of each part has the value that the part names, and all other facts are as they are.
 */
export interface WhyNot {
  /**
   * Whether these parts are all that was missing, and each names a value.
   */
  enough?: boolean;
  /**
   * The parts, in the order of the rule; several parts about one fact ask for a value that meets them all.
   */
  parts: FailedPart[];
}
/**
 * A part of a condition that did not say what the condition needs.
 */
export interface FailedPart {
  /**
   * What would have to change, as rules write it: a fact such as `customer.country`, or what a rule computes of one fact, such as
   * `action.items.len()`. Empty if no single fact can be named.
   */
  fact?: string;
  /**
   * How far the value is from the nearest, for numbers and times.
   */
  missing?: string;
  /**
   * The nearest value that meets `wanted` and every other part about the same fact. Empty if none is known.
   */
  nearest?: string;
  /**
   * Whether the partner may know of it: a fact of the order, the item, the touch or the partner, which tells nothing of others, of
   * fraud signals, or of what a product costs.
   */
  partner?: boolean;
  /**
   * Where the part is written.
   */
  place: Place;
  /**
   * Its value; `unknown` if it is not known. Empty if there is no fact.
   */
  saw?: string;
  /**
   * The part as the rule writes it.
   */
  text: string;
  /**
   * What it would have to be; `null` if that cannot be said.
   */
  wanted?: Wanted | null;
}
/**
 * A limit that did not apply to an action.
 */
export interface SkippedLimit {
  /**
   * Why it did not apply.
   */
  because: Skipped;
  /**
   * The name of the limit.
   */
  limit: string;
}
/**
 * One bonus of a contract, over all partners and periods.
 */
export interface BonusChange {
  /**
   * The name of the bonus.
   */
  bonus: string;
  /**
   * The draft's less the old, held payouts included.
   */
  change: Decimal;
  /**
   * The contract.
   */
  contract: string;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * The number of decisions of the draft.
   */
  decisions_new: number;
  /**
   * The number of decisions of the old program.
   */
  decisions_old: number;
  /**
   * What the draft pays.
   */
  new: Paid;
  /**
   * What the old program pays.
   */
  old: Paid;
}
/**
 * The bonus that a close has decided.
 */
export interface BonusOf {
  /**
   * The name of the bonus.
   */
  bonus: string;
  /**
   * The contract.
   */
  contract: string;
  /**
   * The first date of the period.
   */
  from: string;
  /**
   * What the tiers asked; `null` for a bonus without tiers, or if it could not be computed.
   */
  measure?: ComputedDecimal | null;
  /**
   * The next tier; `null` if the highest is reached.
   */
  next?: NextTier | null;
  /**
   * The period, as rules name it: `2026-03`, `2026-Q1`, or the first date.
   */
  period: string;
  /**
   * The first date after the period.
   */
  until: string;
}
/**
 * A tier that a measure did not reach.
 */
export interface NextTier {
  /**
   * The tier.
   */
  from: ComputedDecimal;
  /**
   * What the measure lacks of it.
   */
  lacks: ComputedDecimal;
  /**
   * Whether a measure equal to it reaches it.
   */
  threshold: Threshold;
}
/**
 * One bonus: when it is computed, and of what.
 */
export interface BonusOverview {
  /**
   * What becomes of it if something changes afterwards.
   */
  after_close: AfterClose;
  /**
   * The name of the bonus.
   */
  bonus: string;
  /**
   * When it is computed.
   */
  closes: Closes;
  /**
   * What the tiers ask.
   */
  measure?: string | null;
  /**
   * The expression of the money that rates, a guarantee, a draw or a holdback apply to; `null` if that is the measure or the revenue
   * that the measure counts.
   */
  on?: string | null;
  /**
   * What is paid: `tiers`, `rule`, `guarantee`, `draw` or `holdback`.
   */
  pays: string;
  /**
   * The calendar period at whose close it is computed, as contracts write it.
   */
  period: string;
  /**
   * The number of tiers.
   */
  tiers: number;
  /**
   * The condition; `null` for every partner.
   */
  when?: string | null;
}
/**
 * What one bonus pays.
 */
export interface BonusTotal {
  /**
   * The name of the bonus.
   */
  bonus: string;
  /**
   * The contract.
   */
  contract: string;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * The number of decisions.
   */
  decisions: number;
  /**
   * What it pays, held payouts included. It is in the payouts of partners, too.
   */
  payout: Decimal;
}
/**
 * A value for each status.
 */
export interface ByStatusOfDecimal {
  /**
   * Of what is held.
   */
  held: Decimal;
  /**
   * Of what is payable.
   */
  payable: Decimal;
  /**
   * Of what is rejected.
   */
  rejected: Decimal;
  /**
   * Of what is taken back.
   */
  reversed: Decimal;
  /**
   * Of what is tracked and not paid.
   */
  zero: Decimal;
}
/**
 * A value for each status.
 */
export interface ByStatusOfuint64 {
  /**
   * Of what is held.
   */
  held: number;
  /**
   * Of what is payable.
   */
  payable: number;
  /**
   * Of what is rejected.
   */
  rejected: number;
  /**
   * Of what is taken back.
   */
  reversed: number;
  /**
   * Of what is tracked and not paid.
   */
  zero: number;
}
/**
 * A mapping that ships and that may be the right one for an export.
 */
export interface Candidate {
  /**
   * Its name, such as `awin`.
   */
  name: string;
  /**
   * The name of its export, for people.
   */
  title: string;
}
/**
 * The terms of a program in plain words, generated from the checked terms. `Program.card` makes it.
 */
export interface Card {
  /**
   * The date whose terms are shown; `null` for the last version of each contract.
   */
  at?: string | null;
  /**
   * The contracts, in the order in which they are tried for a partner.
   */
  contracts: ContractCard[];
  /**
   * What holds for the whole card: which versions are shown, the time zone, what is known of the partner.
   */
  notes: Piece[][];
  /**
   * The partner that the card is for; `null` for the whole program.
   */
  partner?: string | null;
  /**
   * The name of the program.
   */
  program: string;
  /**
   * The title: the program, and the partner that the card is for.
   */
  title: Piece[];
}
/**
 * One version of a contract on a card.
 */
export interface ContractCard {
  /**
   * The name of the contract.
   */
  contract: string;
  /**
   * The digest of the version and of everything that it uses.
   */
  digest: Digest;
  /**
   * The file of the version; `null` on the card of a partner.
   */
  file?: string | null;
  /**
   * The sections, in the order of `SectionKind`.
   */
  sections: Section[];
  /**
   * The heading.
   */
  title: Piece[];
  /**
   * The number of the version.
   */
  version: number;
}
/**
 * A section of a contract.
 */
export interface Section {
  /**
   * The entries.
   */
  entries: Entry[];
  /**
   * The heading.
   */
  heading: Piece[];
  /**
   * What the section is about.
   */
  kind: SectionKind;
}
/**
 * An entry of a section: a payout group, a restriction, a limit, or something that is said in general.
 */
export interface Entry {
  /**
   * The sentences.
   */
  lines: CardLine[];
  /**
   * The name, as the contract has it or as the card calls it; `null` for what is said of the whole section.
   */
  name?: string | null;
  /**
   * The place in the contract; `null` if the entry is not one declaration, and on the card of a partner.
   */
  place?: Place | null;
}
/**
 * A sentence of an entry.
 */
export interface CardLine {
  /**
   * How deep the line stands in a nested list; 0 for a line of the entry itself.
   */
  depth: number;
  /**
   * The sentence.
   */
  sentence: Piece[];
}
/**
 * A cell or a row of a table in `tables/`, as people find it in the file that they edit.
 */
export interface Cell {
  /**
   * The column, from 1; `null` for a whole row.
   */
  column?: number | null;
  /**
   * Path of the file inside the program folder, such as `tables/rates.xlsx`.
   */
  file: string;
  /**
   * The header of the column; `null` for a whole row, for a column without a header and for the header itself.
   */
  header?: string | null;
  /**
   * The row, from 1; in CSV the line at which the row begins. 0 for the whole table.
   */
  row: number;
  /**
   * The sheet of a workbook; `null` for CSV.
   */
  sheet?: string | null;
}
/**
 * A cell and the text that it gets. Empty text clears it: in TOML, its key goes.
 */
export interface CellEdit {
  /**
   * The key of the column.
   */
  column: string;
  /**
   * The index of the row.
   */
  row: number;
  /**
   * What a person writes in the cell.
   */
  text: string;
}
/**
 * Where in a grid something is.
 */
export interface CellPlace {
  /**
   * The index of the column; `null` for a whole row.
   */
  column?: number | null;
  /**
   * The index of the row.
   */
  row: number;
  /**
   * The identity of the table.
   */
  table: string;
}
/**
 * What an adjustment changed for one partner.
 */
export interface Change {
  /**
   * The payout after the adjustment, less the payout before.
   */
  by: Decimal;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * The partner.
   */
  partner: string;
}
/**
 * An action, or a bonus, that the draft decides differently.
 */
export interface ChangedAction {
  /**
   * The id of the action or of the bonus.
   */
  action: string;
  /**
   * The draft's payout less the old one, in one currency; held payouts included.
   */
  change: Decimal;
  /**
   * The currency of the change.
   */
  currency: Currency;
  /**
   * The event type; `bonus` for a bonus.
   */
  event_type: string;
  /**
   * How the draft decides it.
   */
  new?: SimulatedOutcome | null;
  /**
   * When it occurred.
   */
  occurred_at: Timestamp;
  /**
   * How the old program decides it as it stands; `null` if it does not take the action, or has no such bonus.
   */
  old?: SimulatedOutcome | null;
}
/**
 * How one program decides an action, as it stands after all that happened to it.
 */
export interface SimulatedOutcome {
  /**
   * The awards.
   */
  awards: AwardOutcome[];
  /**
   * Why nobody is credited: codes of reasons.
   */
  reasons: string[];
  /**
   * The outcome of the action.
   */
  status: Status;
}
/**
 * What a draft changes over a history. `Simulation.finish` makes it.
 *
 * The `steps` sum to the `totals`, to the cent: each is the difference of two programs
 * that were run.
 */
export interface Comparison {
  /**
   * The number of actions that the draft has decided.
   */
  actions_new: number;
  /**
   * The number of actions that the old program has decided.
   */
  actions_old: number;
  /**
   * The bonuses of closes.
   */
  bonuses: BonusChange[];
  /**
   * The number of actions and bonuses that differ in their status or in what a partner is paid.
   */
  changed: number;
  /**
   * Those that differ most, by currency, the highest change up or down first. There may be more: see `changed`.
   */
  changed_actions: ChangedAction[];
  /**
   * The draft.
   */
  new: ProgramName;
  /**
   * The number of steps after the first that were not made alone as well, so that no interaction is known of them.
   */
  not_alone: number;
  /**
   * The old program.
   */
  old: ProgramName;
  /**
   * Every partner who is paid something by either program, by currency; the highest change up or down first.
   */
  partners: PartnerChange[];
  /**
   * What was not taken.
   */
  refused: Refused;
  /**
   * The number of programs that have decided every action.
   */
  runs: number;
  /**
   * How many of them went from which status to which.
   */
  statuses: StatusChange[];
  /**
   * The changes, step by step.
   */
  steps: SimulationStep[];
  /**
   * The money of each currency.
   */
  totals: CurrencyTotal[];
}
/**
 * What one partner gains or loses.
 */
export interface PartnerChange {
  /**
   * The draft's less the old, held payouts included.
   */
  change: Decimal;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * What the draft pays.
   */
  new: Paid;
  /**
   * What the old program pays.
   */
  old: Paid;
  /**
   * The partner.
   */
  partner: string;
}
/**
 * How many actions went from one status to another.
 */
export interface StatusChange {
  /**
   * The number of actions.
   */
  actions: number;
  /**
   * The new status.
   */
  new?: Status | null;
  /**
   * The old status; `null` if the old program does not take the action.
   */
  old?: Status | null;
}
/**
 * One step: one change, or changes that are made at once.
 */
export interface SimulationStep {
  /**
   * The changes.
   */
  changes: DraftChange[];
  /**
   * Where the step alone, against the old program, changes another amount: the changes interact.
   */
  interactions: Interaction[];
  /**
   * Why there are several changes; `null` if there is one.
   */
  joined?: Joined | null;
  /**
   * What the step changes, against the program with all steps before it; by currency.
   */
  money: StepMoney[];
  /**
   * The number of the step, from 1.
   */
  number: number;
}
/**
 * One change of a draft: something that its author recognises, such as a rate of a payout group.
 *
 * `changes` finds them.
 */
export interface DraftChange {
  /**
   * The contract version that says it: that of the draft, or the old one if it is removed. `null` for what holds for the program.
   */
  contract?: VersionName | null;
  /**
   * What it was and what it is, key by key. Empty for whole files and for an order.
   */
  edits: Edit[];
  /**
   * How it is changed.
   */
  how: How;
  /**
   * What is changed.
   */
  kind: ChangeKind;
  /**
   * The line of the place, from 1.
   */
  line?: number | null;
  /**
   * For a file of text: the lines that differ.
   */
  lines?: Lines | null;
  /**
   * The name of what is changed, such as that of the payout group; the path of a file.
   */
  name: string;
  /**
   * Where it is written: in the draft, or in the old program if it is removed. `null` for what is not text.
   */
  place?: Place | null;
  /**
   * The first date on which an action may be decided differently, in the program's time zone. `null` if it takes effect at once.
   */
  takes_effect?: string | null;
}
/**
 * A contract version by name and number.
 */
export interface VersionName {
  /**
   * The name of the contract.
   */
  name: string;
  /**
   * The number of the version.
   */
  version: number;
}
/**
 * One value that differs.
 */
export interface Edit {
  /**
   * The key, such as `rate` or `bands.2.points`; empty if what is changed is one value.
   */
  key: string;
  /**
   * The new value; `null` if the key is gone.
   */
  new?: string | null;
  /**
   * The old value; `null` if the key is new. A long value is cut.
   */
  old?: string | null;
}
/**
 * How many lines of a file differ. Lines that only stand elsewhere are the same.
 */
export interface Lines {
  /**
   * Lines that are new.
   */
  added: number;
  /**
   * Lines that are gone.
   */
  removed: number;
}
/**
 * An amount by which a step depends on the steps before it.
 */
export interface Interaction {
  /**
   * What the step alone changes, against the old program.
   */
  alone: Decimal;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * What it changes as a step, less that.
   */
  interaction: Decimal;
}
/**
 * What a step changes in one currency.
 */
export interface StepMoney {
  /**
   * The change.
   */
  change: Paid;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * Who gains and who loses by the step.
   */
  gains: Gains;
}
/**
 * The money of one currency.
 */
export interface CurrencyTotal {
  /**
   * The draft's less the old.
   */
  change: Paid;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * Who gains and who loses.
   */
  gains: Gains;
  /**
   * What they leave under the draft.
   */
  margin_new: Margin;
  /**
   * What actions with costs leave under the old program.
   */
  margin_old: Margin;
  /**
   * What the draft pays.
   */
  new: Paid;
  /**
   * What the old program pays.
   */
  old: Paid;
}
/**
 * Something that may be written at the cursor.
 */
export interface Completion {
  /**
   * Its type or its signature; empty if there is none.
   */
  detail: string;
  /**
   * What it is for, in sentences; empty if there is nothing to say.
   */
  doc: string;
  /**
   * The edit that writes it.
   */
  edit: TextEdit;
  /**
   * What it is.
   */
  kind: CompletionKind;
  /**
   * What is shown, and what typed letters are compared with.
   */
  label: string;
  /**
   * Whether the table needs the key.
   */
  required?: boolean;
  /**
   * The text of the edit with places to fill in, `$1`, `${2:name}` and `$0` for the cursor, if there are any.
   */
  snippet?: string | null;
}
/**
 * One component.
 */
export interface ComponentOverview {
  /**
   * The size of the file in bytes.
   */
  bytes: number;
  /**
   * Contract, version, and the name of the component's restriction or payout group.
   */
  component: string;
  /**
   * The file of the component.
   */
  file: string;
  /**
   * The phase in which the component runs.
   */
  phase: Phase;
}
/**
 * A contract of a draft compared with the current contract of its name.
 */
export interface ContractComparison {
  /**
   * The answer.
   */
  answer: Answer;
  /**
   * The name of the contract.
   */
  contract: string;
  /**
   * An action for which the draft pays less.
   */
  less?: Difference | null;
  /**
   * An action for which the draft pays more.
   */
  more?: Difference | null;
  /**
   * Why something is not decided.
   */
  undecided: string[];
}
/**
 * An action that a draft pays differently.
 */
export interface Difference {
  /**
   * What the current terms pay for it.
   */
  current: Decimal;
  /**
   * What the draft pays for it.
   */
  draft: Decimal;
  /**
   * The action, with what the draft decides of it.
   */
  witness: Witness;
}
/**
 * A contract and its versions.
 */
export interface ContractOverview {
  /**
   * The name of the contract.
   */
  contract: string;
  /**
   * The versions of the contract, the earliest first.
   */
  versions: VersionOverview[];
}
/**
 * One version of a contract.
 */
export interface VersionOverview {
  /**
   * The moment of an action that chooses the version.
   */
  anchor: Anchor;
  /**
   * The bonuses, in the order of their declaration.
   */
  bonuses: BonusOverview[];
  /**
   * The currency of its payouts.
   */
  currency: Currency;
  /**
   * The digest of the file.
   */
  digest: Digest;
  /**
   * The interval in which the version is in force.
   */
  effective: Interval;
  /**
   * The event types that it is for, if the file has payouts by event type; empty for all.
   */
  event_types: string[];
  /**
   * The file that declares it.
   */
  file: string;
  /**
   * The number of payout groups, without the default payout.
   */
  groups: number;
  /**
   * Why the rules of the version are interpreted although the engine compiles rules; `null` if they are compiled. Decisions are
   * the same either way.
   */
  interpreted?: string | null;
  /**
   * The number of limits.
   */
  limits: number;
  /**
   * The partners that it holds for.
   */
  partners: PartnersOverview;
  /**
   * The number of restrictions.
   */
  restrictions: number;
  /**
   * The totals, in the order of their declaration.
   */
  totals: TotalOverview[];
  /**
   * The number of the version.
   */
  version: number;
  /**
   * The most that a decision under the version may spend.
   */
  worst: WorstOverview;
}
/**
 * One declared total: what it counts, by what, and over which period.
 */
export interface TotalOverview {
  /**
   * The number of actions after which the total begins to count; `null` if it counts from the first.
   */
  after_actions?: number | null;
  /**
   * The identity of the counter that the total reads.
   */
  counter: CounterId;
  /**
   * What the total counts the different values of.
   */
  distinct?: Scope | null;
  /**
   * The earlier periods that rules read, such as `previous` and `2026-Q1`.
   */
  earlier: string[];
  /**
   * The event types that the total counts; empty for all.
   */
  event_types: string[];
  /**
   * The first date that the total counts.
   */
  from?: string | null;
  /**
   * The condition on lines; `null` for whole actions.
   */
  items?: string | null;
  /**
   * What the total sums instead of the commissionable amount.
   */
  measure?: string | null;
  /**
   * The expression that says whose total is read; `null` for the credited partner.
   */
  of?: string | null;
  /**
   * Whether held actions count only once they are approved.
   */
  only_approved: boolean;
  /**
   * What the total is kept by.
   */
  per: Scope[];
  /**
   * The period, as contracts write it.
   */
  period: string;
  /**
   * The name of the total.
   */
  total: string;
  /**
   * The condition on actions, as the contract writes it; `null` for all actions.
   */
  when?: string | null;
}
/**
 * The contract version that decided an award.
 */
export interface ContractRef {
  /**
   * Which moment of the action chose the version.
   */
  anchor: Anchor;
  /**
   * Digest over the version and everything it uses.
   */
  digest: Digest;
  /**
   * The name of the contract.
   */
  name: string;
  /**
   * The moment by which the version was chosen.
   */
  terms_as_of: Timestamp;
  /**
   * The number of the version.
   */
  version: number;
}
/**
 * What of a program its tests reach. `Program.coverage` makes it.
 */
export interface Coverage {
  /**
   * Everything that can be reached, by file and place.
   */
  points: Point[];
  /**
   * The names of the tests, in the order in which they ran.
   */
  tests: string[];
}
/**
 * One thing that a test can reach.
 */
export interface Point {
  /**
   * The cell or row, if it stands in a table; `null` elsewhere.
   */
  cell?: Cell | null;
  /**
   * How often it was reached. One action may reach it several times, for example once for each item.
   */
  hits: number;
  /**
   * What has to happen.
   */
  kind: PointKind;
  /**
   * The line, from 1; 0 in a workbook, which has none.
   */
  line: number;
  /**
   * What it is a point of: the name of a payout group, restriction, limit or bonus, or the text of a condition, arm or verb.
   */
  name: string;
  /**
   * Where it is written. In a table, the bytes of the cell or row.
   */
  place: Place;
  /**
   * The tests that reached it, by their indexes in `Coverage.tests`.
   */
  tests?: number[];
}
/**
 * A creative: an ad, a banner, a link, a deal.
 */
export interface Creative {
  /**
   * The creative's id, unique in the program.
   */
  id: string;
  /**
   * Partners who may use it; everybody, when empty.
   */
  partners?: string[];
  /**
   * The creative's status; `active` when left out.
   */
  status?: string | null;
  /**
   * The first moment it may be used; always, when left out.
   */
  valid_from?: Timestamp | null;
  /**
   * The first moment it may no longer be used; never, when left out.
   */
  valid_until?: Timestamp | null;
}
/**
 * The sums of one currency.
 */
export interface CurrencyTotals {
  /**
   * The number of actions by status: of the partner's award in the totals of a partner, of the decision in others. An action counts once,
   * however many awards it has there.
   */
  actions: ByStatusOfuint64;
  /**
   * The commissionable amounts of awards, by the status of the award.
   */
  commissionable: ByStatusOfDecimal;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * The payouts of held awards, bonuses included.
   */
  held: Decimal;
  /**
   * By month, in order.
   */
  months: MonthTotals[];
  /**
   * By partner over all months, the highest payable payout first.
   */
  partners: PartnerTotals[];
  /**
   * The payouts of payable awards, bonuses included.
   */
  payable: Decimal;
}
/**
 * The sums of one month.
 */
export interface MonthTotals {
  /**
   * The number of actions by status: of the partner's award in the totals of a partner, of the decision in others. An action counts once,
   * however many awards it has there.
   */
  actions: ByStatusOfuint64;
  /**
   * The commissionable amounts of awards, by the status of the award.
   */
  commissionable: ByStatusOfDecimal;
  /**
   * The payouts of held awards, bonuses included.
   */
  held: Decimal;
  /**
   * The month.
   */
  month: Month;
  /**
   * The payouts of payable awards, bonuses included.
   */
  payable: Decimal;
}
/**
 * The sums of one partner.
 */
export interface PartnerTotals {
  /**
   * The number of actions by status: of the partner's award in the totals of a partner, of the decision in others. An action counts once,
   * however many awards it has there.
   */
  actions: ByStatusOfuint64;
  /**
   * The commissionable amounts of awards, by the status of the award.
   */
  commissionable: ByStatusOfDecimal;
  /**
   * The payouts of held awards, bonuses included.
   */
  held: Decimal;
  /**
   * The partner; `null` for actions that nobody is credited for.
   */
  partner?: string | null;
  /**
   * The payouts of payable awards, bonuses included.
   */
  payable: Decimal;
}
/**
 * Who bought, as the brand says.
 */
export interface Customer {
  /**
   * Audiences the customer belongs to.
   */
  audiences?: string[];
  /**
   * Country, ISO 3166 alpha-2.
   */
  country?: string | null;
  /**
   * The brand's key for the customer.
   */
  id?: string | null;
  /**
   * What the customer spent before this action.
   */
  lifetime_value?: Decimal | null;
  /**
   * Orders before this one.
   */
  order_count?: number | null;
  /**
   * State, province or region, as the brand names it.
   */
  region?: string | null;
  /**
   * When the customer first converted.
   */
  since?: Timestamp | null;
  /**
   * `new`, `existing` or the brand's own word. Reads as `unknown` in rules when left out.
   */
  status?: string | null;
}
/**
 * The decision about one action: the data of the action, and an `Award` for each partner who is credited.
 *
 * `Program.decide` makes it. To record it, apply `Decision.postings`.
 */
export interface Decision {
  /**
   * The id of the action; for a bonus, the id that `BonusOf.id` returns.
   */
  action: string;
  /**
   * The award of each credited partner. Empty if nobody is credited.
   */
  awards?: Award[];
  /**
   * The bonus, for the decision of a close; `null` for the decision of an action.
   */
  bonus?: BonusOf | null;
  /**
   * What the action counts in all, over all revisions; empty for the first decision, whose postings say it.
   */
  counted?: Posting[];
  /**
   * The version of the engine.
   */
  engine: string;
  /**
   * The event type of the action; `bonus` for a bonus.
   */
  event_type: string;
  /**
   * The fuel that all awards used, and the conditions on touches.
   */
  fuel: number;
  /**
   * What happened to the action since it was first decided, in order; empty for its first decision.
   * `Program.adjust` adds to it.
   */
  history?: Revision[];
  /**
   * When the action occurred; for a bonus, the last second of its period.
   */
  occurred_at: Timestamp;
  /**
   * The order number of the action; `null` if it has no order number.
   */
  order_id?: string | null;
  /**
   * Every movement of counters that recording the decision makes.
   */
  postings?: Posting[];
  /**
   * Why nobody is credited. Empty if there is an award.
   */
  reasons?: Reason[];
  /**
   * Digest over the inputs, the terms and the result, postings included.
   */
  receipt: Digest;
  /**
   * What was returned of the action so far, since its amounts were last reported.
   */
  returned?: Returned[];
  /**
   * The outcome of the action: payable if any award is payable, else held if any is held, else zero if any is zero.
   */
  status: Status;
  /**
   * Every rule that was considered and the values that its conditions saw; `null` unless
   * `Options.traced` asked for it. Not part of the receipt.
   */
  trace?: Trace | null;
}
/**
 * One signed movement of one counter.
 *
 * A decision lists the postings that recording it makes (`Decision.postings`).
 * `Counters.apply` records that list and needs neither the action nor the program.
 */
export interface Posting {
  /**
   * The number of actions that count.
   */
  actions: number;
  /**
   * The period or moment at which it counts.
   */
  at: CountedAt;
  /**
   * The counter that changes.
   */
  counter: CounterId;
  /**
   * What the actions of this posting are told apart by, such as the id of the customer, in a counter of distinct values. `null`
   * in other counters, and if the action does not report it.
   */
  distinct?: string | null;
  /**
   * The key under which it counts.
   */
  key: CounterKey;
  /**
   * The number of actions with a payout above zero.
   */
  paid_actions: number;
  /**
   * The part of `payouts` that was payable, and not held, when it was decided.
   */
  payable: Decimal;
  /**
   * The sum of payouts after limits in the counter's currency. Includes held payouts.
   */
  payouts: Decimal;
  /**
   * The sum of commissionable amounts in the counter's currency, to `COUNTED_DECIMALS` decimals. In
   * the counter of a total with a `measure`, the sum of the measure instead.
   */
  revenue: Decimal;
  /**
   * The number of units: the quantities of the lines that count. An action without items is one unit.
   */
  units: number;
}
/**
 * One adjustment of an action, and what it changed.
 */
export interface Revision {
  /**
   * The id of the adjustment.
   */
  adjustment: string;
  /**
   * By partner, what the payout changed by, held payouts included. Partners whose payout stays are left out.
   */
  changes?: Change[];
  /**
   * What it was.
   */
  kind: AdjustmentKind;
  /**
   * When it happened.
   */
  occurred_at: Timestamp;
  /**
   * The partner whose award a person decided; `null` for all awards.
   */
  partner?: string | null;
  /**
   * Why, as it was reported.
   */
  reason?: string | null;
}
/**
 * What was returned of an action at once, in the currency in which it was reported.
 */
export interface Returned {
  /**
   * The amount.
   */
  amount: Decimal;
  /**
   * The item, by its index in the action; `null` for an action without items.
   */
  item?: number | null;
  /**
   * The units, if units were returned.
   */
  quantity?: number | null;
}
/**
 * Everything that was considered for a decision.
 */
export interface Trace {
  /**
   * What was considered for each award, in the order of `Decision.awards`.
   */
  awards: AwardTrace[];
  /**
   * The touches that were considered for credit.
   */
  credit: TouchTrace[];
}
/**
 * A touch and whether it could be credited.
 */
export interface TouchTrace {
  /**
   * Why the touch was credited or not, in a few words.
   */
  because: string;
  /**
   * Whether the touch was credited.
   */
  credited: boolean;
  /**
   * The partner of the touch.
   */
  partner: string;
  /**
   * The index of the touch in the action's touches; `null` for the owner of a promo code or a partner whom the host reports.
   */
  touch?: number | null;
  /**
   * For a touch that does not meet a condition of its contract: which part, and what would have been enough.
   */
  why_not?: WhyNot | null;
}
/**
 * What an action happened on.
 */
export interface Device {
  /**
   * Such as `phone`, `tablet`, `desktop`.
   */
  kind?: string | null;
  /**
   * Such as `ios`, `android`, `windows`.
   */
  os?: string | null;
}
/**
 * One error or warning about a program's sources.
 */
export interface Diagnostic {
  /**
   * The cell of a table at the place; `null` outside of tables.
   */
  cell?: Cell | null;
  /**
   * The stable code, listed in `Code.ALL` and explained in the book.
   */
  code: Code;
  /**
   * What to write instead; `null` if there is no advice.
   */
  help?: string | null;
  /**
   * Further places.
   */
  labels?: Label[];
  /**
   * One lower-case sentence without a full stop; the user's words are in backticks.
   */
  message: string;
  /**
   * The place; `null` only if no file is at fault, because a file is missing.
   */
  place?: Place | null;
  /**
   * Edits that do what the help says and make this error go away: all of them together. Empty if no repair is exact.
   */
  replacements?: Replacement[];
  /**
   * Whether it is an error or a warning.
   */
  severity: Severity;
}
/**
 * A second place that helps to understand a diagnostic, such as the payout group that shadows another.
 */
export interface Label {
  /**
   * The cell of a table at that place; `null` outside of tables.
   */
  cell?: Cell | null;
  /**
   * What to see at that place.
   */
  message: string;
  /**
   * The second place.
   */
  place: Place;
}
/**
 * An exact repair: text that takes the place of the bytes at a place. An empty place is where the text is inserted.
 */
export interface Replacement {
  /**
   * The bytes that are replaced.
   */
  place: Place;
  /**
   * The text to write in their place.
   */
  text: string;
}
/**
 * A draft compared with the current terms. `Program.compare` makes it.
 */
export interface DraftComparison {
  /**
   * The contracts of both, those of the draft first.
   */
  contracts: ContractComparison[];
}
export interface Due2 {
  /**
   * The number of days from the date that was asked for.
   */
  in_days: number;
  /**
   * The date: of a beginning and a review the day itself, of an end the last day.
   */
  on: string;
}
/**
 * What the engine decided of a witness.
 */
export interface Expected {
  /**
   * The first payout group that pays; `null` if none does.
   */
  group?: string | null;
  /**
   * What is paid.
   */
  payout?: Decimal | null;
  /**
   * The codes of the reasons, each once.
   */
  reasons: string[];
  /**
   * The outcome.
   */
  status: Status;
}
/**
 * One line of an explanation.
 */
export interface Explained {
  /**
   * The text of the line.
   */
  text: string;
  /**
   * The meaning of the line.
   */
  tone: Tone;
}
/**
 * An explanation, line by line. `fmt.Display` writes its text.
 */
export interface Explanation {
  /**
   * The lines, in order.
   */
  lines: Explained[];
}
/**
 * One error of one fact.
 */
export interface FactError {
  /**
   * The column of that line in characters, from 1; `null` unless the text itself is at fault.
   */
  column?: number | null;
  /**
   * The field, such as `items[2].amount` in JSON or a column's name in CSV; `null` if the whole fact is at fault.
   */
  field?: string | null;
  /**
   * The line of the file, from 1; `null` without a file.
   */
  line?: number | null;
  /**
   * One lower-case sentence that says what was expected; what was written is in backticks.
   */
  message: string;
}
/**
 * An error of reference facts, with its file.
 */
export interface FactFault {
  /**
   * The column of that line in characters, from 1; `null` unless the text itself is at fault.
   */
  column?: number | null;
  /**
   * The field, such as `items[2].amount` in JSON or a column's name in CSV; `null` if the whole fact is at fault.
   */
  field?: string | null;
  /**
   * The path of the file, or of the folder of facts.
   */
  file: string;
  /**
   * The line of the file, from 1; `null` without a file.
   */
  line?: number | null;
  /**
   * One lower-case sentence that says what was expected; what was written is in backticks.
   */
  message: string;
}
/**
 * What fraud detection says about an action.
 */
export interface Fraud {
  /**
   * Why.
   */
  reasons?: string[];
  /**
   * Risk, in the detector's own scale, usually 0 to 100.
   */
  risk?: Decimal | null;
}
/**
 * How many partners gain and lose, and how much.
 */
export interface Gains {
  /**
   * What they are paid more, together.
   */
  gained: Decimal;
  /**
   * The partners who are paid more.
   */
  gainers: number;
  /**
   * The partners who are paid less.
   */
  losers: number;
  /**
   * What they are paid less, together: zero or below.
   */
  lost: Decimal;
}
/**
 * A cell of a grid.
 */
export interface GridCell {
  /**
   * The bytes of the value in the file; `null` if the row has none.
   */
  range?: Span | null;
  /**
   * What a person reads and writes: text without its quotes. Texts of a list stand between ` | `. Empty if the row has no value.
   */
  text: string;
}
/**
 * A half-open range of bytes in one source file.
 */
export interface Span {
  /**
   * One past the last byte.
   */
  end: number;
  /**
   * First byte.
   */
  start: number;
}
/**
 * A column of a grid.
 */
export interface GridColumn {
  /**
   * What it is for; empty if nothing is known.
   */
  doc: string;
  /**
   * The key in TOML, or the header in CSV.
   */
  key: string;
  /**
   * Whether every row needs a value.
   */
  required: boolean;
  /**
   * What it is called.
   */
  title: string;
  /**
   * What its cells hold: `text`, `percentage`, `number`, `date`, `true or false`, `word`, `list`, `table`.
   */
  type: string;
  /**
   * Whether any row has a value.
   */
  used: boolean;
  /**
   * The words that its cells may have; any text if empty.
   */
  words: string[];
}
/**
 * A row of a grid.
 */
export interface GridRow {
  /**
   * A cell for each column.
   */
  cells: GridCell[];
  /**
   * The number of the row as people count it: in CSV the line at which it begins, elsewhere from 1.
   */
  number: number;
  /**
   * The bytes of the row in the file.
   */
  span: Span;
}
/**
 * A table of a program as a grid.
 */
export interface GridTable {
  /**
   * The columns, in the order of the reference or of the file.
   */
  columns: GridColumn[];
  /**
   * The file.
   */
  file: string;
  /**
   * Its identity in the program: the file and, in a TOML file, the keys: `contracts/standard.toml#payout.groups`. The bands of the second
   * group are `contracts/standard.toml#payout.groups[2].bands`.
   */
  id: string;
  /**
   * What it is.
   */
  kind: TableKind;
  /**
   * The rows, in the order of the file.
   */
  rows: GridRow[];
  /**
   * What it is called.
   */
  title: string;
}
/**
 * What one payout group pays for actions. The groups and the bonuses together pay what partners are paid.
 */
export interface GroupTotal {
  /**
   * The number of actions that it pays for.
   */
  actions: number;
  /**
   * The contract.
   */
  contract: string;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * The group, as awards name it: `default` for the default payout, `participation` for the participation bonus, `level 1` for what
   * a parent is paid.
   */
  group: string;
  /**
   * What it pays that is held.
   */
  held: Decimal;
  /**
   * What it pays that is payable.
   */
  payable: Decimal;
}
/**
 * A proposed mapping, and what a person has to answer before it can be used.
 *
 * ```
 * use accrue_import::{Export, ImportOptions, guess};
 *
 * let export = Export::bytes("orders.csv", *b"Order ID;Datum;Betrag\n1001;28.03.2026 09:01;1.537,66\n");
 * let guess = guess(&export, &ImportOptions::default())?;
 * assert!(guess.toml.contains("id = \"Order ID\""));
 * assert!(guess.toml.contains("decimal_mark = \",\""));
 * assert!(guess.questions.iter().any(|question| question.contains("time zone")));
 * # Ok::<(), Box<dyn std::error::Error>>(())
 * ```
 */
export interface Guess {
  /**
   * The mappings that ship and whose columns the export has, the one that reads the most columns first. Such a mapping may be used
   * instead.
   */
  candidates: Candidate[];
  /**
   * How the export is written.
   */
  form: TableForm;
  /**
   * What was assumed, a sentence each.
   */
  notes: string[];
  /**
   * What the export does not say, a sentence each.
   */
  questions: string[];
  /**
   * The first rows below the header, at most 20.
   */
  rows: RawRow[];
  /**
   * The text of the mapping. Lines that begin with `# ?` are to be completed.
   */
  toml: string;
}
/**
 * A row of an export, as it stands there.
 */
export interface RawRow {
  /**
   * The cells without the blanks around them. Numbers and dates of a workbook are written as `1537.66` and `2026-03-02 09:01:00`.
   */
  cells: string[];
  /**
   * The first line of the row in the file, from 1.
   */
  first_line: number;
  /**
   * The last line of the row in the file, from 1.
   */
  last_line: number;
}
/**
 * What is known of a word.
 */
export interface Hover {
  /**
   * Its type, its signature or its value; empty if there is none.
   */
  detail: string;
  /**
   * What it is, in sentences.
   */
  doc: string;
  /**
   * The name, as the language writes it, such as `customer.status`.
   */
  name: string;
  /**
   * The word.
   */
  span: Span;
}
/**
 * A half-open interval of moments, `[from, until)`; `null` means no bound.
 *
 * ```
 * use accrue::time::{Interval, Timestamp};
 * let at = |text| Timestamp::parse(text).unwrap();
 * let march = Interval { from: Some(at("2026-03-01T00:00:00Z")), until: Some(at("2026-04-01T00:00:00Z")) };
 * assert!(march.contains(at("2026-03-31T23:59:59.999Z")));
 * assert!(!march.contains(at("2026-04-01T00:00:00Z")));
 * ```
 */
export interface Interval {
  /**
   * The first moment inside; `null` if the interval has no beginning.
   */
  from?: Timestamp | null;
  /**
   * The first moment after the interval; `null` if the interval has no end.
   */
  until?: Timestamp | null;
}
/**
 * What one limit takes off.
 */
export interface LimitTotal {
  /**
   * The number of actions whose payouts it cuts.
   */
  actions: number;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * What it takes off.
   */
  cut: Decimal;
  /**
   * The limit.
   */
  limit: string;
}
/**
 * What actions leave after their cost and their payout. See `Margin.left`.
 */
export interface Margin {
  /**
   * The number of actions: those that are not rejected or reversed, that have items which all state a cost, and of which nothing
   * was returned.
   */
  actions: number;
  /**
   * The amounts of their items.
   */
  amount: Decimal;
  /**
   * The costs of their items.
   */
  cost: Decimal;
  /**
   * What is paid for them, held payouts included.
   */
  payout: Decimal;
}
/**
 * How often a notice is given.
 */
export interface NoticeTotal {
  /**
   * The number of actions.
   */
  actions: number;
  /**
   * The code of the notice. `Program.reason_text` has its meaning.
   */
  notice: string;
}
/**
 * Money that is paid: what may be paid now, and what is held.
 */
export interface Paid {
  /**
   * The payouts of awards that are held.
   */
  held: Decimal;
  /**
   * The payouts of awards that are payable.
   */
  payable: Decimal;
}
/**
 * A parameter of a call.
 */
export interface Parameter {
  /**
   * The name; with `?` at its end, it may be left out.
   */
  name: string;
  /**
   * What it takes.
   */
  takes: string;
}
/**
 * A partner.
 */
export interface Partner {
  /**
   * The brand's own attributes of partners, typed by the program.
   */
  attributes?: {
    [k: string]: Attribute;
  };
  /**
   * Country, ISO 3166 alpha-2.
   */
  country?: string | null;
  /**
   * From when on these facts of the partner hold; always, when left out. A partner may be listed several times, each
   * time from another moment.
   */
  from?: Timestamp | null;
  /**
   * The groups the partner belongs to.
   */
  groups?: string[];
  /**
   * The partner's id, unique in the program.
   */
  id: string;
  /**
   * When the partner joined the program.
   */
  joined_at?: Timestamp | null;
  /**
   * The brand's kind of partner, such as `content`, `coupon`, `influencer`, `app`.
   */
  kind?: string | null;
  /**
   * When the partner left the program: nothing is paid for what happens from then on.
   */
  left_at?: Timestamp | null;
  /**
   * The partner above this one, in programs with levels.
   */
  parent?: string | null;
  /**
   * Sites, channels and apps approved for this partner.
   */
  properties?: string[];
  /**
   * The partner's status; `active` when left out.
   */
  status?: string | null;
}
/**
 * A limit that cut the payout, as the partner may see it.
 */
export interface PartnerCut {
  /**
   * The amount that the limit took off.
   */
  cut: Decimal;
  /**
   * The name of the limit.
   */
  limit: string;
}
/**
 * What one limit takes off one partner.
 */
export interface PartnerLimitTotal {
  /**
   * The number of actions for which it cuts the partner's payout.
   */
  actions: number;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * What it takes off.
   */
  cut: Decimal;
  /**
   * The limit.
   */
  limit: string;
  /**
   * The partner.
   */
  partner: string;
}
/**
 * The sums of one partner in one month.
 */
export interface PartnerMonth {
  /**
   * The number of actions by status: of the partner's award in the totals of a partner, of the decision in others. An action counts once,
   * however many awards it has there.
   */
  actions: ByStatusOfuint64;
  /**
   * The commissionable amounts of awards, by the status of the award.
   */
  commissionable: ByStatusOfDecimal;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * The payouts of held awards, bonuses included.
   */
  held: Decimal;
  /**
   * The month.
   */
  month: Month;
  /**
   * The partner; `null` for actions that nobody is credited for.
   */
  partner?: string | null;
  /**
   * The payouts of payable awards, bonuses included.
   */
  payable: Decimal;
}
/**
 * A reason as the partner may see it.
 */
export interface PartnerReason {
  /**
   * The reason code.
   */
  code: string;
  /**
   * The restriction or limit that gave the reason; `null` if it reads fraud signals or failed.
   */
  rule?: string | null;
  /**
   * What the reason does to the action.
   */
  verdict: Verdict;
}
/**
 * A decision as one of its partners may see it. `Decision.partner_view` makes it.
 */
export interface PartnerView {
  /**
   * The id of the action.
   */
  action: string;
  /**
   * The commissionable amount, in `currency`.
   */
  base: Decimal;
  /**
   * The bonus, for the decision of a close; `null` for the decision of an action.
   */
  bonus?: BonusOf | null;
  /**
   * The name of the contract.
   */
  contract: string;
  /**
   * The currency of every amount in the view.
   */
  currency: Currency;
  /**
   * The event type of the action.
   */
  event_type: string;
  /**
   * The names of the payout groups whose verbs took effect. Steps and shares name a group by its index in this list.
   */
  groups?: string[];
  /**
   * The limits that cut the payout.
   */
  limits?: PartnerCut[];
  /**
   * The lines of the partner's award, each with the verbs that made it.
   */
  lines?: Line[];
  /**
   * When the award locks; `null` if the contract does not say.
   */
  locks_at?: Timestamp | null;
  /**
   * The codes of notices for the partner.
   */
  notices?: string[];
  /**
   * When the action occurred.
   */
  occurred_at: Timestamp;
  /**
   * The order number of the action; `null` if it has none.
   */
  order_id?: string | null;
  /**
   * The partner.
   */
  partner: string;
  /**
   * What the partner is paid, in `currency`.
   */
  payout: Decimal;
  /**
   * The date on which the payout is paid; `null` if the contract does not say or nothing is paid.
   */
  pays_on?: string | null;
  /**
   * Why the award is held, rejected, zero or flagged; the strictest reason first.
   */
  reasons?: PartnerReason[];
  /**
   * The receipt of the decision.
   */
  receipt: Digest;
  /**
   * When the hold ends by itself; `null` if the award is not held or the hold does not end by itself.
   */
  release_at?: Timestamp | null;
  /**
   * The mode by which the lines were rounded.
   */
  rounding: Rounding;
  /**
   * The status of the partner's award.
   */
  status: Status;
  /**
   * The number of the contract version.
   */
  version: number;
  /**
   * The payout groups that did not match, with what would have been enough: those of which that can be said, and whose conditions
   * ask only for what the partner may know. Empty without a trace.
   */
  why_not?: PartnerWhyNot[];
}
/**
 * Why a payout group did not match, as the partner may see it.
 */
export interface PartnerWhyNot {
  /**
   * The name of the payout group.
   */
  group: string;
  /**
   * The SKU of the item that it is about; `null` for the whole order.
   */
  sku?: string | null;
  /**
   * What would have been enough, all of it together.
   */
  wanted: PartnerWanted[];
}
/**
 * A fact that would have to have another value.
 */
export interface PartnerWanted {
  /**
   * The fact, such as `action.amount`.
   */
  fact: string;
  /**
   * How far it is from that, for numbers and times.
   */
  missing?: string;
  /**
   * Its value.
   */
  saw: string;
  /**
   * What it would have to be.
   */
  wanted: Wanted;
}
/**
 * The partners of a contract version. A version without ids and groups applies to everybody whom no other contract names.
 */
export interface PartnersOverview {
  /**
   * Partner groups.
   */
  groups: string[];
  /**
   * Partner ids.
   */
  ids: string[];
}
/**
 * The beginning of an export, and what it becomes. Obtained from `preview`.
 */
export interface Preview {
  /**
   * The first transactions, in the order of an import.
   */
  entries: PreviewEntry[];
  /**
   * How the export is written.
   */
  form: TableForm;
  /**
   * Whether there are more transactions than these.
   */
  is_cut: boolean;
}
/**
 * The rows of a transaction, and what they become.
 */
export interface PreviewEntry {
  /**
   * What they become.
   */
  outcome: PreviewOutcome;
  /**
   * The rows: one, or the lines of an order.
   */
  rows: RawRow[];
}
/**
 * An error of some rows, with its columns.
 */
export interface PreviewError {
  /**
   * The column of that line in characters, from 1; `null` unless the text itself is at fault.
   */
  column?: number | null;
  /**
   * The columns of the export that it is about, as places in `TableForm.columns`. Empty for an error of a whole row.
   */
  columns: number[];
  /**
   * The field, such as `items[2].amount` in JSON or a column's name in CSV; `null` if the whole fact is at fault.
   */
  field?: string | null;
  /**
   * The line of the file, from 1; `null` without a file.
   */
  line?: number | null;
  /**
   * One lower-case sentence that says what was expected; what was written is in backticks.
   */
  message: string;
}
/**
 * A program of a comparison.
 */
export interface ProgramName {
  /**
   * The digest over its sources.
   */
  digest: Digest;
  /**
   * The id.
   */
  id: string;
  /**
   * The name, for people.
   */
  name: string;
}
/**
 * The contents of a program, in the order in which its files declare them. `Program.overview`
 * makes it.
 */
export interface ProgramOverview {
  /**
   * Every component of every version.
   */
  components: ComponentOverview[];
  /**
   * The contracts of the program.
   */
  contracts: ContractOverview[];
  /**
   * Every rule of every version, sorted by worst case, highest first.
   */
  rules: RuleOverview[];
  /**
   * What loading the program took of each limit. Limits of compiled rules are there if the engine compiles rules.
   */
  spent: Spent[];
}
/**
 * One rule.
 */
export interface RuleOverview {
  /**
   * The cell of the table that states the rule; `null` if it is written in a contract or a rule file.
   */
  cell?: Cell | null;
  /**
   * The phase in which it runs.
   */
  phase: Phase;
  /**
   * Where the rule is written.
   */
  place: Place;
  /**
   * Contract, version, and the name of the part that the rule belongs to: `standard 2: new customers, when`.
   */
  rule: string;
  /**
   * The most fuel that one evaluation of the rule may use.
   */
  worst_fuel: number;
}
/**
 * What loading a program took of a limit.
 */
export interface Spent {
  /**
   * The limit.
   */
  at_most: number;
  /**
   * The name of the field in `Limits`.
   */
  limit: string;
  /**
   * What the program took.
   */
  spent: number;
}
/**
 * A repair of a diagnostic.
 */
export interface QuickFix {
  /**
   * The diagnostic that goes away, by its index in `Project.diagnostics`.
   */
  diagnostic: number;
  /**
   * The edits, all of them together.
   */
  edits: TextEdit[];
  /**
   * What it does, for a person: ``Write `"8%"` ``.
   */
  title: string;
}
/**
 * An edit of one file: `text` replaces the bytes of `span`. An empty span is where the text is inserted.
 */
export interface TextEdit {
  /**
   * Path of the file inside the program folder.
   */
  file: string;
  /**
   * The bytes that are replaced.
   */
  span: Span;
  /**
   * The text to write in their place.
   */
  text: string;
}
/**
 * The sums of one reason with one status.
 */
export interface ReasonTotal {
  /**
   * The number of actions.
   */
  actions: number;
  /**
   * The commissionable amount of awards; the reported amount of actions that nobody is credited for.
   */
  amount: Decimal;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * The payout on hold.
   */
  held: Decimal;
  /**
   * The code of the reason. `Program.reason_text` has its meaning.
   */
  reason: string;
  /**
   * The status of the awards, or of the action if nobody is credited.
   */
  status: Status;
}
/**
 * How much of the history was not taken.
 */
export interface Refused {
  /**
   * Actions that the draft does not take.
   */
  actions_new: number;
  /**
   * Actions that the old program does not take.
   */
  actions_old: number;
  /**
   * Adjustments that the draft does not take.
   */
  adjustments_new: number;
  /**
   * Adjustments that the old program does not take.
   */
  adjustments_old: number;
}
/**
 * Where and how payouts are rounded.
 */
export interface Rounding {
  /**
   * Whether amounts that came in another currency are rounded when they are converted.
   */
  converted?: ConvertedAmounts;
  /**
   * The rounding mode.
   */
  mode: RoundingMode;
  /**
   * What is rounded.
   */
  place: RoundingPlace;
}
/**
 * One award of a decision, or a decision without awards, as a flat row for a table. Its fields are the columns of `accrue run --format
 * csv`, in their order.
 *
 * A row borrows its texts from the decision.
 */
export interface Row {
  /**
   * The id of the action, or of the bonus.
   */
  action: string;
  /**
   * The last adjustment of the action.
   */
  adjustment?: string | null;
  /**
   * The commissionable amount.
   */
  base: Decimal;
  /**
   * What the decision changes of the payout: all of it in the first decision of an action.
   */
  change: Decimal;
  /**
   * The contract.
   */
  contract?: string | null;
  /**
   * Whether the award counts for totals and limits.
   */
  counts: boolean;
  /**
   * The currency of the amounts; `null` if nobody is credited, and the amounts are zero.
   */
  currency?: Currency | null;
  /**
   * The version of the engine.
   */
  engine: string;
  /**
   * The event type; `bonus` for a bonus.
   */
  event_type: string;
  /**
   * The fuel that the award used.
   */
  fuel: number;
  /**
   * The names of the payout groups.
   */
  groups: string[];
  /**
   * The payout that is held.
   */
  held: Decimal;
  /**
   * What each of these limits takes off.
   */
  limit_cut: Decimal[];
  /**
   * The limits that cut the payout.
   */
  limits: string[];
  /**
   * When the award locks.
   */
  locks_at?: Timestamp | null;
  /**
   * The codes of the notices.
   */
  notices: string[];
  /**
   * When the action occurred.
   */
  occurred_at: Timestamp;
  /**
   * The order number.
   */
  order_id?: string | null;
  /**
   * The partner of the award; `null` if nobody is credited.
   */
  partner?: string | null;
  /**
   * The payout that may be paid now.
   */
  payable: Decimal;
  /**
   * The payout, held or payable.
   */
  payout: Decimal;
  /**
   * The date on which the payout is paid.
   */
  pays_on?: string | null;
  /**
   * The codes of the reasons, the strictest first.
   */
  reasons: string[];
  /**
   * The receipt of the decision.
   */
  receipt: Digest;
  /**
   * When the hold ends by itself.
   */
  release_at?: Timestamp | null;
  /**
   * The partner who was reported and is not credited.
   */
  reported_partner?: string | null;
  /**
   * The part that the partner had.
   */
  role?: Role | null;
  /**
   * The share of the payout, a fraction, if several partners share it.
   */
  share?: Decimal | null;
  /**
   * The status of the award, or of the decision if nobody is credited.
   */
  status: Status;
  /**
   * The moment whose terms apply.
   */
  terms_as_of?: Timestamp | null;
  /**
   * The number of the contract version.
   */
  version?: number | null;
}
/**
 * A word and what it is. Words do not overlap, and none goes over the end of a line.
 */
export interface SemanticToken {
  /**
   * What it is.
   */
  kind: TokenKind;
  /**
   * The bytes of the word.
   */
  span: Span;
}
/**
 * A mapping that ships.
 *
 * ```
 * use accrue_import::{Mapping, SHIPPED};
 *
 * for shipped in SHIPPED {
 *     let mapping = Mapping::parse(shipped.name, shipped.text)?;
 *     assert_eq!(mapping.title(), shipped.title);
 * }
 * # Ok::<(), accrue::diagnostic::Diagnostics>(())
 * ```
 */
export interface Shipped {
  /**
   * Its name: that of its file without `.toml`.
   */
  name: string;
  /**
   * Its text.
   */
  text: string;
  /**
   * The name of its export, for people.
   */
  title: string;
}
/**
 * The call that the cursor is in.
 */
export interface SignatureHelp {
  /**
   * The index of the parameter that the cursor is in; past the last if there are too many arguments.
   */
  active: number;
  /**
   * What it does.
   */
  doc: string;
  /**
   * The call with the names of its parameters, such as `hold(reason, duration?)`.
   */
  label: string;
  /**
   * The parameters, in order.
   */
  params: Parameter[];
}
/**
 * All sums of a `Summary`.
 */
export interface SummaryData {
  /**
   * The number of decided actions.
   */
  actions: number;
  /**
   * What each bonus pays, in the order of (contract, bonus, currency).
   */
  bonuses: BonusTotal[];
  /**
   * The sums of each currency.
   */
  currencies: CurrencyTotals[];
  /**
   * What each payout group pays for actions, in the order of (contract, group, currency).
   */
  groups: GroupTotal[];
  /**
   * What each limit takes off, in the order of (limit, currency).
   */
  limits: LimitTotal[];
  /**
   * The notices, in the order of their codes.
   */
  notices: NoticeTotal[];
  /**
   * What each limit takes off each partner, in the order of (limit, currency, partner).
   */
  partner_limits: PartnerLimitTotal[];
  /**
   * The sums of each partner in each month, in the order of (currency, month, partner).
   */
  partner_months: PartnerMonth[];
  /**
   * Why actions are not simply payable, in the order of (reason, status, currency).
   */
  reasons: ReasonTotal[];
  /**
   * The partners who are reported and not credited, in the order of (partner, reason, currency).
   */
  uncredited: UncreditedTotal[];
}
/**
 * The sums of one partner who is reported and not credited, for one reason.
 */
export interface UncreditedTotal {
  /**
   * The number of actions.
   */
  actions: number;
  /**
   * The commissionable amount of awards; the reported amount of actions that nobody is credited for.
   */
  amount: Decimal;
  /**
   * The currency.
   */
  currency: Currency;
  /**
   * The payout on hold.
   */
  held: Decimal;
  /**
   * The partner that was reported.
   */
  partner: string;
  /**
   * The code of the reason.
   */
  reason: string;
}
/**
 * A name of the outline of a file.
 */
export interface Symbol {
  /**
   * What is declared within it.
   */
  children: Symbol[];
  /**
   * Its type or value; empty if there is none.
   */
  detail: string;
  /**
   * What it is of; `null` for a table of TOML.
   */
  kind?: NameKind | null;
  /**
   * The name.
   */
  name: string;
  /**
   * The name in the file.
   */
  span: Span;
  /**
   * The whole declaration.
   */
  whole: Span;
}
/**
 * How an export is written, as it was found out.
 */
export interface TableForm {
  /**
   * The names of the columns in their order. A column without a name is empty.
   */
  columns: string[];
  /**
   * The character between cells; `null` for a workbook.
   */
  delimiter?: string | null;
  /**
   * The encoding, such as `UTF-8`; `null` for a workbook.
   */
  encoding?: string | null;
  /**
   * The last line of the header, from 1.
   */
  header_line: number;
}
/**
 * Something that is not as a test expects it.
 */
export interface TestFailure {
  /**
   * What was expected; `null` if the failure is not a difference.
   */
  expected?: string | null;
  /**
   * What was found instead; `null` if the failure is not a difference.
   */
  got?: string | null;
  /**
   * The whole failure in a sentence without a full stop.
   */
  message: string;
  /**
   * The place of the expectation, or of the test.
   */
  place: Place;
}
/**
 * The results of all tests.
 */
export interface TestResults {
  /**
   * The number of tests that failed.
   */
  failed: number;
  /**
   * Whether some tests say `only`.
   */
  only: boolean;
  /**
   * The number of tests that passed.
   */
  passed: number;
  /**
   * The number of tests that were left out.
   */
  skipped: number;
  /**
   * The result of each test.
   */
  tests: Tested[];
}
/**
 * The result of one test.
 */
export interface Tested {
  /**
   * The reason why it was skipped, if there is one.
   */
  because?: string | null;
  /**
   * The explanations of decisions that are not as expected.
   */
  explanations: Explanation[];
  /**
   * What is not as expected. Empty unless the test failed.
   */
  failures: TestFailure[];
  /**
   * The path of the file inside the program folder.
   */
  file: string;
  /**
   * The name of the test.
   */
  it: string;
  /**
   * Whether it passed.
   */
  outcome: TestOutcome;
  /**
   * The place of the test.
   */
  place: Place;
  /**
   * Why the decisions that are not as expected came about: reason codes, touches, limits and payout groups.
   */
  why: string[];
}
/**
 * How a payout came about, step by step. Each step has what it changed and what stands after it; `Award.waterfall` makes it.
 *
 * The steps of a line begin at zero and end at what the line earned. Then the limits take off, and what is left is the payout.
 */
export interface Waterfall {
  /**
   * The currency of every amount.
   */
  currency: Currency;
  /**
   * The lines of the award.
   */
  lines: WaterfallLine[];
  /**
   * The partner.
   */
  partner: string;
  /**
   * What is paid.
   */
  payout: Decimal;
  /**
   * What follows the lines, from their sum on.
   */
  steps?: WaterfallStep[];
}
/**
 * The steps of one line.
 */
export interface WaterfallLine {
  /**
   * The commissionable amount, which rates apply to. It is no part of the sum.
   */
  base: ComputedDecimal;
  /**
   * What the line earned, before limits.
   */
  earned: Decimal;
  /**
   * The number of units.
   */
  quantity: number;
  /**
   * The SKU of the item; `null` for the whole order.
   */
  sku?: string | null;
  /**
   * The steps, from zero to what the line earned.
   */
  steps: WaterfallStep[];
}
/**
 * A step of a waterfall.
 */
export interface WaterfallStep {
  /**
   * What stands after the step.
   */
  after: ComputedDecimal;
  /**
   * The payout group or the limit; empty for shares and rounding.
   */
  by?: string;
  /**
   * What the step adds; below zero for what it takes off.
   */
  change: ComputedDecimal;
  /**
   * What the step does.
   */
  kind: StepKind;
  /**
   * The rate, points, factor or share, as a fraction, or the amount of money that is added; `null` for other kinds.
   */
  value?: ComputedDecimal | null;
}
/**
 * An action that shows a finding, and what the engine decided of it: a test that passes as long as the finding holds.
 */
export interface Witness {
  /**
   * The action.
   */
  action: Action;
  /**
   * The creative, if facts of a creative matter.
   */
  creative?: Creative | null;
  /**
   * What the engine decided of it.
   */
  expect: Expected;
  /**
   * The actions before it, which totals count.
   */
  history: Action[];
  /**
   * What the test shows, as a sentence after "it".
   */
  it: string;
  /**
   * The partner, if facts of the partner matter.
   */
  partner?: Partner | null;
}
/**
 * The most that a decision under a contract version may spend, of `Limits.decision_fuel` and
 * `Limits.decision_steps`.
 */
export interface WorstOverview {
  /**
   * Fuel for an action with every list at its limit. An action that would use more than the limit is held.
   */
  fuel: number;
  /**
   * Fuel for an action with one item, one touch, and one entry in each other list.
   */
  fuel_of_one: number;
  /**
   * Steps for an action with as many items as an action may have.
   */
  steps: number;
  /**
   * Steps for an action with one item.
   */
  steps_of_one: number;
}
