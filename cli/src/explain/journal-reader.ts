import { type HostCall, type JournalEntry, type JournalValue, Status } from "proxy-wasm-host";
import type { Answered } from "./answering.ts";
import type { CallOutcome, Header } from "./call-outcome.ts";
import type { QuestionExplanation, ReplyExplanation, TierStep } from "./explanation.ts";
import type { Outline } from "./outline.ts";
import { withoutMark } from "./reply-mark.ts";
import type { Secrets } from "./secrets.ts";
import { type TraceLine, readTraceLine } from "./trace.ts";
import { redisCommand } from "./webdis-command.ts";

/** More of a body than this is not shown, in characters. */
const SHOWN_BODY = 600;

const SHADOW = "shadow: ";
const WARNINGS = new Set(["warn", "error", "critical"]);

/** A question as it turns up in the journal, until its answer is known. */
export interface OpenStep {
  /** Undefined when it is no lookup's: what is written to Redis is nobody's any more. */
  lookup: string | undefined;
  /** Whether the request was decided when the answer came. */
  isAfterwards: boolean;
  step: TierStep;
}

/** Goes through a request's journal and puts together what belongs together. */
export class JournalReader {
  readonly keys = new Map<string, string>();
  readonly steps: OpenStep[] = [];
  readonly shadow: string[] = [];
  readonly warnings: string[] = [];
  report = "";
  readonly #answers: ReadonlyMap<number, Answered>;
  readonly #outline: Outline;
  readonly #secrets: Secrets;
  readonly #stepOfToken = new Map<number, OpenStep>();
  /** The step that the next line about an answer is about. */
  #current: OpenStep | undefined;
  #isDecided = false;

  constructor(answers: ReadonlyMap<number, Answered>, outline: Outline, secrets: Secrets) {
    this.#answers = answers;
    this.#outline = outline;
    this.#secrets = secrets;
  }

  read(entry: JournalEntry): void {
    if (entry.kind === "callback") {
      if (entry.name !== "proxy_on_http_call_response") return;
      this.#current = this.#stepOfToken.get(entry.arguments[0] ?? -1);
      if (this.#current !== undefined) this.#current.isAfterwards = this.#isDecided;
    } else if (entry.name === "proxy_http_call") {
      this.#addCall(entry);
    } else if (entry.name === "proxy_log") {
      this.#readLog(textOf(entry.arguments["level"]), textOf(entry.arguments["message"]));
    }
  }

  #readLog(level: string, message: string): void {
    if (level === "trace") this.#readTrace(readTraceLine(message));
    else if (level === "info" && message.startsWith(SHADOW)) {
      this.shadow.push(this.#secrets.mask(message.slice(SHADOW.length)));
    } else if (WARNINGS.has(level)) this.warnings.push(this.#secrets.mask(message));
  }

  #readTrace(line: TraceLine | undefined): void {
    switch (line?.kind) {
      case "key":
        this.keys.set(line.lookup, this.#secrets.mask(line.key));
        break;
      case "answer":
        this.#readAnswer(line);
        break;
      case "request":
        this.report = this.#secrets.mask(line.report);
        this.#isDecided = true;
        break;
      case undefined:
        break;
    }
  }

  #readAnswer({ lookup, tier, answer, reason }: Extract<TraceLine, { kind: "answer" }>): void {
    // A tier that is not even asked (the breaker is open) has an answer without a question.
    const open = this.#current ?? this.#open({ tier });
    this.#current = undefined;
    open.lookup = lookup;
    open.step = { ...open.step, tier, answer, ...(reason === "" ? {} : { reason: this.#secrets.mask(reason) }) };
  }

  #addCall(call: HostCall): void {
    const cluster = textOf(call.arguments["cluster"]);
    const isWebdis = cluster === this.#outline.webdis?.cluster;
    const token = call.status === 0 ? Number(call.arguments["token"]) : undefined;
    const answered = token === undefined ? undefined : this.#answers.get(token);
    const open = this.#open({
      tier: isWebdis ? "webdis" : "service",
      question: this.#question(call, cluster, isWebdis, answered?.answeredBy ?? "nobody"),
      ...(answered?.isPretended === true ? {} : { reply: this.#reply(call, answered) }),
    });
    if (token === undefined) this.#current = open;
    else this.#stepOfToken.set(token, open);
  }

  #open(step: TierStep): OpenStep {
    const open: OpenStep = { lookup: undefined, isAfterwards: this.#isDecided, step };
    this.steps.push(open);
    return open;
  }

  #reply(call: HostCall, answered: Answered | undefined): ReplyExplanation {
    if (answered !== undefined) return explainReply(answered.outcome, this.#secrets);
    // The proxy has not even taken the call.
    return { failure: call.status === Status.BadArgument ? "unknown cluster" : "not sent", milliseconds: 0 };
  }

  #question(call: HostCall, cluster: string, isWebdis: boolean, answeredBy: string): QuestionExplanation {
    const headers = pairsOf(call.arguments["headers"]);
    const valueOf = (name: string): string => headers.find(([candidate]) => candidate === name)?.[1] ?? "";
    const shown: Header[] = [["host", valueOf(":authority")], ...headers.filter(([name]) => !name.startsWith(":"))];
    const path = withoutMark(this.#secrets.mask(valueOf(":path")));
    const command = isWebdis ? redisCommand(path) : undefined;
    return {
      cluster,
      answeredBy,
      method: valueOf(":method"),
      path,
      ...(command === undefined ? {} : { command }),
      headers: this.#secrets.maskHeaders(shown),
      bodyBytes: Buffer.byteLength(textOf(call.arguments["body"])),
      timeoutMilliseconds: Number(call.arguments["timeoutMs"]),
    };
  }
}

function explainReply(outcome: CallOutcome, secrets: Secrets): ReplyExplanation {
  const milliseconds = Math.round(outcome.milliseconds * 10) / 10;
  if (outcome.kind !== "reply") {
    return { failure: outcome.kind, ...(outcome.detail === "" ? {} : { detail: outcome.detail }), milliseconds };
  }
  const body = secrets.mask(Buffer.from(outcome.body).toString("utf8"));
  return {
    status: outcome.status,
    headers: secrets.maskHeaders(outcome.headers),
    body: body.length > SHOWN_BODY ? `${body.slice(0, SHOWN_BODY)}…` : body,
    bodyBytes: outcome.body.length,
    milliseconds,
  };
}

function textOf(value: JournalValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function pairsOf(value: JournalValue | undefined): readonly Header[] {
  return Array.isArray(value) ? (value as readonly Header[]) : [];
}
