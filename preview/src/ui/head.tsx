/** The head of the page: which program is open, whether it is sound, and what can be done with all of it. */
import { FolderActions } from "./folder.tsx";
import { count } from "./format.ts";
import { Icon } from "./icon.tsx";
import { checkAgain, checkedFolder, checkFailure, counted } from "../state/check.ts";
import { changedPaths, files, folderName } from "../state/files.ts";
import { isDark, theme, view } from "../state/view.ts";

function Standing() {
  if (checkFailure.value) {
    return (
      <button type="button" class="standing bad" title={checkFailure.value} onClick={checkAgain}>
        Not checked. Try again
      </button>
    );
  }
  // What is being checked for the first time has no standing yet.
  if (checkedFolder.value.size === 0) return <span class="standing">Checking…</span>;
  const { errors, warnings } = counted.value;
  const text = errors ? count(errors, "error") : warnings ? count(warnings, "warning") : "No errors";
  const tone = errors ? "bad" : warnings ? "warning" : "good";
  return (
    <button type="button" class={`standing ${tone}`} onClick={() => (view.value = "contract")}>
      {text}
    </button>
  );
}

export function Head() {
  const open = files.value.size > 0;
  return (
    <header class="head">
      <h1>
        <button type="button" class="brand" onClick={() => (view.value = "start")}>
          Accrue
        </button>
      </h1>
      {open && (
        <>
          <span class="folder">
            {folderName.value}
            {changedPaths.value.length > 0 && <span class="changed"> · changed</span>}
          </span>
          <Standing />
        </>
      )}
      <span class="gap" />
      {open && <FolderActions />}
      <button
        type="button"
        class="plain"
        aria-label={isDark() ? "Use light colours" : "Use dark colours"}
        onClick={() => (theme.value = isDark() ? "light" : "dark")}
      >
        <Icon name="theme" />
      </button>
    </header>
  );
}
