/** Base64 for addresses: `-` and `_` instead of `+` and `/`, and no padding. */

/** Returns bytes as text. */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  // In pieces: a call has only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Returns the bytes of a text; throws if it is none of {@link toBase64}. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}
