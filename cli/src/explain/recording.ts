import { isUtf8 } from "node:buffer";
import { stringify } from "yaml";
import type { CallOutcome, Header, Question } from "./call-outcome.ts";
import { isCredential } from "./secrets.ts";

/** Headers that say how a reply travelled, not what it says: a replayed one travels otherwise. */
const OF_THE_CONNECTION = new Set(["connection", "keep-alive", "transfer-encoding", "content-length"]);

/** Collects what real calls replied, for `--replies`. Credentials stay out: of the question only what names it is kept. */
export class Recording {
  readonly #entries: object[] = [];

  add(question: Question, outcome: CallOutcome): void {
    this.#entries.push({
      cluster: question.cluster,
      method: question.method,
      path: question.path,
      ...(outcome.kind === "reply"
        ? { status: outcome.status, ...headersOf(outcome.headers), ...bodyOf(outcome.body) }
        : { [outcome.kind]: true }),
      milliseconds: Math.round(outcome.milliseconds * 10) / 10,
    });
  }

  /** The file's text: YAML where its name says so, else JSON. */
  text(file: string): string {
    if (/\.ya?ml$/i.test(file)) return stringify(this.#entries);
    return `${JSON.stringify(this.#entries, undefined, 2)}\n`;
  }
}

function headersOf(headers: readonly Header[]): object {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    if (OF_THE_CONNECTION.has(name) || isCredential(name)) continue;
    const before = kept[name];
    kept[name] = before === undefined ? value : [before, value].flat();
  }
  return Object.keys(kept).length === 0 ? {} : { headers: kept };
}

function bodyOf(body: Uint8Array): object {
  if (body.length === 0) return {};
  const bytes = Buffer.from(body);
  return isUtf8(bytes) ? { body: bytes.toString("utf8") } : { bodyBase64: bytes.toString("base64") };
}
