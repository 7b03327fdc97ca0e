/** The money split by change: each step is a change of the draft, and all steps sum to the whole difference. */
import type { Comparison, CurrencyTotal, DraftChange, Paid } from "accrue-rules";
import { compared } from "../../state/simulation.ts";
import { files } from "../../state/files.ts";
import { placesIn } from "../../state/places.ts";
import { showText } from "../../state/text.ts";
import { count, isZero, signed, whole } from "../../ui/format.ts";
import { Signed } from "../../ui/signed.tsx";
import { contractOf, JOINED, kindText, moneyOf } from "./words.ts";

/** The most edits of one change that are written out. */
const SHOWN = 4;

function goTo(change: DraftChange): void {
  const { place } = change;
  if (!place) return;
  // What is removed stands in the saved version alone: the draft has the file at most.
  if (change.how === "removed") return showText(place.file);
  const { span } = placesIn(compared.value?.draft ?? files.value)(place);
  showText(place.file, span.start, span.end);
}

function Value({ text }: { text: string | null | undefined }) {
  return text === null || text === undefined ? <span class="quiet">(none)</span> : <span class="edit-value">{text}</span>;
}

function Change({ change, of }: { change: DraftChange; of: Comparison }) {
  const { edits, place, line } = change;
  const contract = contractOf(change, of);
  const how = { added: " added", removed: " removed", reordered: " in another order", changed: "" }[change.how];
  const shown = edits.slice(0, SHOWN);
  const where = place && `${place.file}${line ? `:${line}` : ""}`;
  return (
    <div class="change">
      <strong>
        {contract && `${contract}: `}
        {kindText(change)} <code>{change.name}</code>
        {how}
      </strong>
      {change.how === "changed" && change.lines && (
        <div>
          {count(change.lines.added, "line")} new, {whole(change.lines.removed)} gone
        </div>
      )}
      {change.how === "changed" && shown.length > 0 && (
        <ul class="edits">
          {shown.map((edit) => (
            <li key={edit.key}>
              {edit.key && <span class="quiet">{edit.key} </span>}
              <Value text={edit.old} /> <span aria-hidden="true">→</span>
              <span class="unseen">becomes</span> <Value text={edit.new} />
            </li>
          ))}
          {edits.length > SHOWN && <li class="quiet">{edits.length - SHOWN} more</li>}
        </ul>
      )}
      {where &&
        (files.value.has(place.file) ? (
          <button type="button" class="link mono" onClick={() => goTo(change)}>
            {where}
          </button>
        ) : (
          <span class="quiet mono">{where}</span>
        ))}
      {change.takes_effect && <span class="quiet"> from {change.takes_effect}</span>}
    </div>
  );
}

/** For drawing only. */
function both(paid: Paid | undefined): number {
  return paid ? Number(paid.payable) + Number(paid.held) : 0;
}

function Bar({ from, to, range }: { from: number; to: number; range: readonly [number, number] }) {
  const [low, high] = range;
  const share = (value: number) => `${(100 * (value - low)) / (high - low || 1)}%`;
  return (
    <span class="step-bar" aria-hidden="true">
      <span class="zero" style={{ left: share(0) }} />
      <span
        class={to < from ? "down" : "up"}
        style={{ left: share(Math.min(from, to)), width: from === to ? "0" : `max(2px, ${(100 * Math.abs(to - from)) / (high - low || 1)}%)` }}
      />
    </span>
  );
}

export function Steps({ of, total }: { of: Comparison; total: CurrencyTotal }) {
  const { currency } = total;
  if (of.steps.length === 0) return null;
  let reached = 0;
  const bars = of.steps.map((step) => {
    const from = reached;
    reached += both(moneyOf(step, currency)?.change);
    return [from, reached] as const;
  });
  const all = bars.flat();
  const range = [Math.min(0, ...all), Math.max(0, ...all)] as const;
  const held = !isZero(total.old.held) || !isZero(total.new.held);
  const id = `steps-${currency}`;
  return (
    <section class="sheet data-table" aria-labelledby={id}>
      <h3 id={id}>Through which changes, in {currency}</h3>
      <p class="quiet">Each step adds one change to the steps above it. Together the steps are the whole difference, to the cent.</p>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby={id}>
        <table class="data steps">
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Change of the draft</th>
              <td class="step-bar-cell" />
              <th scope="col" class="amount extra">Gain</th>
              <th scope="col" class="amount extra">Lose</th>
              {held && <th scope="col" class="amount">On hold</th>}
              <th scope="col" class="amount">Payable</th>
            </tr>
          </thead>
          <tbody>
            {of.steps.map((step, at) => {
              const money = moneyOf(step, currency);
              const [from, to] = bars[at] ?? [0, 0];
              const interaction = step.interactions.find((found) => found.currency === currency);
              return (
                <tr key={step.number}>
                  <th scope="row">{step.number}</th>
                  <td>
                    {step.changes.map((change, index) => (
                      <Change key={index} change={change} of={of} />
                    ))}
                    {step.joined && <small>Several changes in one step: {JOINED[step.joined]}.</small>}
                    {interaction && (
                      <small>
                        Alone, without the steps before it, it would change {signed(interaction.alone, currency)} {currency}:{" "}
                        {signed(interaction.interaction, currency)} come from how they work together.
                      </small>
                    )}
                  </td>
                  <td class="step-bar-cell">
                    <Bar from={from} to={to} range={range} />
                  </td>
                  <td class="amount extra">{whole(money?.gains.gainers ?? 0)}</td>
                  <td class="amount extra">{whole(money?.gains.losers ?? 0)}</td>
                  {held && (
                    <td class="amount">
                      <Signed text={money?.change.held ?? "0"} currency={currency} />
                    </td>
                  )}
                  <td class="amount">
                    <Signed text={money?.change.payable ?? "0"} currency={currency} />
                  </td>
                </tr>
              );
            })}
          </tbody>
          <tfoot>
            <tr>
              <td />
              <th scope="row">All changes</th>
              <td class="step-bar-cell">
                <Bar from={0} to={both(total.change)} range={range} />
              </td>
              <td class="amount extra">{whole(total.gains.gainers)}</td>
              <td class="amount extra">{whole(total.gains.losers)}</td>
              {held && (
                <td class="amount">
                  <Signed text={total.change.held} currency={currency} />
                </td>
              )}
              <td class="amount">
                <Signed text={total.change.payable} currency={currency} />
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
      {of.not_alone > 0 && (
        <p class="quiet">
          {of.not_alone === 1 ? "1 step was" : `${of.not_alone} steps were`} not also made alone, so it is not known how{" "}
          {of.not_alone === 1 ? "it works" : "they work"} together with other steps.
        </p>
      )}
    </section>
  );
}
