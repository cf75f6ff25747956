import type { TextRule } from "./value-reader.ts";

/** Of a DNS name, in characters. */
const HOST_LENGTH = 253;

const LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";

/** What texts of a values file have to be. `schema/values.schema.json` has the same patterns. */
export const RULES = {
  /** RFC 1123 label, short enough for `-routing` and the like behind it. */
  name: { pattern: /^[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?$/, what: "a name of at most 40 characters such as signpost" },
  namespace: { pattern: new RegExp(`^${LABEL}$`), what: "a namespace such as istio-system" },
  resource: { pattern: new RegExp(`^${LABEL}(?:\\.${LABEL})*$`), what: "a resource's name such as signpost-passwords" },
  host: {
    pattern: new RegExp(`^${LABEL}(?:\\.${LABEL})+$`),
    most: HOST_LENGTH,
    what: "a full host name such as routing.default.svc.cluster.local",
  },
  hostOrWildcard: {
    pattern: new RegExp(`^(?:\\*|(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*)$`),
    most: HOST_LENGTH,
    what: "a host such as shop.example.com or *.example.com",
  },
  address: {
    pattern: new RegExp(`^(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]+|${LABEL}(?:\\.${LABEL})*)$`),
    what: "an address such as 192.0.2.10 or redis.example.com",
  },
  /** Istio's names of subsets end up in cluster names, where `|` parts. */
  subset: { pattern: /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, what: "a subset's name such as v2" },
  labelValue: {
    pattern: /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
    what: "a label's value such as ingressgateway",
  },
  sha256: {
    pattern: /^[0-9a-f]{64}$/,
    what: "a SHA-256: 64 hexadecimal digits in lower case, without sha256: before them",
  },
  duration: { pattern: /^[1-9]\d*(?:ms|s|m|h)$/, what: "a duration such as 250ms or 30s" },
  moduleUrl: {
    pattern:
      /^(?:oci:\/\/[\w.-]+(?::\d+)?(?:\/[\w.-]+)+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?|https?:\/\/[^\s/]+\/\S+|file:\/\/\/\S+)$/,
    what: "oci://registry/image:tag, https://host/signpost.wasm or file:///directory/signpost.wasm",
  },
  image: {
    pattern: /^[a-z0-9][-a-z0-9._/:]*(?::[\w][\w.-]{0,127})(?:@sha256:[0-9a-f]{64})?$/,
    what: "an image with its tag such as docker.io/library/redis:7.2",
  },
  memory: { pattern: /^[1-9]\d*(?:Mi|Gi)$/, what: "an amount of memory such as 256Mi" },
  path: { pattern: /^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/, what: "a directory such as /var/lib/signpost/wasm" },
  header: { pattern: /^[a-z0-9!#$%&'*+.^_`|~-]+$/, what: "a header's name in lower case such as x-cell" },
  headerValue: { pattern: /^[\x21-\x7e]{1,256}$/, what: "a header's value without blanks such as cell-1" },
  keyPattern: { pattern: /^[\x21-\x7e]{1,256}$/, what: "a pattern of keys behind the prefix such as route:*" },
  routeName: { pattern: /^[\x21-\x7e]{1,256}$/, what: "the name of a route in a VirtualService such as health" },
} as const satisfies Record<string, TextRule>;
