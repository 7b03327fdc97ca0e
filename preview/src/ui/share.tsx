/** The window with the link that carries the whole state of the page. */
import { signal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { messageOf } from "../state/failure.ts";
import { type Link, namesOf, shareLink } from "../state/share.ts";
import { copy } from "./copy.ts";
import { count } from "./format.ts";
import { Icon } from "./icon.tsx";

/** Whether the window is open. */
const sharing = signal(false);

const link = signal<Link | null>(null);
const failed = signal("");
const copied = signal("");

/** Makes a link, and shows it. */
export async function share(): Promise<void> {
  link.value = null;
  failed.value = "";
  copied.value = "";
  sharing.value = true;
  try {
    link.value = await shareLink();
  } catch (error) {
    failed.value = messageOf(error);
  }
}

/** Says where a link of some length can go. */
function lengthNote(length: number): string {
  const characters = `${count(length, "character")}.`;
  if (length <= 2000) return `${characters} It works everywhere.`;
  if (length <= 8000) return `${characters} It works in e-mails and documents; some chats cut links of this length.`;
  return `${characters} Browsers open it, but many programs for e-mail and chat cut links of this length. If it arrives damaged, send the zip file.`;
}

function Made({ made }: { made: Link }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const copyLink = async () => {
    if (await copy(made.url)) copied.value = "Copied.";
    else {
      field.current?.select();
      copied.value = "This browser does not let the page copy: the link is selected, copy it with the keyboard.";
    }
  };
  const id = useId();
  return (
    <>
      <p id={id} class="quiet">
        Whoever opens the link sees the folder as it is now, with its saved version. The link itself is the folder: nothing is stored on a server.
      </p>
      <textarea ref={field} class="share-link mono" rows={3} readOnly aria-label="Link" aria-describedby={id} value={made.url} onFocus={(event) => event.currentTarget.select()} />
      {made.left.length > 0 && (
        <p class={made.here ? "quiet" : "warning"}>
          {made.here
            ? `Too large for the link: ${namesOf(made.left)}. This page has them, and adds them when the link is opened.`
            : `This link has the contract without its ${namesOf(made.left)}. Send ${made.left.length === 1 ? "this file" : "these files"} along, or the zip file of the folder.`}
        </p>
      )}
      <p class="quiet">{lengthNote(made.url.length)}</p>
      <p role="status" class="good">{copied.value}</p>
      <div class="dialog-actions">
        {"share" in navigator && (
          <button type="button" class="button" onClick={() => void navigator.share({ title: "Accrue", url: made.url }).catch(() => {})}>
            Share…
          </button>
        )}
        <button type="button" class="button main" onClick={() => void copyLink()}>
          <Icon name="share" />
          Copy link
        </button>
      </div>
    </>
  );
}

export function Sharing() {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const open = sharing.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
  }, [open]);
  if (!open) return null;
  return (
    <dialog ref={dialog} class="dialog share" aria-labelledby={heading} onClose={() => (sharing.value = false)}>
      <div class="share-head">
        <h2 id={heading}>Share a link</h2>
        <button type="button" class="plain" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </div>
      {failed.value ? <p class="problem" role="alert">{failed.value}</p> : link.value ? <Made made={link.value} /> : <p class="quiet">Making the link…</p>}
    </dialog>
  );
}
