// Runs the modules of compiled rules in the WebAssembly of the page or of Node: src/runtime.rs calls these functions. Modules and
// instances are numbered, because the engine keeps numbers and no objects of JavaScript.

const kept = [];
const freed = [];

function keep(object) {
  const number = freed.pop() ?? kept.length;
  kept[number] = object;
  return number;
}

// Lets go of a module, or of an instance and the imports that it has.
export function release(number) {
  kept[number].imports?.free();
  kept[number] = undefined;
  freed.push(number);
}

// Returns the number of a compiled module. Throws text.
export function compile(bytes) {
  try {
    return keep(new WebAssembly.Module(bytes));
  } catch (error) {
    throw String(error);
  }
}

// Returns the number of a new instance of a module. Throws text.
export function instantiate(number, imports) {
  try {
    const module = kept[number];
    const names = WebAssembly.Module.imports(module).map(({ name }) => name);
    const accrue = Object.fromEntries(names.map((name) => [name, imports[name].bind(imports)]));
    const { memory, decide, rule } = new WebAssembly.Instance(module, { accrue }).exports;
    return keep({ memory, decide, rule, imports, bytes: new Uint8Array(memory.buffer) });
  } catch (error) {
    imports.free();
    throw String(error);
  }
}

// Grows the memory of an instance. Returns whether that was possible.
export function grow(number, length) {
  const instance = kept[number];
  const missing = length - instance.memory.buffer.byteLength;
  try {
    if (missing > 0) instance.memory.grow(Math.ceil(missing / 65536));
    instance.bytes = new Uint8Array(instance.memory.buffer);
    return true;
  } catch {
    return false;
  }
}

// What `call` returns if the module could not be run.
const FAILED = -0x80000000;

// Copies facts into an instance, runs `decide` or `rule`, and copies the answer out. Returns the address after the answer. Returns
// that address with all bits inverted if the answer was not copied, because the memory of the engine moved while an import ran.
export function call(number, isRule, a, b, c, d, e, factsAt, facts, answerAt, answer) {
  const { bytes, decide, rule } = kept[number];
  try {
    if (facts.length > 0) bytes.set(facts, factsAt);
    const last = isRule ? rule(a, b, c, d, e) : decide(a, b, c, d);
    if (answer.length === 0) return ~last;
    if (last > answerAt) answer.set(bytes.subarray(answerAt, Math.min(last, answerAt + answer.length)));
    return last;
  } catch {
    return FAILED;
  }
}

// Copies memory of an instance out. Returns whether there is that much.
export function read(number, address, to) {
  const part = kept[number].bytes.subarray(address, address + to.length);
  if (part.length !== to.length) return false;
  to.set(part);
  return true;
}
