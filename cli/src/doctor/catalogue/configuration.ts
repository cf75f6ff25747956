import type { CatalogueSection } from "./entry.ts";

/** Whether the filter takes its configuration. */
export const CONFIGURATION = {
  "config-refused": {
    severity: "error",
    meaning: "The filter's own module refuses the configuration that the proxy was given.",
    remedy: "Correct what the message names; signpost check says the same before anything is applied.",
  },
  "config-warned": {
    severity: "warning",
    meaning: "The filter's own module takes the configuration and warns of it.",
    remedy: "Correct what the message names.",
  },
  "config-empty": {
    severity: "warning",
    meaning: "The configuration is empty: the filter does nothing.",
    remedy: "Give the plugin a pluginConfig with lookups or a responseCache, or remove it.",
  },
  "config-not-text": {
    severity: "error",
    meaning:
      "The configuration is a protobuf message, such as a Struct, and reaches the filter as protobuf bytes instead of JSON.",
    remedy:
      'In the EnvoyFilter write configuration: {"@type": type.googleapis.com/google.protobuf.StringValue, value: <the JSON as text>}.',
  },
  "config-rejected": {
    severity: "error",
    meaning:
      "Envoy has rejected the last configuration it was sent by extension config discovery (ECDS). The one before serves, if there is one; it is not kept across a restart.",
    remedy:
      "Look at the other findings about this filter and for “configuration refused” in the proxy's log; correct the configuration, or take back the last change. Do not restart the proxy before: what serves now would be gone.",
  },
  "config-conflict": {
    severity: "error",
    meaning:
      "A discovered configuration (ECDS) did not fit where it is used, because two filters of different kinds share its name.",
    remedy: "Give the plugins different names.",
  },
  "listener-rejected": {
    severity: "error",
    meaning:
      "Envoy has rejected the last version of a listener. The one before serves, if there is one; it is not kept across a restart.",
    remedy:
      "Correct what the message names, and look at EnvoyFilters that change this listener. Do not restart the proxy before: what serves now would be gone.",
  },
  "password-variable-missing": {
    severity: "error",
    meaning: "webdis.passwordEnv names an environment variable that the VM does not get.",
    remedy:
      "Declare it in the WasmPlugin's vmConfig.env (in Envoy's own configuration: vm_config.environment_variables.host_env_keys).",
  },
  "password-variable-unset": {
    severity: "error",
    meaning:
      "Envoy rejected a configuration in which nothing else is wrong, and its password is to come from a variable of the proxy's own environment (host_env_keys), which may not be set there.",
    remedy:
      "Look at the environment of the proxy's process: set the variable (on Istio in the gateway's Deployment, as in istio/gateway/) and start the pods anew.",
  },
  "shadow-mode": {
    severity: "info",
    meaning: "shadow is true: the filter decides, counts and logs, and changes nothing.",
    remedy: "Set shadow: false when what it logs is what you want.",
  },
} as const satisfies CatalogueSection;
