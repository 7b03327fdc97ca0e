/** Decides in slices, so that the page shows its progress and can stop between two of them. */

/** The most actions of a slice. */
const MOST = 50_000;

/** How a history is taken apart. */
interface Slices<T> {
  /** The number of actions of the first slice. */
  first: number;
  /** How long a slice may take, in milliseconds: the page shows its progress that often. */
  length: number;
  /** Called after each slice. Nothing more is decided if it returns `false`. */
  reached(progress: T): boolean;
}

/** Decides slice after slice, each as long as the last one allows. */
export async function inSlices<T extends { done: boolean }>(
  next: (count: number) => Promise<T>,
  { first, length, reached }: Slices<T>,
): Promise<void> {
  let count = first;
  for (;;) {
    const before = performance.now();
    const progress = await next(count);
    if (!reached(progress) || progress.done) return;
    const took = Math.max(1, performance.now() - before);
    count = Math.min(MOST, Math.max(1, Math.round(count * Math.min(3, length / took))));
  }
}
