/** The sums of a run: by currency, partner, month, reason, payout group and limit. All of them are the engine's. */
import type { PartnerTotals, SummaryData } from "accrue-rules";
import { Status, STATUSES } from "../../ui/chip.tsx";
import { type DataColumn, DataTable } from "../../ui/data-table.tsx";
import { amount, isZero, money, whole } from "../../ui/format.ts";
import { showAwards } from "./filter.ts";
import { reasonText } from "./reasons.ts";

type Sums = Omit<PartnerTotals, "partner">;

/** A name that shows the awards it is about. */
function Link({ text, filter }: { text: string; filter: Parameters<typeof showAwards>[0] }) {
  return (
    <button type="button" class="link" title="Show these decisions" onClick={() => showAwards(filter)}>
      {text}
    </button>
  );
}

function all(sums: Sums): number {
  return STATUSES.reduce((sum, status) => sum + sums.actions[status], 0);
}

/** The columns of sums: of the statuses that actions of this currency have. Amounts are sorted as numbers, and shown as they are. */
function sumColumns<T extends Sums>({ currency, actions, held }: SummaryData["currencies"][number]): DataColumn<T>[] {
  const columns: DataColumn<T>[] = [
    { title: "Payout", number: true, cell: (row) => <strong>{amount(row.payable, currency)}</strong>, key: (row) => Number(row.payable) },
  ];
  if (!isZero(held)) {
    columns.push({ title: "On hold", number: true, cell: (row) => (isZero(row.held) ? "" : amount(row.held, currency)), key: (row) => Number(row.held) });
  }
  columns.push(
    { title: "Commissionable", number: true, cell: (row) => amount(row.commissionable.payable, currency), key: (row) => Number(row.commissionable.payable) },
    { title: "Actions", number: true, cell: (row) => whole(all(row)), key: all },
  );
  for (const status of STATUSES.filter((status) => actions[status] > 0)) {
    const title = status[0]!.toUpperCase() + status.slice(1);
    columns.push({ title, number: true, cell: (row) => blank(row.actions[status]), key: (row) => row.actions[status] });
  }
  return columns;
}

function blank(number: number): string {
  return number === 0 ? "" : whole(number);
}

function Figures({ of }: { of: SummaryData["currencies"][number] }) {
  const { currency } = of;
  return (
    <dl class="figures">
      <div class="figure">
        <dt>Payout</dt>
        <dd>{money(of.payable, currency)}</dd>
      </div>
      {!isZero(of.held) && (
        <div class="figure">
          <dt>On hold</dt>
          <dd class="warning">{money(of.held, currency)}</dd>
        </div>
      )}
      <div class="figure">
        <dt>Commissionable</dt>
        <dd>{money(of.commissionable.payable, currency)}</dd>
      </div>
      {STATUSES.filter((status) => of.actions[status] > 0).map((status) => (
        <div key={status} class="figure">
          <dt>
            <Status status={status} />
          </dt>
          <dd>
            <button type="button" class="link" title="Show these decisions" onClick={() => showAwards({ status })}>
              {whole(of.actions[status])}
            </button>
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function Totals({ summary }: { summary: SummaryData }) {
  return (
    <div class="totals">
      {summary.currencies.map((of) => (
        <section key={of.currency} class="totals-currency" aria-label={`In ${of.currency}`}>
          <Figures of={of} />
          <DataTable
            title={`Partners, in ${of.currency}`}
            rows={of.partners}
            columns={[
              {
                title: "Partner",
                cell: ({ partner }) => (!partner ? <span class="quiet">nobody</span> : <Link text={partner} filter={{ partner }} />),
                key: ({ partner }) => partner ?? "",
              },
              ...sumColumns<(typeof of.partners)[number]>(of),
            ]}
          />
          <DataTable
            title={`Months, in ${of.currency}`}
            rows={of.months}
            columns={[
              { title: "Month", cell: ({ month }) => <Link text={month} filter={{ month }} />, key: ({ month }) => month },
              ...sumColumns<(typeof of.months)[number]>(of),
            ]}
          />
        </section>
      ))}
      <div class="totals-side">
        <DataTable
          title="Why actions are not simply payable"
          rows={summary.reasons}
          columns={[
            {
              title: "Reason",
              cell: ({ reason }) => (
                <>
                  <Link text={reason} filter={{ reason }} />
                  <small>{reasonText(reason)}</small>
                </>
              ),
            },
            { title: "Status", cell: ({ status }) => <Status status={status} /> },
            { title: "Actions", number: true, cell: ({ actions }) => whole(actions), key: ({ actions }) => actions },
            { title: "Amount", number: true, cell: (row) => money(row.amount, row.currency) },
          ]}
        />
        <DataTable
          title="Payout groups"
          rows={summary.groups}
          columns={[
            { title: "Group", cell: ({ group }) => <Link text={group} filter={{ text: group }} />, key: ({ group }) => group },
            { title: "Contract", cell: ({ contract }) => contract, key: ({ contract }) => contract },
            { title: "Actions", number: true, cell: ({ actions }) => whole(actions), key: ({ actions }) => actions },
            { title: "On hold", number: true, cell: (row) => (isZero(row.held) ? "" : money(row.held, row.currency)) },
            { title: "Payout", number: true, cell: (row) => money(row.payable, row.currency) },
          ]}
        />
        <DataTable
          title="Limits that cut a payout"
          rows={summary.limits}
          columns={[
            { title: "Limit", cell: ({ limit }) => <Link text={limit} filter={{ text: limit }} /> },
            { title: "Actions", number: true, cell: ({ actions }) => whole(actions), key: ({ actions }) => actions },
            { title: "Taken off", number: true, cell: (row) => money(row.cut, row.currency) },
          ]}
        />
        <DataTable
          title="Bonuses"
          rows={summary.bonuses}
          columns={[
            { title: "Bonus", cell: ({ bonus }) => <Link text={bonus} filter={{ text: bonus }} /> },
            { title: "Contract", cell: ({ contract }) => contract },
            { title: "Decisions", number: true, cell: ({ decisions }) => whole(decisions) },
            { title: "Payout", number: true, cell: (row) => money(row.payout, row.currency) },
          ]}
        />
        <DataTable
          title="Reported partners who are not credited"
          rows={summary.uncredited}
          columns={[
            { title: "Partner", cell: ({ partner }) => <Link text={partner} filter={{ text: partner }} /> },
            { title: "Reason", cell: ({ reason }) => reason },
            { title: "Actions", number: true, cell: ({ actions }) => whole(actions), key: ({ actions }) => actions },
            { title: "Amount", number: true, cell: (row) => money(row.amount, row.currency) },
          ]}
        />
        <DataTable
          title="Notices"
          rows={summary.notices}
          columns={[
            {
              title: "Notice",
              cell: ({ notice }) => (
                <>
                  <Link text={notice} filter={{ reason: notice }} />
                  <small>{reasonText(notice)}</small>
                </>
              ),
            },
            { title: "Actions", number: true, cell: ({ actions }) => whole(actions), key: ({ actions }) => actions },
          ]}
        />
      </div>
    </div>
  );
}
