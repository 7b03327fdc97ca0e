/** Parts of the page that are loaded when they are first opened. */
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";

/** Returns a component whose code is loaded when it is first shown. */
export function lazy(load: () => Promise<{ default: ComponentType }>): ComponentType {
  const loaded = signal<ComponentType | null>(null);
  const failed = signal("");
  let asked = false;
  return function Lazy() {
    if (!asked) {
      asked = true;
      load().then(
        (part) => {
          loaded.value = part.default;
          failed.value = "";
        },
        (error: Error) => {
          asked = false;
          failed.value = error.message;
        },
      );
    }
    if (failed.value) return <p class="problem">This part of the page cannot be loaded: {failed.value}. Reload the page to try again.</p>;
    const Part = loaded.value;
    return Part ? <Part /> : <p class="quiet">Loading…</p>;
  };
}
