import type { HttpCall, ProxyHost } from "proxy-wasm-host";
import { routeKey, routeRecord } from "../../../envoy-local/routing-service/records.ts";
import { fakeReply } from "../../fixtures/route/fake-replies.ts";
import type { Tenant } from "../../fixtures/route/fixture.ts";

const KEY_PREFIX = "signpost:";

/** A call to Webdis as the module makes it: a key, and the mark that the reply is to carry. */
const GET = /^(?:\/[0-9]+)?\/GET\/([A-Za-z0-9_~%-]+)\.json\?jsonp=(t[0-9a-f]{16}_[0-9a-f]{16})$/;

/** The key that is asked for, with its prefix. */
export function keyAskedFor(call: HttpCall): string {
  return decodeURIComponent(getOf(call).key);
}

/** Webdis' reply to a `GET`: what it writes of the key's value, null when there is no such key. */
export function webdisBody(call: HttpCall, value: string | Uint8Array | null): string {
  return `${getOf(call).mark}(${webdisJson(value)});\n`;
}

/** Lets Webdis reply so. */
export function webdisSays(call: HttpCall | undefined, value: string | Uint8Array | null): void {
  if (call === undefined) throw new Error("no call is out");
  call.reply({ status: 200, body: webdisBody(call, value) });
}

/** Lets Webdis pass an error of Redis on. */
export function webdisErrs(call: HttpCall, error: string): void {
  call.reply({ status: 200, body: `${getOf(call).mark}(${JSON.stringify({ GET: [false, error] })});\n` });
}

function getOf(call: HttpCall): { key: string; mark: string } {
  const [, key, mark] = GET.exec(call.path) ?? [];
  if (call.cluster !== "webdis" || key === undefined || mark === undefined) throw new Error(`asked: ${call.path}`);
  return { key, mark };
}

/** Webdis leaves out what is not UTF-8, and ends a value at its first NUL. */
function webdisJson(value: string | Uint8Array | null): string {
  if (value === null) return '{"GET":null}';
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(value));
    return JSON.stringify({ GET: text.split("\0", 1)[0] });
  } catch {
    return "{}";
  }
}

/** What Redis and the routing service know; answers the filter's calls as Webdis and the services do. */
export class Tiers {
  readonly redis = new Map<string, string>();
  readonly tenants = new Map<string, Tenant>();
  /** Who Webdis obeys; everybody when not given. */
  user: { username: string; password: string } | undefined;
  /** How often each tier was asked. */
  readonly asked = { webdis: 0, service: 0 };

  /** Answers every call that is out, and those that follow from the answers, until none is. */
  answerAll(proxy: ProxyHost): void {
    for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) this.answer(call, proxy);
  }

  answer(call: HttpCall, proxy: ProxyHost): void {
    if (call.cluster === "webdis") this.#answerAsWebdis(call);
    else if (call.cluster === "refused") call.refuse();
    else if (call.cluster === "fake-service") answerAsFake(call, proxy);
    else this.#answerAsService(call);
  }

  #answerAsWebdis(call: HttpCall): void {
    this.asked.webdis++;
    const key = keyAskedFor(call).slice(KEY_PREFIX.length);
    if (!this.#accepts(call)) {
      call.reply({ status: 403 });
      return;
    }
    webdisSays(call, this.redis.get(key) ?? null);
  }

  #accepts(call: HttpCall): boolean {
    if (this.user === undefined) return true;
    const { username, password } = this.user;
    const credentials = Buffer.from(`${username}:${password}`).toString("base64");
    return call.headers.get("authorization") === `Basic ${credentials}`;
  }

  #answerAsService(call: HttpCall): void {
    this.asked.service++;
    const query = new URL(call.path, "http://routing-service").searchParams;
    const [host, name] = [query.get("host") ?? "", query.get("tenant") ?? ""];
    const tenant = this.tenants.get(routeKey(host, name));
    if (tenant === undefined) call.reply({ status: 404, body: "{}" });
    else call.reply({ status: 200, body: JSON.stringify(routeRecord({ host, tenant: name, ...tenant })) });
  }
}

function answerAsFake(call: HttpCall, proxy: ProxyHost): void {
  const names = new Set([...call.headers].map(([name]) => name));
  const headers = Object.fromEntries([...names].map((name) => [name, call.headers.getAll(name).join(",")]));
  const reply = fakeReply({ method: call.headers.get(":method") ?? "", path: call.path, headers });
  if (reply === "hangs") call.timeOut();
  else if (reply === "breaks") call.reset();
  else if (reply === "stalls") {
    call.begin();
    proxy.clock.advance(call.timeoutMs);
  } else call.reply(reply);
}
