/**
 * Whether Envoy has refused the last configuration that extension config discovery (ECDS) sent it; undefined where it does
 * not tell.
 *
 * A dump has what Envoy was sent last, also where it refused that, and says nothing of it. But a refused version does not
 * count as an update: the time of the last one is then before the time the version came (measured with 1.40, with files and
 * with Istio's ADS). Versions do not tell: with delta xDS, which Istio's agent speaks, a dump has none. Between the two times
 * of a version that is taken its module is loaded, so it looks refused for that moment.
 *
 * @param lastUpdated `last_updated` in the dump's entry, as in `2026-11-26T12:39:34.872Z`
 * @param updateTime the statistic `update_time` of the filter's subscription, in milliseconds since 1970; 0 before the first
 */
export function isRefused(lastUpdated: string | undefined, updateTime: number | undefined): boolean | undefined {
  if (lastUpdated === undefined || updateTime === undefined) return undefined;
  return updateTime < Date.parse(lastUpdated);
}
