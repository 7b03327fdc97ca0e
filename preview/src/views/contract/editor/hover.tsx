/** What the word under the pointer is. */
import type { Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import { Markdown } from "../../../ui/markdown.tsx";
import { asking } from "./asking.ts";
import { pathOf } from "./path.ts";
import { element } from "./words.tsx";

function About({ name, detail, doc }: { name: string; detail: string; doc: string }) {
  return (
    <>
      <p>
        <code>{name}</code> {detail && <span class="detail">{detail}</span>}
      </p>
      <Markdown text={doc} />
    </>
  );
}

const about = asking((workspace, path: string, offset: number) => workspace.hover(path, offset));

export const hovering: Extension = hoverTooltip(async (view, pos) => {
  const found = await about(pathOf(view.state), pos);
  if (!found?.answer) return null;
  const { span, name, detail, doc } = found.answer;
  const create = () => ({ dom: element("words", <About name={name} detail={detail} doc={doc} />) });
  return { pos: span.start, end: span.end, above: true, create };
});
