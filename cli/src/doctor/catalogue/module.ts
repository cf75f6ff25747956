import type { CatalogueSection } from "./entry.ts";

/** Whether the filter's module runs, and which. */
export const MODULE = {
  "module-not-loaded": {
    severity: "error",
    meaning: "No chain of HTTP filters has Signpost in it.",
    remedy:
      "Look whether the WasmPlugin's or EnvoyFilter's selector and namespace mean this gateway, and whether istiod has sent it (istioctl proxy-status). If the filter goes by a name that does not say signpost, give it with --name.",
  },
  "module-not-delivered": {
    severity: "error",
    meaning:
      "A chain waits for a configuration by extension config discovery (ECDS) that has never come; Envoy answers every request with 500.",
    remedy:
      "Look at istiod's log and at the gateway's (istio-agent) for this name: the module could not be fetched, or the plugin was removed while a listener still names it.",
  },
  "listener-waits": {
    severity: "error",
    meaning:
      "A listener is warming: it waits for a configuration that is to be discovered, most often this plugin's (ECDS). Nobody listens on its port until that has come.",
    remedy:
      "Look at the gateway's log (istio-agent) for this name and for “cannot fetch Wasm module”: the agent holds the configuration back while it fetches the module. The selector is right, or the listener would not wait.",
  },
  "listener-update-waits": {
    severity: "warning",
    meaning:
      "The new version of a listener is warming: it waits for a configuration that is to be discovered, most often this plugin's (ECDS). The version before serves until that has come, and a restart would leave nothing that serves.",
    remedy:
      "Look at the gateway's log (istio-agent) for this name and for “cannot fetch Wasm module”: the agent holds the configuration back while it fetches the module. Do not restart the gateway meanwhile.",
  },
  "module-not-running": {
    severity: "error",
    meaning:
      "No running VM has the module, though Envoy took the configuration: requests pass unfiltered, with the headers that only lookups may set as clients sent them, or are answered with 503.",
    remedy:
      "A module by remote address (code.remote) is fetched when a listener starts, and only then: one that could not be fetched, or has another sha256, is not fetched again, and one that discovery (ECDS) brings later is never fetched. Put the file where code.local.filename finds it (docs/envoy.md). At a wrong sha256 or address correct it and restart Envoy.",
  },
  "module-remote-discovered": {
    severity: "warning",
    meaning:
      "The configuration comes by discovery (ECDS) and has its module at a remote address (code.remote): Envoy fetches one when a listener starts, but not when a later version brings it, and then lets requests pass unfiltered.",
    remedy:
      "Put the file where code.local.filename finds it, under a name of its own for each module (docs/envoy.md), or keep the whole filter in the listener.",
  },
  "module-denied": {
    severity: "error",
    meaning:
      "Istio's agent could not get the module and has put a filter in its place that refuses every request with 403 (failStrategy FAIL_CLOSE and FAIL_RELOAD).",
    remedy:
      "Look for “cannot fetch Wasm module” in the gateway's log: a wrong address, a missing pull secret, or a sha256 that is not the one of the image's manifest (oci://) or of the file (http://).",
  },
  "module-skipped": {
    severity: "error",
    meaning:
      "Istio's agent could not get the module and has put a filter in its place that lets every request pass (failStrategy FAIL_OPEN): nothing is routed.",
    remedy:
      "Look for “cannot fetch Wasm module” in the gateway's log, as for module-denied; and use failStrategy FAIL_RELOAD, since clients can then set the headers that only lookups may.",
  },
  "module-disabled": {
    severity: "error",
    meaning: "The filter is in the chain and is disabled there, or by all routes (typed_per_filter_config).",
    remedy: "Remove disabled: true from the HTTP filter or from the routes, or enable it for the routes that need it.",
  },
  "module-traps": {
    severity: "warning",
    meaning: "The module's VM has failed and was started anew (FAIL_RELOAD); requests of that moment got 503.",
    remedy:
      "Look for “Function: proxy_on_… failed” in the proxy's log and report it: no input should bring the filter down. Until then, go back to the module before.",
  },
  "module-restart-failed": {
    severity: "error",
    meaning: "The module's VM has failed and could not be started anew: the worker answers every request with 503.",
    remedy: "Look at the proxy's log for the reason, and restart the proxy; go back to the module before.",
  },
  "digest-unexpected": {
    severity: "error",
    meaning: "The proxy runs another module than the one given with --digest.",
    remedy:
      "Roll the module out again, and wait until the proxy has it. For oci:// the digest is the image manifest's, for http:// and files the .wasm file's.",
  },
  "digest-unknown": {
    severity: "warning",
    meaning: "A digest was given with --digest, and nothing tells which one the module has.",
    remedy:
      "Let the module's file be named by its digest (<sha256>.wasm, as Istio's agent and the node cache do), or pin it with sha256.",
  },
  "digest-not-ours": {
    severity: "warning",
    meaning: "The proxy runs another module than this command has, whose verdict on the configuration may differ.",
    remedy: "Use the signpost command of the same release, or give the proxy's module with --module.",
  },
  "modules-differ": {
    severity: "warning",
    meaning: "Two Signpost filters of the proxy run different modules.",
    remedy: "Give routing and caching the same module: what one hands to the other is not promised across releases.",
  },
  "fail-closed": {
    severity: "warning",
    meaning:
      "The failure policy is FAIL_CLOSED, which is also the default: after a fault in the module a worker answers every request with 503 until Envoy restarts.",
    remedy: "Set failStrategy: FAIL_RELOAD (in an EnvoyFilter failure_policy: FAIL_RELOAD).",
  },
  "fail-open": {
    severity: "warning",
    meaning:
      "The failure policy is FAIL_OPEN and there are lookups: after a fault requests go unrouted, with the headers that only lookups may set as clients sent them.",
    remedy: "Set failStrategy: FAIL_RELOAD (in an EnvoyFilter failure_policy: FAIL_RELOAD).",
  },
  "chain-without-filter": {
    severity: "info",
    meaning: "Signpost is in some of the proxy's HTTP filter chains and not in this one.",
    remedy: "If requests of this listener are to be routed by data too, let the plugin's selector and match mean it.",
  },
} as const satisfies CatalogueSection;
