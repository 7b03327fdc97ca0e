// The runtime of compiled rules, on a module made by hand: it adds the two decimals at `first`, by the import `add`, and writes the
// sum to `out`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { call, compile, grow, instantiate, read, release } from "../src/runtime.js";

const I32 = 0x7f;
const I64 = 0x7e;
const FAILED = -0x80000000;

const list = (items) => [items.length, ...items.flat()];
const name = (text) => list([...new TextEncoder().encode(text)]);
const section = (number, body) => [number, body.length, ...body];
const type = (takes, gives) => [0x60, ...list(takes), ...list(gives)];
const get = (local) => [0x20, local];
const load = (offset) => [...get(0), 0x29, 3, offset];
const store = (local, offset) => [...get(2), ...get(local), 0x37, 3, offset];
const zero = [0x42, 0];
// The locals 4 and 5 are the two words of the sum.
const decide = [
  ...list([[2, I64]]),
  ...[...load(0), ...zero, ...load(8), ...zero, 0x10, 0, 0x21, 5, 0x21, 4],
  ...[...store(4, 0), ...store(5, 8), ...get(2), 0x41, 16, 0x6a, 0x0b],
];
const MODULE = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, list([type([I64, I64, I64, I64], [I64, I64]), type([I32, I32, I32, I32], [I32])])),
  ...section(2, list([[...name("accrue"), ...name("add"), 0, 0]])),
  ...section(3, list([[1]])),
  ...section(5, list([[0, 1]])),
  ...section(7, list([[...name("memory"), 2, 0], [...name("decide"), 0, 1]])),
  ...section(10, list([[decide.length, ...decide]])),
]);

/** Imports that add, and count how often they are let go of. */
function imports(meanwhile = () => {}) {
  return {
    freed: 0,
    add(a, b, c, d) {
      meanwhile();
      return BigInt64Array.of(a + c, b + d);
    },
    free() {
      this.freed += 1;
    },
  };
}

const facts = new Uint8Array(BigInt64Array.of(40n, 2n).buffer);
const none = new Uint8Array();
const sum = (answer) => new DataView(answer.buffer, answer.byteOffset).getBigInt64(0, true);
const run = (instance, first, facts, answer) => call(instance, false, first, 1, 128, 192, 0, 64, facts, 128, answer);

test("facts are copied in and the answer out, also of facts that were there before", () => {
  const used = imports();
  const module = compile(MODULE);
  const instance = instantiate(module, used);
  for (const part of [facts, none]) {
    const answer = new Uint8Array(64);
    assert.equal(run(instance, 64, part, answer), 144);
    assert.equal(sum(answer), 42n);
    assert.deepEqual([...answer.subarray(16)], Array(48).fill(0));
  }
  release(instance);
  release(module);
  assert.equal(used.freed, 1);
});

test("an answer is read afterwards if the engine's memory moved while an import ran", () => {
  const engine = new WebAssembly.Memory({ initial: 1 });
  const instance = instantiate(compile(MODULE), imports(() => engine.grow(1)));
  assert.equal(run(instance, 64, facts, new Uint8Array(engine.buffer, 0, 64)), ~144);
  const answer = new Uint8Array(16);
  assert.ok(read(instance, 128, answer));
  assert.equal(sum(answer), 42n);
});

test("what is outside of memory, traps or is not there fails, and the instance still runs", () => {
  const instance = instantiate(compile(MODULE), imports());
  const answer = new Uint8Array(64);
  assert.equal(run(instance, 65536, facts, answer), FAILED);
  assert.equal(call(instance, false, 64, 1, 128, 192, 0, 65530, facts, 128, answer), FAILED);
  assert.equal(call(instance, true, 0, 0, 0, 0, 0, 64, facts, 128, answer), FAILED);
  assert.equal(read(instance, 65530, new Uint8Array(16)), false);
  assert.ok(!grow(instance, 2 ** 33));
  assert.ok(grow(instance, 200_000));
  assert.ok(read(instance, 190_000, new Uint8Array(16)));
  assert.equal(run(instance, 64, facts, answer), 144);
});

test("what is no module is refused in words", () => {
  assert.throws(() => compile(none), (error) => String(error).includes("CompileError"));
  const lacking = { free() {}, add: undefined };
  assert.throws(() => instantiate(compile(MODULE), lacking), (error) => typeof error === "string");
});
