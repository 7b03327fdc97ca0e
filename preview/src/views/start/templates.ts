/**
 * The questions whose answers make a contract out of a template: what each template can pay for, and what it can leave unpaid.
 *
 * A template is a program folder with everything in it. Lines between `#@ if NAME` and `#@ end` stay if the choice NAME was made;
 * {@link adapt} reads them. Each choice of `pays` and `never` below is such a name.
 */

/** Something that a template can pay for. */
interface Pays {
  id: string;
  label: string;
  hint: string;
  /** The event types that it stands for, and whether their actions carry an amount. The first one stands in tests of restrictions. */
  types: Record<string, boolean>;
}

/** Something that a template can leave unpaid. */
interface Never {
  id: string;
  label: string;
  hint: string;
  /** What must be paid for so that the choice makes sense. */
  needs?: string[];
}

export interface Template {
  /** The name of its folder. */
  name: string;
  label: string;
  hint: string;
  /** The name that the program has if nobody gives it another. */
  title: string;
  pays: Pays[];
  never: Never[];
  /** Files that are there only if a choice was made. */
  files: Record<string, string>;
}

const FRAUD = { id: "fraud", label: "Fraud", hint: "A high risk is rejected; a doubtful risk waits for a review." };
const EXISTING = { id: "existing", label: "Existing customers", hint: "They are tracked and counted, and not paid." };
const SUBSCRIPTION = {
  id: "subscription",
  label: "Subscriptions and renewals",
  hint: "A share of the first payment, and of each later one.",
  types: { subscription: true, renewal: true },
};
const SALE = { id: "sale", label: "Sales", hint: "A share of each order.", types: { sale: true } };

export const TEMPLATES: Template[] = [
  {
    name: "affiliates",
    label: "Affiliates and publishers",
    hint: "Content, coupon, cashback and comparison sites.",
    title: "Affiliate program",
    pays: [
      SALE,
      { id: "lead", label: "Leads", hint: "A fixed payout for a sign-up or a request.", types: { lead: false } },
      SUBSCRIPTION,
    ],
    never: [
      { id: "creative", label: "Expired creatives", hint: "Clicks on ads that are not valid any more, after a few days of grace." },
      { id: "codes", label: "Promo codes of other partners", hint: "An order with a code that belongs to somebody else." },
      { id: "properties", label: "Your own and disallowed sites", hint: "They are rejected; a site that is not approved yet waits." },
      FRAUD,
      EXISTING,
      { id: "stale", label: "Stale links", hint: "Links that have not been changed for a year." },
    ],
    files: {
      "rules/expired_creative.rhai": "creative",
      "facts/creatives.csv": "creative",
      "tests/expired-creative.toml": "creative",
      "rules/foreign_codes.rhai": "codes",
      "facts/promo_codes.csv": "codes",
      "tests/foreign-codes.toml": "codes",
      "rules/places.rhai": "properties",
      "lists/disallowed.txt": "properties",
      "tests/places.toml": "properties",
      "rules/fraud.rhai": "fraud",
      "tests/fraud.toml": "fraud",
      "tests/existing-customers.toml": "existing",
      "tests/stale-link.toml": "stale",
      "tests/sales.toml": "sale",
      "tests/leads.toml": "lead",
      "tests/subscriptions.toml": "subscription",
    },
  },
  {
    name: "creators",
    label: "Creators and influencers",
    hint: "People with an audience and a promo code.",
    title: "Creator program",
    pays: [
      { id: "post", label: "Posts", hint: "A fixed payout for a post, a story or a video.", types: { post: false } },
      SALE,
      { id: "lead", label: "Sign-ups", hint: "A fixed payout for each.", types: { lead: false } },
    ],
    never: [
      { id: "disclosure", label: "Undisclosed advertising", hint: "Posts that do not say that they are advertising.", needs: ["post"] },
      { id: "creative", label: "Expired material", hint: "Videos and images that may not be used any more." },
      { id: "codes", label: "Promo codes of other creators", hint: "Codes that are not valid any more. A valid code credits its owner." },
      { id: "properties", label: "Your own and disallowed channels", hint: "They are rejected; a channel that is not approved yet waits." },
      FRAUD,
      EXISTING,
    ],
    files: {
      "tests/disclosure.toml": "disclosure",
      "rules/expired_creative.rhai": "creative",
      "facts/creatives.csv": "creative",
      "tests/expired-creative.toml": "creative",
      "rules/foreign_codes.rhai": "codes",
      "tests/foreign-codes.toml": "codes",
      "rules/channels.rhai": "properties",
      "lists/disallowed.txt": "properties",
      "tests/channels.toml": "properties",
      "rules/fraud.rhai": "fraud",
      "tests/fraud.toml": "fraud",
      "tests/existing-customers.toml": "existing",
      "tests/posts.toml": "post",
      "tests/sales.toml": "sale",
      "tests/leads.toml": "lead",
    },
  },
  {
    name: "apps",
    label: "Apps and mobile networks",
    hint: "Networks and apps that bring users to yours.",
    title: "App campaigns",
    pays: [
      { id: "install", label: "Installs", hint: "A fixed payout, by system and country.", types: { install: false } },
      { id: "registration", label: "Registrations", hint: "A fixed payout for each.", types: { registration: false } },
      { id: "purchase", label: "Purchases in the app", hint: "A share of each.", types: { purchase: true } },
      SUBSCRIPTION,
    ],
    never: [
      FRAUD,
      { id: "properties", label: "Blocked apps", hint: "Ads that were shown in apps that you do not want." },
      { id: "creative", label: "Expired creatives", hint: "Ads that are not valid any more." },
      { ...EXISTING, label: "Users who had the app before" },
      { id: "market", label: "Other countries", hint: "Users outside the countries of the campaign." },
      { id: "late", label: "Late purchases", hint: "Purchases more than 30 days after the install.", needs: ["install", "purchase"] },
    ],
    files: {
      "rules/fraud.rhai": "fraud",
      "tests/fraud.toml": "fraud",
      "lists/blocked_apps.txt": "properties",
      "tests/blocked-apps.toml": "properties",
      "facts/creatives.csv": "creative",
      "tests/expired-creative.toml": "creative",
      "tests/existing-customers.toml": "existing",
      "tests/markets.toml": "market",
      "tests/late-purchases.toml": "late",
      "tests/installs.toml": "install",
      "tests/registrations.toml": "registration",
      "tests/purchases.toml": "purchase",
      "tests/subscriptions.toml": "subscription",
    },
  },
  {
    name: "agencies",
    label: "Agencies and B2B partners",
    hint: "Partners who bring companies as customers.",
    title: "Agency program",
    pays: [
      { id: "lead", label: "Qualified leads", hint: "A fixed payout by the size of the company.", types: { lead: false } },
      { id: "meeting", label: "Meetings", hint: "A fixed payout for each.", types: { meeting: false } },
      { id: "deal", label: "Deals", hint: "A share of the first year.", types: { deal: true } },
    ],
    never: [
      EXISTING,
      { id: "territory", label: "Other countries", hint: "Companies in countries that you do not serve." },
      { id: "own", label: "The partner's own company", hint: "A partner is not paid for referring its own company." },
      { id: "properties", label: "Your own and disallowed pages", hint: "Contacts through your own site, or directories that you do not want." },
      { id: "small", label: "Companies that are too small", hint: "Fewer than 10 people; an unknown size waits." },
      { ...FRAUD, label: "Contacts that are not real" },
    ],
    files: {
      "tests/existing-customers.toml": "existing",
      "lists/territory.txt": "territory",
      "tests/territory.toml": "territory",
      "tests/own-company.toml": "own",
      "lists/disallowed.txt": "properties",
      "tests/pages.toml": "properties",
      "rules/size.rhai": "small",
      "tests/size.toml": "small",
      "rules/fraud.rhai": "fraud",
      "tests/fraud.toml": "fraud",
      "tests/leads.toml": "lead",
      "tests/meetings.toml": "meeting",
      "tests/deals.toml": "deal",
    },
  },
  {
    name: "resellers",
    label: "Resellers",
    hint: "Partners who sell for you and keep the customer.",
    title: "Reseller program",
    pays: [
      SUBSCRIPTION,
      { id: "upgrade", label: "Upgrades", hint: "A share of what the customer pays more than before.", types: { upgrade: true } },
      { id: "sale", label: "Services and single sales", hint: "A share of each order.", types: { sale: true } },
    ],
    never: [
      { ...EXISTING, label: "Your direct customers", hint: "Customers who buy from you are tracked, and not paid." },
      { id: "codes", label: "Codes of other resellers", hint: "An order with a code that belongs to somebody else." },
      { id: "own", label: "Own use", hint: "What a reseller buys for itself." },
      { id: "country", label: "Other countries", hint: "Customers in other countries than the reseller's." },
      { id: "unpaid", label: "Invoices that are not paid", hint: "They wait until the customer has paid." },
      FRAUD,
    ],
    files: {
      "tests/direct-customers.toml": "existing",
      "rules/foreign_codes.rhai": "codes",
      "facts/promo_codes.csv": "codes",
      "tests/foreign-codes.toml": "codes",
      "tests/own-use.toml": "own",
      "tests/countries.toml": "country",
      "tests/open-invoices.toml": "unpaid",
      "rules/fraud.rhai": "fraud",
      "tests/fraud.toml": "fraud",
      "tests/subscriptions.toml": "subscription",
      "tests/upgrades.toml": "upgrade",
      "tests/services.toml": "sale",
    },
  },
];
