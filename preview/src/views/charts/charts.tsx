/** The sums of the last run as charts. */
import { computed, signal } from "@preact/signals";
import type { SummaryData } from "accrue-rules";
import { useLayoutEffect } from "preact/hooks";
import { chosen } from "../../state/actions.ts";
import { hasErrors } from "../../state/check.ts";
import { runByKey, running, summary } from "../../state/run.ts";
import { view } from "../../state/view.ts";
import { RunBar, RunState } from "../../ui/run-bar.tsx";
import { charts, type Narrowed, narrowings } from "./data.ts";
import { Figure } from "./figure.tsx";
import "../../ui/data-table.css";
import "../../ui/filters.css";
import "./charts.css";

const wanted = signal<Narrowed>({ currency: "", partner: "", month: "" });

/** What the charts are narrowed to: what the run does not have is left open. */
const narrowed = computed<Narrowed>(() => {
  const { currency, partner, month } = wanted.value;
  const of = summary.value;
  if (!of) return wanted.value;
  const chosen = of.currencies.some((row) => row.currency === currency) ? currency : (of.currencies[0]?.currency ?? "");
  const { partners, months } = narrowings(of, chosen);
  return { currency: chosen, partner: partners.includes(partner) ? partner : "", month: months.includes(month) ? month : "" };
});

function Choice({ label, name, values, all }: { label: string; name: keyof Narrowed; values: string[]; all?: string }) {
  return (
    <label class="filter">
      <span>{label}</span>
      <select
        value={narrowed.value[name]}
        onChange={(event) => {
          wanted.value = { ...narrowed.value, [name]: event.currentTarget.value };
        }}
      >
        {all && <option value="">{all}</option>}
        {values.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

function Filters({ of }: { of: SummaryData }) {
  const { currencies, partners, months } = narrowings(of, narrowed.value.currency);
  return (
    <div class="filters chart-filters" role="search" aria-label="Narrow the charts">
      {currencies.length > 1 && <Choice label="Currency" name="currency" values={currencies} />}
      <Choice label="Partner" name="partner" values={partners} all="all" />
      <Choice label="Month" name="month" values={months} all="all" />
    </div>
  );
}

function Nothing() {
  if (hasErrors.value) return <p class="problem">The contract has errors, so nothing can be decided. Correct them first.</p>;
  if (chosen.value.every(({ kind }) => kind !== "actions")) {
    return (
      <>
        <p>No actions are chosen. Choose a file with actions, then run the contract over it.</p>
        <button type="button" class="button main" onClick={() => (view.value = "actions")}>
          Choose actions
        </button>
      </>
    );
  }
  return (
    <p>
      Charts show what a run came to. Run the contract over the chosen actions first: press <strong>Run</strong>.
    </p>
  );
}

export default function Charts() {
  useLayoutEffect(() => {
    window.addEventListener("keydown", runByKey);
    return () => window.removeEventListener("keydown", runByKey);
  }, []);
  const of = summary.value;
  return (
    <div class="charts">
      <header class="part-head">
        <h2>Charts</h2>
        <RunBar />
        {of && <Filters of={of} />}
      </header>
      <RunState />
      {of && of.currencies.length > 0 ? (
        <div class="chart-grid">
          {charts(of, narrowed.value).map((data) => (
            <Figure key={data.title} data={data} />
          ))}
        </div>
      ) : (
        <div class="nothing">{of ? <p>Nothing was decided, so there is nothing to draw.</p> : !running.value && <Nothing />}</div>
      )}
    </div>
  );
}
