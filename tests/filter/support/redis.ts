import type { HttpCall, ProxyHost } from "proxy-wasm-host";
import { webdisCommand } from "../../fixtures/keys/webdis-command.ts";
import { webdisSays } from "./tiers.ts";

/** The key of a stored response in Redis. */
const CACHE_KEY = /^signpost:cache:[0-9a-f]{64}$/;

/** A `.raw` reply of Webdis to a GET: RESP, whatever the bytes of the value; null for no such key. */
export function respOf(value: Uint8Array | string | null): Uint8Array {
  if (value === null) return Buffer.from("$-1\r\n");
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** A call of the response cache to Redis. */
export interface CacheCommand {
  readonly name: "GET" | "PSETEX";
  readonly key: string;
  /** Of a `PSETEX`, in milliseconds. */
  readonly ttl: number;
  readonly value: Uint8Array;
}

/** What a call asks Redis for; throws when it is none of the response cache. */
export function commandOf(call: HttpCall | undefined): CacheCommand {
  if (call === undefined) throw new Error("no call is out");
  const { command, arguments: words, format } = webdisCommand(call.path);
  const [key = "", ttl] = words;
  const isRead = command === "GET" && call.headers.get(":method") === "GET" && words.length === 1;
  const isWrite = command === "PSETEX" && call.headers.get(":method") === "PUT" && words.length === 2;
  const isKnown = isRead || (isWrite && format === "raw");
  if (call.cluster !== "webdis" || !/^(raw|json)$/.test(format ?? "") || !isKnown || !CACHE_KEY.test(key)) {
    throw new Error(`no call of the response cache: ${call.cluster} ${call.path}`);
  }
  return { name: isRead ? "GET" : "PSETEX", key, ttl: Number(ttl ?? 0), value: call.body };
}

/** Whether a call asks when a URI was invalidated, and not for a response: its reply has to carry a mark. */
export function asksWhenInvalidated(call: HttpCall): boolean {
  return call.path.includes(".json?jsonp=");
}

/** A Redis behind Webdis, as far as the response cache uses it. Several proxies may share one, as gateways do. */
export class Redis {
  readonly values = new Map<string, { value: Uint8Array; until: number }>();
  /** All commands so far, in order. */
  readonly commands: CacheCommand[] = [];

  /** Answers every call that is out, and those that follow from the answers, until none is. */
  answerAll(proxy: ProxyHost): void {
    for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) this.answer(proxy, call);
  }

  answer(proxy: ProxyHost, call: HttpCall): void {
    const command = commandOf(call);
    this.commands.push(command);
    if (command.name === "PSETEX") {
      this.values.set(command.key, { value: command.value, until: proxy.clock.now + command.ttl });
      call.reply({ body: "+OK\r\n" });
      return;
    }
    const held = this.values.get(command.key);
    const value = held !== undefined && proxy.clock.now < held.until ? held.value : null;
    if (asksWhenInvalidated(call)) webdisSays(call, value);
    else call.reply({ body: respOf(value) });
  }

  /** The names of the commands since the last time. */
  takeNames(): string[] {
    return this.commands.splice(0).map(({ name }) => name);
  }
}

/** The section of the configuration for it. */
export const CACHE_WEBDIS = { cluster: "webdis", timeout: "50ms" };
