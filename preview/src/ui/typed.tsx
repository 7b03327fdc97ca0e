/**
 * A field that keeps what is typed until it is left, so that a value that is written in another way meanwhile (a list, an amount) does not
 * change while somebody types. `onType` is called at every keystroke, unless `late`.
 */
import { useState } from "preact/hooks";

interface Props {
  type: "text" | "number" | "datetime-local";
  value: string;
  onType(value: string): void;
  /** Whether `onType` is called when the field is left or Enter is pressed, and not at every keystroke. */
  late?: boolean;
  "aria-label"?: string;
  placeholder?: string | undefined;
  /** The id of the list of suggestions. */
  list?: string | undefined;
  required?: boolean | undefined;
  inputMode?: "decimal" | undefined;
  min?: number;
  step?: number;
}

export function Typed({ value, onType, late, ...rest }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const tell = () => {
    if (late && typed !== null) onType(typed);
  };
  return (
    <input
      {...rest}
      value={typed ?? value}
      onInput={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        if (!late) onType(text);
      }}
      onBlur={() => {
        tell();
        setTyped(null);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") tell();
      }}
    />
  );
}
