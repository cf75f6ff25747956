import type { CatalogueSection } from "./entry.ts";

/** Whether the filter stands where it should, among the others and before the routes. */
export const ORDER = {
  "cache-before-authorization": {
    severity: "error",
    meaning:
      "A responseCache stands before a filter that authorizes: it would answer requests that this filter refuses.",
    remedy: "Give the cache a plugin of its own in phase STATS (in an EnvoyFilter: after the authorization filters).",
  },
  "cache-before-lookups": {
    severity: "error",
    meaning:
      "A responseCache stands before the lookups: it does not know what they route to, and would share answers between tenants.",
    remedy: "Put the lookups in phase AUTHN and the cache in phase STATS, or both in one plugin.",
  },
  "lookups-after-authorization": {
    severity: "warning",
    meaning:
      "Lookups stand after a filter that authorizes: its policies have seen the request as it was, and the lookups route it past them.",
    remedy: "Put the plugin with the lookups in phase AUTHN (in an EnvoyFilter: before the authorization filters).",
  },
  "ext-authz-sees-original": {
    severity: "info",
    meaning:
      "ext_authz (an AuthorizationPolicy with action CUSTOM) stands before the lookups and sees the original path and headers, not the routed ones.",
    remedy: "Write its rules for the original request; Istio puts CUSTOM before every phase of a WasmPlugin.",
  },
  "lookups-twice": {
    severity: "error",
    meaning:
      "One chain has two Signpost filters with lookups: each request is looked up twice, and the second one sees what the first has made of it.",
    remedy:
      "Remove one of the two plugins: often one is of another form (WasmPlugin, TrafficExtension, EnvoyFilter) that was deployed before. One plugin can hold all lookups.",
  },
  "cache-twice": {
    severity: "error",
    meaning:
      "One chain has two Signpost filters with a responseCache: what is stored twice is purged and counted twice, and the outer one stores what the inner one answers.",
    remedy:
      "Remove one of the two plugins: often one is of another form (WasmPlugin, TrafficExtension, EnvoyFilter) that was deployed before.",
  },
  "body-writer-before-cache": {
    severity: "warning",
    meaning:
      "A Lua filter or ext_proc that may write response bodies stands before a responseCache, on its clients' side: behind a 304 from the cache a client takes such a body for its next response.",
    remedy:
      "Put it after the cache, or let it leave a 304 alone: in Lua, return from envoy_on_response where :status is 304; for ext_proc set response_body_mode: NONE, or let its service change no body of a 304.",
  },
  "local-reply-config-rewrites-hits": {
    severity: "warning",
    meaning:
      "The connection manager's local_reply_config matches answers from the responseCache, which are local replies to Envoy: it gives them another status, body or fields.",
    remedy:
      "Give each mapper a response_flag_filter, so that it matches Envoy's own errors only, and move local_reply_config.body_format into the mappers.",
  },
  "host-not-routed": {
    severity: "warning",
    meaning:
      "A lookup is for hosts that no virtual host of the gateway takes: the request is looked up and then answered with 404, unless the record sets another host.",
    remedy: "Add the host to a VirtualService and to its Gateway's servers, or correct match.hosts.",
  },
  "routes-missing": {
    severity: "error",
    meaning: "The chain with the filter has no routes: every request is answered with 404.",
    remedy:
      "Bind a VirtualService to the Gateway (gateways: and hosts:), and look whether istiod has sent it (istioctl proxy-status).",
  },
} as const satisfies CatalogueSection;
