/**
 * Calls objects of another thread: the types of their proxies, and the messages between the threads.
 *
 * @module
 */
import { AccrueError, type ErrorKind } from "./error.js";
import type { Diagnostic, FactError } from "./types.js";

/** The key of a proxy's number. A proxy stands for an object of the engine's thread, and is passed by its number instead of copied. */
const NUMBER: unique symbol = Symbol("number");

/** The type of an argument: a proxy in place of an object of the engine. */
export type Passed<T> = T extends { free(): void }
  ? Remote<T>
  : T extends Uint8Array | string
    ? T
    : T extends (infer E)[]
      ? Passed<E>[]
      : T extends object
        ? { [K in keyof T]: Passed<T[K]> }
        : T;

/** The type of a result: a promise, of a proxy if the engine returns an object of its own. */
export type Returned<T> = Promise<T extends { free(): void } ? Remote<T> : T>;

/** A proxy of an object of the engine's thread: its methods return promises, and its properties are promises. */
export type Remote<T> = {
  readonly [K in Exclude<keyof T, "held">]: T[K] extends (...args: infer A) => infer R
    ? (...args: { [I in keyof A]: Passed<A[I]> }) => Returned<R>
    : Returned<T[K]>;
} & { readonly [NUMBER]: number };

/** A call, or the value of a property if `args` is left out. */
interface Call {
  id: number;
  on: number;
  name: string;
  args?: unknown[];
}

/** The answer to a call. */
interface Answer {
  id: number;
  value?: unknown;
  error?: { message: string; kind?: ErrorKind; code?: string; facts?: FactError[]; diagnostics?: Diagnostic[] };
}

/** An object by its number, as it is sent. */
interface Numbered {
  $object: number;
}

/** The other thread. */
export interface Port {
  post(message: unknown, transfer?: Transferable[]): void;
  listen(listener: (message: unknown) => void): void;
  /** Called with `true` when the first call begins to wait, and with `false` when no call waits any more. */
  waits?(waits: boolean): void;
}

function isNumbered(value: object): value is Numbered {
  return "$object" in value;
}

/** Replaces a value, or the values in plain arrays and objects, by what `replace` returns for them. */
function replaced(value: unknown, replace: (value: object) => unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value;
  const by = replace(value);
  if (by !== value) return by;
  if (Array.isArray(value)) return value.map((part) => replaced(part, replace));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, replace)]));
}

/** Answers the calls of another thread on an object and on what it returns. */
export function serve(root: object, port: Port): void {
  const objects = new Map<number, object>([[0, root]]);
  let last = 0;
  port.listen((message) => {
    const { id, on, name, args } = message as Call;
    const answer: Answer = { id };
    try {
      const object = objects.get(on) as Record<string, unknown> | undefined;
      if (object === undefined) throw new Error("the object was freed");
      const member = object[name];
      let value: unknown = member;
      if (args !== undefined) {
        if (typeof member !== "function") throw new Error(`there is no method \`${name}\``);
        value = member.apply(
          object,
          args.map((arg) => replaced(arg, (part) => (isNumbered(part) ? objects.get(part.$object) : part))),
        );
        if (name === "free") objects.delete(on);
      }
      if (typeof value === "object" && value !== null && "held" in value) {
        objects.set(++last, value);
        value = { $object: last } satisfies Numbered;
      }
      answer.value = value;
    } catch (error) {
      const { message, kind, code, facts, diagnostics } = error as AccrueError;
      answer.error = { message: message ?? String(error), kind, ...(code && { code }), facts, diagnostics };
    }
    port.post(answer);
  });
}

/** Returns a proxy of the object that {@link serve} serves, and a function that fails all calls without an answer. */
export function connect<T>(port: Port): { root: Remote<T>; fail(error: Error): void } {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let last = 0;
  let failed: Error | undefined;
  const send = (on: number, name: string, args?: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (failed) return reject(failed);
      waiting.set(++last, { resolve, reject });
      if (waiting.size === 1) port.waits?.(true);
      const call: Call = { id: last, on, name };
      if (args !== undefined) {
        call.args = args.map((arg) =>
          replaced(arg, (part) => (NUMBER in part ? { $object: part[NUMBER] as number } : part)),
        );
      }
      port.post(call);
    });
  // An object whose proxy is gone is freed, unless that was done.
  const gone = new FinalizationRegistry<number>((on) => void send(on, "free", []).catch(() => {}));
  const stand = (on: number): object =>
    new Proxy(
      {},
      {
        has: (_, name) => name === NUMBER,
        get: (_, name, proxy: { [NUMBER]: number }) => {
          if (name === NUMBER) return on;
          // A promise that resolves to the object must not take it for another promise.
          if (typeof name !== "string" || name === "then") return undefined;
          // A method keeps its proxy, and so the object, for as long as it may be called.
          const call = (...args: unknown[]) => send(proxy[NUMBER], name, args);
          // A property is asked for when it is awaited.
          return Object.assign(call, {
            then: (...handlers: Parameters<Promise<unknown>["then"]>) => send(proxy[NUMBER], name).then(...handlers),
          });
        },
      },
    );
  const standFor = (on: number): object => {
    const proxy = stand(on);
    gone.register(proxy, on);
    return proxy;
  };
  port.listen((message) => {
    const { id, value, error } = message as Answer;
    const call = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) port.waits?.(false);
    if (error) {
      const { message, kind, code, facts, diagnostics } = error;
      call?.reject(kind ? new AccrueError(message, kind, code, facts, diagnostics) : new Error(message));
    } else if (typeof value === "object" && value !== null && isNumbered(value)) {
      call?.resolve(standFor(value.$object));
    } else {
      call?.resolve(value);
    }
  });
  return {
    root: stand(0) as Remote<T>,
    fail(error) {
      failed = error;
      for (const call of waiting.values()) call.reject(error);
      waiting.clear();
    },
  };
}
