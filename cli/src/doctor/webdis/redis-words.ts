/**
 * What to do about an error of Redis, by its first word. docs/lookups.md has the same words with what they are to the filter
 * (assembly/webdis/redis-error.ts).
 */
export const REMEDIES: Readonly<Record<string, string>> = {
  LOADING: "Wait until Redis has read its data; a replica to fail over to avoids it.",
  MASTERDOWN:
    "Set replica-serve-stale-data to yes on the replica, or point redis_host in Webdis' configuration at the master.",
  CLUSTERDOWN: "Look at the Redis Cluster: redis-cli --cluster check.",
  TRYAGAIN: "Wait until the Redis Cluster has moved the slot: redis-cli --cluster check.",
  MOVED: "Webdis knows no Redis Cluster: point redis_host at an Envoy with redis_proxy in front of it.",
  ASK: "Webdis knows no Redis Cluster: point redis_host at an Envoy with redis_proxy in front of it.",
  REDIRECT: "Point redis_host in Webdis' configuration at the primary.",
  BUSY: "A script or function runs for too long: SCRIPT KILL or FUNCTION KILL.",
  NOAUTH: "Give Webdis a redis_auth: Redis wants a password.",
  WRONGPASS: "Compare redis_auth in Webdis' configuration with the user in Redis' ACL.",
  DENIED: "Redis runs in protected mode: give its user a password, or bind it to the right address.",
  OOM: "Raise maxmemory in Redis, or set an eviction policy such as allkeys-lru.",
  MISCONF: "Redis cannot save to disk: look at its log and at the disk.",
  READONLY: "Webdis asks a replica: point redis_host in its configuration at the master.",
  NOREPLICAS: "Redis has fewer replicas than min-replicas-to-write.",
  NOPERM:
    "Let the Redis user of Webdis use GET, MGET, PSETEX, DEL and ZRANGEBYSCORE on keys under webdis.keyPrefix (~PREFIX* +get +mget +psetex +del +zrangebyscore).",
  WRONGTYPE: "Something else than a string is under a key of ours: look who else writes under webdis.keyPrefix.",
};

const TOO_MANY_CLIENTS = "ERR max number of clients";

/** What to do about an error of Redis; undefined where its first word does not tell. */
export function remedyFor(error: string): string | undefined {
  if (error.startsWith(TOO_MANY_CLIENTS)) return "Raise maxclients in Redis, or lower pool_size and threads in Webdis.";
  return REMEDIES[error.split(" ", 1)[0] ?? ""];
}
