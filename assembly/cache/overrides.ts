import { NONE, Slice, equal, equalIgnoreCase, isPresent, persist } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { bit, markOf } from "../text/name-mark";

const HTTP = persist("http");
const HTTPS = persist("https");
const HTTP_PORT = persist("80");
const HTTPS_PORT = persist("443");
const OFF = persist("off");
const ON = persist("on");

/** What a field says of the request that its URI says, too; it says something else where the two differ. */
enum Claim {
  /** Nothing that the URI says. */
  Other,
  Scheme,
  /** `on` for https. */
  Tls,
  Host,
  Port,
}

class Override {
  readonly marks: u64;

  constructor(
    readonly name: Slice,
    readonly claim: Claim,
  ) {
    this.marks = bit(markOf(name));
  }
}

/**
 * Fields by which a client may change what an upstream answers with, past the URL that is in the key: frameworks heed them,
 * most of them unasked. Envoy adds none of them itself, but `X-Forwarded-Port` where `append_x_forwarded_port` tells it to;
 * load balancers in front of it add some to every request, with what the URI says anyway.
 */
const OVERRIDES: StaticArray<Override> = [
  new Override(persist("forwarded"), Claim.Other),
  new Override(persist("front-end-https"), Claim.Tls),
  new Override(persist("x-forwarded-base-path"), Claim.Other),
  new Override(persist("x-forwarded-context"), Claim.Other),
  new Override(persist("x-forwarded-host"), Claim.Host),
  new Override(persist("x-forwarded-method"), Claim.Other),
  new Override(persist("x-forwarded-path"), Claim.Other),
  new Override(persist("x-forwarded-port"), Claim.Port),
  new Override(persist("x-forwarded-prefix"), Claim.Other),
  new Override(persist("x-forwarded-protocol"), Claim.Scheme),
  new Override(persist("x-forwarded-scheme"), Claim.Scheme),
  new Override(persist("x-forwarded-server"), Claim.Other),
  new Override(persist("x-forwarded-ssl"), Claim.Tls),
  new Override(persist("x-forwarded-uri"), Claim.Other),
  new Override(persist("x-forwarded-url"), Claim.Other),
  new Override(persist("x-host"), Claim.Host),
  new Override(persist("x-http-host-override"), Claim.Other),
  new Override(persist("x-http-method"), Claim.Other),
  new Override(persist("x-http-method-override"), Claim.Other),
  new Override(persist("x-method-override"), Claim.Other),
  new Override(persist("x-original-host"), Claim.Host),
  new Override(persist("x-original-method"), Claim.Other),
  new Override(persist("x-original-uri"), Claim.Other),
  new Override(persist("x-original-url"), Claim.Other),
  new Override(persist("x-override-url"), Claim.Other),
  new Override(persist("x-proxyurl"), Claim.Other),
  new Override(persist("x-rewrite-uri"), Claim.Other),
  new Override(persist("x-rewrite-url"), Claim.Other),
  new Override(persist("x-scheme"), Claim.Scheme),
  new Override(persist("x-script-name"), Claim.Other),
  new Override(persist("x-url-scheme"), Claim.Scheme),
];

/** The port of the proxy that a client's connection came to: what Envoy adds as `X-Forwarded-Port` where it is told to. */
export abstract class ConnectionPort {
  abstract is(port: Slice): bool;
}

/** The fields of a request that may change the answer past its URI and are in no key by configuration. */
export class Overrides {
  private found: StaticArray<i32> = new StaticArray<i32>(OVERRIDES.length);
  private count: i32 = 0;

  /** `keyHeaders` are the fields that are in the key anyway. */
  read(request: HeaderSource, keyHeaders: Array<Slice>): void {
    this.count = 0;
    const marks = request.nameMarks;
    for (let i = 0; i < OVERRIDES.length; i++) {
      const field = unchecked(OVERRIDES[i]);
      if ((marks & field.marks) == 0) continue;
      const name = field.name;
      if (isPresent(request.get(name)) && !isListed(name, keyHeaders)) unchecked((this.found[this.count++] = i));
    }
  }

  /** Whether the request has none of them, as most. */
  get isEmpty(): bool {
    return this.count == 0;
  }

  /** The name of the one at that place, from 0; `NONE` behind the last one. */
  nameAt(place: i32): Slice {
    return place < this.count ? unchecked(OVERRIDES[unchecked(this.found[place])]).name : NONE;
  }

  /**
   * Whether one of them says something else than the target URI, which is of this scheme and has this host and port: an
   * upstream that heeds it answers for another URI than the one in the key.
   */
  contradict(request: HeaderSource, scheme: Slice, authority: Slice, port: Slice, connection: ConnectionPort): bool {
    for (let i = 0; i < this.count; i++) {
      const field = unchecked(OVERRIDES[unchecked(this.found[i])]);
      const value = request.get(field.name);
      if (!isConfirmed(field.claim, value, scheme, authority, port, connection)) return true;
    }
    return false;
  }
}

function isConfirmed(
  claim: Claim,
  value: Slice,
  scheme: Slice,
  authority: Slice,
  port: Slice,
  connection: ConnectionPort,
): bool {
  const isSecure = equal(scheme, HTTPS);
  switch (claim) {
    case Claim.Scheme:
      return equal(value, scheme);
    case Claim.Tls:
      return equal(value, isSecure ? ON : OFF);
    case Claim.Host:
      return equal(value, authority);
    case Claim.Port:
      if (isPresent(port) ? equal(value, port) : isDefaultPort(value, scheme)) return true;
      return connection.is(value);
    default:
      return false;
  }
}

/** Whether it is the port that a URI of that scheme has where it names none. */
export function isDefaultPort(port: Slice, scheme: Slice): bool {
  if (equalIgnoreCase(scheme, HTTPS)) return equal(port, HTTPS_PORT);
  return equalIgnoreCase(scheme, HTTP) && equal(port, HTTP_PORT);
}

function isListed(name: Slice, names: Array<Slice>): bool {
  for (let i = 0; i < names.length; i++) {
    if (equal(names[i], name)) return true;
  }
  return false;
}
