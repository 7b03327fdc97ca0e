/** What a new file begins with, by its folder. Each is valid as it stands, and shows what belongs there. */
import { openPath } from "../../../state/files.ts";
import { declared } from "../../../state/program.ts";

/** A kind of file that can be added. */
export interface Template {
  folder: string;
  /** What is added, in a list of choices. */
  label: string;
  extension: string;
  /** A name to begin with. */
  name: string;
  /** What has to be done besides, so that the program reads the file. */
  then: string;
  text(name: string): string;
}

/** The first event type that the program declares. */
function eventType(): string {
  return declared.value.eventTypes[0]?.name ?? "sale";
}

/** A currency for examples. */
function currency(): string {
  return declared.value.currency || "EUR";
}

export const TEMPLATES: Template[] = [
  {
    folder: "contracts",
    label: "Contract",
    extension: "toml",
    name: "new-contract",
    then: "If `program.toml` lists `contracts`, add its name there.",
    text: (name) => `# contracts/${name}.toml
contract = "${name}"
version = 1
effective_from = 2026-01-01

# Who has this contract: ids or groups of partners.
[partners]
groups = ["${name}"]

[credit]
windows = { click = "30 days" }

[payout.default]
rate = "5%"

[[payout.groups]]
name = "new customers"
when = 'customer.status == "new"'
rate = "8%"
`,
  },
  {
    folder: "rules",
    label: "Rule",
    extension: "rhai",
    name: "new_rule",
    then: "Name it in a payout group or restriction of a contract: `rule = \"rules/NAME.rhai\"`.",
    text: (name) => `// rules/${name}.rhai: what this rule is for
if action.amount >= money("100.00") {
    rate(percent(8));
}
`,
  },
  {
    folder: "functions",
    label: "Functions",
    extension: "rhai",
    name: "customers",
    then: "Rules call them by their names.",
    text: (name) => `// functions/${name}.rhai: functions that rules share
fn is_large(amount) {
    amount >= money("100.00")
}
`,
  },
  {
    folder: "lists",
    label: "List",
    extension: "csv",
    name: "new_list",
    then: "Declare it under `[lists]` of `program.toml`: `NAME = { file = \"lists/NAME.csv\", column = \"sku\" }`.",
    text: () => "sku\nSKU-1\nSKU-2\n",
  },
  {
    folder: "tables",
    label: "Table",
    extension: "csv",
    name: "rates",
    then: "Name it in a contract: `[[payout.groups]]` with `table = \"NAME\"`.",
    text: () => "customer.country,rate\nDE | AT,8%\n,5%\n",
  },
  {
    folder: "tests",
    label: "Tests",
    extension: "toml",
    name: "new_tests",
    then: "Replace the partner and what is expected, and run the tests.",
    text: (name) => `# tests/${name}.toml
[[tests]]
it = "pays the default rate"

[[tests.actions]]
id = "a1"
event_type = "${eventType()}"
occurred_at = 2026-03-02T10:00:00Z
amount = "100.00"
touches = [{ partner = "acme", at = 2026-03-02T09:00:00Z, kind = "click" }]

[[tests.expect]]
action = "a1"
status = "payable"
payout = "5.00"
`,
  },
  {
    folder: "facts",
    label: "Partners",
    extension: "csv",
    name: "partners",
    then: "One line for each partner.",
    text: () => "id,kind,groups\nacme,content,\n",
  },
  {
    folder: "imports",
    label: "Import mapping",
    extension: "toml",
    name: "network",
    then: "Choose it when you import actions.",
    text: () => `title = "Our network: transactions"

[values]
decimal_mark = "."
dates = ["YYYY-MM-DD HH:mm"]

[columns]
id = "Order ID"
event_type = { value = "${eventType()}" }
occurred_at = "Date"
amount = "Amount"
currency = { value = "${currency()}" }
"credit.partner" = "Partner"
`,
  },
];

/** The kind of file that belongs into the folder of the open file. */
export function templateHere(): Template {
  const folder = openPath.value.split("/")[0];
  const found = TEMPLATES.find((template) => template.folder === folder) ?? TEMPLATES[0];
  if (!found) throw new Error("there are no templates");
  return found;
}
