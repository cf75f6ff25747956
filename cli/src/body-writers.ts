const LUA = "envoy.extensions.filters.http.lua.v3.Lua";
const EXT_PROC = "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor";

/** An HTTP filter in a chain. */
export interface ChainedFilter {
  readonly name: string;
  /** The name of its message, as in `envoy.extensions.filters.http.lua.v3.Lua`. */
  readonly type: string;
  /** The message, in whatever wrapping. */
  readonly config: unknown;
  /** Whether it runs only for routes that say so. */
  readonly isDisabled: boolean;
}

/** A field at the end of a message, by its protobuf name. */
type Leaf = readonly [name: string, value: unknown];

/**
 * The names of those filters that may write response bodies of their own, as their configuration tells; `routes` is the
 * chain's route configuration, which may have more of it. What a Wasm module or an extension in another language does
 * nobody can tell from outside.
 */
export function bodyWritersAmong(filters: readonly ChainedFilter[], routes: unknown): string[] {
  return filters.filter((filter) => writesBodies(filter, routes)).map(({ name }) => name);
}

function writesBodies({ name, type, config, isDisabled }: ChainedFilter, routes: unknown): boolean {
  if (type !== LUA && type !== EXT_PROC) return false;
  const ofRoutes = [...routeSettings(routes, name)].map((settings) => [...leavesIn(settings)]);
  if (isDisabled && ofRoutes.every(isDisabling)) return false;
  const leaves = [...leavesIn(config), ...ofRoutes.flat()];
  return type === LUA ? leaves.some(isWritingScript) : isAskedForBodies(leaves);
}

/** Only `setBytes` writes a body. A script that is not in the configuration may do anything. */
function isWritingScript([name, value]: Leaf): boolean {
  if (name === "filename" || name === "environment_variable") return true;
  if (typeof value !== "string" || !["inline_code", "inline_string", "inline_bytes"].includes(name)) return false;
  const text = name === "inline_bytes" ? Buffer.from(value, "base64").toString("utf8") : value;
  const code = text.replaceAll(/--\[\[[\s\S]*?\]\]|--[^\n]*/g, "");
  // One that knows of 304 is taken to leave such responses alone.
  return /\benvoy_on_response\b/.test(code) && /\bsetBytes\b/.test(code) && !/\b304\b/.test(code);
}

/** Whether an external processor is sent response bodies, which it then may replace, or may ask for them. */
function isAskedForBodies(leaves: readonly Leaf[]): boolean {
  if (leaves.some(([name, value]) => name === "observability_mode" && value === true)) return false;
  return leaves.some(
    ([name, value]) =>
      (name === "response_body_mode" && value !== "NONE" && value !== 0) ||
      (name === "allow_mode_override" && value === true),
  );
}

function isDisabling(settings: readonly Leaf[]): boolean {
  return settings.some(([name, value]) => name === "disabled" && value === true);
}

/** What routes say for the filter of that name, wherever they do. */
function* routeSettings(routes: unknown, filter: string): Generator {
  for (const [name, inner] of membersOf(routes)) {
    if (protobufName(name) !== "typed_per_filter_config") yield* routeSettings(inner, filter);
    else yield* membersOf(inner).flatMap(([of, settings]) => (of === filter ? [settings] : []));
  }
}

function* leavesIn(value: unknown): Generator<Leaf> {
  for (const [name, inner] of membersOf(value)) {
    if (typeof inner === "object") yield* leavesIn(inner);
    else yield [protobufName(name), inner];
  }
}

function membersOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** Protobuf's JSON may have `responseBodyMode` for `response_body_mode`. */
function protobufName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
