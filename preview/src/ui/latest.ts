/** Requests of which only the newest counts, so that they cannot pile up while somebody types. */

/**
 * Returns a call that runs one at a time. A call that comes while another runs waits, and takes the place of the one that waited before:
 * that one resolves to `undefined`, as does one whose answer came too late to be of use.
 */
export function latest<A extends unknown[], T>(run: (...args: A) => Promise<T>): (...args: A) => Promise<T | undefined> {
  let running = false;
  let waiting: { args: A; resolve(value: T | undefined): void; reject(error: unknown): void } | undefined;
  const next = async (): Promise<void> => {
    if (running || !waiting) return;
    const { args, resolve, reject } = waiting;
    waiting = undefined;
    running = true;
    try {
      const value = await run(...args);
      resolve(waiting ? undefined : value);
    } catch (error) {
      reject(error);
    }
    running = false;
    void next();
  };
  return (...args) =>
    new Promise((resolve, reject) => {
      waiting?.resolve(undefined);
      waiting = { args, resolve, reject };
      void next();
    });
}
