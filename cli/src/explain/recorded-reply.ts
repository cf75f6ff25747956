import { parse } from "yaml";
import { bodyOfRead } from "./reply-mark.ts";
import { UsageError } from "./usage-error.ts";
import type { CallOutcome, Header } from "./call-outcome.ts";

/** A call and what came of it, as files of recorded replies hold it. */
export interface RecordedReply {
  readonly cluster: string;
  /** Any method or path when not given. */
  readonly method?: string;
  readonly path?: string;
  readonly outcome: CallOutcome;
}

const FIELDS = [
  ...["cluster", "method", "path", "status", "headers", "body", "bodyBase64", "value", "milliseconds"],
  ...["timeout", "unreachable", "malformed", "reset"],
];
const FAILURES = ["timeout", "unreachable", "malformed", "reset"] as const;
const BODIES = ["body", "bodyBase64", "value"] as const;

/** Reads the text of a file of recorded replies, JSON or YAML; a `UsageError` that says what is wrong where. */
export function parseRecordedReplies(text: string, file: string): RecordedReply[] {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (!Array.isArray(document)) throw new UsageError(`${file}: not a list of recorded replies`);
  return document.map((entry: unknown, index) => new EntryReader(entry, `${file}: [${index}]`).read());
}

/** Reads one entry of the list. */
class EntryReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(entry: unknown, where: string) {
    this.#where = where;
    if (!isObject(entry)) throw new UsageError(`${where}: not an object`);
    this.#fields = entry;
    const unknown = Object.keys(entry).find((name) => !FIELDS.includes(name));
    if (unknown !== undefined) this.#refuse(unknown, `unknown field (there are ${FIELDS.join(", ")})`);
  }

  read(): RecordedReply {
    const cluster = this.#text("cluster");
    if (cluster === undefined) this.#refuse("cluster", "missing");
    const method = this.#text("method");
    const path = this.#text("path");
    return {
      cluster,
      ...(method === undefined ? {} : { method }),
      ...(path === undefined ? {} : { path }),
      outcome: this.#outcome(),
    };
  }

  #outcome(): CallOutcome {
    const milliseconds = this.#number("milliseconds", 0) ?? 0;
    const failures = FAILURES.filter((name) => this.#flag(name));
    const [failure] = failures;
    if (failure === undefined) {
      return { kind: "reply", status: this.#status(), headers: this.#headers(), body: this.#body(), milliseconds };
    }
    const others = [...failures.slice(1), ...["status", "headers", ...BODIES].filter((name) => name in this.#fields)];
    if (others[0] !== undefined) this.#refuse(others[0], `goes not together with ${failure}`);
    return { kind: failure, detail: "as recorded", milliseconds };
  }

  #status(): number {
    const status = this.#number("status", 100) ?? 200;
    if (!Number.isInteger(status) || status > 999) this.#refuse("status", "not a status of HTTP");
    return status;
  }

  #headers(): Header[] {
    const headers = this.#fields["headers"] ?? {};
    if (!isObject(headers)) this.#refuse("headers", "not an object");
    return Object.entries(headers).flatMap(([name, given]) =>
      (Array.isArray(given) ? given : [given]).map((value: unknown): Header => {
        if (typeof value !== "string") this.#refuse(`headers.${name}`, "not a string, nor a list of strings");
        return [name.toLowerCase(), value];
      }),
    );
  }

  #body(): Uint8Array {
    const given = BODIES.filter((name) => name in this.#fields);
    if (given[1] !== undefined) this.#refuse(given[1], `goes not together with ${given[0] ?? ""}`);
    if (given[0] === "value") return redisReply(this.#fields["value"]);
    if (given[0] === "bodyBase64") return Buffer.from(this.#text("bodyBase64") ?? "", "base64");
    return Buffer.from(this.#text("body") ?? "");
  }

  #text(name: string): string | undefined {
    const value = this.#fields[name];
    if (value !== undefined && typeof value !== "string") this.#refuse(name, "not a string");
    return value;
  }

  #number(name: string, minimum: number): number | undefined {
    const value = this.#fields[name];
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !(value >= minimum)) this.#refuse(name, `not a number of ${minimum} or more`);
    return value;
  }

  #flag(name: string): boolean {
    const value = this.#fields[name];
    if (value !== undefined && typeof value !== "boolean") this.#refuse(name, "not true or false");
    return value === true;
  }

  #refuse(field: string, problem: string): never {
    throw new UsageError(`${this.#where}.${field}: ${problem}`);
  }
}

/** What Webdis says for a value in Redis: text as it is, null for none, anything else as JSON. */
function redisReply(value: unknown): Uint8Array {
  return bodyOfRead(value === null || typeof value === "string" ? value : JSON.stringify(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
