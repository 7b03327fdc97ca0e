/** The explanation of one action or bonus: what was decided, how the payout came about, and why not otherwise. */
import type { Action, Award, AwardTrace, BonusOf, Decision, ExplainedDecision, Explanation, PartnerView, Reason, Waterfall as Fall } from "accrue-rules";
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formAction } from "../../state/actions.ts";
import { overview } from "../../state/check.ts";
import { openedAction } from "../../state/chosen.ts";
import { messageOf } from "../../state/failure.ts";
import { declared } from "../../state/program.ts";
import { fieldsOf } from "../../state/rows.ts";
import { explain, running, summary } from "../../state/run.ts";
import { tell, view } from "../../state/view.ts";
import { Status } from "../../ui/chip.tsx";
import { copy } from "../../ui/copy.ts";
import { ExplanationText } from "../../ui/explanation.tsx";
import { amount, decimal, isZero, moment, money, percent, word } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { RunBar } from "../../ui/run-bar.tsx";
import { placeOfName, show } from "./places.ts";
import { reasonText } from "./reasons.ts";
import { makeTest } from "./tests-file.ts";
import { awardText, because, groupText, listed, nobodyText } from "./text.ts";
import { Waterfall } from "./waterfall.tsx";
import { Credit, PartnerWhyNot, TotalsRead, WhyNot } from "./why-not.tsx";

type Answer = { of: string; explained: ExplainedDecision } | { of: string; failed: string } | null;

const answer = signal<Answer>(null);
const asText = signal(false);
const busy = signal(false);

/** The pixels of a character of the explanation as text. */
const CHARACTER = 7.7;

/** Returns how many characters of the explanation as text stand in one line of the panel. */
function columns(panel: HTMLElement | null): number {
  return Math.round(Math.min(100, Math.max(36, ((panel?.clientWidth ?? 600) - 56) / CHARACTER)));
}

async function ask(action: string, partner: string | null, width: number): Promise<void> {
  const of = `${action} ${partner ?? ""}`;
  busy.value = true;
  let found: Answer;
  try {
    found = { of, explained: await explain(action, { width, ...(partner !== null && { partner }) }) };
  } catch (error) {
    found = { of, failed: messageOf(error) };
  }
  const opened = openedAction.value;
  // Another row was opened meanwhile.
  if (!opened || of !== `${opened.action} ${opened.partner ?? ""}`) return;
  answer.value = found;
  busy.value = false;
}

export function Panel({ onClose }: { onClose(): void }) {
  const opened = openedAction.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const panel = useRef<HTMLElement>(null);
  const action = opened?.action;
  const partner = opened?.partner ?? null;
  // Another run may decide otherwise.
  const run = summary.value;
  useEffect(() => {
    if (action !== undefined && run) void ask(action, partner, columns(panel.current));
  }, [action, partner, run]);
  useEffect(() => heading.current?.focus(), [action]);
  if (!opened) return null;
  const known = answer.value;
  const mine = known && "explained" in known && known.explained.decision.action === opened.action ? known.explained : null;
  return (
    <section
      ref={panel}
      class="panel"
      aria-label="Explanation"
      aria-busy={busy.value}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header class="panel-head">
        <h2 ref={heading} tabIndex={-1}>
          {opened.action}
        </h2>
        {mine && <Status status={partner === null ? mine.decision.status : (mine.view?.status ?? mine.decision.status)} />}
        <span class="gap" />
        <button type="button" class="plain" aria-label="Close the explanation" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="panel-body">
        {known && "failed" in known && !busy.value && <p class="problem">It cannot be explained: {known.failed}</p>}
        {!run && (
          <>
            {!running.value && <p class="quiet">Run the contract to see how the action is decided.</p>}
            <div class="panel-run">
              <RunBar />
            </div>
          </>
        )}
        {!mine && busy.value && (
          <p class="quiet" role="status">
            Deciding it again, with everything that it depends on…
          </p>
        )}
        {mine && <Body explained={mine} partner={partner} />}
      </div>
    </section>
  );
}

function Body({ explained, partner }: { explained: ExplainedDecision; partner: string | null }) {
  const { action, decision, explanation } = explained;
  const { zone } = declared.value;
  const names = [...new Set((decision.awards ?? []).map((award) => award.partner))];
  return (
    <>
      <p class="quiet panel-about">
        {word(decision.event_type)} of {moment(decision.occurred_at, zone)} ({zone})
        {decision.order_id && `, order ${decision.order_id}`}
        {action?.amount !== undefined && action.amount !== null && `, ${money(action.amount, action.currency ?? declared.value.currency)}`}
      </p>
      <div class="panel-tools">
        {names.length > 0 && (
          <label>
            View of{" "}
            <select
              value={partner ?? ""}
              onChange={(event) => {
                openedAction.value = { action: decision.action, partner: event.currentTarget.value || null };
              }}
            >
              <option value="">the brand</option>
              {names.map((name) => (
                <option key={name} value={name}>
                  the partner {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" class="button" aria-pressed={asText.value} onClick={() => (asText.value = !asText.value)}>
          As text
        </button>
        <button type="button" class="button" onClick={() => void tested(decision.action)}>
          <Icon name="tests" /> Make a test of this
        </button>
        {action && (
          <button
            type="button"
            class="button"
            onClick={() => {
              formAction.value = action;
              view.value = "actions";
            }}
          >
            Change and try again
          </button>
        )}
      </div>
      {asText.value ? (
        <Text explanation={explanation} />
      ) : partner === null ? (
        <ForBrand explained={explained} />
      ) : explained.view?.partner === partner ? (
        <ForPartner view={explained.view} waterfall={explained.waterfalls.find((fall) => fall.partner === partner)} />
      ) : (
        <p class="quiet">Reading what {partner} may see…</p>
      )}
    </>
  );
}

async function tested(action: string): Promise<void> {
  try {
    await makeTest(action);
  } catch (error) {
    tell(`No test can be made of it: ${messageOf(error)}`);
  }
}

function Text({ explanation }: { explanation: Explanation }) {
  const text = explanation.lines.map((line) => line.text).join("\n");
  return (
    <>
      <button
        type="button"
        class="button"
        onClick={async () => {
          tell((await copy(text)) ? "The explanation is copied." : "The browser does not let the page copy: select the text and copy it.");
        }}
      >
        Copy
      </button>
      <ExplanationText of={explanation} />
    </>
  );
}

export function ForBrand({ explained: { action, decision, waterfalls } }: { explained: ExplainedDecision }) {
  const awards = decision.awards ?? [];
  const skus = (item: number) => action?.items?.[item]?.sku ?? `line ${item + 1}`;
  return (
    <>
      {awards.length === 0 && (
        <>
          <p class="verdict">{nobodyText(decision)}</p>
          <Reasons reasons={decision.reasons ?? []} notices={[]} />
        </>
      )}
      {awards.map((award, at) => (
        <OfAward
          key={at}
          award={award}
          decision={decision}
          trace={decision.trace?.awards[at]}
          waterfall={waterfalls[at]}
          skus={skus}
        />
      ))}
      <Credit decision={decision} />
      <History decision={decision} />
      {action && <CameIn action={action} />}
      <p class="quiet receipt">
        Receipt <code>{decision.receipt}</code>
      </p>
    </>
  );
}

interface OfAwardProps {
  award: Award;
  decision: Decision;
  trace: AwardTrace | undefined;
  waterfall: Fall | undefined;
  skus(item: number): string;
}

/** The names of the components among the rules of an award's contract. */
function componentsOf({ contract }: Award): ReadonlySet<string> {
  const before = `${contract.name} ${contract.version}: `;
  const all = (overview.value?.components ?? []).map(({ component }) => component);
  return new Set(all.filter((name) => name.startsWith(before)).map((name) => name.slice(before.length)));
}

function OfAward({ award, decision, trace, waterfall, skus }: OfAwardProps) {
  return (
    <article class="award" aria-label={`Award to ${award.partner}`}>
      <p class="verdict">{awardText(award, decision)}</p>
      {award.below && (
        <p class="quiet">
          It is paid for the action of {award.below.partner}, {award.below.level === 1 ? "whose parent it is" : `${award.below.level} levels below`}.
        </p>
      )}
      {award.exchange && (
        <p class="quiet">
          Converted by the rate of {moment(award.exchange.at, declared.value.zone)}: 1 {award.exchange.from} is {decimal(award.exchange.rate)}{" "}
          {award.exchange.to}.
        </p>
      )}
      {award.share && (
        <p class="quiet">
          {award.partner} {award.role ? `is the ${word(award.role)} and ` : ""}has a share of {percent(award.share)}.
        </p>
      )}
      {decision.bonus && <Bonus bonus={decision.bonus} />}
      <Dates award={award} />
      <Reasons reasons={award.reasons ?? []} notices={award.notices ?? []} award={award} trace={trace} />
      {waterfall && (
        <section>
          <h3>How the payout came about</h3>
          <Waterfall data={waterfall} award={award} trace={trace} isBonus={Boolean(decision.bonus)} />
        </section>
      )}
      {(award.lines ?? []).some((line) => typeof line.item === "number") && <Lines award={award} />}
      {trace && (
        <section>
          <h3>Why not?</h3>
          <WhyNot trace={trace} skus={skus} components={componentsOf(award)} />
        </section>
      )}
      {trace && <TotalsRead trace={trace} />}
    </article>
  );
}

function Bonus({ bonus: { measure, next, period } }: { bonus: BonusOf }) {
  return (
    <p>
      {measure && `The tiers measure ${decimal(measure)} in ${period}. `}
      {next
        ? `The next tier begins ${next.threshold === "exceeds" ? "above" : "at"} ${decimal(next.from)}: ${decimal(next.lacks)} more would have been enough.`
        : measure && "The highest tier is reached."}
    </p>
  );
}

function Dates({ award }: { award: Pick<Award, "release_at" | "locks_at" | "pays_on"> }) {
  const { zone } = declared.value;
  const dates = [
    award.release_at && `The hold ends on ${moment(award.release_at, zone)}`,
    award.locks_at && `Locks on ${moment(award.locks_at, zone).slice(0, 10)}`,
    award.pays_on && `Paid on ${award.pays_on}`,
  ].filter((text) => typeof text === "string" && text !== "");
  return dates.length > 0 ? <p class="quiet">{dates.join(" · ")}</p> : null;
}

interface ReasonsProps {
  reasons: Reason[];
  notices: { code: string; rule: string }[];
  award?: Award;
  trace?: AwardTrace | undefined;
}

function Reasons({ reasons, notices, award, trace }: ReasonsProps) {
  if (reasons.length + notices.length === 0) return null;
  const from = (rule: string) => {
    const found = award && placeOfName(rule, award, trace);
    if (!rule) return null;
    return found ? (
      <button type="button" class="link" title={`Show in ${found.path}`} onClick={() => show(found)}>
        {rule}
      </button>
    ) : (
      <span>{rule}</span>
    );
  };
  return (
    <section>
      <h3>Reasons and notices</h3>
      <ul class="why-list">
        {reasons.map((reason, at) => (
          <li key={at}>
            <code>{reason.code}</code> <span class="quiet">({word(reason.verdict)})</span> {reasonText(reason.code)}
            <div class="quiet">by {from(reason.rule)}</div>
            {reason.fault && <div class="problem">The rule failed: {word(reason.fault.kind)}{reason.fault.text && ` at ${reason.fault.text}`}</div>}
          </li>
        ))}
        {notices.map((notice, at) => (
          <li key={`notice-${at}`}>
            <code>{notice.code}</code> <span class="quiet">(notice)</span> {reasonText(notice.code)}
            <div class="quiet">by {from(notice.rule)}</div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Lines({ award }: { award: Pick<Award, "lines" | "currency" | "groups"> }) {
  return (
    <section>
      <h3>Lines of the order</h3>
      <table class="small-table">
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col" class="amount">Units</th>
            <th scope="col" class="amount">Commissionable</th>
            <th scope="col">Paid by</th>
            <th scope="col" class="amount">Payout</th>
          </tr>
        </thead>
        <tbody>
          {(award.lines ?? []).map((line, at) => {
            const groups = [...new Set(line.steps.map((step) => award.groups?.[step.group] ?? ""))].filter(Boolean);
            return (
              <tr key={at}>
                <th scope="row">{line.sku ?? "The order"}</th>
                <td class="amount">{line.quantity}</td>
                <td class="amount">{amount(line.base, award.currency)}</td>
                <td>{listed(groups.map(groupText)) || "no group"}</td>
                <td class="amount">
                  {amount(line.payout, award.currency)}
                  {String(line.earned) !== String(line.payout) && <small>of {amount(line.earned, award.currency)}</small>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** What was reported, field by field. */
function CameIn({ action }: { action: Action }) {
  return (
    <details>
      <summary>What came in</summary>
      <dl class="facts">
        {[...fieldsOf(action)].map(([field, value]) => (
          <div key={field}>
            <dt>{field}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function History({ decision }: { decision: Decision }) {
  const revisions = decision.history ?? [];
  if (revisions.length === 0) return null;
  const { zone } = declared.value;
  return (
    <section>
      <h3>What happened since</h3>
      <ul class="why-list">
        {revisions.map((revision) => (
          <li key={revision.adjustment}>
            <strong>{word(revision.kind)}</strong> of {moment(revision.occurred_at, zone)}
            {revision.reason && `: ${revision.reason}`}
            {(revision.changes ?? []).map((change) => (
              <div key={change.partner} class="quiet">
                {change.partner}: {money(change.by, change.currency)}
              </div>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function ForPartner({ view, waterfall }: { view: PartnerView; waterfall: Fall | undefined }) {
  const groups = view.groups ?? [];
  const why = (view.reasons ?? [])[0];
  const paid = money(view.payout, view.currency);
  const text = {
    payable: `You are paid ${paid} on ${money(view.base, view.currency)}${groups.length > 0 ? `, by ${listed(groups.map(groupText))}` : ""}.`,
    held: `${paid} is on hold.`,
    rejected: "The action is rejected: nothing is paid.",
    zero: "The action counts, and pays nothing.",
    reversed: "What you were to be paid is taken back.",
  }[view.status];
  return (
    <article class="award" aria-label={`What ${view.partner} may see`}>
      <p class="verdict">
        {text}
        {why && ` ${because({ code: why.code, rule: why.rule ?? "" })}`}
      </p>
      <p class="quiet">
        Contract {view.contract}, version {view.version}
      </p>
      <Dates award={view} />
      {waterfall && (
        <section>
          <h3>How the payout came about</h3>
          <Waterfall data={waterfall} award={undefined} trace={undefined} />
        </section>
      )}
      {(view.lines ?? []).some((line) => typeof line.item === "number") && <Lines award={view} />}
      {(view.limits ?? []).some((limit) => !isZero(limit.cut)) && (
        <section>
          <h3>Limits</h3>
          <ul class="why-list">
            {(view.limits ?? []).map((limit) => (
              <li key={limit.limit}>
                {limit.limit} took {money(limit.cut, view.currency)} off.
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>Why not?</h3>
        <PartnerWhyNot view={view} />
      </section>
    </article>
  );
}
