/** Where somebody begins: with an example, with a template, or with a folder of their own. */
import folders from "virtual:folders";
import { openShipped } from "../../state/open.ts";

export default function Start() {
  const examples = folders.filter((folder) => folder.kind === "examples");
  return (
    <section class="page">
      <h2>Examples</h2>
      <ul class="cards">
        {examples.map((folder) => (
          <li key={folder.name}>
            <button type="button" class="card-button" onClick={() => void openShipped(folder)}>
              <strong>{folder.title}</strong>
              <span class="quiet">{folder.about}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
