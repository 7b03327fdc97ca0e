/** The question that the page asks, if it asks one. */
import { Dialog } from "./dialog.tsx";
import { asked } from "../state/leave.ts";

export function Asking() {
  const question = asked.value;
  if (!question) return null;
  return (
    <Dialog
      // Another question is another window, also one with the same title.
      key={question}
      title={question.title}
      action={question.action}
      onAnswer={() => question.answer(true)}
      onClose={() => question.answer(false)}
    >
      <p>{question.text}</p>
    </Dialog>
  );
}
