/** The question that the page asks, if it asks one. */
import { Dialog } from "./dialog.tsx";
import { asked } from "../state/leave.ts";

export function Asking() {
  const question = asked.value;
  if (!question) return null;
  return (
    <Dialog
      key={question.title}
      title={question.title}
      action={question.action}
      onAnswer={() => question.answer(true)}
      onClose={() => question.answer(false)}
    >
      <p>{question.text}</p>
    </Dialog>
  );
}
