import { podLabels } from "../labels.ts";
import type { CommentedManifest } from "../manifest.ts";
import { textAt } from "../../plugin-config/tree.ts";
import { serviceHost } from "../clusters.ts";
import type { Values, WebdisValues } from "../values/values.ts";
import { authorizationPolicy, networkPolicy, peerOf } from "./access.ts";
import {
  CONTAINER_SECURITY,
  type Program,
  deployment,
  disruptionBudget,
  metadata,
  secretVariable,
  service,
  serviceAccount,
} from "./workload.ts";

export const WEBDIS: Program = { name: "webdis", component: "redis-over-http", port: 7379, portName: "http-webdis" };

/** The user `nobody`; Webdis needs no other. */
const UID = 65_534;

/** All that the filter sends: docs/lookups.md, and the response cache. */
export const WEBDIS_COMMANDS = ["GET", "MGET", "PSETEX", "DEL", "ZRANGEBYSCORE"];

/** Keys of the Secret. */
export const SECRET_KEYS = {
  webdis: "webdis-password",
  redis: "redis-password",
  admin: "redis-admin-password",
} as const;

const CONFIG_FILE = "webdis.json";

export function webdisManifests(values: Values, webdis: WebdisValues): CommentedManifest[] {
  return [
    { manifest: serviceAccount(values, WEBDIS) },
    configMap(values, redisOf(values, webdis)),
    webdisDeployment(values, webdis),
    { manifest: service(values, WEBDIS) },
    disruptionBudget(values, WEBDIS),
    networkPolicy(
      values,
      WEBDIS,
      [{ namespace: values.gateway.namespace, labels: values.gateway.selector }],
      [egressToRedis(values, webdis)],
    ),
    authorizationPolicy(values, WEBDIS, [values.gateway.namespace]),
  ];
}

interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
}

function redisOf(values: Values, webdis: WebdisValues): RedisAddress {
  const username = values.redisCluster?.username ?? "webdis";
  return webdis.redis ?? { host: serviceHost(storeName(values), values.namespace), port: 6379, username };
}

/** The program here that Webdis asks: Redis, or the proxy before a Redis Cluster. */
function storeName({ redisCluster }: Values): "redis" | "redis-proxy" {
  return redisCluster === undefined ? "redis" : "redis-proxy";
}

/** Webdis' own configuration; what is written as `$NAME` it takes from its environment. */
function configurationOf(redis: RedisAddress): string {
  const config = {
    redis_host: redis.host,
    redis_port: redis.port,
    redis_auth: [redis.username, "$REDIS_PASSWORD"],
    http_host: "0.0.0.0",
    http_port: WEBDIS.port,
    threads: 2,
    pool_size: 8,
    daemonize: false,
    websockets: false,
    database: 0,
    acl: [{ disabled: ["*"] }, { http_basic_auth: "$HTTP_BASIC_AUTH", enabled: WEBDIS_COMMANDS }],
    verbosity: 3,
    logfile: "/dev/stderr",
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function configMap(values: Values, redis: RedisAddress): CommentedManifest {
  return {
    manifest: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: metadata(values, WEBDIS),
      data: { [CONFIG_FILE]: configurationOf(redis) },
    },
    comments: {
      data: "Closed but for what the filter sends: EVAL runs any command, and replies carry Access-Control-Allow-Origin: *.",
    },
  };
}

function webdisDeployment(values: Values, webdis: WebdisValues): CommentedManifest {
  const username = textAt(values.config, "webdis", "username") ?? "";
  const probe = "spec.template.spec.containers[0].readinessProbe";
  return {
    manifest: deployment(values, WEBDIS, webdis.replicas, {
      image: webdis.image,
      uid: UID,
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: podLabels(values, WEBDIS.name) },
        },
      ],
      container: container(values, webdis, username),
      configuration: configurationOf(redisOf(values, webdis)),
      volumes: [{ name: "config", configMap: { name: WEBDIS.name } }],
    }),
    comments: {
      [probe]:
        "Whether it listens, not whether Redis answers: without Redis it says 503 at once, which is better than no replica at all.",
      "spec.template.spec.containers[0].resources":
        "No limit of CPU: one that is throttled misses the filter's time limit of a few milliseconds.",
    },
  };
}

function container(values: Values, webdis: WebdisValues, username: string): Record<string, unknown> {
  const mount = "/etc/webdis";
  return {
    name: WEBDIS.name,
    image: webdis.image,
    command: ["/usr/local/bin/webdis", `${mount}/${CONFIG_FILE}`],
    env: [
      secretVariable(values, "REDIS_PASSWORD", SECRET_KEYS.redis),
      secretVariable(values, "HTTP_PASSWORD", SECRET_KEYS.webdis),
      { name: "HTTP_BASIC_AUTH", value: `${username}:$(HTTP_PASSWORD)` },
    ],
    ports: [{ name: WEBDIS.portName, containerPort: WEBDIS.port }],
    readinessProbe: { tcpSocket: { port: WEBDIS.portName }, periodSeconds: 5 },
    livenessProbe: { tcpSocket: { port: WEBDIS.portName }, periodSeconds: 10, failureThreshold: 6 },
    resources: { requests: { cpu: "100m", memory: "32Mi" }, limits: { memory: webdis.memory } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [{ name: "config", mountPath: mount, readOnly: true }],
  };
}

function egressToRedis(values: Values, webdis: WebdisValues): Record<string, unknown> {
  const { port } = redisOf(values, webdis);
  const ports = [{ port, protocol: "TCP" }];
  if (webdis.redis !== undefined) return { ports };
  return { to: [peerOf({ namespace: values.namespace, labels: podLabels(values, storeName(values)) })], ports };
}
