import type { HttpCall, ProxyHost } from "proxy-wasm-host";
import { routeKey, routeRecord } from "../../../envoy-local/routing-service/records.ts";
import { fakeReply } from "../../fixtures/route/fake-replies.ts";
import type { Tenant } from "../../fixtures/route/fixture.ts";

const KEY_PREFIX = "signpost:";

/** A RESP bulk string, as Webdis passes it on for `GET …raw`. */
export function bulk(value: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** RESP for a key that is not there. */
export const NIL = "$-1\r\n";

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
    for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) this.answer(call);
  }

  answer(call: HttpCall): void {
    if (call.cluster === "webdis") this.#answerAsWebdis(call);
    else if (call.cluster === "refused") call.refuse();
    else if (call.cluster === "fake-service") answerAsFake(call);
    else this.#answerAsService(call);
  }

  #answerAsWebdis(call: HttpCall): void {
    this.asked.webdis++;
    const key = /^\/GET\/([A-Za-z0-9_~%-]+)\.raw$/.exec(call.path)?.[1];
    if (key === undefined) throw new Error(`Webdis was asked ${call.path}`);
    if (!this.#accepts(call)) {
      call.reply({ status: 403 });
      return;
    }
    const value = this.redis.get(decodeURIComponent(key).slice(KEY_PREFIX.length));
    call.reply({ status: 200, body: value === undefined ? NIL : bulk(value) });
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

function answerAsFake(call: HttpCall): void {
  const names = new Set([...call.headers].map(([name]) => name));
  const headers = Object.fromEntries([...names].map((name) => [name, call.headers.getAll(name).join(",")]));
  const reply = fakeReply({ method: call.headers.get(":method") ?? "", path: call.path, headers });
  if (reply === "hangs") call.timeOut();
  else if (reply === "breaks") call.reset();
  else call.reply(reply);
}
