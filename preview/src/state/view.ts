/** Which part of the page is open, and how it looks. */
import { effect, signal } from "@preact/signals";

/** The parts of the page. */
export const VIEWS = ["start", "contract", "tables", "actions", "decisions", "compare", "card", "tests", "charts"] as const;
export type View = (typeof VIEWS)[number];

/** The part that is open. */
export const view = signal<View>("start");

/** The colours that were chosen; `null` follows the system. */
export const theme = signal<"light" | "dark" | null>(readTheme());

function readTheme(): "light" | "dark" | null {
  try {
    const kept = localStorage.getItem("accrue-theme");
    return kept === "light" || kept === "dark" ? kept : null;
  } catch {
    return null;
  }
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  return (theme.value ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

/** Applies and keeps the colours from now on. */
export function keepTheme(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value ?? "system";
    try {
      if (theme.value) localStorage.setItem("accrue-theme", theme.value);
      else localStorage.removeItem("accrue-theme");
    } catch {
      // A browser that keeps nothing keeps no colours either.
    }
  });
}

/** What the page tells for a moment, for everybody: also read aloud. */
export const message = signal("");

let telling: ReturnType<typeof setTimeout> | undefined;

/** Tells something for a moment: long enough to be read. */
export function tell(text: string): void {
  message.value = text;
  clearTimeout(telling);
  telling = setTimeout(() => (message.value = ""), 4000 + 60 * text.length);
}
