/** Why something could not be decided: what it was, and the first of its details. */
import type { Failure } from "../state/failure.ts";
import { Marked } from "./marked.tsx";

/** The most details that are listed. */
const MOST = 20;

export function Failed({ what, failure }: { what: string; failure: Failure }) {
  return (
    <div class="problem" role="alert">
      <p>
        {what}: <Marked text={failure.message} />
      </p>
      {failure.details.length > 0 && (
        <ul>
          {failure.details.slice(0, MOST).map((text, at) => (
            <li key={at}>
              <Marked text={text} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
