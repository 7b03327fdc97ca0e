/** Three questions that make a contract: who the partners are, what they are paid for, and what is never paid. */
import { signal } from "@preact/signals";
import { CURRENCIES, adapt, possible } from "./adapt.ts";
import { type Template, TEMPLATES } from "./templates.ts";
import { messageOf } from "../../state/failure.ts";
import { notOpened, open } from "../../state/open.ts";
import { loadShipped, shippedFolder } from "../../state/shipped.ts";

const template = signal<Template | null>(null);
const pays = signal<readonly string[]>([]);
const never = signal<readonly string[]>([]);
const name = signal("");
const currency = signal("EUR");
const timeZone = signal(Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");
const making = signal(false);

/** The time zones that the browser knows; UTC is not always among them. */
const ZONES = [...new Set(["UTC", timeZone.value, ...Intl.supportedValuesOf("timeZone")])].sort();

function chooseTemplate(chosen: Template): void {
  template.value = chosen;
  pays.value = chosen.pays.slice(0, 2).map(({ id }) => id);
  never.value = chosen.never.map(({ id }) => id);
  name.value = chosen.title;
}

function toggle(list: typeof pays, id: string): void {
  list.value = list.value.includes(id) ? list.value.filter((other) => other !== id) : [...list.value, id];
}

async function make(chosen: Template): Promise<void> {
  const folder = shippedFolder({ kind: "templates", name: chosen.name });
  if (!folder || making.value) return;
  making.value = true;
  try {
    const { files } = await loadShipped(folder);
    const texts = new Map([...files].filter((file): file is [string, string] => typeof file[1] === "string"));
    const title = name.value.trim() || chosen.title;
    const answers = { name: title, currency: currency.value, timeZone: timeZone.value, pays: [...pays.value], never: [...never.value] };
    await open(title, adapt(chosen, texts, answers));
  } catch (error) {
    notOpened.value = messageOf(error);
  } finally {
    making.value = false;
  }
}

function Choices({ title, name, of, list, missing }: { title: string; name: string; of: { id: string; label: string; hint: string }[]; list: typeof pays; missing?: string }) {
  return (
    <fieldset class="question">
      <legend>{title}</legend>
      <div class="choices">
        {of.map(({ id, label, hint }) => (
          <label key={id} class="choice">
            <input type="checkbox" name={name} checked={list.value.includes(id)} onChange={() => toggle(list, id)} />
            <span>
              <strong>{label}</strong>
              <span class="quiet">{hint}</span>
            </span>
          </label>
        ))}
      </div>
      {missing && (
        <p class="problem" role="status">
          {missing}
        </p>
      )}
    </fieldset>
  );
}

function Rest({ chosen }: { chosen: Template }) {
  const sensible = possible(chosen, [...pays.value]);
  return (
    <>
      <Choices
        title="2. What do you pay for?"
        name="pays"
        of={chosen.pays}
        list={pays}
        {...(pays.value.length === 0 && { missing: "Choose at least one." })}
      />
      <Choices title="3. What must never be paid?" name="never" of={chosen.never.filter(({ id }) => sensible.includes(id))} list={never} />
      <div class="details">
        <label class="field">
          Name of the program
          <input type="text" maxLength={100} value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          Currency
          <select value={currency.value} onChange={(event) => (currency.value = event.currentTarget.value)}>
            {Object.keys(CURRENCIES).map((code) => (
              <option key={code}>{code}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Time zone
          <select value={timeZone.value} onChange={(event) => (timeZone.value = event.currentTarget.value)}>
            {ZONES.map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
          </select>
        </label>
      </div>
      <div class="row">
        <button type="submit" class="button main" disabled={pays.value.length === 0 || making.value}>
          Make the contract
        </button>
        <span class="quiet">With rates, tests and made-up actions to change. You can add and remove everything later.</span>
      </div>
    </>
  );
}

export function Questions() {
  const chosen = template.value;
  return (
    <section aria-labelledby="questions">
      <h2 id="questions">Start a contract</h2>
      <form
        class="questions sheet"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen && pays.value.length > 0) void make(chosen);
        }}
      >
        <fieldset class="question">
          <legend>1. Who are your partners?</legend>
          <div class="choices narrow">
            {TEMPLATES.map((of) => (
              <label key={of.name} class="choice">
                <input type="radio" name="partners" checked={chosen === of} onChange={() => chooseTemplate(of)} />
                <span>
                  <strong>{of.label}</strong>
                  <span class="quiet">{of.hint}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        {chosen ? <Rest chosen={chosen} /> : <p class="quiet">Several kinds? Begin with the one that you pay most often, and add a contract for each other kind later.</p>}
      </form>
    </section>
  );
}
