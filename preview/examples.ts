/** What people read about the examples before they open one. An example that is not named here is introduced by its README. */

export interface Introduction {
  title: string;
  /** Who pays whom for what. */
  about: string;
  /** What can be learned from it, in a few words each. */
  shows: string[];
}

/** By the name of the folder, in the order in which they are shown: simple ones first. */
export const INTRODUCTIONS: Record<string, Introduction> = {
  "fashion-shop": {
    title: "Fashion shop",
    about: "A shop pays content and coupon sites by the line of the order, and wants clean traffic.",
    shows: ["rates by product", "expired creatives", "foreign promo codes", "discounts"],
  },
  "micro-influencers": {
    title: "Micro-influencers",
    about: "A brand pays small creators for posts and sales until the budget of each is spent.",
    shows: ["budgets", "posts a month", "disclosure"],
  },
  "mobile-app": {
    title: "Mobile app",
    about: "An app pays networks for installs, and more for users who then buy.",
    shows: ["fraud", "countries", "payouts that stack", "campaign budget"],
  },
  subscription: {
    title: "Subscription",
    about: "A software company pays for referred customers in their first year: much at first, less later.",
    shows: ["renewals", "two versions of a contract", "refund period"],
  },
  "b2b-leads": {
    title: "B2B leads",
    about: "A vendor pays agencies for leads by the size of the company, and again when a lead becomes a deal.",
    shows: ["bands", "approval", "territory", "share of a deal"],
  },
  "quarterly-tiers": {
    title: "Quarterly tiers",
    about: "An outdoor shop pays more for a good quarter. Sales of March come back in April, when March was paid.",
    shows: ["bonuses", "tiers over a period", "returns"],
  },
  creators: {
    title: "Creators",
    about: "A cosmetics brand pays everybody who took part in a sale, not only the last click.",
    shows: ["split credit", "participation", "returns"],
  },
  "saas-reseller": {
    title: "SaaS reseller",
    about: "A software company pays resellers, and those who recruited them, for as long as a customer pays.",
    shows: ["levels", "customers who stay with a partner", "refunds"],
  },
  "b2b-plan": {
    title: "B2B plan",
    about: "A vendor pays agencies like a sales team: a commission, an advance in slow months, more past the quota.",
    shows: ["quota", "draws", "clawback"],
  },
  marketplace: {
    title: "Marketplace",
    about: "A marketplace whose rules have outgrown the rule language: three of them are components.",
    shows: ["components in Rust and C"],
  },
  cdnow: {
    title: "CDNOW",
    about: "A music shop pays seven partners. The purchases are real: all orders of its customers of early 1997.",
    shows: ["69,659 real actions", "two years", "loyalty"],
  },
};
