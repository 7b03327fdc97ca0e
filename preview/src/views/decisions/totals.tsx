/** The sums of a run: by currency, partner, month, reason, payout group and limit. All of them are the engine's. */
import type { ComponentChildren } from "preact";
import type { PartnerTotals, SummaryData } from "accrue-rules";
import { Status } from "../../ui/chip.tsx";
import { amount, isZero, money, whole } from "../../ui/format.ts";
import { showAwards } from "./filter.ts";
import { reasonText } from "./reasons.ts";

const STATUSES = ["payable", "held", "rejected", "zero", "reversed"] as const;

type Sums = Omit<PartnerTotals, "partner">;

interface Column<T> {
  title: string;
  cell(row: T): ComponentChildren;
  number?: boolean;
}

function Table<T>({ title, rows, columns, note }: { title: string; rows: T[]; columns: Column<T>[]; note?: string }) {
  if (rows.length === 0) return null;
  const id = `totals-${title.toLowerCase().replaceAll(/\W+/g, "-")}`;
  return (
    <section class="sheet totals-table" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {note && <p class="quiet">{note}</p>}
      <div class="scroll" tabIndex={0} role="group" aria-labelledby={id}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.title} scope="col" class={column.number ? "amount" : undefined}>
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={at}>
                {columns.map((column, index) =>
                  index === 0 ? (
                    <th key={column.title} scope="row">
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={column.title} class={column.number ? "amount" : undefined}>
                      {column.cell(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A name that shows the awards it is about. */
function Link({ text, filter }: { text: string; filter: Parameters<typeof showAwards>[0] }) {
  return (
    <button type="button" class="to-contract" title="Show these decisions" onClick={() => showAwards(filter)}>
      {text}
    </button>
  );
}

function all(sums: Sums): number {
  return STATUSES.reduce((sum, status) => sum + sums.actions[status], 0);
}

/** The columns of sums: of the statuses that actions of this currency have. */
function sumColumns<T extends Sums>({ currency, actions, held }: SummaryData["currencies"][number]): Column<T>[] {
  const title = (status: string) => status[0]!.toUpperCase() + status.slice(1);
  const counts = STATUSES.filter((status) => actions[status] > 0).map((status): Column<T> => ({ title: title(status), number: true, cell: (row) => blank(row.actions[status]) }));
  return [
    { title: "Payout", number: true, cell: (row) => <strong>{amount(row.payable, currency)}</strong> },
    ...(isZero(held) ? [] : [{ title: "On hold", number: true, cell: (row: T) => (isZero(row.held) ? "" : amount(row.held, currency)) }]),
    { title: "Commissionable", number: true, cell: (row) => amount(row.commissionable.payable, currency) },
    { title: "Actions", number: true, cell: (row) => whole(all(row)) },
    ...counts,
  ];
}

function blank(number: number): string {
  return number === 0 ? "" : whole(number);
}

function Figures({ of }: { of: SummaryData["currencies"][number] }) {
  const { currency } = of;
  return (
    <dl class="figures">
      <div class="figure main-figure">
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
            <button type="button" class="to-contract" title="Show these decisions" onClick={() => showAwards({ status })}>
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
          <Table
            title={`Partners, in ${of.currency}`}
            rows={of.partners}
            columns={[
              {
                title: "Partner",
                cell: ({ partner }) => (!partner ? <span class="quiet">nobody</span> : <Link text={partner} filter={{ partner }} />),
              },
              ...sumColumns<(typeof of.partners)[number]>(of),
            ]}
          />
          <Table
            title={`Months, in ${of.currency}`}
            rows={of.months}
            columns={[
              { title: "Month", cell: ({ month }) => <Link text={month} filter={{ month }} /> },
              ...sumColumns<(typeof of.months)[number]>(of),
            ]}
          />
        </section>
      ))}
      <div class="totals-side">
        <Table
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
            { title: "Actions", number: true, cell: ({ actions }) => whole(actions) },
            { title: "Amount", number: true, cell: (row) => money(row.amount, row.currency) },
          ]}
        />
        <Table
          title="Payout groups"
          rows={summary.groups}
          columns={[
            { title: "Group", cell: ({ group }) => <Link text={group} filter={{ text: group }} /> },
            { title: "Contract", cell: ({ contract }) => contract },
            { title: "Actions", number: true, cell: ({ actions }) => whole(actions) },
            { title: "On hold", number: true, cell: (row) => (isZero(row.held) ? "" : money(row.held, row.currency)) },
            { title: "Payout", number: true, cell: (row) => money(row.payable, row.currency) },
          ]}
        />
        <Table
          title="Limits that cut a payout"
          rows={summary.limits}
          columns={[
            { title: "Limit", cell: ({ limit }) => <Link text={limit} filter={{ text: limit }} /> },
            { title: "Actions", number: true, cell: ({ actions }) => whole(actions) },
            { title: "Taken off", number: true, cell: (row) => money(row.cut, row.currency) },
          ]}
        />
        <Table
          title="Bonuses"
          rows={summary.bonuses}
          columns={[
            { title: "Bonus", cell: ({ bonus }) => <Link text={bonus} filter={{ text: bonus }} /> },
            { title: "Contract", cell: ({ contract }) => contract },
            { title: "Decisions", number: true, cell: ({ decisions }) => whole(decisions) },
            { title: "Payout", number: true, cell: (row) => money(row.payout, row.currency) },
          ]}
        />
        <Table
          title="Reported partners who are not credited"
          rows={summary.uncredited}
          columns={[
            { title: "Partner", cell: ({ partner }) => <Link text={partner} filter={{ text: partner }} /> },
            { title: "Reason", cell: ({ reason }) => reason },
            { title: "Actions", number: true, cell: ({ actions }) => whole(actions) },
            { title: "Amount", number: true, cell: (row) => money(row.amount, row.currency) },
          ]}
        />
        <Table
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
            { title: "Actions", number: true, cell: ({ actions }) => whole(actions) },
          ]}
        />
      </div>
    </div>
  );
}
