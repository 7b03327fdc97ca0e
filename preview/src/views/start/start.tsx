/** Where somebody begins: with a few questions, with an example, with a folder of their own, or where they left off. */
import { Continue } from "./continue.tsx";
import { Examples } from "./examples.tsx";
import { NotOpened } from "./not-opened.tsx";
import { Own } from "./own.tsx";
import { Questions } from "./questions.tsx";
import { files } from "../../state/files.ts";
import { notOpened } from "../../state/open.ts";
import "./start.css";

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
      <NotOpened reason={notOpened.value} />
      <Continue />
      <Questions />
      <Examples />
      <Own />
    </section>
  );
}
