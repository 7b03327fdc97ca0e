/** Says why something was not opened, where it is seen. */
import { useEffect, useRef } from "preact/hooks";

export function NotOpened({ reason }: { reason: string }) {
  const text = useRef<HTMLParagraphElement>(null);
  useEffect(() => text.current?.scrollIntoView({ block: "nearest" }), [reason]);
  if (reason === "") return null;
  return (
    <p ref={text} class="not-opened" role="alert">
      {reason}
    </p>
  );
}
