/** Copies a text to the clipboard. Returns whether the browser let the page do it. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // It was refused, or the page is not served securely and has no clipboard.
    return false;
  }
}
