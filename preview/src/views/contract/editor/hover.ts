/** What the word under the pointer is. */
import type { Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import { latest } from "../../../ui/latest.ts";
import { ask } from "../../../state/workspace.ts";
import { pathOf } from "./path.ts";
import { words } from "./words.tsx";

const about = latest((path: string, offset: number) => ask((workspace) => workspace.hover(path, offset)));

export const hovering: Extension = hoverTooltip(async (view, pos) => {
  const found = await about(pathOf(view.state), pos);
  if (!found?.answer) return null;
  const { from, to, markdown } = found.answer;
  return { pos: from, end: to, above: true, create: () => ({ dom: words(markdown) }) };
});
