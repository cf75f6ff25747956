import type { HttpCall } from "proxy-wasm-host";
import { UsageError } from "./usage-error.ts";
import type { Address } from "./addresses.ts";
import { type CallOutcome, type Question, questionOf } from "./call-outcome.ts";
import { callOverNetwork } from "./network.ts";
import type { Outline } from "./outline.ts";
import { unmarkedBody } from "./reply-mark.ts";
import type { RecordedReply } from "./recorded-reply.ts";
import type { Recording } from "./recording.ts";
import { isWrite, redisCommand } from "./webdis-command.ts";

export interface AnsweringOptions {
  readonly addresses: ReadonlyMap<string, Address>;
  readonly recorded: readonly RecordedReply[];
  /** Where what real calls replied is collected. */
  readonly recording?: Recording | undefined;
  /** Clusters without an address are unreachable. */
  readonly offline: boolean;
  /** Whether a real reply may come later than the filter would wait for it. */
  readonly patient: boolean;
  /** Whether what the filter writes to Redis is really written. */
  readonly write: boolean;
}

/** A call's outcome and who said so. */
export interface Answered {
  readonly outcome: CallOutcome;
  /** The address that was asked, `recorded` or `nobody`. */
  readonly answeredBy: string;
  /** Whether nobody was asked, and the filter was told that all went well. */
  readonly isPretended?: boolean;
}

/** What Webdis says to a write that went well. */
const WRITTEN: CallOutcome = { kind: "reply", status: 200, headers: [], body: Buffer.from("+OK\r\n"), milliseconds: 0 };

/** The longest that anything is waited for, in milliseconds. */
const PATIENCE = 30_000;

/** Finds an outcome for each call of the filter: recorded ones first, each once and in order, then the network's. */
export class Answering {
  readonly #options: AnsweringOptions;
  readonly #outline: Outline;
  readonly #recorded: RecordedReply[];

  constructor(outline: Outline, options: AnsweringOptions) {
    this.#outline = outline;
    this.#options = options;
    this.#recorded = [...options.recorded];
  }

  /** Clusters that the proxy has, as far as the filter can tell. */
  get knownClusters(): string[] {
    return [...this.#outline.clusters].filter((name) => this.#options.addresses.get(name) !== "unknown");
  }

  /** A `UsageError` when nobody has said how the cluster is to be reached. */
  async answer(call: HttpCall): Promise<Answered> {
    const question = questionOf(call);
    const isWrite = this.#isWrite(question);
    const recorded = this.#takeRecorded(question, isWrite);
    if (recorded !== undefined) return { outcome: inTime(recorded.outcome, question), answeredBy: "recorded" };
    if (isWrite && !this.#options.write) return { outcome: WRITTEN, answeredBy: "nobody", isPretended: true };
    const address = this.#options.addresses.get(question.cluster);
    if (address instanceof URL) return this.#ask(call, question, address);
    if (address === undefined && !this.#options.offline) throw new UsageError(this.#missing(question));
    const detail = address === undefined ? "no address, --offline" : "as --cluster says";
    return { outcome: { kind: "unreachable", detail, milliseconds: 0 }, answeredBy: "nobody" };
  }

  async #ask(call: HttpCall, question: Question, address: URL): Promise<Answered> {
    const limit = this.#options.patient ? PATIENCE : call.timeoutMs;
    const told = await callOverNetwork(call, address, limit);
    const outcome = told.kind === "reply" ? { ...told, body: unmarkedBody(told.body, call.path) } : told;
    this.#options.recording?.add(question, outcome);
    return { outcome, answeredBy: address.origin };
  }

  /** A reply recorded for whatever the cluster is asked is meant for reads. */
  #takeRecorded(question: Question, isWrite: boolean): RecordedReply | undefined {
    const index = this.#recorded.findIndex(
      ({ cluster, method, path }) =>
        cluster === question.cluster &&
        (method ?? question.method) === question.method &&
        (path ?? question.path) === question.path &&
        !(isWrite && method === undefined && path === undefined),
    );
    return index < 0 ? undefined : this.#recorded.splice(index, 1)[0];
  }

  #isWrite(question: Question): boolean {
    return question.cluster === this.#outline.webdis?.cluster && isWrite(question.path);
  }

  #missing(question: Question): string {
    const { cluster } = question;
    const isWebdis = cluster === this.#outline.webdis?.cluster;
    const lookup = this.#outline.lookups.find(({ serviceCluster }) => serviceCluster === cluster);
    const command = isWebdis ? redisCommand(question.path)?.join(" ") : undefined;
    const call = command ?? `${question.method} ${question.path}`;
    const address = isWebdis ? "--webdis http://127.0.0.1:7379" : `--service ${lookup?.name ?? cluster}=http://…`;
    const left =
      this.#options.recorded.length > 0 ? "no recorded reply is left for it" : "nothing says what it replies";
    return [
      `the filter asks cluster "${cluster}": ${call}`,
      `  and ${left}. Give one of`,
      ...[
        [address, "its address"],
        ["--replies FILE", "recorded replies"],
        ["--offline", "clusters without an address are unreachable"],
      ].map(([option = "", meaning = ""]) => `  ${option.padEnd(32)} ${meaning}`),
    ].join("\n");
  }
}

/** A reply recorded as slower than the filter waits comes too late, as it would from the network. */
function inTime(outcome: CallOutcome, { timeoutMs }: Question): CallOutcome {
  if (timeoutMs === 0) return outcome;
  if (outcome.kind === "timeout") return { ...outcome, milliseconds: timeoutMs };
  if (outcome.kind !== "reply" || outcome.milliseconds < timeoutMs) return outcome;
  return { kind: "timeout", detail: `recorded after ${outcome.milliseconds} ms`, milliseconds: timeoutMs };
}
