import type { HttpCall, ProxyHost } from "proxy-wasm-host";
import { routeKey, routeRecord } from "../../../envoy-local/routing-service/records.ts";
import type { Tenant } from "../../fixtures/route/fixture.ts";

const KEY_PREFIX = "signpost:";

/** A RESP bulk string, as Webdis passes it on for `GET …raw`. */
export function bulk(value: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** RESP for a key that is not there. */
export const NIL = "$-1\r\n";

/** What Redis and the routing service know; answers the filter's calls as Webdis and the sample service do. */
export class Tiers {
  readonly redis = new Map<string, string>();
  readonly tenants = new Map<string, Tenant>();
  /** How often each tier was asked. */
  readonly asked = { webdis: 0, service: 0 };

  /** Answers every call that is out, and those that follow from the answers, until none is. */
  answerAll(proxy: ProxyHost): void {
    for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) this.answer(call);
  }

  answer(call: HttpCall): void {
    if (call.cluster === "webdis") this.#answerAsWebdis(call);
    else this.#answerAsService(call);
  }

  #answerAsWebdis(call: HttpCall): void {
    this.asked.webdis++;
    const key = /^\/GET\/([A-Za-z0-9_~%-]+)\.raw$/.exec(call.path)?.[1];
    if (key === undefined) throw new Error(`Webdis was asked ${call.path}`);
    const value = this.redis.get(decodeURIComponent(key).slice(KEY_PREFIX.length));
    call.reply({ status: 200, body: value === undefined ? NIL : bulk(value) });
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
