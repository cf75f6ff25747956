import type { ObjectTree, Tree } from "../../plugin-config/tree.ts";
import { parseCallouts } from "./parse-callouts.ts";
import { parseModule, parseNodeCache } from "./parse-module.ts";
import { parseRoutes } from "./parse-routes.ts";
import { parseRedis, parseWebdis } from "./parse-stores.ts";
import { RULES } from "./text-rules.ts";
import { type Findings, ValueReader } from "./value-reader.ts";
import { FAIL_STRATEGIES, type GatewayValues, type Values } from "./values.ts";

const MAX_PRIORITY = 2_147_483_647;

/** Reads a values file; to be used only where `findings` has no errors then. */
export function parseValues(root: Tree, findings: Findings): Values {
  return new ValueReader(root, [], findings).object((field) => {
    const name = field("name").text(RULES.name) ?? "signpost";
    return {
      name,
      namespace: field("namespace").text(RULES.namespace) ?? "signpost",
      revision: field("revision").text(RULES.labelValue),
      istioNamespace: field("istioNamespace").text(RULES.namespace) ?? "istio-system",
      gateway: parseGateway(field("gateway")),
      module: parseModule(field("module")),
      nodeCache: parseNodeCache(field("nodeCache")),
      failStrategy: field("failStrategy").oneOf(FAIL_STRATEGIES) ?? "FAIL_RELOAD",
      priority: field("priority").integer(-MAX_PRIORITY, MAX_PRIORITY) ?? 10,
      secret: field("secret").text(RULES.resource) ?? `${name}-passwords`,
      callouts: parseCallouts(field("callouts")),
      config: configOf(field("config")),
      webdis: parseWebdis(field("webdis")),
      redis: parseRedis(field("redis")),
      routes: parseRoutes(field("routes")),
      disableOn: field("disableOn")
        .list()
        .map((route) => route.requiredText(RULES.routeName)),
    };
  });
}

function parseGateway(value: ValueReader): GatewayValues {
  return value.object((field) => ({
    namespace: field("namespace").text(RULES.namespace) ?? "istio-system",
    selector: field("selector").isGiven ? field("selector").labels(RULES.labelValue) : { istio: "ingressgateway" },
    deployment: field("deployment").text(RULES.resource) ?? "istio-ingressgateway",
  }));
}

/** The filter's configuration, which its own module checks. */
function configOf(value: ValueReader): ObjectTree {
  const { tree } = value.require("the filter's configuration");
  if (tree?.kind === "object") return tree;
  if (value.isGiven) value.refuse("not an object (the filter's configuration)");
  return { kind: "object", start: 0, members: [] };
}
