/** The mapping of an export: as a form, as text, and with a preview of what the rows become. */
import { useEffect, useState } from "preact/hooks";
import {
  folderMappings, guessed, type Mapping, mappingOf, mappingText, proposals, setMapping, type Source,
} from "../../state/actions.ts";
import type { Shipped } from "accrue-rules";
import { assist } from "../../state/engines.ts";
import { messageOf } from "../../state/failure.ts";
import { edit, files, setFile, textOf } from "../../state/files.ts";
import { someOf } from "../../state/paths.ts";
import { actionColumns, declared } from "../../state/program.ts";
import { setEntry, type TomlValue } from "../../state/toml.ts";
import { tell } from "../../state/view.ts";
import { count } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Marked } from "../../ui/marked.tsx";
import { Typed } from "../../ui/typed.tsx";
import { columnsOf, entryOf, type FieldEntry, fieldsOfMapping, listOf, questionsIn, setField } from "./mapping-text.ts";
import { Preview, RawRows } from "./preview.tsx";
import { sketch, sketchSoon } from "./sketch.ts";

interface Edited {
  source: Source;
  text: string;
  columns: string[];
  change(text: string): void;
}

export function MappingEditor({ source }: { source: Source }) {
  const mapping = mappingOf(source);
  const text = mapping ? mappingText(mapping) : "";
  useEffect(() => {
    if (mapping) sketchSoon(source, text);
  }, [source.id, source.content, text]);
  const known = sketch.value?.source === source.id ? sketch.value : null;
  const columns = (known?.form?.columns ?? []).filter(Boolean);
  const change = (changed: string) => {
    if (mapping?.kind === "folder") {
      edit(mapping.path, { from: 0, to: textOf(mapping.path).length, insert: changed });
    } else {
      // A mapping that ships is changed in a copy.
      setMapping(source, { kind: "draft", text: changed });
    }
  };
  const edited: Edited = { source, text, columns, change };
  const questions = questionsIn(text);
  return (
    <div class="mapping">
      <div class="mapping-head">
        <Choose source={source} mapping={mapping} />
        {mapping && mapping.kind !== "folder" && <Save key={source.id} source={source} text={text} suggested={nameOf(source, mapping)} />}
      </div>
      {mapping && (
        <>
          <Questions source={source} left={questions} />
          {known && known.diagnostics.length > 0 && (
            <div role="status">
              <ul class="mapping-errors">
                {known.diagnostics.map((found, at) => (
                  <li key={at} class={found.severity === "error" ? "problem" : "warning"}>
                    <Marked text={found.message} />
                    {found.help && (
                      <span class="quiet">
                        : <Marked text={found.help} />
                      </span>
                    )}
                  </li>
                ))}
              </ul>
            </div>
          )}
          {known?.problem && (
            <p class="problem" role="alert">
              <Marked text={known.problem} />
            </p>
          )}
          {known?.preview && <Preview source={source} mapping={text} data={known.preview} fields={fieldsOfMapping(text)} />}
          {known?.form && !known.preview && <RawRows form={known.form} rows={known.rows} />}
          {!known && <p class="quiet">Reading the export…</p>}
          <div class="mapping-parts">
            <div class="mapping-form">
              <Fields {...edited} />
              <Cells {...edited} />
              <RowsForm {...edited} />
            </div>
            <label class="mapping-text">
              <span>The mapping as text (TOML)</span>
              <textarea
                class="mono"
                spellcheck={false}
                value={text}
                rows={24}
                onInput={(event) => change(event.currentTarget.value)}
              />
            </label>
          </div>
        </>
      )}
    </div>
  );
}

function nameOf(source: Source, mapping: Mapping): string {
  if (mapping.kind === "shipped") return mapping.name;
  return source.name.replace(/\.[^.]*$/, "").toLowerCase().replaceAll(/[^a-z0-9_-]+/g, "-") || "export";
}

function Choose({ source, mapping }: { source: Source; mapping: Mapping | undefined }) {
  const [shipped, setShipped] = useState<Shipped[]>([]);
  useEffect(() => {
    assist()
      .then((engine) => engine.mappings())
      .then(setShipped, (error: unknown) => tell(`The mappings of networks and shops cannot be read: ${messageOf(error)}`));
  }, []);
  const value = !mapping ? "own" : mapping.kind === "folder" ? mapping.path : mapping.kind === "shipped" ? `shipped:${mapping.name}` : "draft";
  const choose = async (chosen: string) => {
    if (chosen === "own") return setMapping(source, undefined);
    if (chosen === "guess") return setMapping(source, await guessed(source));
    if (chosen.startsWith("shipped:")) {
      const of = shipped.find(({ name }) => `shipped:${name}` === chosen);
      if (of) setMapping(source, { kind: "shipped", ...of });
    } else if (files.value.has(chosen)) {
      setMapping(source, { kind: "folder", path: chosen });
    }
  };
  return (
    <label class="choose-mapping">
      <span>Read through</span>
      <select value={value} onChange={(event) => void choose(event.currentTarget.value).catch((error: unknown) => tell(`No mapping can be proposed: ${messageOf(error)}`))}>
        {source.own && <option value="own">nothing: it is in Accrue's own format</option>}
        {value === "draft" && <option value="draft">a mapping of its own, not saved yet</option>}
        <option value="guess">a new proposal, from its header and cells</option>
        {folderMappings.value.length > 0 && (
          <optgroup label="Mappings of this folder">
            {folderMappings.value.map((path) => (
              <option key={path} value={path}>
                {path}
              </option>
            ))}
          </optgroup>
        )}
        <optgroup label="Networks and shops">
          {shipped.map(({ name, title }) => (
            <option key={name} value={`shipped:${name}`}>
              {title}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}

function Save({ source, text, suggested }: { source: Source; text: string; suggested: string }) {
  const [name, setName] = useState(suggested);
  useEffect(() => setName(suggested), [suggested]);
  const path = `imports/${name}.toml`;
  const there = files.value.has(path);
  const valid = /^[A-Za-z0-9_-]+$/.test(name);
  return (
    <form
      class="save-mapping"
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid) return;
        setFile(path, text);
        setMapping(source, { kind: "folder", path });
        tell(`Saved as ${path}.`);
      }}
    >
      <label>
        <span>Name</span> <input type="text" value={name} aria-invalid={!valid} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit" class="button" disabled={!valid}>
        <Icon name="save" /> {there ? `Replace ${path}` : "Save in the folder"}
      </button>
    </form>
  );
}

function Questions({ source, left }: { source: Source; left: number }) {
  const proposal = proposals.value.get(source.id);
  if (!proposal || mappingOf(source)?.kind === "shipped") return null;
  return (
    <div class="mapping-questions">
      {left > 0 && (
        <div class="stale">
          <strong>{count(left, "question is", "questions are")} left.</strong> Answer them below: choose a value, or press “Right” where the proposal is right.
          <ul>
            {proposal.questions.map((text, at) => (
              <li key={at}>
                <Marked text={text} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {proposal.notes.length > 0 && (
        <details>
          <summary>{count(proposal.notes.length, "assumption")}</summary>
          <ul>
            {proposal.notes.map((text, at) => (
              <li key={at}>
                <Marked text={text} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** Which column is which field. */
function Fields(edited: Edited) {
  const fields = fieldsOfMapping(edited.text);
  const free = actionColumns.value.filter((name) => fields.every(({ field }) => field !== name));
  const [next, setNext] = useState("");
  const add = () => {
    const column = edited.columns.find((name) => fields.every((field) => !columnsOf(field).includes(name)));
    edited.change(setEntry(edited.text, "columns", next, column ?? { value: "" }));
    setNext("");
  };
  return (
    <fieldset>
      <legend>Fields of an action</legend>
      <table class="fields">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Is read from</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <Field key={`${field.field}${field.asked}`} of={field} {...edited} />
          ))}
        </tbody>
      </table>
      <div class="add-field">
        <label>
          <span>Another field</span>{" "}
          <select value={next} onChange={(event) => setNext(event.currentTarget.value)}>
            <option value="">choose a field</option>
            {free.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="button" disabled={!next} onClick={add}>
          <Icon name="add" /> Add
        </button>
      </div>
    </fieldset>
  );
}

const CONSTANT = "\u0000constant";
const TEXT_ONLY = "\u0000text";

function Field({ of, text, columns, change }: Edited & { of: FieldEntry }) {
  const { field } = of;
  const set = (changed: Record<string, TomlValue | undefined>) => change(setField(text, of, changed));
  const value = of.constant !== null ? CONSTANT : (of.column ?? TEXT_ONLY);
  const setValues = (values: [string, string][]) => set({ values: values.length > 0 ? Object.fromEntries(values) : undefined });
  const suggestions = field === "event_type" ? declared.value.eventTypes.map(({ name }) => name) : field === "touch.kind" ? ["click", "impression", "code"] : [];
  return (
    <tr class={of.asked ? "asked" : undefined}>
      <th scope="row">
        <code>{field}</code>
        {of.asked && <small class="warning">Is this right?</small>}
      </th>
      <td>
        <div class="field-source">
        <select
          aria-label={`${field} is read from`}
          value={value}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            if (chosen === CONSTANT) set({ column: undefined, columns: undefined, value: of.constant ?? suggestions[0] ?? "", values: undefined, otherwise: undefined });
            else set({ value: undefined, columns: undefined, column: chosen });
          }}
        >
          {value === TEXT_ONLY && <option value={TEXT_ONLY}>{of.more || "see the text"}</option>}
          <option value={CONSTANT}>always the same</option>
          {of.column !== null && !columns.includes(of.column) && (
            <option value={of.column}>{of.column} (not in this file)</option>
          )}
          {columns.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        {of.constant !== null && (
          <>
            <Typed
              type="text"
              aria-label={`Value of ${field}`}
              value={of.constant}
              list={suggestions.length > 0 ? `values-${field}` : undefined}
              onType={(typed) => set({ value: typed })}
            />
            {suggestions.length > 0 && (
              <datalist id={`values-${field}`}>
                {suggestions.map((name) => (
                  <option key={name} value={name} />
                ))}
              </datalist>
            )}
          </>
        )}
        {value !== TEXT_ONLY && of.more && <small class="quiet">{of.more}</small>}
        {of.column !== null && (
          <details class="values" open={of.asked && of.values.length > 0}>
            <summary>{of.values.length > 0 ? `Cell meanings (${of.values.length})` : "Cell meanings"}</summary>
            {of.values.map(([cell, meaning], at) => (
              <div key={at} class="value">
                <Typed late type="text" aria-label={`Cell ${at + 1} of ${field}`} value={cell} onType={(typed) => setValues(replaced(of.values, at, [typed, meaning]))} />
                <span aria-hidden="true">→</span>
                <Typed late type="text" aria-label={`Meaning of ${cell}`} value={meaning} onType={(typed) => setValues(replaced(of.values, at, [cell, typed]))} />
                <button type="button" class="plain" aria-label={`Remove ${cell}`} onClick={() => setValues(of.values.filter((_, other) => other !== at))}>
                  <Icon name="close" />
                </button>
              </div>
            ))}
            <button type="button" class="plain" onClick={() => setValues([...of.values, [`cell ${of.values.length + 1}`, ""]])}>
              <Icon name="add" /> Add a cell
            </button>
            <label>
              Any other cell means{" "}
              <Typed late type="text" value={of.otherwise ?? ""} placeholder="an error" onType={(typed) => set({ otherwise: typed || undefined })} />
            </label>
          </details>
        )}
        </div>
      </td>
      <td class="field-tools">
        {of.asked && (
          <button type="button" class="button" aria-label={`${field} is right`} onClick={() => set({})}>
            Right
          </button>
        )}
        <button type="button" class="plain" aria-label={`Remove ${field}`} onClick={() => change(setEntry(text, "columns", field, null))}>
          <Icon name="close" />
        </button>
      </td>
    </tr>
  );
}

function replaced<T>(list: readonly T[], at: number, by: T): T[] {
  return list.map((value, index) => (index === at ? by : value));
}

interface EntryProps extends Edited {
  table: string;
  name: string;
  label: string;
  placeholder?: string;
  options?: [value: string, label: string][];
  suggestions?: string[];
  /** Whether it is a list, with commas in the field. */
  isList?: boolean;
}

/** One entry of the text as a field of the form. */
function Entry({ text, change, table, name, label, placeholder, options, suggestions, isList }: EntryProps) {
  const entry = entryOf(text, table, name);
  const value = isList ? listOf(text, table, name).join(", ") : entry === undefined ? "" : String(entry.value);
  const set = (typed: string) => {
    const list = typed.split(",").map((part) => part.trim()).filter(Boolean);
    change(setEntry(text, table, name, typed === "" ? null : isList ? list : name === "title_lines" ? Number(typed) : typed));
  };
  const asked = entry?.asked ?? false;
  return (
    <div class={asked ? "entry asked" : "entry"}>
      <label>
        <span>{label}</span>
        {options ? (
          <select value={value} onChange={(event) => set(event.currentTarget.value)}>
            {options.map(([of, title]) => (
              <option key={of} value={of}>
                {title}
              </option>
            ))}
          </select>
        ) : (
          <Typed
            late
            type="text"
            value={value}
            placeholder={placeholder}
            list={suggestions ? `suggestions-${table}-${name}` : undefined}
            onType={set}
          />
        )}
      </label>
      {suggestions && (
        <datalist id={`suggestions-${table}-${name}`}>
          {suggestions.map((of) => (
            <option key={of} value={of} />
          ))}
        </datalist>
      )}
      {asked && (
        <button type="button" class="button" aria-label={`${label} is right`} onClick={() => set(value)}>
          Right
        </button>
      )}
    </div>
  );
}

const ZONES = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];

/** How cells are read. */
function Cells(edited: Edited) {
  const of = { ...edited, table: "values" };
  return (
    <fieldset>
      <legend>Numbers and dates</legend>
      <div class="entries">
        <Entry {...of} name="decimal_mark" label="Decimal mark" options={[["", "point: 1234.56"], [".", "point: 1234.56 (written in the mapping)"], [",", "comma: 1234,56"]]} />
        <Entry {...of} name="thousands_mark" label="Mark between thousands" options={[["", "none"], [".", "point"], [",", "comma"], ["'", "apostrophe"], [" ", "space"]]} />
        <Entry {...of} name="dates" label="Date formats" placeholder="YYYY-MM-DD HH:mm:ss" isList />
        <Entry {...of} name="time_zone" label="Time zone" placeholder={`the program's: ${declared.value.zone}`} suggestions={ZONES} />
        <Entry {...of} name="currency_marks" label="Texts beside amounts" placeholder="$, EUR" isList />
        <Entry {...of} name="list" label="Mark between values of a list" placeholder=";" />
        <Entry {...edited} table="file" name="encoding" label="Encoding" placeholder={sketch.value?.form?.encoding ?? "detected"} />
        <Entry {...edited} table="file" name="delimiter" label="Mark between cells" placeholder={sketch.value?.form?.delimiter ?? "detected"} />
        <Entry {...edited} table="file" name="sheet" label="Sheet of a workbook" placeholder="the first" />
      </div>
    </fieldset>
  );
}

/** Which rows are transactions, and which columns are left aside. */
function RowsForm(edited: Edited) {
  const { text, columns, change } = edited;
  const named: [string, string][] = [["", "no column"], ...columns.map((name): [string, string] => [name, name])];
  const others = entryOf(text, "rows", "ignore")?.value === "others";
  const ignored = listOf(text, "rows", "ignore");
  const read = new Set(fieldsOfMapping(text).filter(({ asked }) => !asked).flatMap(columnsOf));
  const status = entryOf(text, "status", "column")?.value;
  const left = others ? [] : columns.filter((name) => !read.has(name) && !ignored.includes(name) && name !== status);
  const of = { ...edited, table: "status" };
  return (
    <fieldset>
      <legend>Rows and columns</legend>
      <div class="entries">
        <Entry {...edited} table="rows" name="order" label="Rows of one order have the same" options={named} />
        <Entry {...of} name="column" label="Status of a transaction" options={named} />
        {status !== undefined && (
          <>
            <Entry {...of} name="approved" label="Cells that mean approved" isList />
            <Entry {...of} name="pending" label="Cells that mean pending" isList />
            <Entry {...of} name="reversed" label="Cells that mean reversed" isList />
          </>
        )}
      </div>
      <label>
        <input
          type="checkbox"
          checked={others}
          onChange={(event) => change(setEntry(text, "rows", "ignore", event.currentTarget.checked ? "others" : null))}
        />{" "}
        Leave all other columns aside
      </label>
      {!others && <Entry {...edited} table="rows" name="ignore" label="Columns that are left aside" isList />}
      {left.length > 0 && (
        <p class="warning">
          {left.length === 1 ? "This column is" : "These columns are"} neither read nor left aside: {someOf(left, 12)}.{" "}
          <button type="button" class="plain" onClick={() => change(setEntry(text, "rows", "ignore", [...ignored, ...left]))}>
            Leave {left.length === 1 ? "it" : "them"} aside
          </button>
        </p>
      )}
    </fieldset>
  );
}
