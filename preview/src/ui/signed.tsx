/** The change of an amount, with its sign and in its colour. */
import { isNegative, isZero, signed } from "./format.ts";

export function Signed({ text, currency }: { text: string | number; currency: string }) {
  return <span class={isZero(text) ? "quiet" : isNegative(text) ? "bad" : "good"}>{signed(text, currency)}</span>;
}
