/** A question in a window of its own: it takes the focus, and gives it back. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface Question {
  title: string;
  /** The word on the button that answers. */
  action: string;
  disabled?: boolean;
  onAnswer(): void;
  onClose(): void;
  children: ComponentChildren;
}

export function Dialog({ title, action, disabled = false, onAnswer, onClose, children }: Question) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={heading} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (disabled) return;
          dialog.current?.close();
          onAnswer();
        }}
      >
        <h2 id={heading}>{title}</h2>
        {children}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class="button main" disabled={disabled}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
