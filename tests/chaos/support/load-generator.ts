/**
 * The process that makes the load: sends requests at a constant rate, whatever becomes of those before (an open loop) as
 * long as not too many are out, and tells `load.ts` of each when it has ended. It judges nothing.
 *
 * Its one argument is a `LoadPlan`, as JSON.
 */
import { Agent } from "node:http";
import { readDebugHeader } from "../../../envoy-local/lib/debug-header.ts";
import { json, send, type HttpReply } from "../../../envoy-local/lib/http-client.ts";

/** What to send. */
export interface LoadPlan {
  /** Requests per second, over all targets, where the machine can. */
  readonly rate: number;
  /** How many requests may be out at once: a machine that cannot keep up gets fewer requests, not an ever longer queue. */
  readonly mostOut: number;
  /** What is asked in turn, by names for the samples. */
  readonly targets: Readonly<Record<string, Target>>;
  readonly host: string;
  /** How many tenants are asked for in turn. */
  readonly tenants: number;
}

export interface Target {
  readonly port: number;
  /** What the paths begin with: `/api`, say. */
  readonly prefix: string;
}

/** One request and what became of it. */
export interface Sample {
  readonly target: string;
  readonly tenant: number;
  /** Differs between all requests to one target: the path was `<prefix>/t<tenant>/<sequence>`. */
  readonly sequence: number;
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
  readonly milliseconds: number;
  /** 0 when there was no response. */
  readonly status: number;
  /** Which upstream it got to, and with which path; empty where the response does not say. */
  readonly upstream: string;
  readonly path: string;
  /** What the filter says of the record: its tier, and its age in whole seconds. */
  readonly tier: string;
  readonly age: number;
  /** Why there was no response; empty when there was one. */
  readonly error: string;
}

/** What it is told: to say when the requests so far have ended; to send no more, and to end. */
export type Order = "settle" | "stop";

/** How often samples are handed over, in milliseconds. */
const REPORT_INTERVAL = 50;

/** How long a response may take, in milliseconds: only one that never comes is to count as none. */
const PATIENCE = 120_000;

/** Requests that were due and could not be sent are forgiven but for so many. */
const MOST_DUE = 20;

const plan = JSON.parse(process.argv[2] ?? "") as LoadPlan;
const targets = Object.entries(plan.targets);
const agent = new Agent({ keepAlive: true });
const pending = new Set<Promise<void>>();
const NOWHERE: [string, Target] = ["", { port: 0, prefix: "" }];
let samples: Sample[] = [];

async function ask(number: number): Promise<void> {
  const [target, { port, prefix }] = targets[number % targets.length] ?? NOWHERE;
  const sequence = Math.floor(number / targets.length);
  const tenant = sequence % plan.tenants;
  const at = performance.timeOrigin + performance.now();
  const path = `${prefix}/t${tenant}/${sequence}`;
  const request = { target, tenant, sequence, at };
  try {
    const reply = await send({ port, path, headers: { host: plan.host }, agent, timeout: PATIENCE });
    samples.push({ ...request, milliseconds: reply.milliseconds, error: "", ...whatCameOf(reply) });
  } catch (error) {
    const milliseconds = performance.timeOrigin + performance.now() - at;
    samples.push({ ...request, ...NOTHING, milliseconds, error: String(error) });
  }
}

const NOTHING = { status: 0, upstream: "", path: "", tier: "", age: 0 };

function whatCameOf(reply: HttpReply): typeof NOTHING {
  const header = readDebugHeader(reply.headers["x-signpost"]);
  const { name, path } = reply.status === 200 ? (json(reply) as { name: string; path: string }) : NOTHING_SEEN;
  const { tier = "", fields } = header ?? {};
  return { status: reply.status, upstream: name, path, tier, age: Number(fields?.get("age") ?? 0) };
}

const NOTHING_SEEN = { name: "", path: "" };

function report(): void {
  process.send?.(samples);
  samples = [];
}

let sent = 0;
let due = 0;
let lookedAt = performance.now();

/** Sends what is due by now. */
function sendDue(): void {
  const now = performance.now();
  due = Math.min(due + ((now - lookedAt) / 1_000) * plan.rate, MOST_DUE);
  lookedAt = now;
  for (; due >= 1 && pending.size < plan.mostOut; due--) {
    const request = ask(sent++);
    pending.add(request);
    void request.finally(() => pending.delete(request));
  }
}

const sending = setInterval(sendDue, 1);
const reporting = setInterval(report, REPORT_INTERVAL);

/** Settles when every request sent until now has ended, one way or the other, and has been reported. */
async function settle(): Promise<void> {
  await Promise.all(pending);
  report();
}

process.on("message", (order: Order) => {
  if (order === "stop") clearInterval(sending);
  void settle().then(() => {
    process.send?.("settled");
    if (order === "settle") return;
    clearInterval(reporting);
    agent.destroy();
    process.disconnect();
  });
});

// Also when the test is no more.
process.once("disconnect", () => process.exit());
