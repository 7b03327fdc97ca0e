/** A chart with its title, a sentence that says what it shows, and its data as a table. */
import { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } from "chart.js";
import { signal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { isDark, tell } from "../../state/view.ts";
import { copy } from "../../ui/copy.ts";
import { amount, whole } from "../../ui/format.ts";
import { fill, type Look, outline, token } from "./colours.ts";

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip);

/** The most bars of a chart that lie below each other. The table has all. */
const BARS = 20;

/** A value for each label: decimal texts, or whole numbers. */
interface Series {
  name: string;
  look: Look;
  values: (string | number)[];
}

export interface Data {
  title: string;
  sentence: string;
  /** What the labels are: the head of the first column. */
  of: string;
  labels: string[];
  series: Series[];
  /** The currency of the values; `null` for numbers of actions. */
  currency: string | null;
  /** Whether the bars stand: for months, in their order. */
  upright?: boolean;
  /** What the filters do not reach. */
  note?: string;
}

/** The colours of the system, for a page that follows them. */
const systemDark = signal(0);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (systemDark.value += 1));

function draw(canvas: HTMLCanvasElement, data: Data): Chart {
  const { currency, upright = false } = data;
  const most = upright ? data.labels.length : BARS;
  const written = (value: string | number) => (currency === null ? whole(Number(value)) : `${amount(value, currency)} ${currency}`);
  const [text, line] = [token(canvas.parentElement!, "--text"), token(canvas.parentElement!, "--line")];
  const font = { family: getComputedStyle(canvas).fontFamily, size: 12 };
  const values = {
    stacked: true,
    beginAtZero: true,
    grid: { color: line },
    border: { color: line },
    ticks: { color: text, font, maxTicksLimit: 8, ...(currency === null && { precision: 0 }) },
  };
  const names = { stacked: true, grid: { display: false }, border: { color: line }, ticks: { color: text, font, autoSkip: upright } };
  return new Chart(canvas, {
    type: "bar",
    data: {
      labels: data.labels.slice(0, most),
      datasets: data.series.map(({ name, look, values }) => ({
        label: name,
        data: values.slice(0, most).map(Number),
        backgroundColor: fill(canvas.parentElement!, look),
        borderColor: outline(canvas.parentElement!, look),
        borderWidth: 1,
        maxBarThickness: upright ? 56 : 22,
      })),
    },
    options: {
      animation: false,
      indexAxis: upright ? "x" : "y",
      maintainAspectRatio: false,
      scales: upright ? { x: names, y: values } : { x: values, y: names },
      plugins: {
        legend: { display: data.series.length > 1, position: "top", align: "start", labels: { color: text, font, boxHeight: 12, boxWidth: 24 } },
        tooltip: {
          callbacks: {
            label: ({ datasetIndex, dataIndex }) => {
              const of = data.series[datasetIndex];
              return of ? `${of.name}: ${written(of.values[dataIndex] ?? "0")}` : "";
            },
          },
        },
      },
    },
  });
}

function tableText({ of, labels, series, currency }: Data): string {
  const head = [of, ...series.map(({ name }) => (currency === null ? name : `${name} (${currency})`))];
  const rows = labels.map((label, at) => [label, ...series.map(({ values }) => String(values[at] ?? ""))]);
  return [head, ...rows].map((row) => row.join("\t")).join("\n");
}

async function copyTable(data: Data): Promise<void> {
  const copied = await copy(tableText(data));
  tell(copied ? "The table is copied: paste it into a spreadsheet." : "The browser does not let the page copy: select the table and copy it.");
}

function Table({ data }: { data: Data }) {
  const { currency } = data;
  return (
    <details class="chart-table">
      <summary>As a table</summary>
      <button type="button" class="plain" onClick={() => void copyTable(data)}>
        Copy the table
      </button>
      <div class="scroll" tabIndex={0} role="group" aria-label={`${data.title}, as a table`}>
        <table class="data">
          <caption class="unseen">{data.title}</caption>
          <thead>
            <tr>
              <th scope="col">{data.of}</th>
              {data.series.map(({ name }) => (
                <th key={name} scope="col" class="amount">
                  {name}
                  {currency && ` (${currency})`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.labels.map((label, at) => (
              <tr key={at}>
                <th scope="row">{label}</th>
                {data.series.map(({ name, values }) => (
                  <td key={name} class="amount">
                    {currency === null ? whole(Number(values[at])) : amount(values[at], currency)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export function Figure({ data }: { data: Data }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const id = useId();
  const dark = isDark() && systemDark.value >= 0;
  const identity = JSON.stringify(data);
  useEffect(() => {
    if (!canvas.current || data.labels.length === 0) return;
    const chart = draw(canvas.current, data);
    return () => chart.destroy();
  }, [identity, dark, systemDark.value]);
  const bars = Math.min(data.labels.length, BARS);
  return (
    <figure class={data.upright ? "sheet chart chart-wide" : "sheet chart"} aria-labelledby={id}>
      <h3 id={id}>
        {data.title}
        {data.currency && `, in ${data.currency}`}
      </h3>
      <p>{data.sentence}</p>
      {data.labels.length > 0 && (
        <>
          <div class="chart-canvas" style={{ height: data.upright ? "260px" : `${Math.max(4, bars) * 26 + 70}px` }}>
            <canvas ref={canvas} role="img" aria-label={`${data.title}. ${data.sentence} The table below has the data.`} />
          </div>
          {!data.upright && data.labels.length > BARS && (
            <p class="quiet">
              The {BARS} highest of {whole(data.labels.length)}; the table has all.
            </p>
          )}
          {data.note && <p class="quiet">{data.note}</p>}
          <Table data={data} />
        </>
      )}
    </figure>
  );
}
