// Objects of another thread are freed when nobody has their proxies any more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connect, serve } from "../dist/remote.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** An object that another thread serves, whose calls arrive one turn later. */
function remote(root) {
  const listeners = [];
  const side = (at) => ({
    post: (message) => setImmediate(() => listeners[1 - at](structuredClone(message))),
    listen: (listener) => (listeners[at] = listener),
  });
  serve(root, side(0));
  return connect(side(1)).root;
}

/** Waits until something holds, while garbage is collected. */
async function until(holds) {
  for (let turn = 0; turn < 100 && !holds(); turn++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(holds());
}

test("objects are freed when their proxies are gone, and once", async () => {
  const freed = [];
  const made = (name) => ({ held: true, name: () => name, free: () => freed.push(name) });
  const accrue = remote({ made });
  const kept = await accrue.made("kept");
  // A method alone keeps the object.
  const method = (await accrue.made("method")).name;
  await (await accrue.made("freed")).free();
  await accrue.made("dropped");
  await until(() => freed.includes("dropped"));
  assert.deepEqual(freed, ["freed", "dropped"]);
  assert.deepEqual([await kept.name(), await method()], ["kept", "method"]);
});
