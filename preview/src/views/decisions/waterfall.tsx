/** How a payout came about, step by step, each with a bar from what was before to what is after it. */
import type { Award, AwardTrace, Waterfall as Data, WaterfallLine, WaterfallStep } from "accrue-rules";
import { amount, money, signed } from "../../ui/format.ts";
import { groupText, stepText } from "./text.ts";
import { placeOfName, show } from "./places.ts";

interface Props {
  data: Data;
  award: Award | undefined;
  trace: AwardTrace | undefined;
  /** Whether it is of a bonus, whose lines are parts of what its tiers measure. */
  isBonus?: boolean;
}

/** The largest value that a bar reaches. For drawing only. */
function reach(lines: WaterfallLine[], steps: WaterfallStep[]): number {
  const all = [...lines.flatMap((line) => line.steps), ...steps].map((step) => Math.abs(Number(step.after)));
  return Math.max(...all, ...lines.map((line) => Math.abs(Number(line.earned))), 0.01);
}

function Bar({ step, most }: { step: WaterfallStep; most: number }) {
  const after = Number(step.after);
  const before = after - Number(step.change);
  const [low, high] = [Math.max(0, Math.min(before, after)), Math.max(0, before, after)];
  const share = (value: number) => `${(100 * value) / most}%`;
  return (
    <span class="bar" aria-hidden="true">
      <span
        class={after < before ? "down" : "up"}
        style={{ left: share(low), width: `max(2px, ${share(high - low)})` }}
      />
    </span>
  );
}

function By({ name, award, trace, isLimit }: { name: string; award: Award | undefined; trace: AwardTrace | undefined; isLimit: boolean }) {
  const found = award && placeOfName(name, award, trace);
  const text = isLimit ? name : groupText(name);
  if (!found) return <span>{text}</span>;
  return (
    <button type="button" class="link" title={`Show in ${found.path}`} onClick={() => show(found)}>
      {text}
    </button>
  );
}

export function Waterfall({ data, award, trace, isBonus = false }: Props) {
  const { currency } = data;
  const steps = data.steps ?? [];
  const most = reach(data.lines, steps);
  const row = (step: WaterfallStep, key: string) => (
    <tr key={key}>
      <th scope="row">
        {stepText(step, currency)}
        {step.by && (
          <small>
            <By name={step.by} award={award} trace={trace} isLimit={step.kind === "limit"} />
          </small>
        )}
      </th>
      <td class="bar-cell">
        <Bar step={step} most={most} />
      </td>
      <td class="amount">{signed(step.change, currency)}</td>
      <td class="amount">{amount(step.after, currency)}</td>
    </tr>
  );
  return (
    <table class="waterfall">
      <caption class="unseen">Payout to {data.partner}, step by step, in {currency}</caption>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <td />
          <th scope="col" class="amount">
            Change
          </th>
          <th scope="col" class="amount">
            After
          </th>
        </tr>
      </thead>
      {data.lines.map((line, at) => (
        <tbody key={at}>
          <tr class="waterfall-line">
            <th scope="rowgroup" colSpan={4}>
              {line.sku ?? (isBonus ? "A part of the sum" : "The order")}
              <small>
                {line.quantity > 1 ? `${line.quantity} units, ` : ""}
                {money(line.base, currency)} commissionable
              </small>
            </th>
          </tr>
          {line.steps.map((step, index) => row(step, `${at}-${index}`))}
          {line.steps.length === 0 && (
            <tr>
              <td colSpan={4} class="quiet">
                No payout group pays this line.
              </td>
            </tr>
          )}
        </tbody>
      ))}
      {steps.length > 0 && (
        <tbody>
          <tr class="waterfall-line">
            <th scope="rowgroup" colSpan={4}>
              {data.lines.length > 1 ? "All lines" : "After that"}
            </th>
          </tr>
          {steps.map((step, index) => row(step, `all-${index}`))}
        </tbody>
      )}
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>
            Payout to {data.partner}
          </th>
          <td class="amount">{money(data.payout, currency)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
