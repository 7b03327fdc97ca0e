/** An explanation of the engine as text, line by line, each in its tone. */
import type { Explanation } from "accrue-rules";
import "./explanation.css";

export function ExplanationText({ of }: { of: Explanation }) {
  return (
    <pre class="explanation" tabIndex={0} aria-label="Explanation as text">
      {of.lines.map((line, at) => (
        <span key={at} class={`tone-${line.tone}`}>
          {line.text}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}
