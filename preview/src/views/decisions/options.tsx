/** What a run is told besides its actions. */
import { mayGoOn, options, type RunOptions } from "../../state/run.ts";

function set(changed: Partial<RunOptions>): void {
  options.value = { ...options.value, ...changed };
}

export function Options() {
  const { close, asOf, fresh } = options.value;
  return (
    <details class="run-options">
      <summary class="button">Options</summary>
      <div class="sheet run-options-body">
        <label>
          <input type="checkbox" checked={close} onChange={(event) => set({ close: event.currentTarget.checked })} /> Close the periods of
          bonuses as they end
        </label>
        <label>
          Go on to the end of{" "}
          <input type="date" value={asOf} onInput={(event) => set({ asOf: event.currentTarget.value })} />
        </label>
        <p class="quiet">Holds that end by then are released, and periods that end by then are closed. Without a date, the run ends with its last action.</p>
        <label>
          <input type="checkbox" checked={fresh} disabled={fresh && !mayGoOn.value} onChange={(event) => set({ fresh: event.currentTarget.checked })} />{" "}
          Begin from nothing
        </label>
        <p class="quiet">Otherwise limits and totals go on from what the previous run counted, as they do from month to month.</p>
      </div>
    </details>
  );
}
