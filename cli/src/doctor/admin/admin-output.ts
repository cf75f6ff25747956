import { entriesAt, isObject, listAt } from "./json.ts";

/** A text that was to be Envoy's, and is not; the message says of which file or address, and what was expected. */
export class BadAdminOutput extends Error {}

/** A text that Envoy's admin interface wrote, and where it is from: a file's name or an address. */
export interface AdminText {
  readonly from: string;
  readonly text: string;
}

/** @throws BadAdminOutput where the text is no JSON object; `expected` says what should be there */
export function parseAdminJson({ from, text }: AdminText, expected: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadAdminOutput(`${from} is not JSON: ${reason} (expected ${expected})`, { cause: error });
  }
  if (isIstioctls(value)) {
    const what = "istioctl's form, with names such as dynamicListeners";
    throw new BadAdminOutput(`${from} is ${what}: give ${expected} (${HOW_TO_ASK})`);
  }
  if (!isObject(value)) throw new BadAdminOutput(`${from} is JSON, but no object (expected ${expected})`);
  return value;
}

const HOW_TO_ASK = "in a pod: pilot-agent request GET config_dump";

/**
 * Whether istioctl wrote it (`istioctl proxy-config … -o json`): it renames protobuf's fields, and leaves out sections. Envoy
 * writes the fields of its own messages as protobuf has them, in small letters.
 */
function isIstioctls(value: unknown): boolean {
  const messages = Array.isArray(value) ? (value as unknown[]) : [value, ...listAt(value, "configs")];
  return messages.some((message) => entriesAt(message).some(([name]) => /^[a-z]+[A-Z]/.test(name)));
}
