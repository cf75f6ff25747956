import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

/** Header names in lower case with their values; an array's values are joined as the filter's sources join them. */
export type Headers = Record<string, string | string[]>;

export interface Request {
  method?: string;
  headers?: Headers;
}

/** A request that went upstream, and its response. Times are wall-clock milliseconds. */
export interface Exchange {
  request?: Request;
  status?: number;
  headers?: Headers;
  requestTime?: number;
  responseTime?: number;
  flags?: readonly Flag[];
}

const FLAGS = ["request body", "verified JWT", "trailers", "too large", "incomplete"] as const;

export type Flag = (typeof FLAGS)[number];

/** What of the section `responseCache` policy depends on; durations in milliseconds. */
export interface Config {
  /** A percentage. */
  heuristic: number;
  defaultTtl: number;
  staleWhileRevalidate: number;
  staleIfError: number;
}

const DEFAULTS: Config = { heuristic: 10, defaultTtl: 0, staleWhileRevalidate: 0, staleIfError: 0 };

/** `LifetimeSource`, by number. */
const SOURCES = ["none", "s-maxage", "max-age", "expires", "heuristic", "default"] as const;

/** `Reuse`, by number. */
const REUSES = ["serve", "serve while revalidating", "revalidate", "gateway timeout"] as const;

export type Reuse = (typeof REUSES)[number];

const functions = {
  configure: unit.function("policyConfigure", ["f64", "i64", "i64", "i64"], "void"),
  storability: unit.function("policyStorability", ["bytes", "bytes", "i32", "i64", "i64", "i32"], "text"),
  lifetime: unit.function("policyLifetime", [], "i64"),
  lifetimeSource: unit.function("policyLifetimeSource", [], "i32"),
  staleWhileRevalidate: unit.function("policyStaleWhileRevalidate", [], "i64"),
  staleIfError: unit.function("policyStaleIfError", [], "i64"),
  usableFor: unit.function("policyUsableFor", [], "i64"),
  ageAt: unit.function("policyAgeAt", ["i64"], "i64"),
  withholds: unit.function("policyWithholds", ["bytes"], "bool"),
  reuse: unit.function("policyReuse", ["bytes", "i64"], "i32"),
  usableOnErrorFor: unit.function("policyUsableOnErrorFor", [], "i64"),
  mayForward: unit.function("policyMayForward", ["bytes"], "bool"),
  directives: unit.function("directivesOf", ["bytes", "bool"], "text"),
};

/** A moment at which tests begin, on a whole second as HTTP dates have it: Sun, 06 Nov 2033 08:49:37 GMT. */
export const NOW = Date.UTC(2033, 10, 6, 8, 49, 37);

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

function linesOf(headers: Headers): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}\t${typeof value === "string" ? value : value.join(",")}\n`)
    .join("");
}

function requestLines({ method = "GET", headers = {} }: Request): string {
  return linesOf({ ":method": method, ...headers });
}

/** An HTTP-date some milliseconds from `NOW`. */
export function date(offset = 0): string {
  return new Date(NOW + offset).toUTCString();
}

/** The latest response that policy decided on, and what the module says about it. One at a time: asking is to the last. */
export class Stored {
  readonly storability: string;

  constructor(exchange: Exchange, config: Partial<Config> = {}) {
    const { heuristic, defaultTtl, staleWhileRevalidate, staleIfError } = { ...DEFAULTS, ...config };
    functions.configure(heuristic, BigInt(defaultTtl), BigInt(staleWhileRevalidate), BigInt(staleIfError));
    const { request = {}, status = 200, headers = {}, responseTime = NOW, flags = [] } = exchange;
    this.storability = functions.storability(
      requestLines(request),
      linesOf(headers),
      status,
      BigInt(exchange.requestTime ?? responseTime),
      BigInt(responseTime),
      flags.reduce((bits, flag) => bits | (1 << FLAGS.indexOf(flag)), 0),
    );
  }

  /** Milliseconds, as all durations here. */
  get lifetime(): number {
    return Number(functions.lifetime());
  }

  get lifetimeSource(): (typeof SOURCES)[number] {
    return named(SOURCES, functions.lifetimeSource());
  }

  get staleWhileRevalidate(): number {
    return Number(functions.staleWhileRevalidate());
  }

  get staleIfError(): number {
    return Number(functions.staleIfError());
  }

  get usableFor(): number {
    return Number(functions.usableFor());
  }

  /** The age some milliseconds after `NOW`. */
  ageAfter(offset = 0): number {
    return Number(functions.ageAt(BigInt(NOW + offset)));
  }

  withholds(name: string): boolean {
    return functions.withholds(name);
  }

  /** What becomes of a request some milliseconds after `NOW`. */
  reuseAfter(offset: number, headers: Headers = {}): Reuse {
    return named(REUSES, functions.reuse(requestLines({ headers }), BigInt(NOW + offset)));
  }

  /** For how long the response may still be served when the request some milliseconds after `NOW` fails; 0: not. */
  usableOnErrorAfter(offset: number, headers: Headers = {}): number {
    this.reuseAfter(offset, headers);
    return Number(functions.usableOnErrorFor());
  }
}

/** Why a response is not stored, or `storable`. */
export function storability(exchange: Exchange, config: Partial<Config> = {}): string {
  return new Stored(exchange, config).storability;
}

/** What policy makes of a storable response. */
export function stored(exchange: Exchange, config: Partial<Config> = {}): Stored {
  const response = new Stored(exchange, config);
  if (response.storability !== "storable") throw new Error(`not storable: ${response.storability}`);
  return response;
}

export function mayForward(headers: Headers): boolean {
  return functions.mayForward(linesOf(headers));
}

/** The directives of a response's headers, with times in milliseconds. */
export function responseDirectives(headers: Headers): string {
  return functions.directives(linesOf(headers), false);
}

/** The directives of a request's headers, with times in milliseconds. */
export function requestDirectives(headers: Headers): string {
  return functions.directives(linesOf(headers), true);
}

function named<T extends string>(names: readonly T[], number: number): T {
  const name = names[number];
  if (name === undefined) throw new Error(`no name for the number ${number}`);
  return name;
}

export const parseHttpDate = unit.function("httpDateOf", ["bytes", "i64"], "i64");
export const writeHttpDate = unit.function("httpDateText", ["i64"], "bytes");
export const deltaSeconds = unit.function("deltaSecondsOf", ["bytes"], "i64");
export const dictionary = unit.function("dictionaryOf", ["bytes"], "text");
