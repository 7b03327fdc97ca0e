/** What the word under the pointer is. */
import type { Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import { asking } from "./asking.ts";
import { pathOf } from "./path.ts";
import { words } from "./words.tsx";

const about = asking((workspace, path: string, offset: number) => workspace.hover(path, offset));

export const hovering: Extension = hoverTooltip(async (view, pos) => {
  const found = await about(pathOf(view.state), pos);
  if (!found?.answer) return null;
  const { from, to, markdown } = found.answer;
  return { pos: from, end: to, above: true, create: () => ({ dom: words(markdown) }) };
});
