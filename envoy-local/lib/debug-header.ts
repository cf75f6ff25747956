/** What the filter says of itself in the header that `debugHeader` names. */
export interface DebugHeader {
  /** Which tier answered: `local`, `webdis`, `service` or `none`. */
  readonly tier: string;
  /** All fields, `lookup`, `tier`, `age` (seconds) and `reason` among them. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Reads `lookup=route; tier=local; age=3; reason=…`; null when there is no such header or no tier in it. */
export function readDebugHeader(value: string | readonly string[] | undefined): DebugHeader | null {
  if (typeof value !== "string") {
    return null;
  }
  const fields = new Map<string, string>();
  for (const field of value.split(";")) {
    const [name = "", ...rest] = field.split("=");
    fields.set(name.trim(), rest.join("=").trim());
  }
  const tier = fields.get("tier");
  return tier === undefined ? null : { tier, fields };
}
