/** Shows short texts that are written in Markdown: paragraphs, lists, code. Everything else in them is text. */
import type { ComponentChildren } from "preact";

/** Code, strong and emphasized words; of links, the words. */
const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\([^)]*\)/;

/** A line of text with code in it. */
export function Inline({ text }: { text: string }) {
  const parts: ComponentChildren[] = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    const [whole, code, strong, emphasized, link] = found;
    parts.push(rest.slice(0, found.index));
    if (code !== undefined) parts.push(<code>{code}</code>);
    else if (strong !== undefined) parts.push(<strong>{strong}</strong>);
    else if (emphasized !== undefined) parts.push(<em>{emphasized}</em>);
    else if (link !== undefined) parts.push(<Inline text={link} />);
    rest = rest.slice(found.index + whole.length);
  }
  return (
    <>
      {parts}
      {rest}
    </>
  );
}

function Block({ text }: { text: string }) {
  const code = /^```.*\n([\s\S]*?)\n?```$/.exec(text);
  if (code) return <pre>{code[1]}</pre>;
  const lines = text.split("\n");
  if (lines.every((line) => /^\s*[-*] |^\s{2,}/.test(line)) && /^\s*[-*] /.test(text)) {
    const items = text.split(/^\s*[-*] /m).slice(1);
    return (
      <ul>
        {items.map((item) => (
          <li>
            <Inline text={item.replaceAll(/\s*\n\s*/g, " ").trim()} />
          </li>
        ))}
      </ul>
    );
  }
  const heading = /^#+ (.*)$/.exec(text);
  return (
    <p>
      {heading ? <strong>{heading[1]}</strong> : <Inline text={lines.join(" ")} />}
    </p>
  );
}

export function Markdown({ text }: { text: string }) {
  // A blank line in code ends no block.
  const blocks = text.trim().match(/```[\s\S]*?```|(?:(?!```)[^\n]+(?:\n(?!\n|```)|$)?)+/g) ?? [];
  return (
    <>
      {blocks.map((block) => (
        <Block text={block.trim()} />
      ))}
    </>
  );
}
