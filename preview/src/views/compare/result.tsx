/** What a draft changes: the totals of each currency, partners, actions, statuses and bonuses. */
import type { ChangedAction, Comparison, CurrencyTotal, Paid, SimulatedOutcome, Status as State } from "accrue-rules";
import { declared } from "../../state/program.ts";
import { openedChange } from "../../state/simulation.ts";
import { Status } from "../../ui/chip.tsx";
import { DataTable } from "../../ui/data-table.tsx";
import { amount, count, isZero, moment, money, percentOf, signed, whole, word } from "../../ui/format.ts";
import { Signed } from "../../ui/signed.tsx";
import { Steps } from "./steps.tsx";

function Totals({ of }: { of: CurrencyTotal }) {
  const { currency } = of;
  const held = !isZero(of.old.held) || !isZero(of.new.held);
  const row = (name: string, get: (paid: Paid) => string | number) => ({ name, old: get(of.old), new: get(of.new), change: get(of.change) });
  const rows = [row("Payable", (paid) => paid.payable)];
  if (held) rows.push(row("On hold", (paid) => paid.held));
  return (
    <DataTable
      title={`Payouts in ${currency}`}
      rows={rows}
      note={
        of.gains.gainers + of.gains.losers === 0
          ? "No partner is paid more or less."
          : [
              of.gains.gainers > 0 && `${count(of.gains.gainers, "partner is", "partners are")} paid more: ${signed(of.gains.gained, currency)}${of.gains.gainers > 1 ? " together" : ""}.`,
              of.gains.losers > 0 && `${count(of.gains.losers, "partner is", "partners are")} paid less: ${signed(of.gains.lost, currency)}${of.gains.losers > 1 ? " together" : ""}.`,
            ]
              .filter(Boolean)
              .join(" ")
      }
      columns={[
        { title: "Payouts", cell: ({ name }) => name },
        { title: "Saved version", number: true, cell: (of) => amount(of.old, currency) },
        { title: "Draft", number: true, cell: (of) => <strong>{amount(of.new, currency)}</strong> },
        { title: "Change", number: true, cell: (of) => <Signed text={of.change} currency={currency} /> },
        { title: "Percent", number: true, cell: (of) => percentOf(of.change, of.old) },
      ]}
    />
  );
}

function Partners({ of, currency }: { of: Comparison; currency: string }) {
  const mine = of.partners.filter((partner) => partner.currency === currency);
  const rows = mine.filter((partner) => !isZero(partner.change));
  const held = rows.some((row) => !isZero(row.old.held) || !isZero(row.new.held));
  const same = mine.length - rows.length;
  return (
    <DataTable
      title={`Who gains and who loses, in ${currency}`}
      rows={rows}
      note={same > 0 ? `${count(same, "partner is", "partners are")} paid the same.` : undefined}
      columns={[
        { title: "Partner", cell: (row) => row.partner, key: (row) => row.partner },
        { title: held ? "Payable, saved" : "Saved version", number: true, cell: (row) => amount(row.old.payable, currency), key: (row) => Number(row.old.payable) },
        { title: held ? "Payable, draft" : "Draft", number: true, cell: (row) => amount(row.new.payable, currency), key: (row) => Number(row.new.payable) },
        ...(held
          ? [
              { title: "On hold, saved", number: true, cell: (row: (typeof rows)[number]) => amount(row.old.held, currency) },
              { title: "On hold, draft", number: true, cell: (row: (typeof rows)[number]) => amount(row.new.held, currency) },
            ]
          : []),
        { title: "Change", number: true, cell: (row) => <Signed text={row.change} currency={currency} />, key: (row) => Number(row.change) },
        ...(held
          ? []
          : [{ title: "Percent", number: true, cell: (row: (typeof rows)[number]) => percentOf(row.change, row.old.payable) || "new" }]),
      ]}
    />
  );
}

function Outcome({ of }: { of: SimulatedOutcome | null | undefined }) {
  if (!of) return <span class="quiet">not taken</span>;
  if (of.awards.length === 0) {
    return (
      <>
        <Status status={of.status} /> <small>{of.reasons.join(", ")}</small>
      </>
    );
  }
  return (
    <>
      {of.awards.map((award, at) => {
        const why = [...award.groups, ...award.limits.map((limit) => `limit ${limit}`), ...award.reasons];
        return (
          <div key={at}>
            <Status status={award.status} /> <span class="money">{money(award.payout, award.currency)}</span>
            {why.length > 0 && <small>{why.join(", ")}</small>}
          </div>
        );
      })}
    </>
  );
}

function partnersOf(action: ChangedAction): string {
  const awards = [...(action.new?.awards ?? []), ...(action.old?.awards ?? [])];
  return [...new Set(awards.map((award) => award.partner))].join(", ");
}

function Actions({ of, currency }: { of: Comparison; currency: string }) {
  const rows = of.changed_actions.filter((action) => action.currency === currency);
  const { zone } = declared.value;
  return (
    <DataTable
      title={`Actions that change most, in ${currency}`}
      rows={rows}
      note={`${count(of.changed, "action or bonus", "actions and bonuses")} changed, ${whole(rows.length)} of them here. Open one to see why.`}
      columns={[
        {
          title: "Action",
          cell: (row) => (
            <>
              <button type="button" class="link" onClick={() => (openedChange.value = { action: row.action, side: "draft" })}>
                {row.action}
              </button>
              <small>
                {word(row.event_type)}, <span class="money">{moment(row.occurred_at, zone)}</span>
              </small>
            </>
          ),
          key: (row) => row.action,
        },
        { title: "Partner", cell: partnersOf, key: partnersOf },
        { title: "Saved version", cell: (row) => <Outcome of={row.old} /> },
        { title: "Draft", cell: (row) => <Outcome of={row.new} /> },
        { title: "Change", number: true, cell: (row) => <Signed text={row.change} currency={currency} />, key: (row) => Number(row.change) },
      ]}
    />
  );
}

function From({ status }: { status: State | null | undefined }) {
  return status ? <Status status={status} /> : <span class="quiet">not taken</span>;
}

/** Whether the draft pays and decides everything as the saved version does. */
function isSame(of: Comparison): boolean {
  return of.changed === 0 && of.totals.every((total) => isZero(total.change.payable) && isZero(total.change.held));
}

function Refused({ of }: { of: Comparison }) {
  const { actions_old, actions_new, adjustments_old, adjustments_new } = of.refused;
  if (actions_old + actions_new + adjustments_old + adjustments_new === 0) return null;
  const both = (actions: number, adjustments: number) => `${count(actions, "action")} and ${count(adjustments, "adjustment")}`;
  return (
    <p class="warning">
      Not taken by the saved version: {both(actions_old, adjustments_old)}; by the draft: {both(actions_new, adjustments_new)}. What only one
      of them takes is compared with nothing.
    </p>
  );
}

export function Result({ of }: { of: Comparison }) {
  const moved = of.statuses.filter((change) => change.old !== change.new);
  return (
    <div class="comparison">
      <Refused of={of} />
      {isSame(of) && (
        <p class="verdict">
          The draft decides all {count(of.actions_new, "action")} as the saved version does, and pays the same.
          {of.steps.length > 0 && " Its changes make no difference to these actions."}
        </p>
      )}
      {of.totals.map((total) => (
        <section key={total.currency} class="comparison-currency" aria-label={`In ${total.currency}`}>
          <Totals of={total} />
          <Steps of={of} total={total} />
          <Partners of={of} currency={total.currency} />
          <Actions of={of} currency={total.currency} />
        </section>
      ))}
      <div class="comparison-pair">
        <DataTable
          title="Actions with another status"
          rows={moved}
          columns={[
            { title: "Saved version", cell: (row) => <From status={row.old} /> },
            { title: "Draft", cell: (row) => <From status={row.new} /> },
            { title: "Actions", number: true, cell: (row) => whole(row.actions) },
          ]}
        />
        <DataTable
          title="Bonuses"
          rows={of.bonuses}
          note="They are in the payouts above."
          columns={[
            {
              title: "Bonus",
              cell: (row) => (
                <>
                  {row.bonus}
                  <small>{row.contract}</small>
                </>
              ),
            },
            { title: "Saved version", number: true, cell: (row) => <Both of={row.old} currency={row.currency} /> },
            { title: "Draft", number: true, cell: (row) => <Both of={row.new} currency={row.currency} /> },
            { title: "Change", number: true, cell: (row) => <Signed text={row.change} currency={row.currency} /> },
          ]}
        />
      </div>
    </div>
  );
}

function Both({ of, currency }: { of: Paid; currency: string }) {
  return (
    <>
      {money(of.payable, currency)}
      {!isZero(of.held) && <small>{amount(of.held, currency)} on hold</small>}
    </>
  );
}
