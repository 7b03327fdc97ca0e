/** The examples that come with the page. */
import folders from "virtual:folders";
import { openShipped } from "../../state/open.ts";

const examples = folders.filter((folder) => folder.kind === "examples");

export function Examples() {
  return (
    <section aria-labelledby="examples">
      <h2 id="examples">Look at an example</h2>
      <p class="quiet">Each is a whole program with actions and tests. What you change in it is yours; the example stays as it is.</p>
      <ul class="cards">
        {examples.map((folder) => (
          <li key={folder.name}>
            <button
              type="button"
              class="card-button"
              aria-labelledby={`title-${folder.name}`}
              aria-describedby={`about-${folder.name}`}
              onClick={() => void openShipped(folder)}
            >
              <strong id={`title-${folder.name}`}>{folder.title}</strong>
              <span id={`about-${folder.name}`}>{folder.about}</span>
              {folder.shows.length > 0 && <span class="shows quiet">Shows {folder.shows.join(", ")}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
