/**
 * Makes labels of the parts of our metrics' names: `wasmcustom.signpost.lookup.route.webdis.errors.timeout` becomes
 * `signpost_lookup_errors{signpost_lookup="route", signpost_tier="webdis", signpost_class="timeout"}`. The first group of
 * an expression is cut out of the name, the second one is the label's value.
 */
export const STATS_TAGS = [
  { tag_name: "signpost_lookup", regex: String.raw`^wasmcustom\.signpost\.lookup(\.([a-z][a-z0-9-]*))\.` },
  {
    tag_name: "signpost_tier",
    regex: String.raw`^wasmcustom\.signpost\.lookup\.[a-z][a-z0-9-]*(\.(local|webdis|service))\.`,
  },
  {
    tag_name: "signpost_class",
    regex: String.raw`^wasmcustom\.signpost\.(?:lookup\..*|responses\.redis)\.errors(\.(timeout|unavailable|invalid|overload))$`,
  },
  { tag_name: "signpost_word", regex: String.raw`^wasmcustom\.signpost\.redis\.errors(\.([a-z]+))$` },
  { tag_name: "signpost_reason", regex: String.raw`^wasmcustom\.signpost\.writes\.dropped(\.([a-z_]+))$` },
] as const;
