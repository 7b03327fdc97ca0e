/** The frame of the page: its head, the way to its parts, and the part that is open. */
import type { ComponentType } from "preact";
import { Asking } from "./ui/asking.tsx";
import { Head } from "./ui/head.tsx";
import { Icon } from "./ui/icon.tsx";
import { lazy } from "./ui/lazy.tsx";
import { Sharing } from "./ui/share.tsx";
import { files } from "./state/files.ts";
import { message, VIEWS, type View, view } from "./state/view.ts";

interface Part {
  label: string;
  component: ComponentType;
}

const PARTS: Record<View, Part> = {
  start: { label: "Start", component: lazy(() => import("./views/start/start.tsx")) },
  contract: { label: "Contract", component: lazy(() => import("./views/contract/contract.tsx")) },
  tables: { label: "Tables", component: lazy(() => import("./views/tables/tables.tsx")) },
  actions: { label: "Actions", component: lazy(() => import("./views/actions/actions.tsx")) },
  decisions: { label: "Decisions", component: lazy(() => import("./views/decisions/decisions.tsx")) },
  compare: { label: "Compare", component: lazy(() => import("./views/compare/compare.tsx")) },
  card: { label: "Card", component: lazy(() => import("./views/card/card.tsx")) },
  tests: { label: "Tests", component: lazy(() => import("./views/tests/tests.tsx")) },
  charts: { label: "Charts", component: lazy(() => import("./views/charts/charts.tsx")) },
};

export function App() {
  const Open = PARTS[view.value].component;
  const nothing = files.value.size === 0;
  return (
    <>
      <Head />
      <nav class="parts" aria-label="Parts of the page">
        {VIEWS.map((id) => (
          <button
            key={id}
            type="button"
            class="part"
            disabled={nothing && id !== "start"}
            aria-current={view.value === id ? "page" : undefined}
            onClick={() => {
              view.value = id;
            }}
          >
            <Icon name={id} />
            <span>{PARTS[id].label}</span>
          </button>
        ))}
      </nav>
      <main class={`view view-${view.value}`} aria-label={PARTS[view.value].label}>
        <Open />
      </main>
      <div class="message" role="status">
        {message.value}
      </div>
      <Asking />
      <Sharing />
    </>
  );
}
