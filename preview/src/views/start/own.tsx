/** Opens what somebody has: a folder, a zip file or single files, chosen or dropped. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { fromDrop } from "../../state/bring.ts";
import { files, folderName } from "../../state/files.ts";
import { addFiles, found, openChosen, reading, unreadable } from "../../state/found.ts";
import { open } from "../../state/open.ts";
import { someOf } from "../../state/paths.ts";
import { choose } from "../../ui/choose.ts";
import { Icon } from "../../ui/icon.tsx";
import { NotOpened } from "./not-opened.tsx";

const over = signal(false);

function Found() {
  const brought = found.value;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.scrollIntoView({ block: "nearest" }), [brought]);
  if (!brought) return null;
  if (brought.programs.length > 0) {
    const clear = new Set(brought.programs.map(({ name }) => name)).size === brought.programs.length;
    return (
      <div class="found" ref={box}>
        <p>There are {brought.programs.length} programs in it. Which one?</p>
        <div class="row">
          {brought.programs.map((program) => (
            <button key={program.root} type="button" class="button" onClick={() => void open(program.name, program.folder).then(() => (found.value = null))}>
              {clear ? program.name : program.root}
            </button>
          ))}
        </div>
      </div>
    );
  }
  if (files.value.size === 0) return null;
  return (
    <div class="found" ref={box}>
      <p>
        The files can be added to {folderName.value}, which is open: {someOf([...brought.loose.keys()])}.
      </p>
      <button type="button" class="button" onClick={() => void addFiles(brought.loose)}>
        Add to {folderName.value}
      </button>
    </div>
  );
}

export function Own() {
  return (
    <section aria-labelledby="own">
      <h2 id="own">Open your own</h2>
      <div
        class={`drop sheet${over.value ? " over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          over.value = true;
        }}
        onDragLeave={() => (over.value = false)}
        onDrop={(event) => {
          event.preventDefault();
          over.value = false;
          if (event.dataTransfer) void openChosen(fromDrop(event.dataTransfer));
        }}
      >
        <p>
          Drop a program folder here, a zip file of one, or its files: <code>program.toml</code>, contracts, facts and actions.
        </p>
        <div class="row">
          <button type="button" class="button" onClick={() => void openChosen(choose("folder"))}>
            <Icon name="folder" />
            Choose a folder
          </button>
          <button type="button" class="button" onClick={() => void openChosen(choose("files"))}>
            <Icon name="actions" />
            Choose a zip or files
          </button>
          <span role="status" class="quiet">
            {reading.value && "Reading…"}
          </span>
        </div>
        <NotOpened reason={unreadable.value} />
        <Found />
      </div>
    </section>
  );
}
