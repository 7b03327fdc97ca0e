/** Puts parts of the page into what the editor makes. */
import type { ComponentChildren } from "preact";
import { render } from "preact";
import { Markdown } from "../../../ui/markdown.tsx";

/** Returns an element with something of the page in it. */
export function element(className: string, children: ComponentChildren): HTMLElement {
  const dom = document.createElement("div");
  dom.className = className;
  render(children, dom);
  return dom;
}

/** Returns an element with a text in Markdown. */
export function words(markdown: string): HTMLElement {
  return element("words", <Markdown text={markdown} />);
}
