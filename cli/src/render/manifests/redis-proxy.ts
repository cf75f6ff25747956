import { podLabels } from "../labels.ts";
import type { CommentedManifest } from "../manifest.ts";
import type { Destination, RedisClusterValues, Values } from "../values/values.ts";
import { authorizationPolicy, networkPolicy } from "./access.ts";
import { SECRET_KEYS } from "./webdis.ts";
import {
  CONTAINER_SECURITY,
  type PodParts,
  type Program,
  deployment,
  disruptionBudget,
  metadata,
  secretVariable,
  service,
  serviceAccount,
} from "./workload.ts";

const PROXY: Program = { name: "redis-proxy", component: "shared-store", port: 6379, portName: "tcp-redis" };

/** The user `envoy` of the official images. */
const UID = 101;

const CONFIG_FILE = "envoy.yaml";
const TYPE = "type.googleapis.com/";
const PASSWORD_VARIABLE = "REDIS_PASSWORD";

/** An Envoy between Webdis, which speaks to one Redis, and a Redis Cluster: it knows which node has which keys. */
export function redisProxyManifests(values: Values, cluster: RedisClusterValues): CommentedManifest[] {
  return [
    { manifest: serviceAccount(values, PROXY) },
    {
      manifest: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: metadata(values, PROXY),
        data: { [CONFIG_FILE]: configurationOf(cluster) },
      },
    },
    { manifest: deployment(values, PROXY, cluster.replicas, pods(values, cluster)) },
    { manifest: service(values, PROXY) },
    disruptionBudget(values, PROXY),
    networkPolicy(
      values,
      PROXY,
      [{ namespace: values.namespace, labels: podLabels(values, "webdis") }],
      // The nodes tell their addresses themselves.
      [{ ports: [...new Set(cluster.seeds.map(({ port }) => port))].map((port) => ({ port, protocol: "TCP" })) }],
    ),
    authorizationPolicy(values, PROXY, [values.namespace]),
  ];
}

function configurationOf(cluster: RedisClusterValues): string {
  return `${JSON.stringify(proxyConfig(cluster), null, 2)}\n`;
}

/** Envoy's configuration. Webdis gives the same user and password as the nodes are given. */
function proxyConfig({ seeds, username }: RedisClusterValues): object {
  const user = { inline_string: username };
  const password = { environment_variable: PASSWORD_VARIABLE };
  return {
    static_resources: {
      listeners: [
        {
          name: "redis",
          address: { socket_address: { address: "0.0.0.0", port_value: PROXY.port } },
          filter_chains: [
            {
              filters: [
                {
                  name: "redis",
                  typed_config: {
                    "@type": `${TYPE}envoy.extensions.filters.network.redis_proxy.v3.RedisProxy`,
                    stat_prefix: "redis",
                    settings: { op_timeout: "2s", enable_redirection: true, read_policy: "MASTER" },
                    prefix_routes: { catch_all_route: { cluster: "redis" } },
                    downstream_auth_username: user,
                    downstream_auth_passwords: [password],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: "redis",
          connect_timeout: "1s",
          lb_policy: "CLUSTER_PROVIDED",
          cluster_type: {
            name: "envoy.clusters.redis",
            typed_config: {
              "@type": `${TYPE}envoy.extensions.clusters.redis.v3.RedisClusterConfig`,
              cluster_refresh_rate: "5s",
              redirect_refresh_threshold: 1,
            },
          },
          typed_extension_protocol_options: {
            "envoy.filters.network.redis_proxy": {
              "@type": `${TYPE}envoy.extensions.filters.network.redis_proxy.v3.RedisProtocolOptions`,
              auth_username: user,
              auth_password: password,
            },
          },
          load_assignment: { cluster_name: "redis", endpoints: [{ lb_endpoints: seeds.map(endpoint) }] },
        },
      ],
    },
  };
}

function endpoint({ host, port }: Destination): object {
  return { endpoint: { address: { socket_address: { address: host, port_value: port } } } };
}

function pods(values: Values, cluster: RedisClusterValues): PodParts {
  const mount = "/etc/redis-proxy";
  const container = {
    name: PROXY.name,
    image: cluster.image,
    command: ["envoy", "--config-path", `${mount}/${CONFIG_FILE}`, "--concurrency", "2", "--log-level", "warning"],
    env: [secretVariable(values, PASSWORD_VARIABLE, SECRET_KEYS.redis)],
    ports: [{ name: PROXY.portName, containerPort: PROXY.port }],
    readinessProbe: { tcpSocket: { port: PROXY.portName }, periodSeconds: 5 },
    livenessProbe: { tcpSocket: { port: PROXY.portName }, periodSeconds: 10, failureThreshold: 6 },
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: cluster.memory } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [{ name: "config", mountPath: mount, readOnly: true }],
  };
  return {
    image: cluster.image,
    uid: UID,
    container,
    configuration: configurationOf(cluster),
    volumes: [{ name: "config", configMap: { name: PROXY.name } }],
  };
}
