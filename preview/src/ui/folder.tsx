/** What can be done with the folder as a whole: save a version, go back to it, share, export and open another. */
import { useEffect } from "preact/hooks";
import { changedPaths, files, folderName, revert } from "../state/files.ts";
import { addChosen, openChosen } from "../state/found.ts";
import { ask } from "../state/leave.ts";
import { someOf } from "../state/paths.ts";
import { connected } from "../state/server.ts";
import { origin } from "../state/shipped.ts";
import { saveVersion, storage } from "../state/storage.ts";
import { tell } from "../state/view.ts";
import { zipped } from "../state/zip.ts";
import { choose } from "./choose.ts";
import { download } from "./download.ts";
import { Icon } from "./icon.tsx";
import { Menu } from "./menu.tsx";
import { share } from "./share.tsx";
import "./folder.css";

async function revertAll(): Promise<void> {
  if (!(await ask("Go back to the saved version?", `Your changes are taken back in: ${someOf(changedPaths.value)}.`, "Revert"))) return;
  revert();
  tell("Back to the saved version.");
}

function exportZip(): void {
  const name = `${folderName.value.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-") || "program"}.zip`;
  download(name, zipped(files.value), "application/zip");
  tell(`Exported ${name}.`);
}

/** Saves by the keys that save everywhere else. */
function saveByKeys(event: KeyboardEvent): void {
  if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  void saveVersion();
}

export function FolderActions() {
  const changed = changedPaths.value.length;
  useEffect(() => {
    document.addEventListener("keydown", saveByKeys);
    return () => document.removeEventListener("keydown", saveByKeys);
  }, []);
  return (
    <div class="folder-actions">
      {origin.value === "disk" && connected.value === false && <span class="warning">The folder on disk cannot be reached</span>}
      <button type="button" class="button" disabled={changed === 0} title={`${storage.value.hint} (Ctrl+S)`} onClick={() => void saveVersion()}>
        <Icon name="save" />
        <span class="wide">Save version</span>
      </button>
      <button type="button" class="button" onClick={() => void share()}>
        <Icon name="share" />
        <span class="wide">Share</span>
      </button>
      <Menu
        label="Folder"
        items={[
          { label: "Export as zip", hint: "The folder as the command line reads it", act: exportZip },
          { label: "Revert…", hint: changed ? "Back to the saved version" : "Nothing has changed", disabled: changed === 0, act: () => void revertAll() },
          { label: "Open a folder…", hint: "In place of this one", act: () => void openChosen(choose("folder")) },
          { label: "Open a zip file…", hint: "In place of this one", act: () => void openChosen(choose("files")) },
          { label: "Add files…", hint: "Each goes where it belongs", act: () => void addChosen(choose("files")) },
        ]}
      >
        <Icon name="folder" />
        <span class="wide">Folder</span>
      </Menu>
    </div>
  );
}
