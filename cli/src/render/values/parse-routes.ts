import { parsePort } from "./parse-callouts.ts";
import { RULES } from "./text-rules.ts";
import type { ValueReader } from "./value-reader.ts";
import type { Destination, RoutesValues } from "./values.ts";

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

export function parseRoutes(value: ValueReader): RoutesValues | undefined {
  if (!value.isGiven) return undefined;
  return value.object((field) => {
    const tlsSecret = field("tlsSecret").text(RULES.resource);
    const otherwise = field("otherwise");
    return {
      hosts: field("hosts")
        .require("the hosts that are routed, such as [shop.example.com]")
        .list(1)
        .map((host) => host.requiredText(RULES.hostOrWildcard)),
      tlsSecret,
      port: field("port").isGiven ? parsePort(field("port")) : tlsSecret === undefined ? HTTP_PORT : HTTPS_PORT,
      header: field("header").requiredText(RULES.header),
      to: new Map(
        field("to")
          .require("destinations by the header's value")
          .entries(1)
          .map(({ name, value: to }) => {
            if (!RULES.headerValue.pattern.test(name)) to.refuse(`not ${RULES.headerValue.what}`, "name");
            return [name, parseDestination(to)];
          }),
      ),
      otherwise: otherwise.isGiven ? parseDestination(otherwise) : undefined,
    };
  });
}

function parseDestination(value: ValueReader): Destination {
  return value.object((field) => ({ host: field("host").requiredText(RULES.host), port: parsePort(field("port")) }));
}
