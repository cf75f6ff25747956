import { Transform } from "assemblyscript/transform";
import { makeSliceAType } from "as-bytes/transform.js";
import { checkCallbacks } from "./transform/callbacks.js";
import { growByNeed } from "./transform/memory-growth.js";
import { checkOptions } from "./transform/options.js";
import { exposeRuntimeTotal } from "./transform/runtime.js";

/**
 * What the SDK needs of the compiler beyond its language, for `asc --transform as-proxy-wasm-sdk/transform.js`: it makes what is
 * wrong in a way that nobody would see (a missing flag, a callback that nobody calls, a number for bytes) a compile error.
 */
export default class ProxyWasm extends Transform {
  /** @param {import("assemblyscript").Parser} parser */
  afterParse(parser) {
    const { options } = this.program;
    checkOptions(options);
    exposeRuntimeTotal(options);
    growByNeed(parser);
  }

  /** @param {import("assemblyscript").Program} program */
  afterInitialize(program) {
    checkCallbacks(program);
    makeSliceAType(program);
  }
}
