import { textAt, valueAt } from "../../plugin-config/tree.ts";
import { serviceHost } from "../clusters.ts";
import { keyPrefix, ownedHeaders, passwordVariable } from "../roles.ts";
import type { Findings } from "./value-reader.ts";
import type { Values } from "./values.ts";

/** What single values cannot say: whether they fit together. */
export function checkValues(values: Values, used: ReadonlySet<string>, findings: Findings): void {
  if (values.module === undefined && values.nodeCache === undefined)
    findings.report("error", ["module"], "missing (where the module comes from; or nodeCache, or both)");
  checkCallouts(values, used, findings);
  checkStores(values, findings);
  checkRoutes(values, findings);
  if (textAt(values.config, "webdis", "password") !== undefined) {
    const message = "stands in every manifest for all to read (use passwordEnv)";
    findings.report("warning", ["config", "webdis", "password"], message);
  }
}

function checkCallouts({ callouts }: Values, used: ReadonlySet<string>, findings: Findings): void {
  const ruled = new Map<string, string>();
  for (const [name, { host, destinationRule, tls, subset, external }] of callouts) {
    if (!used.has(name)) findings.report("warning", ["callouts", name], "nothing in config names it", "name");
    if (!destinationRule) {
      const needs = tls ? "tls" : subset === undefined ? undefined : "a subset";
      if (needs !== undefined)
        findings.report("error", ["callouts", name, "destinationRule"], `${needs} is said in a DestinationRule`);
      continue;
    }
    const other = ruled.get(host);
    if (other !== undefined) {
      const message = `callouts.${other} has this host, too, and a host has one DestinationRule (destinationRule: false for one)`;
      findings.report("error", ["callouts", name, "host"], message);
    }
    ruled.set(host, name);
    if (tls && external.length === 0)
      findings.report("error", ["callouts", name, "tls"], "only for external services: the mesh encrypts its own");
  }
}

function checkStores(values: Values, findings: Findings): void {
  const { webdis, redis, config, callouts, namespace } = values;
  if (webdis === undefined) {
    if (redis !== undefined) findings.report("error", ["redis"], "the filter cannot reach it without webdis", "name");
    return;
  }
  if ((webdis.redis === undefined) === (redis === undefined))
    findings.report("error", ["webdis", "redis"], "give either redis or webdis.redis, the one that there is already");
  if (valueAt(config, "webdis") === undefined) {
    findings.report("error", ["webdis"], "config has no webdis, so the filter would not use it", "name");
    return;
  }
  if (passwordVariable(config) === undefined)
    findings.report("error", ["config", "webdis", "passwordEnv"], "missing (Webdis takes nobody without a password)");
  if (redis !== undefined && !/^[\x21-\x7e]*$/.test(keyPrefix(config)))
    findings.report("error", ["config", "webdis", "keyPrefix"], "has characters that Redis' access lists cannot name");
  const host = serviceHost("webdis", namespace);
  const callout = callouts.get(textAt(config, "webdis", "cluster") ?? "");
  if (callout !== undefined && callout.host !== host)
    findings.report(
      "error",
      ["config", "webdis", "cluster"],
      `is ${callout.host}, but the Webdis rendered here is ${host}`,
    );
}

function checkRoutes({ routes, config }: Values, findings: Findings): void {
  if (routes === undefined) return;
  if (!ownedHeaders(config).has(routes.header)) {
    const message = `no lookup owns ${routes.header}, so clients could choose their route (add it to a lookup's owns)`;
    findings.report("error", ["routes", "header"], message);
  }
}
