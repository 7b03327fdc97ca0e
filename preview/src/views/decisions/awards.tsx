/** The table of all awards of a run. */
import { useMemo } from "preact/hooks";
import { openedAction } from "../../state/chosen.ts";
import { csvOfAwards } from "../../state/csv.ts";
import { folderName } from "../../state/files.ts";
import { loading, rows } from "../../state/run.ts";
import { Status } from "../../ui/chip.tsx";
import { download } from "../../ui/download.ts";
import { amount, count, isZero, whole } from "../../ui/format.ts";
import { Grid, type GridColumn } from "../../ui/grid.tsx";
import { Icon } from "../../ui/icon.tsx";
import { choices, filter, type Filter, NO_FILTER, type Shown, shownAwards, sortBy, sorting } from "./filter.ts";
import "../../ui/filters.css";

const COLUMNS: GridColumn<Shown>[] = [
  { key: "action", title: "Action", width: 118, cell: ({ row }) => row.action },
  { key: "partner", title: "Partner", width: 130, cell: ({ row }) => row.partner ?? <span class="quiet">{row.reported_partner ?? "nobody"}</span> },
  { key: "payout", title: "Payout", width: 118, number: true, cell: ({ row }) => (row.currency ? <Paid of={row} /> : "") },
  { key: "status", title: "Status", width: 92, cell: ({ row }) => <Status status={row.status} /> },
  { key: "moment", title: "Occurred", width: 190, cell: ({ moment }) => moment },
  { key: "base", title: "Commissionable", width: 148, number: true, cell: ({ row }) => (row.currency ? amount(row.base, row.currency) : "") },
  { key: "groups", title: "Payout groups", width: 170, cell: ({ row }) => row.groups.join(", ") },
  { key: "reasons", title: "Reasons", width: 180, grows: true, cell: ({ row }) => [...row.reasons, ...row.notices].join(", ") },
  { key: "limits", title: "Limits", width: 140, cell: ({ row }) => row.limits.join(", ") },
  { key: "contract", title: "Contract", width: 130, cell: ({ row }) => (row.contract ? `${row.contract} ${row.version ?? ""}` : "") },
  { key: "order", title: "Order", width: 120, cell: ({ row }) => row.order_id ?? "" },
];

function Paid({ of }: { of: Shown["row"] }) {
  const held = !isZero(of.held);
  return (
    <span class={held ? "warning" : isZero(of.payout) ? "quiet" : undefined}>
      {amount(of.payout, of.currency)} {of.currency}
    </span>
  );
}

function Choice({ label, name }: { label: string; name: Exclude<keyof Filter, "text"> }) {
  return (
    <label class="filter">
      <span>{label}</span>
      <select
        value={filter.value[name]}
        onChange={(event) => {
          filter.value = { ...filter.value, [name]: event.currentTarget.value };
        }}
      >
        <option value="">all</option>
        {choices.value[name].map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Awards() {
  const shown = shownAwards.value;
  const all = rows.value.length;
  const opened = openedAction.value?.action;
  const open = useMemo(() => (opened === undefined ? undefined : shown.findIndex(({ row }) => row.action === opened)), [opened, shown]);
  const isFiltered = Object.values(filter.value).some(Boolean);
  return (
    <div class="awards">
      <div class="filters" role="search" aria-label="Filter decisions">
        <label class="filter filter-text">
          <span>Search</span>
          <input
            type="search"
            value={filter.value.text}
            placeholder="Action, order, partner, group …"
            onInput={(event) => {
              filter.value = { ...filter.value, text: event.currentTarget.value };
            }}
          />
        </label>
        <Choice label="Partner" name="partner" />
        <Choice label="Status" name="status" />
        <Choice label="Reason" name="reason" />
        <Choice label="Month" name="month" />
        {isFiltered && (
          <button type="button" class="plain" onClick={() => (filter.value = NO_FILTER)}>
            Show all
          </button>
        )}
        <span class="quiet filter-count" role="status">
          {isFiltered ? `${whole(shown.length)} of ${count(all, "award")}` : count(all, "award")}
          {loading.value && ", more to come"}
        </span>
        <button
          type="button"
          class="button"
          disabled={loading.value || shown.length === 0}
          title="These awards, for a spreadsheet"
          onClick={() => download(`${folderName.value}-awards.csv`, csvOfAwards(shown.map(({ row }) => row)), "text/csv")}
        >
          <Icon name="export" /> CSV
        </button>
      </div>
      <Grid
        label="Decisions"
        columns={COLUMNS}
        rows={shown}
        empty={all === 0 ? "Nothing was decided." : "No award matches. Show all, or search for something else."}
        sorting={sorting.value}
        onSort={sortBy}
        open={open}
        onOpen={({ row }) => {
          openedAction.value = { action: row.action, partner: null };
        }}
      />
    </div>
  );
}
