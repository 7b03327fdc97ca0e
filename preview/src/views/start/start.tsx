/** Where somebody begins: with a few questions, with an example, with a folder of their own, or where they left off. */
import { useEffect, useRef } from "preact/hooks";
import { Continue } from "./continue.tsx";
import { Examples } from "./examples.tsx";
import { Own } from "./own.tsx";
import { Questions } from "./questions.tsx";
import { files } from "../../state/files.ts";
import { notOpened } from "../../state/open.ts";
import "./start.css";

/** Says why something was not opened, where it is seen. */
function NotOpened({ reason }: { reason: string }) {
  const text = useRef<HTMLParagraphElement>(null);
  useEffect(() => text.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <p ref={text} class="not-opened" role="alert">
      {reason}
    </p>
  );
}

export default function Start() {
  return (
    <section class="page start">
      {files.value.size === 0 && (
        <div class="welcome">
          <h2>What are your partners paid?</h2>
          <p>
            Write a contract, run it over real actions, and see every payout with its reasons. Nothing is installed, and nothing leaves this page.
          </p>
        </div>
      )}
      {notOpened.value && <NotOpened key={notOpened.value} reason={notOpened.value} />}
      <Continue />
      <Questions />
      <Examples />
      <Own />
    </section>
  );
}
