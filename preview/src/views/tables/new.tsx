/** Makes a table: a CSV file with a header, and its name in the contract that pays by it. */
import { useSignal } from "@preact/signals";
import { edit, files, setFile, textOf } from "../../state/files.ts";
import { tell } from "../../state/view.ts";
import { chosen, openTable, read } from "./session.ts";

/** What a table is for: its usual header, and the lines by which a contract names it. */
const USES = {
  groups: { label: "Payout groups: a rate for each row", header: "item.sku,rate", lines: (name: string) => `[[payout.groups]]\ntable = "${name}"` },
  limits: { label: "Limits: a cap for each row", header: "name,max,per,period", lines: (name: string) => `[[limits]]\ntable = "${name}"` },
  bands: { label: "Bands: a rate from an amount on", header: "from,rate", lines: null },
  tiers: { label: "Tiers of a bonus", header: "from,rate", lines: null },
  list: { label: "A list of values", header: "value", lines: null },
} as const;
type Use = keyof typeof USES;

/** What to write by hand where the page does not know the place. */
const BY_HAND: Record<Use, (name: string) => string> = {
  groups: () => "",
  limits: () => "",
  bands: (name) => `bands = { table = "${name}" }`,
  tiers: (name) => `tiers = { table = "${name}" }`,
  list: (name) => `${name} = { table = "${name}", column = "value" }`,
};

export function NewTable({ onDone, canLeave }: { onDone: () => void; canLeave: boolean }) {
  const contracts = [...files.value.keys()].filter((path) => /^contracts\/.*\.toml$/.test(path)).sort();
  const name = useSignal("rates");
  const use = useSignal<Use>("groups");
  const header = useSignal<string>(USES.groups.header);
  const open = openTable.value?.file ?? "";
  const contract = useSignal(contracts.includes(open) ? open : (contracts[0] ?? ""));
  const path = `tables/${name.value}.csv`;
  const fault = !/^[a-z0-9][a-z0-9_-]*$/i.test(name.value)
    ? "Use letters, digits, - and _ for the name."
    : files.value.has(path)
      ? `There is a file ${path} already.`
      : "";
  const { lines } = USES[use.value];

  const make = async () => {
    if (fault) return;
    setFile(path, `${header.value.trim()}\n`);
    if (lines && contract.value) {
      const text = textOf(contract.value);
      const gap = text === "" || text.endsWith("\n\n") ? "" : text.endsWith("\n") ? "\n" : "\n\n";
      edit(contract.value, { from: text.length, insert: `${gap}${lines(name.value)}\n` });
      tell(`${contract.value} now names ${path}.`);
    } else {
      tell(`${path} was made. Write ${BY_HAND[use.value](name.value)} where it is used.`);
    }
    await read();
    chosen.value = path;
    onDone();
  };

  return (
    <form
      class="tables-new sheet"
      aria-label="New table"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <h2>New table</h2>
      <label>
        What it holds
        <select
          value={use.value}
          onChange={(event) => {
            const next = event.currentTarget.value as Use;
            if (header.value === USES[use.value].header) header.value = USES[next].header;
            use.value = next;
          }}
        >
          {Object.entries(USES).map(([key, { label }]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label>
        Name
        <input type="text" value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} aria-describedby="tables-new-name" />
      </label>
      <p class={fault ? "bad" : "quiet"} id="tables-new-name">
        {fault || `The file ${path}`}
      </p>
      <label>
        Columns
        <input type="text" value={header.value} onInput={(event) => (header.value = event.currentTarget.value)} aria-describedby="tables-new-columns" />
      </label>
      <p class="quiet" id="tables-new-columns">
        Facts and keys with commas between them, such as item.sku,customer.country,rate
      </p>
      {lines ? (
        <>
          <label>
            Contract
            <select value={contract.value} onChange={(event) => (contract.value = event.currentTarget.value)}>
              {contracts.map((path) => (
                <option key={path}>{path}</option>
              ))}
            </select>
          </label>
          <p class="quiet">The table is named at its end. In the text you can move it.</p>
        </>
      ) : (
        <p class="quiet">
          Then write <code>{BY_HAND[use.value](name.value)}</code> where it is used.
        </p>
      )}
      <div class="tables-buttons">
        <button type="submit" class="button main" disabled={fault !== ""}>
          Make the table
        </button>
        {canLeave && (
          <button type="button" class="button" onClick={onDone}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}
