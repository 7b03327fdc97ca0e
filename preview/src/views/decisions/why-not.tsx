/** Why groups, restrictions and limits did not apply, what would have been enough, and which totals were read. */
import type { AwardTrace, Decision, PartnerView, RuleTrace, TouchTrace, WhyNot as Why } from "accrue-rules";
import { listed, partText, SKIPPED, wantedText } from "./text.ts";
import { placeOf, show } from "./places.ts";

function Parts({ why }: { why: Why }) {
  return (
    <>
      <ul>
        {why.parts.map((part, at) => (
          <li key={at}>{partText(part)}</li>
        ))}
      </ul>
      {why.enough && why.parts.length > 0 && (
        <p class="enough">{why.parts.length > 1 ? "Together that would have been enough." : "That would have been enough."}</p>
      )}
    </>
  );
}

function Name({ rule }: { rule: RuleTrace }) {
  const found = placeOf(rule.place);
  return found ? (
    <button type="button" class="link" title={`Show in ${found.path}`} onClick={() => show(found)}>
      {rule.rule}
    </button>
  ) : (
    <span>{rule.rule}</span>
  );
}

/** What the rules of an award are told with: the SKUs of its items, and which of the rules are components. */
interface Told {
  skus: (item: number) => string;
  components: ReadonlySet<string>;
}

function Rules({ rules, skus, components }: { rules: RuleTrace[] } & Told) {
  return (
    <ul class="why-list">
      {rules.map((rule, at) => (
        <li key={at}>
          <strong>
            <Name rule={rule} />
          </strong>
          {typeof rule.item === "number" && <span class="quiet"> for {skus(rule.item)}</span>}
          {rule.why_not ? <Parts why={rule.why_not} /> : <Saw rule={rule} isComponent={components.has(rule.rule)} />}
        </li>
      ))}
    </ul>
  );
}

function Saw({ rule, isComponent }: { rule: RuleTrace; isComponent: boolean }) {
  const saw = rule.saw ?? [];
  if (isComponent) return <p class="quiet">It is a component. It is given all facts, and does not say which of them it read.</p>;
  if (saw.length === 0) return <p class="quiet">The rule read no fact.</p>;
  return (
    <ul>
      {saw.map(({ fact, value }) => (
        <li key={fact}>
          The rule saw {fact}: {value || "empty"}
        </li>
      ))}
    </ul>
  );
}

export function WhyNot({ trace, ...told }: { trace: AwardTrace } & Told) {
  const missed = (phases: string[]) =>
    trace.rules.filter((rule) => phases.includes(rule.phase) && (rule.outcome === "not_matched" || notChosen(rule)));
  const groups = missed(["pay_order", "pay_item"]);
  const restrictions = missed(["restrict"]);
  const skipped = trace.skipped ?? [];
  return (
    <>
      {groups.length > 0 && (
        <>
          <h4>Payout groups that did not pay</h4>
          <Rules rules={groups} {...told} />
        </>
      )}
      {(trace.not_tried ?? 0) > 0 && (
        <p class="quiet">
          {trace.not_tried} more payout groups were not tried: they ask for another value of{" "}
          {listed([...new Set((trace.looked_up ?? []).map(({ fact }) => fact))]) || "a fact"}.
        </p>
      )}
      {restrictions.length > 0 && (
        <>
          <h4>Restrictions that did not apply</h4>
          <Rules rules={restrictions} {...told} />
        </>
      )}
      {skipped.length > 0 && (
        <>
          <h4>Limits that did not apply</h4>
          <ul class="why-list">
            {skipped.map(({ limit, because }) => (
              <li key={limit}>
                <strong>{limit}</strong>: {SKIPPED[because]}
              </li>
            ))}
          </ul>
        </>
      )}
      {groups.length + restrictions.length + skipped.length === 0 && <p class="quiet">Everything that was considered applies.</p>}
    </>
  );
}

function notChosen(rule: RuleTrace): boolean {
  return typeof rule.outcome === "object" && "not_chosen" in rule.outcome;
}

/** The totals that rules and limits read for an award. */
export function TotalsRead({ trace }: { trace: AwardTrace }) {
  const seen = new Map<string, string>();
  for (const rule of trace.rules) for (const { fact, value } of rule.saw ?? []) if (fact.startsWith("totals.")) seen.set(fact, value);
  if (seen.size === 0 && trace.limits.length === 0) return null;
  return (
    <section>
      <h3>Totals and limits that were read</h3>
      {seen.size > 0 && (
        <dl class="facts">
          {[...seen].map(([fact, value]) => (
            <div key={fact}>
              <dt>{fact}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {trace.limits.length > 0 && (
        <table class="small-table">
          <thead>
            <tr>
              <th scope="col">Limit</th>
              <th scope="col" class="amount">Used before</th>
              <th scope="col" class="amount">At most</th>
              <th scope="col" class="amount">Asked</th>
              <th scope="col" class="amount">Granted</th>
            </tr>
          </thead>
          <tbody>
            {trace.limits.map((limit, at) => (
              <tr key={at}>
                <th scope="row">{limit.limit}</th>
                <td class="amount">{limit.used}</td>
                <td class="amount">{limit.max}</td>
                <td class="amount">{limit.asked}</td>
                <td class="amount">{limit.granted}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Which touches were considered for credit. */
export function Credit({ decision }: { decision: Decision }) {
  const touches: TouchTrace[] = decision.trace?.credit ?? [];
  if (touches.length === 0) return null;
  return (
    <section>
      <h3>Who is credited</h3>
      <ul class="why-list">
        {touches.map((touch, at) => (
          <li key={at}>
            <strong>{touch.partner}</strong>{" "}
            <span class={touch.credited ? "good" : "quiet"}>{touch.credited ? "credited" : "not credited"}</span>: {touch.because}
            {touch.why_not && <Parts why={touch.why_not} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Why groups did not match, as the partner may see it. */
export function PartnerWhyNot({ view }: { view: PartnerView }) {
  const missed = view.why_not ?? [];
  if (missed.length === 0) return <p class="quiet">Nothing that the partner may know would have changed it.</p>;
  return (
    <ul class="why-list">
      {missed.map((why, at) => (
        <li key={at}>
          <strong>{why.group}</strong>
          {why.sku && <span class="quiet"> for {why.sku}</span>}
          <ul>
            {why.wanted.map((part) => (
              <li key={part.fact}>
                {part.fact} is {part.saw || "empty"}; it would have to be {wantedText(part.wanted)}
                {part.missing && ` (${part.missing} away)`}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
