// What is thrown says what is at fault, and where: at once, and through the worker.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccrueError, start } from "accrue-rules";
import { init } from "accrue-rules/sync";

const FILES = {
  "program.toml": 'id = "shop"\nname = "Shop"\ncurrency = "USD"\n[event_types]\nsale = {}\n',
  "contracts/a.toml": 'contract = "a"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = "4%"\n',
};
const SALE = {
  id: "a",
  event_type: "sale",
  occurred_at: "2026-03-01T10:00:00Z",
  amount: "150.00",
  touches: [{ partner: "acme", at: "2026-03-01T09:00:00Z", kind: "click" }],
};

/** Calls that fail, with what they throw. */
const CALLS = [
  {
    call: (accrue) => accrue.load({ ...FILES, "contracts/a.toml": FILES["contracts/a.toml"].replace("4%", "4 %%") }),
    kind: "program",
    said: /the program has errors/,
    diagnostics: "contracts/a.toml",
  },
  {
    call: (accrue) => accrue.previewImport({ name: "sales.csv", content: "Id\n1\n", mapping: "zzz" }, 5),
    kind: "mapping",
    said: /the mapping has errors/,
    diagnostics: "sales.csv",
  },
  {
    call: (accrue) => accrue.load(FILES).decide({ ...SALE, amount: "1,50", promo_codes: "X" }),
    kind: "facts",
    said: /amount|promo_codes/,
  },
  {
    call: (accrue) => {
      const other = accrue.load({ ...FILES, "program.toml": FILES["program.toml"].replace("shop", "other") });
      return accrue.load(FILES).decide(SALE, { counters: other.counters() });
    },
    kind: "counters",
    said: /counters/,
  },
  {
    call: (accrue) => {
      const program = accrue.load(FILES);
      const decision = program.decide(SALE);
      const adjustment = { id: "b", adjusts: "zzz", occurred_at: "2026-03-02T10:00:00Z", kind: "reversal" };
      return program.adjust(adjustment, { action: SALE, decision });
    },
    kind: "refused",
    said: /zzz/,
  },
  {
    call: (accrue) => accrue.guess({ name: "sales.csv", content: "Id\n1\n" }, "Europe/Nowhere"),
    kind: "argument",
    said: /time zone/,
  },
];

for (const { call, kind, said, diagnostics } of CALLS) {
  test(`an error of ${kind} says so`, async () => {
    const accrue = await init();
    assert.throws(
      () => call(accrue),
      (error) => {
        assert.ok(error instanceof AccrueError, String(error));
        assert.equal(error.kind, kind, error.message);
        assert.match(error.message, said);
        if (diagnostics) assert.equal(error.diagnostics[0]?.place.file, diagnostics);
        return true;
      },
    );
  });
}

test("the worker throws the same", async () => {
  const { accrue, stop } = await start();
  try {
    await assert.rejects(accrue.load({ "program.toml": "" }), (error) => error instanceof AccrueError && error.kind === "program");
  } finally {
    await stop();
  }
});
