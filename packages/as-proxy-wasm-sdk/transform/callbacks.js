import { DiagnosticCode, ElementKind, SourceKind } from "assemblyscript";

const SDK = "~lib/as-proxy-wasm-sdk/assembly/";
const ROOT = `${SDK}context/root-context/RootContext`;

/** Which callback of the host calls a method, by the class of the SDK that declares it. */
const CALLBACKS = {
  [ROOT]: {
    onVmStart: "proxy_on_vm_start",
    onConfigure: "proxy_on_configure",
    onTick: "proxy_on_tick",
    onQueueReady: "proxy_on_queue_ready",
    onForeignFunction: "proxy_on_foreign_function",
    onLog: "proxy_on_log",
    onDone: "proxy_on_done",
    onDelete: "proxy_on_delete",
  },
  [`${SDK}context/stream-context/StreamContext`]: {
    onRequestHeaders: "proxy_on_request_headers",
    onRequestBody: "proxy_on_request_body",
    onRequestTrailers: "proxy_on_request_trailers",
    onResponseHeaders: "proxy_on_response_headers",
    onResponseBody: "proxy_on_response_body",
    onResponseTrailers: "proxy_on_response_trailers",
    onLog: "proxy_on_log",
    onDone: "proxy_on_done",
    onDelete: "proxy_on_delete",
  },
  [`${SDK}context/http-call/HttpCall`]: { onReply: "proxy_on_http_call_response" },
};

/** What no filter can do without, and why. */
const ALWAYS = {
  proxy_abi_version_0_2_1: "no host loads the module without it",
  proxy_on_memory_allocate: "the host has no memory for what it returns without it",
  proxy_on_context_create: "streams have no objects without it",
  proxy_on_delete: "streams pile up without it",
};

/**
 * Refuses methods that the host would never call: those that a filter overrides while its entry does not export the callback. A
 * filter that checks credentials would let everything pass, and a request that waits for a reply would wait for ever.
 *
 * @param {import("assemblyscript").Program} program initialized, and not compiled yet
 */
export function checkCallbacks(program) {
  const entries = program.sources.filter(({ sourceKind }) => sourceKind === SourceKind.UserEntry);
  const files = entries.map(({ internalPath }) => program.filesByName.get(internalPath));
  /** @param {string} name */
  const isExported = (name) => files.some((file) => file?.lookupExport(name) != null);
  /**
   * @param {import("assemblyscript").Range | null} range
   * @param {string} callback
   * @param {string} why
   */
  const refuse = (range, callback, why) => {
    const line = `export { ${callback} } from "as-proxy-wasm-sdk/assembly/exports";`;
    program.error(DiagnosticCode.User_defined_0, range, `${why}: the entry is to have ${line}`);
  };

  let hasRoot = false;
  for (const element of program.elementsByName.values()) {
    if (element.kind !== ElementKind.ClassPrototype || element.internalName.startsWith(SDK)) continue;
    const prototype = /** @type {import("assemblyscript").ClassPrototype} */ (element);
    const base = baseOf(prototype);
    if (base === undefined) continue;
    hasRoot ||= base === ROOT;
    for (const [method, callback] of Object.entries(CALLBACKS[base] ?? {})) {
      const member = prototype.instanceMembers?.get(method);
      if (member === undefined || isExported(callback)) continue;
      const { identifierNode } = /** @type {import("assemblyscript").FunctionPrototype} */ (member);
      refuse(identifierNode.range, callback, `${prototype.name}.${method} is never called`);
    }
  }
  if (!hasRoot) return;
  for (const [callback, why] of Object.entries(ALWAYS)) {
    if (!isExported(callback)) refuse(null, callback, why);
  }
}

/**
 * The class of the SDK that this one extends, however far above.
 *
 * @param {import("assemblyscript").ClassPrototype} prototype
 */
function baseOf(prototype) {
  for (let base = prototype.basePrototype; base !== null; base = base.basePrototype) {
    if (base.internalName in CALLBACKS) return base.internalName;
  }
  return undefined;
}
