import { podLabels } from "../labels.ts";
import type { CommentedManifest } from "../manifest.ts";
import type { RedisValues, Values } from "../values/values.ts";
import { type Client, authorizationPolicy, networkPolicy } from "./access.ts";
import { aclScript, passwordVariables } from "./redis-acl.ts";
import {
  CONTAINER_SECURITY,
  type Program,
  metadata,
  podTemplate,
  secretVariable,
  selector,
  service,
  serviceAccount,
} from "./workload.ts";

const REDIS: Program = { name: "redis", component: "shared-store", port: 6379, portName: "tcp-redis" };

/** The user `redis` of the official images. */
const UID = 999;

const ACL_DIRECTORY = "/etc/redis";
const DATA_DIRECTORY = "/data";

/** How much of its memory Redis fills with data; the rest is for connections and, while it saves, copies of pages. */
const DATA_SHARE = 0.75;

export function redisManifests(values: Values, redis: RedisValues): CommentedManifest[] {
  const clients: Client[] = [
    { namespace: values.namespace, labels: podLabels(values, "webdis") },
    ...redis.writers.map(({ namespace, labels: podsOf }) => ({ namespace, labels: podsOf })),
  ];
  return [
    { manifest: serviceAccount(values, REDIS) },
    statefulSet(values, redis),
    { manifest: service(values, REDIS) },
    networkPolicy(values, REDIS, clients, []),
    authorizationPolicy(
      values,
      REDIS,
      clients.map(({ namespace }) => namespace),
    ),
  ];
}

function statefulSet(values: Values, redis: RedisValues): CommentedManifest {
  const { storage } = redis;
  const spec = {
    serviceName: REDIS.name,
    replicas: 1,
    selector: selector(values, REDIS),
    template: podTemplate(values, REDIS, {
      image: redis.image,
      uid: UID,
      initContainers: [usersContainer(values, redis)],
      container: redisContainer(redis),
      volumes: [
        { name: "users", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        ...(storage === undefined ? [{ name: "data", emptyDir: {} }] : []),
      ],
    }),
    ...(storage === undefined ? {} : { volumeClaimTemplates: [claim(storage)] }),
  };
  const pod = "spec.template.spec";
  return {
    manifest: { apiVersion: "apps/v1", kind: "StatefulSet", metadata: metadata(values, REDIS), spec },
    comments: {
      "spec.replicas":
        "One, and no budget for disruptions, which would keep its node from being drained: while it is away, and after it comes\nback empty, the services answer.",
      [`${pod}.initContainers`]:
        "Writes the users with the digests of their passwords, so that no file has a password.",
      [`${pod}.containers[0].args`]:
        "Out of memory, only keys that expire go, which the filter's do; records that others wrote to stay do not.",
    },
  };
}

function usersContainer(values: Values, redis: RedisValues): Record<string, unknown> {
  return {
    name: "users",
    image: redis.image,
    command: ["sh", "-euc", aclScript(values, redis)],
    env: [
      ...passwordVariables(redis).map(({ variable, key }) => secretVariable(values, variable, key)),
      { name: "USERS_FILE", value: `${ACL_DIRECTORY}/users.acl` },
    ],
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [{ name: "users", mountPath: ACL_DIRECTORY }],
  };
}

function redisContainer(redis: RedisValues): Record<string, unknown> {
  // Any password will do for the user that can do nothing but this; -e: an error reply is a failure.
  const ping = ["redis-cli", "-e", "--no-auth-warning", "--user", "probe", "--pass", "none", "ping"];
  return {
    name: REDIS.name,
    image: redis.image,
    command: ["redis-server"],
    args: [
      ...["--aclfile", `${ACL_DIRECTORY}/users.acl`],
      ...["--dir", DATA_DIRECTORY],
      ...["--maxmemory", `${dataMegabytes(redis.memory)}mb`],
      ...["--maxmemory-policy", "volatile-lru"],
      ...["--save", ""],
      ...["--appendonly", redis.storage === undefined ? "no" : "yes"],
    ],
    ports: [{ name: REDIS.portName, containerPort: REDIS.port }],
    readinessProbe: { exec: { command: ping }, periodSeconds: 5, timeoutSeconds: 2 },
    livenessProbe: { exec: { command: ping }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    resources: { requests: { cpu: "100m", memory: redis.memory }, limits: { memory: redis.memory } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      { name: "users", mountPath: ACL_DIRECTORY, readOnly: true },
      { name: "data", mountPath: DATA_DIRECTORY },
    ],
  };
}

/** Of `256Mi`: 192. */
function dataMegabytes(memory: string): number {
  const mebibytes = Number.parseInt(memory, 10) * (memory.endsWith("Gi") ? 1024 : 1);
  return Math.floor(mebibytes * DATA_SHARE);
}

function claim(storage: string): Record<string, unknown> {
  return {
    metadata: { name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
  };
}
