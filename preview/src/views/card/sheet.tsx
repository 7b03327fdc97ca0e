/** A card as it is read and printed. Every number of it leads to its place in the files. */
import type { Card, ContractCard, Entry, Piece, Section } from "accrue-rules";
import { files, type Folder } from "../../state/files.ts";
import { showText } from "../../state/text.ts";
import { placeOfOrigin } from "./origin.ts";

/** What the sentences of a contract are written with: where its numbers stand. */
interface Source {
  folder: Folder;
  file: string | null;
}

function NumberOf({ piece, source, entry }: { piece: Extract<Piece, { kind: "number" }>; source: Source; entry?: Entry | undefined }) {
  const [first, ...others] = piece.at ?? [];
  const place = source.file !== null && first !== undefined ? placeOfOrigin(source.folder, source.file, first, entry) : undefined;
  if (!place) return <b>{piece.text}</b>;
  const more = others.length > 0 ? `, and ${others.length} more` : "";
  return (
    <button
      type="button"
      class="card-number"
      title={`Show in ${place.path}${more}`}
      onClick={() => {
        if (files.value.has(place.path)) showText(place.path, place.from, place.to);
      }}
    >
      {piece.text}
    </button>
  );
}

/** The most characters beside a number that stay on one line with it, such as a bracket or a full stop. */
const KEPT = 8;

function Sentence({ pieces, source, entry }: { pieces: Piece[]; source: Source; entry?: Entry }) {
  const beside = (at: number, pattern: RegExp): string => {
    const piece = pieces[at];
    const found = piece?.kind === "text" ? (pattern.exec(piece.text)?.[0] ?? "") : "";
    return found.length > KEPT ? "" : found;
  };
  const isNumber = (at: number) => pieces[at]?.kind === "number";
  return (
    <>
      {pieces.map((piece, at) => {
        if (piece.kind === "name") return <code key={at}>{piece.text}</code>;
        if (piece.kind === "number") {
          return (
            <span key={at} class="card-kept">
              {beside(at - 1, /\S+$/)}
              <NumberOf piece={piece} source={source} entry={entry} />
              {isNumber(at + 2) && beside(at + 1, /^\S+$/) ? "" : beside(at + 1, /^\S+/)}
            </span>
          );
        }
        const from = isNumber(at - 1) && !(isNumber(at + 1) && /^\S+$/.test(piece.text)) ? beside(at, /^\S+/).length : 0;
        const to = isNumber(at + 1) ? beside(at, /\S+$/).length : 0;
        return piece.text.slice(from, piece.text.length - to);
      })}
    </>
  );
}

function Lines({ entry, source }: { entry: Entry; source: Source }) {
  return (
    <>
      {entry.lines.map((line, at) => (
        <p key={at} class={line.depth > 0 ? `depth-${Math.min(line.depth, 6)}` : undefined}>
          <Sentence pieces={line.sentence} source={source} entry={entry} />
        </p>
      ))}
    </>
  );
}

function OfSection({ section, source }: { section: Section; source: Source }) {
  return (
    <section>
      <h4>
        <Sentence pieces={section.heading} source={source} />
      </h4>
      {section.entries.map((entry, at) =>
        typeof entry.name === "string" ? (
          <dl key={at}>
            <dt>{entry.name}</dt>
            <dd>
              <Lines entry={entry} source={source} />
            </dd>
          </dl>
        ) : (
          <Lines key={at} entry={entry} source={source} />
        ),
      )}
    </section>
  );
}

function OfContract({ contract, folder }: { contract: ContractCard; folder: Folder }) {
  const source = { folder, file: contract.file ?? null };
  return (
    <article>
      <h3>
        <Sentence pieces={contract.title} source={source} />
      </h3>
      {contract.file && (
        <p class="card-source">
          {contract.file} · {contract.digest.slice(0, 12)}
        </p>
      )}
      <div class="card-sections">
        {contract.sections.map((section) => (
          <OfSection key={section.kind} section={section} source={source} />
        ))}
      </div>
    </article>
  );
}

export function CardSheet({ card, folder }: { card: Card; folder: Folder }) {
  const none = { folder, file: null };
  return (
    <div class="card-sheet">
      <header>
        <h2>
          <Sentence pieces={card.title} source={none} />
        </h2>
        {card.notes.map((note, at) => (
          <p key={at}>
            <Sentence pieces={note} source={none} />
          </p>
        ))}
      </header>
      {card.contracts.length === 0 && <p>No contract is in force for this card.</p>}
      {card.contracts.map((contract) => (
        <OfContract key={contract.contract} contract={contract} folder={folder} />
      ))}
    </div>
  );
}
