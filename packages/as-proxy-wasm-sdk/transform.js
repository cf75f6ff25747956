import { CommonFlags, NodeKind } from "assemblyscript";
import { Transform } from "assemblyscript/transform";

const RUNTIME = "~lib/rt/tcms";
const TOTAL = "total";

/**
 * Lets `memory/collection.ts` see how much memory the collector of the minimal runtime looks after: the runtime counts it, and
 * exports no count. For `asc --transform as-proxy-wasm-sdk/transform.js`.
 */
export default class ExportTotal extends Transform {
  /** @param {{ sources: import("assemblyscript").Source[] }} parser */
  afterParse(parser) {
    const source = parser.sources.find(({ internalPath }) => internalPath === RUNTIME);
    // Another runtime was asked for. Where the SDK is in the program, the compiler says so.
    if (source === undefined) return;
    const declarations = source.statements
      .filter(({ kind }) => kind === NodeKind.Variable)
      .flatMap((statement) => /** @type {import("assemblyscript").VariableStatement} */ (statement).declarations);
    const total = declarations.find(({ name }) => name.text === TOTAL);
    if (total === undefined) throw new Error(`${RUNTIME} has no variable ${TOTAL}: not the runtime this SDK knows`);
    total.flags |= CommonFlags.Export;
  }
}
