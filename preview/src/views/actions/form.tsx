/** A form for one action: to try what the contract pays for it, or to change one that is there and try again. */
import type { Action, Item, Touch } from "accrue-rules";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { FORM, formAction, keepAction } from "../../state/actions.ts";
import { openedAction } from "../../state/chosen.ts";
import { creatives, declared, type Declared, partners, promoCodes } from "../../state/program.ts";
import { rejects, running, startRun } from "../../state/run.ts";
import { tell, view } from "../../state/view.ts";
import { Icon } from "../../ui/icon.tsx";
import { Typed } from "../../ui/typed.tsx";
import { fromLocal, toLocal } from "../../ui/zone.ts";
import { tab } from "../decisions/filter.ts";

type Draft = Partial<Action>;
type Set = (changed: Draft) => void;

/** An action to begin with: a sale of now that a partner's click has led to. */
function blank(): Draft {
  const now = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString().replace(".000Z", "Z");
  const [type] = declared.value.eventTypes;
  const [partner] = partners.value;
  return {
    id: `try-${now.replaceAll(/\D/g, "").slice(0, 12)}`,
    event_type: type?.name ?? "sale",
    occurred_at: now,
    ...(type?.amount !== false && { amount: "100.00" }),
    touches: [{ partner: partner ?? "", at: now, kind: "click" }],
  };
}

/** Leaves out what is empty: a field that is left out is unknown. */
function trimmed(value: unknown): unknown {
  if (Array.isArray(value)) {
    const parts = value.map(trimmed).filter((part) => part !== undefined);
    return parts.length > 0 ? parts : undefined;
  }
  if (typeof value === "object" && value !== null) {
    const parts = Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
      const kept = trimmed(part);
      return kept === undefined ? [] : [[key, kept]];
    });
    return parts.length > 0 ? Object.fromEntries(parts) : undefined;
  }
  return value === "" || value === null ? undefined : value;
}

export function ActionForm() {
  const begin = formAction.value;
  const [draft, setDraft] = useState<Draft>(() => start(begin));
  const [errors, setErrors] = useState<string[]>([]);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    setDraft(start(begin));
    setErrors([]);
    heading.current?.focus();
  }, [begin]);
  const set: Set = (changed) => setDraft((before) => ({ ...before, ...changed }));
  const made = () => trimmed(draft) as Action;
  const { currency } = declared.value;
  const type = declared.value.eventTypes.find(({ name }) => name === draft.event_type);

  const decide = async () => {
    const action = made();
    keepAction(action);
    await startRun();
    const refused = rejects.value.filter(({ file, text }) => file === FORM && text.includes(JSON.stringify(action.id)));
    if (refused.length > 0) {
      setErrors(refused.flatMap((line) => line.errors.map(({ field, message }) => (field ? `${field}: ${message}` : message))));
      return;
    }
    formAction.value = null;
    tab.value = "awards";
    openedAction.value = { action: action.id, partner: null };
    view.value = "decisions";
  };

  return (
    <form
      class="sheet action-form"
      aria-labelledby="form-title"
      onSubmit={(event) => {
        event.preventDefault();
        void decide();
      }}
    >
      <header class="form-head">
        <h3 id="form-title" ref={heading} tabIndex={-1}>
          {begin && "id" in begin ? `Change ${begin.id} and try again` : "An action to try"}
        </h3>
        <span class="gap" />
        <button type="button" class="plain" aria-label="Close the form" onClick={() => (formAction.value = null)}>
          <Icon name="close" />
        </button>
      </header>
      <p class="quiet">What is left empty is unknown to the contract.</p>

      <div class="form-grid">
        <Field label="Event type">
          <select value={draft.event_type} onChange={(event) => set({ event_type: event.currentTarget.value })}>
            {declared.value.eventTypes.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        <Moment label="Occurred" value={draft.occurred_at} onChange={(occurred_at) => set({ occurred_at })} required />
        {type?.amount !== false && (
          <Text label={`Amount${draft.currency ? "" : `, in ${currency}`}`} value={draft.amount} onChange={(amount) => set({ amount })} decimal />
        )}
        <Text label="Currency" value={draft.currency} placeholder={currency} onChange={(value) => set({ currency: value.toUpperCase() })} />
        <Text label="Promo codes" value={draft.promo_codes?.join(", ")} list="form-codes" onChange={(value) => set({ promo_codes: parts(value) })} />
        <Text label="Order number" value={draft.order_id} onChange={(order_id) => set({ order_id })} />
        <Text label="Id" value={draft.id} onChange={(id) => set({ id })} required />
      </div>

      <Touches draft={draft} set={set} />
      <Items draft={draft} set={set} />
      <Customer draft={draft} set={set} />
      <Attributes
        title="Attributes of the brand"
        declared={declared.value.attributes}
        values={draft.attributes}
        onChange={(attributes) => set({ attributes })}
      />
      <More draft={draft} set={set} />

      <datalist id="form-partners">{partners.value.map((id) => <option key={id} value={id} />)}</datalist>
      <datalist id="form-codes">{promoCodes.value.map((id) => <option key={id} value={id} />)}</datalist>
      <datalist id="form-creatives">{creatives.value.map((id) => <option key={id} value={id} />)}</datalist>

      {errors.length > 0 && (
        <ul class="problem" role="alert">
          {errors.map((text, at) => (
            <li key={at}>{text}</li>
          ))}
        </ul>
      )}
      <div class="form-tools">
        <button type="submit" class="button main" disabled={running.value}>
          <Icon name="run" /> Run and explain
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            const action = made();
            keepAction(action);
            formAction.value = null;
            tell(`${action.id} is among the actions that the next run decides.`);
          }}
        >
          Add to the actions
        </button>
      </div>
    </form>
  );
}

function start(begin: Draft | null): Draft {
  if (!begin || !("id" in begin)) return blank();
  // The first action stays as it is: an id counts once in a run.
  return { ...begin, id: `${begin.id}-again` };
}

function parts(text: string): string[] {
  return text.split(/[,;]/).map((part) => part.trim()).filter(Boolean);
}

function Field({ label, wide, children }: { label: string; wide?: boolean; children: ComponentChildren }) {
  return (
    <label class={wide ? "form-field wide" : "form-field"}>
      <span>{label}</span>
      {children}
    </label>
  );
}

interface TextProps {
  label: string;
  value: string | number | null | undefined;
  onChange(value: string): void;
  placeholder?: string;
  list?: string;
  required?: boolean;
  decimal?: boolean;
}

function Text({ label, value, onChange, placeholder, list, required, decimal }: TextProps) {
  return (
    <Field label={label}>
      <Typed
        type="text"
        value={String(value ?? "")}
        placeholder={placeholder}
        list={list}
        required={required}
        inputMode={decimal ? "decimal" : undefined}
        onType={(text) => onChange(text.trim())}
      />
    </Field>
  );
}

function Whole({ label, value, onChange }: { label: string; value: number | null | undefined; onChange(value: number | null): void }) {
  return (
    <Field label={label}>
      <Typed
        type="number"
        min={0}
        step={1}
        value={String(value ?? "")}
        onType={(text) => onChange(text === "" ? null : Number(text))}
      />
    </Field>
  );
}

interface MomentProps {
  label: string;
  value: string | null | undefined;
  onChange(value: string): void;
  required?: boolean;
}

function Moment({ label, value, onChange, required }: MomentProps) {
  const { zone } = declared.value;
  const local = value ? toLocal(value, zone) : "";
  const whole = local.endsWith(":00");
  return (
    <Field label={`${label} (${zone})`} wide>
      <Typed
        type="datetime-local"
        step={whole ? 60 : 1}
        required={required}
        value={whole ? local.slice(0, -3) : local}
        onType={(text) => onChange(fromLocal(text, zone))}
      />
    </Field>
  );
}

interface PartProps {
  draft: Draft;
  set: Set;
}

function replaced<T>(list: readonly T[], at: number, by: Partial<T>): T[] {
  return list.map((part, index) => (index === at ? { ...part, ...by } : part));
}

function Touches({ draft, set }: PartProps) {
  const touches = draft.touches ?? [];
  const credits = draft.credits ?? [];
  const change = (at: number, by: Partial<Touch>) => set({ touches: replaced(touches, at, by) });
  return (
    <fieldset>
      <legend>Touches and credits</legend>
      {touches.map((touch, at) => (
        <div key={at} class="form-part" role="group" aria-label={`Touch ${at + 1}`}>
          <Text label="Partner" value={touch.partner} list="form-partners" onChange={(partner) => change(at, { partner })} />
          <Field label="Kind">
            <select value={touch.kind} onChange={(event) => change(at, { kind: event.currentTarget.value as Touch["kind"] })}>
              <option value="click">click</option>
              <option value="impression">impression</option>
              <option value="code">code</option>
            </select>
          </Field>
          <Moment label="At" value={touch.at} onChange={(when) => change(at, { at: when })} />
          <Text label="Creative" value={touch.creative} list="form-creatives" onChange={(creative) => change(at, { creative })} />
          <Text label="Property" value={touch.property} onChange={(property) => change(at, { property })} />
          <Remove label={`Remove touch ${at + 1}`} onClick={() => set({ touches: touches.filter((_, other) => other !== at) })} />
        </div>
      ))}
      {credits.map((credit, at) => (
        <div key={`credit-${at}`} class="form-part" role="group" aria-label={`Credit ${at + 1}`}>
          <Text label="Credited partner" value={credit.partner} list="form-partners" onChange={(partner) => set({ credits: replaced(credits, at, { partner }) })} />
          <Text label="Weight" value={credit.weight} decimal onChange={(weight) => set({ credits: replaced(credits, at, { weight }) })} />
          <Text label="Role" value={credit.role} onChange={(role) => set({ credits: replaced(credits, at, { role }) })} />
          <Remove label={`Remove credit ${at + 1}`} onClick={() => set({ credits: credits.filter((_, other) => other !== at) })} />
        </div>
      ))}
      <Add
        label="Add a touch"
        onClick={() => set({ touches: [...touches, { partner: "", at: touches.at(-1)?.at ?? draft.occurred_at ?? "", kind: "click" }] })}
      />
      <Add label="Add a reported credit" onClick={() => set({ credits: [...credits, { partner: "" }] })} />
    </fieldset>
  );
}

function Items({ draft, set }: PartProps) {
  const items = draft.items ?? [];
  const change = (at: number, by: Partial<Item>) => set({ items: replaced(items, at, by) });
  const attributes = declared.value.itemAttributes;
  return (
    <fieldset>
      <legend>Items</legend>
      {items.map((item, at) => (
        <div key={at} class="form-part" role="group" aria-label={`Item ${at + 1}`}>
          <Text label="SKU" value={item.sku} onChange={(sku) => change(at, { sku })} />
          <Text label="Category" value={item.category} onChange={(category) => change(at, { category })} />
          <Whole label="Units" value={item.quantity} onChange={(quantity) => change(at, { quantity: quantity ?? 1 })} />
          <Text label="Amount of the line" value={item.amount} decimal onChange={(amount) => change(at, { amount })} />
          {attributes.map((of) => (
            <Attribute
              key={of.name}
              of={of}
              value={item.attributes?.[of.name]}
              onChange={(value) => change(at, { attributes: withAttribute(item.attributes, of.name, value) })}
            />
          ))}
          <Remove label={`Remove item ${at + 1}`} onClick={() => set({ items: items.filter((_, other) => other !== at) })} />
        </div>
      ))}
      <Add label="Add an item" onClick={() => set({ items: [...items, { sku: "", amount: "" }] })} />
    </fieldset>
  );
}

function Customer({ draft, set }: PartProps) {
  const customer = draft.customer ?? {};
  const change = (by: Partial<typeof customer>) => set({ customer: { ...customer, ...by } });
  return (
    <fieldset>
      <legend>Customer</legend>
      <div class="form-grid">
        <Text label="Customer id" value={customer.id} onChange={(id) => change({ id })} />
        <Text label="Status" value={customer.status} list="form-status" onChange={(status) => change({ status })} />
        <datalist id="form-status">
          <option value="new" />
          <option value="existing" />
        </datalist>
        <Text label="Country" value={customer.country} placeholder="DE" onChange={(country) => change({ country })} />
        <Text label="Region" value={customer.region} onChange={(region) => change({ region })} />
        <Text label="Spent before" value={customer.lifetime_value} decimal onChange={(lifetime_value) => change({ lifetime_value })} />
        <Whole label="Orders before" value={customer.order_count} onChange={(order_count) => change({ order_count })} />
        <Text label="Audiences" value={customer.audiences?.join(", ")} onChange={(value) => change({ audiences: parts(value) })} />
      </div>
    </fieldset>
  );
}

type Values = NonNullable<Action["attributes"]>;

function withAttribute(values: Values | undefined, name: string, value: Values[string] | undefined): Values {
  const changed = { ...values };
  if (value === undefined) delete changed[name];
  else changed[name] = value;
  return changed;
}

interface AttributesProps {
  title: string;
  declared: Declared[];
  values: Values | undefined;
  onChange(values: Values): void;
}

function Attributes({ title, declared, values, onChange }: AttributesProps) {
  if (declared.length === 0) return null;
  return (
    <fieldset>
      <legend>{title}</legend>
      <div class="form-grid">
        {declared.map((of) => (
          <Attribute key={of.name} of={of} value={values?.[of.name]} onChange={(value) => onChange(withAttribute(values, of.name, value))} />
        ))}
      </div>
    </fieldset>
  );
}

interface AttributeProps {
  of: Declared;
  value: Values[string] | undefined;
  onChange(value: Values[string] | undefined): void;
}

function Attribute({ of, value, onChange }: AttributeProps) {
  const label = of.required ? `${of.name} (required)` : of.name;
  if (of.type === "bool" || of.values.length > 0) {
    const values = of.type === "bool" ? ["true", "false"] : of.values;
    return (
      <Field label={label}>
        <select
          value={value === undefined ? "" : String(value)}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            onChange(chosen === "" ? undefined : of.type === "bool" ? chosen === "true" : chosen);
          }}
        >
          <option value="">unknown</option>
          {values.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </Field>
    );
  }
  if (of.type === "integer") {
    return <Whole label={label} value={typeof value === "number" ? value : null} onChange={(number) => onChange(number ?? undefined)} />;
  }
  if (of.type === "time") return <Moment label={label} value={value === undefined ? "" : String(value)} onChange={(text) => onChange(text || undefined)} />;
  return (
    <Text
      label={label}
      value={value === undefined ? "" : String(value)}
      {...(of.type === "date" && { placeholder: "2026-03-01" })}
      decimal={of.type === "decimal" || of.type === "money"}
      onChange={(text) => onChange(text || undefined)}
    />
  );
}

function More({ draft, set }: PartProps) {
  const device = draft.device ?? {};
  const fraud = draft.fraud ?? {};
  return (
    <details class="form-more">
      <summary>Parts of the amount, device, fraud signals, time of the report</summary>
      <div class="form-grid">
        <Text label="Subtotal" value={draft.subtotal} decimal onChange={(subtotal) => set({ subtotal })} />
        <Text label="Discount" value={draft.discount} decimal onChange={(discount) => set({ discount })} />
        <Text label="Tax" value={draft.tax} decimal onChange={(tax) => set({ tax })} />
        <Text label="Shipping" value={draft.shipping} decimal onChange={(shipping) => set({ shipping })} />
        <Text label="Device" value={device.kind} placeholder="phone" onChange={(kind) => set({ device: { ...device, kind } })} />
        <Text label="Operating system" value={device.os} placeholder="ios" onChange={(os) => set({ device: { ...device, os } })} />
        <Text label="Fraud risk" value={fraud.risk} decimal onChange={(risk) => set({ fraud: { ...fraud, risk } })} />
        <Moment label="Reported" value={draft.submitted_at} onChange={(submitted_at) => set({ submitted_at })} />
      </div>
    </details>
  );
}

function Add({ label, onClick }: { label: string; onClick(): void }) {
  return (
    <button type="button" class="plain" onClick={onClick}>
      <Icon name="add" /> {label}
    </button>
  );
}

function Remove({ label, onClick }: { label: string; onClick(): void }) {
  return (
    <button type="button" class="plain" aria-label={label} onClick={onClick}>
      <Icon name="close" />
    </button>
  );
}
