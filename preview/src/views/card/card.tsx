/** The terms in plain words, for the brand or for a partner: to be read, printed and saved. */
import { messageOf } from "../../state/failure.ts";
import { folderName } from "../../state/files.ts";
import { tell } from "../../state/view.ts";
import { download } from "../../ui/download.ts";
import { Icon } from "../../ui/icon.tsx";
import { cardAs, choice, isOld, shown } from "./model.ts";
import { CardBody, Choices } from "./parts.tsx";
import "../../ui/run-bar.css";

const FORMATS = [
  { format: "text", label: "Text", ending: "txt", type: "text/plain" },
  { format: "markdown", label: "Markdown", ending: "md", type: "text/markdown" },
  { format: "html", label: "HTML", ending: "html", type: "text/html" },
] as const;

async function save({ format, ending, type }: (typeof FORMATS)[number]): Promise<void> {
  const { contract, partner } = choice.value;
  const name = [folderName.value, contract, partner, "card"].filter(Boolean).join("-");
  try {
    download(`${name}.${ending}`, await cardAs(format), `${type};charset=utf-8`);
  } catch (error) {
    tell(`The card cannot be saved: ${messageOf(error)}`);
  }
}

export default function Card() {
  const none = !shown.value;
  return (
    <div class="card-part">
      <header class="part-head card-tools">
        <h2>Contract card</h2>
        <Choices />
        <span class="gap" />
        <button type="button" class="button main" disabled={none} onClick={() => window.print()}>
          <Icon name="print" /> Print
        </button>
        {FORMATS.map((of) => (
          <button key={of.format} type="button" class="button" disabled={none || isOld.value} onClick={() => void save(of)}>
            <Icon name="export" /> {of.label}
          </button>
        ))}
      </header>
      <CardBody />
    </div>
  );
}
