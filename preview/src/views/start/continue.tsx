/** Where somebody left off: the folder on disk, and the folders that this browser has kept. */
import { signal } from "@preact/signals";
import { ask, mayLeave, wouldBeLost } from "../../state/leave.ts";
import { changedPaths } from "../../state/files.ts";
import { continueFolder, forgetFolder, keeping, keptFolders, type KeptFolder, keptId } from "../../state/kept.ts";
import { isServed, reopenServed } from "../../state/server.ts";
import { origin } from "../../state/shipped.ts";
import { view } from "../../state/view.ts";
import { Icon } from "../../ui/icon.tsx";

/** How many folders are listed at first. */
const FEW = 4;

const all = signal(false);

/** Says when something was, as one says it the same day or later. */
function when(time: number): string {
  const then = new Date(time);
  const today = new Date().toDateString() === then.toDateString();
  return today ? `today, ${then.toLocaleTimeString([], { timeStyle: "short" })}` : then.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

async function forget(folder: KeptFolder): Promise<void> {
  const changes = folder.changed > 0 ? " with its changes that are not saved" : "";
  if (await ask(`Delete ${folder.name}?`, `This browser forgets the folder${changes}. It cannot be brought back.`, "Delete")) await forgetFolder(folder.id);
}

async function goOn({ id, name }: KeptFolder): Promise<void> {
  if (id === keptId.value) view.value = "contract";
  else if (changedPaths.value.length === 0 || !wouldBeLost() || (await mayLeave(`Open ${name}?`, "Open it"))) await continueFolder(id);
}

function OnDisk() {
  if (!isServed() || origin.value === "disk") return null;
  return (
    <section aria-labelledby="disk">
      <h2 id="disk">The folder on disk</h2>
      <button type="button" class="button" onClick={() => void reopenServed()}>
        <Icon name="folder" />
        Back to the folder of accrue preview
      </button>
    </section>
  );
}

function Kept() {
  if (keeping.value === "refused")
    return <p class="quiet">This browser keeps nothing for this page. Export a folder as a zip file before you close it.</p>;
  const folders = keptFolders.value;
  if (folders.length === 0) return null;
  const shown = all.value ? folders : folders.slice(0, FEW);
  return (
    <section aria-labelledby="continue">
      <h2 id="continue">Continue where you left off</h2>
      <ul class="kept sheet">
        {shown.map((folder) => (
          <li key={folder.id}>
            <button type="button" class="kept-open" onClick={() => void goOn(folder)}>
              <strong>{folder.name}</strong>
              <span class="quiet">
                {folder.id === keptId.value && "open now · "}
                {when(folder.time)} · {folder.draft.length} files{folder.changed > 0 && `, ${folder.changed} changed`}
              </span>
            </button>
            <button type="button" class="plain" aria-label={`Delete ${folder.name}, ${when(folder.time)}`} onClick={() => void forget(folder)}>
              <Icon name="delete" />
            </button>
          </li>
        ))}
      </ul>
      {folders.length > shown.length && (
        <button type="button" class="plain" onClick={() => (all.value = true)}>
          Show all {folders.length}
        </button>
      )}
    </section>
  );
}

export function Continue() {
  return (
    <>
      <OnDisk />
      <Kept />
    </>
  );
}
