import type { WebdisFacts } from "../configuration.ts";
import { type Finding, finding } from "../finding.ts";
import { type GetReply, get, isTimeout, whyNot } from "../http-get.ts";
import { FORBIDDEN_COMMANDS } from "./forbidden-commands.ts";
import { remedyFor } from "./redis-words.ts";
import { isRedisReply, redisError } from "./resp.ts";

/** A name of a key that nobody has: nothing is read. */
const KEY = "signpost-doctor";

/** A name of a key that is written where the configuration writes, and how long it lives, in milliseconds. */
const WRITTEN_KEY = "signpost-doctor-writes";
const LIFETIME = "1000";

/** Redis has so many databases unless it is told otherwise. */
const USUAL_DATABASES = 16;

/** How long Webdis may take, in milliseconds: the filter waits for a hundredth of it. */
const LIMIT = 5000;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Webdis at an address, asked as the filter asks it, and as others might. No data is read, and nothing is changed but for one key of
 * its own, which lives for a second, where the configuration writes.
 */
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
      findings.push(...(await this.#aboutWrites(own)));
      findings.push(...(await this.#aboutStrangers()));
      findings.push(...(await this.#aboutOtherKeys(own)));
      findings.push(...(await this.#aboutForbidden()));
    } catch (error) {
      findings.push(await this.#aboutSilence(error));
    }
    return findings;
  }

  /** What it tells that there is no reply: where Webdis itself still refuses somebody, it waits for Redis. */
  async #aboutSilence(error: unknown): Promise<Finding> {
    const why = whyNot(error, LIMIT);
    const lives = isTimeout(error) && (await this.#ask(["GET", KEY], {}).then(isRefusal, () => false));
    return lives ? this.#found("webdis-redis-hangs", `GET: ${why}`) : this.#found("webdis-unreachable", why);
  }

  #aboutOwn(own: GetReply): Finding[] {
    const { username } = this.credentials ?? { username: "" };
    const whom = username === "" ? "without credentials" : `as ${username}`;
    if (isRefusal(own)) return [this.#found("webdis-get-refused", `GET ${whom} is answered with ${own.status}`)];
    if (own.status === 503) return [this.#found("webdis-redis-down", `GET ${whom} is answered with 503`)];
    const error = redisError(own.body);
    if (error === undefined) return [];
    const seen = `GET of a key under ${this.webdis.keyPrefix}: ${error}`;
    return [this.#found("webdis-redis-refuses", seen, remedyFor(error))];
  }

  async #aboutWrites(own: GetReply): Promise<Finding[]> {
    const { database, isWritten, keyPrefix } = this.webdis;
    if (!isWritten) return this.#aboutHighDatabase();
    // Without its arguments Redis refuses it, whoever asks.
    const reply = await this.#ask(["PSETEX"]);
    if (isRefusal(reply)) return [this.#found("webdis-set-refused", `PSETEX is answered with ${reply.status}`)];
    // Of a Redis that does not answer reads either, this is known.
    if (own.status !== 200 || redisError(own.body) !== undefined) return [];
    const key = keyPrefix + WRITTEN_KEY;
    const written = await this.#ask(["PSETEX", key, LIFETIME, "1"]);
    const error = redisError(written.body);
    if (error !== undefined) {
      const seen = `PSETEX of a key under ${keyPrefix}: ${error}`;
      return [this.#found("webdis-redis-refuses-writes", seen, remedyFor(error))];
    }
    if (database === 0) return [];
    const elsewhere = await this.#ask(["GET", key], this.#headers, 0);
    if (!elsewhere.body.startsWith("$1\r\n")) return [];
    return [this.#found("webdis-database-missing", `what is written to database ${database} is read from database 0`)];
  }

  #aboutHighDatabase(): Finding[] {
    const { database } = this.webdis;
    return database < USUAL_DATABASES ? [] : [this.#found("webdis-database-uncertain", `webdis.database: ${database}`)];
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

  async #ask(words: readonly string[], headers = this.#headers, database = this.webdis.database): Promise<GetReply> {
    const path = `${database === 0 ? "" : `/${database}`}/${words.map(argument).join("/")}.raw`;
    return get(this.address, path, headers, LIMIT);
  }

  #found(id: Finding["id"], seen: string, remedy?: string): Finding {
    return finding(id, { seen, where: this.#where, remedy });
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
