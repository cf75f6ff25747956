import type { WebdisFacts } from "../configuration.ts";
import { type Finding, finding } from "../finding.ts";
import { type GetReply, get, whyNot } from "../http-get.ts";
import { FORBIDDEN_COMMANDS } from "./forbidden-commands.ts";
import { isRedisReply, redisError } from "./resp.ts";

/** A name of a key that nobody has: nothing is read. */
const KEY = "signpost-doctor";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Webdis at an address, asked as the filter asks it, and as others might; nothing is changed and no data is read. */
export async function probeWebdis(
  address: URL,
  webdis: WebdisFacts,
  credentials: Credentials | undefined,
): Promise<Finding[]> {
  return new WebdisProbe(address, webdis, credentials).findings();
}

class WebdisProbe {
  readonly #where: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    private readonly address: URL,
    private readonly webdis: WebdisFacts,
    private readonly credentials: Credentials | undefined,
  ) {
    this.#where = `Webdis at ${address.origin}`;
    this.#headers = credentials === undefined ? {} : { authorization: basicAuth(credentials) };
  }

  async findings(): Promise<Finding[]> {
    const findings: Finding[] = [];
    try {
      const own = await this.#ask(["GET", this.webdis.keyPrefix + KEY]);
      if (!isWebdis(own))
        return [this.#found("webdis-unreachable", `GET is answered with ${own.status}, not by Redis`)];
      findings.push(...this.#aboutOwn(own));
      findings.push(...(await this.#aboutWrites()));
      findings.push(...(await this.#aboutStrangers()));
      findings.push(...(await this.#aboutOtherKeys(own)));
      findings.push(...(await this.#aboutForbidden()));
    } catch (error) {
      findings.push(this.#found("webdis-unreachable", whyNot(error)));
    }
    return findings;
  }

  #aboutOwn(own: GetReply): Finding[] {
    const { username } = this.credentials ?? { username: "" };
    const whom = username === "" ? "without credentials" : `as ${username}`;
    if (isRefusal(own)) return [this.#found("webdis-get-refused", `GET ${whom} is answered with ${own.status}`)];
    if (own.status === 503) return [this.#found("webdis-redis-down", `GET ${whom} is answered with 503`)];
    const error = redisError(own.body);
    if (error === undefined) return [];
    return [this.#found("webdis-redis-refuses", `GET of a key under ${this.webdis.keyPrefix}: ${error}`)];
  }

  async #aboutWrites(): Promise<Finding[]> {
    if (!this.webdis.isWritten) return [];
    // Without its arguments Redis refuses it, whoever asks.
    const reply = await this.#ask(["PSETEX"]);
    return isRefusal(reply) ? [this.#found("webdis-set-refused", `PSETEX is answered with ${reply.status}`)] : [];
  }

  async #aboutStrangers(): Promise<Finding[]> {
    const reply = await this.#ask(["GET", this.webdis.keyPrefix + KEY], {});
    if (isRefusal(reply)) return [];
    return [this.#found("webdis-open", `GET without credentials is answered with ${reply.status}`)];
  }

  async #aboutOtherKeys(own: GetReply): Promise<Finding[]> {
    const { keyPrefix } = this.webdis;
    // With an empty prefix all keys are the filter's.
    if (keyPrefix === "" || own.status !== 200) return [];
    const other = keyPrefix.startsWith("x") ? `other-${KEY}` : `x-${KEY}`;
    const reply = await this.#ask(["GET", other]);
    if (reply.status !== 200 || redisError(reply.body) !== undefined) return [];
    return [this.#found("webdis-keys-unconfined", `GET of ${other}, which is not under ${keyPrefix}, is answered`)];
  }

  async #aboutForbidden(): Promise<Finding[]> {
    const allowed: string[] = [];
    for (const words of FORBIDDEN_COMMANDS) {
      if (!isRefusal(await this.#ask(words))) allowed.push(words[0] ?? "");
    }
    if (allowed.length === 0) return [];
    return [this.#found("webdis-command-allowed", `Webdis passes on ${allowed.join(", ")}`)];
  }

  async #ask(words: readonly string[], headers = this.#headers): Promise<GetReply> {
    const { database } = this.webdis;
    const path = `${database === 0 ? "" : `/${database}`}/${words.map(argument).join("/")}.raw`;
    return get(this.address, path, headers);
  }

  #found(id: Finding["id"], seen: string): Finding {
    return finding(id, { seen, where: this.#where });
  }
}

/** Webdis splits a path at slashes, and takes what follows a dot in its last part for a format. */
function argument(text: string): string {
  return encodeURIComponent(text).replaceAll(".", "%2E");
}

function basicAuth({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function isRefusal({ status }: GetReply): boolean {
  return status === 401 || status === 403;
}

function isWebdis(reply: GetReply): boolean {
  return isRefusal(reply) || reply.status === 503 || (reply.status === 200 && isRedisReply(reply.body));
}
