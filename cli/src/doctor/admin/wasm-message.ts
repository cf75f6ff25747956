import { at, entriesAt, textAt, textsAt } from "./json.ts";
import { messageIn } from "./any.ts";

export const WASM_FILTER = "envoy.extensions.filters.http.wasm.v3.Wasm";

/** What Envoy does when a module's VM has failed, in the words of its `failure_policy`. */
export type FailurePolicy = "FAIL_RELOAD" | "FAIL_CLOSED" | "FAIL_OPEN";

/** A Wasm filter's `PluginConfig` message. */
export interface WasmMessage {
  readonly name: string;
  readonly rootId: string;
  readonly vmId: string;
  /** The module's file or address; undefined where the code is in the configuration itself. */
  readonly module: string | undefined;
  /** The address that Envoy itself is to fetch it from; undefined where it is to be found on its machine. */
  readonly remote: string | undefined;
  readonly digest: Digest | undefined;
  readonly failurePolicy: FailurePolicy;
  /** Environment variables of the VM, with their values where the configuration has them. */
  readonly environment: ReadonlyMap<string, string | undefined>;
  readonly configuration: PluginText;
}

/** A SHA-256, in hexadecimal digits, and what it is one of. */
export interface Digest {
  readonly sha256: string;
  /**
   * `name`: the file is called so, by Istio's agent: the module's own digest, or for `oci://` the image manifest's.
   * `pin`: Envoy fetches the module and insists on it. `file`: of the file of that name on this machine.
   */
  readonly of: "name" | "pin" | "file";
}

/** What the filter gets as its configuration. */
export interface PluginText {
  readonly json: string;
  /** The message that holds it; empty for none. */
  readonly type: string;
  /** Whether the filter gets it as text: Envoy hands over all messages but two as protobuf bytes. */
  readonly isText: boolean;
}

/** Reads a filter's `Wasm` message. */
export function readWasmMessage(message: unknown): WasmMessage {
  const config = at(message, "config");
  const vm = at(config, "vm_config");
  const remote = textAt(vm, "code", "remote", "http_uri", "uri");
  const module = textAt(vm, "code", "local", "filename") ?? remote;
  return {
    name: textAt(config, "name") ?? "",
    rootId: textAt(config, "root_id") ?? "",
    vmId: textAt(vm, "vm_id") ?? "",
    module,
    remote,
    digest: digestOf(vm, module),
    failurePolicy: policyOf(config),
    environment: environmentOf(at(vm, "environment_variables")),
    configuration: pluginText(at(config, "configuration")),
  };
}

function digestOf(vm: unknown, module: string | undefined): Digest | undefined {
  const pin = textAt(vm, "code", "remote", "sha256");
  if (pin !== undefined) return { sha256: pin.toLowerCase(), of: "pin" };
  const [, name] = /(?:^|\/)([0-9a-f]{64})\.wasm$/i.exec(module ?? "") ?? [];
  return name === undefined ? undefined : { sha256: name.toLowerCase(), of: "name" };
}

function policyOf(config: unknown): FailurePolicy {
  const policy = textAt(config, "failure_policy");
  if (policy === "FAIL_RELOAD" || policy === "FAIL_OPEN") return policy;
  return at(config, "fail_open") === true ? "FAIL_OPEN" : "FAIL_CLOSED";
}

function environmentOf(variables: unknown): ReadonlyMap<string, string | undefined> {
  const values = entriesAt(variables, "key_values").map(([name, value]): [string, string] => [name, String(value)]);
  return new Map<string, string | undefined>([
    ...textsAt(variables, "host_env_keys").map((name): [string, undefined] => [name, undefined]),
    ...values,
  ]);
}

function pluginText(any: unknown): PluginText {
  const { type, value } = messageIn(any);
  const inner = at(value, "value");
  switch (type) {
    case "":
      return { json: "", type, isText: true };
    case "google.protobuf.StringValue":
      return { json: typeof inner === "string" ? inner : "", type, isText: true };
    case "google.protobuf.BytesValue":
      return {
        json: Buffer.from(typeof inner === "string" ? inner : "", "base64").toString("utf8"),
        type,
        isText: true,
      };
    default:
      return { json: JSON.stringify(inner ?? {}), type, isText: false };
  }
}
