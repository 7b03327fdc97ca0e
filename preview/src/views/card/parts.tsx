/** What the card as a part of the page and the card beside the text share: what is chosen, and what is wrong. */
import { useEffect } from "preact/hooks";
import { hasErrors } from "../../state/check.ts";
import { partners } from "../../state/program.ts";
import { Marked } from "../../ui/marked.tsx";
import { cardFailure, choice, type Choice, contracts, isOld, keepCard, shown } from "./model.ts";
import { CardSheet } from "./sheet.tsx";
import "../../ui/filters.css";
import "./card.css";

function set(changed: Partial<Choice>): void {
  choice.value = { ...choice.value, ...changed };
}

export function Choices() {
  const of = choice.value;
  return (
    <>
      <label class="filter">
        <span>Contract</span>
        <select value={of.contract} onChange={(event) => set({ contract: event.currentTarget.value })}>
          <option value="">all</option>
          {contracts.value.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="filter">
        <span>For</span>
        <select value={of.partner} onChange={(event) => set({ partner: event.currentTarget.value })}>
          <option value="">the brand</option>
          {partners.value.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="filter">
        <span>In force on</span>
        <input type="date" value={of.at} onInput={(event) => set({ at: event.currentTarget.value })} />
      </label>
    </>
  );
}

export function CardBody() {
  useEffect(keepCard, []);
  const of = shown.value;
  return (
    <>
      <div class="card-state" role="status">
        {isOld.value && <p class="stale">The draft has errors: this is the card of the last draft without any.</p>}
        {!of && hasErrors.value && <p class="problem">The draft has errors, so there is no card of it. Correct them first.</p>}
        {cardFailure.value && !hasErrors.value && (
          <p class="problem">
            There is no such card: <Marked text={cardFailure.value} />
          </p>
        )}
        {of?.facts && (
          <p class="warning">
            The facts are left out, because they cannot be read: <Marked text={of.facts} />
          </p>
        )}
      </div>
      {of ? <CardSheet card={of.card} folder={of.folder} /> : !hasErrors.value && !cardFailure.value && <p class="quiet card-state">Writing the card…</p>}
    </>
  );
}
