import type { CatalogueSection } from "./entry.ts";

/** What Webdis lets the filter do, and others. */
export const WEBDIS = {
  "webdis-unreachable": {
    severity: "error",
    meaning: "Webdis does not answer at the address given with --webdis, or what answers there is not Webdis.",
    remedy: "Look whether it runs and whether this machine may reach it (kubectl port-forward).",
  },
  "webdis-redis-down": {
    severity: "error",
    meaning: "Webdis answers 503: it cannot reach Redis.",
    remedy: "Look at redis_host, redis_port and redis_auth in its configuration, and whether Redis runs.",
  },
  "webdis-redis-hangs": {
    severity: "error",
    meaning:
      "Webdis takes a GET and does not answer it, while it refuses others at once: it waits for Redis, which hangs.",
    remedy:
      "Look at Redis: a process that is stopped or swaps, a disk that is full (AOF, fork), a long command (SLOWLOG, SCRIPT KILL), a connection that a firewall has dropped.",
  },
  "webdis-get-refused": {
    severity: "error",
    meaning: "Webdis refuses GET with the filter's credentials.",
    remedy:
      "Compare webdis.username and the password with http_basic_auth in Webdis' acl, and look whether GET is enabled there.",
  },
  "webdis-set-refused": {
    severity: "error",
    meaning: "The configuration writes to Redis, and Webdis refuses PSETEX with the filter's credentials.",
    remedy: "Enable PSETEX in Webdis' acl, or turn service.fill off.",
  },
  "webdis-redis-refuses": {
    severity: "error",
    meaning: "Redis answers a GET of a key under keyPrefix with an error.",
    remedy:
      "By the error's first word, see docs/lookups.md. Otherwise: let the Redis user of Webdis read keys under webdis.keyPrefix (~PREFIX* +get), and compare redis_auth with its password. Webdis before 0.1.13 ignores a redis_auth of user and password.",
  },
  "webdis-redis-refuses-writes": {
    severity: "error",
    meaning: "The configuration writes to Redis, and Redis answers a PSETEX of a key under keyPrefix with an error.",
    remedy:
      "By the error's first word, see docs/lookups.md. Otherwise: let the Redis user of Webdis write keys under webdis.keyPrefix (~PREFIX* +psetex).",
  },
  "webdis-database-missing": {
    severity: "error",
    meaning:
      "What is written to webdis.database is found in database 0: Redis has no database of that number, and Webdis says nothing of it.",
    remedy:
      "Set webdis.database to one that Redis has (0 to 15 unless its setting databases says otherwise), or raise that setting.",
  },
  "webdis-database-uncertain": {
    severity: "warning",
    meaning:
      "webdis.database is above 15, and Redis has 16 databases unless its setting databases says otherwise; Webdis would read database 0 without a word.",
    remedy: "Look whether Redis' setting databases is above webdis.database, or use a lower one.",
  },
  "webdis-open": {
    severity: "error",
    meaning: "Webdis answers GET without credentials: whoever reaches it reads, and perhaps writes, the routes.",
    remedy:
      'Begin Webdis\' acl with {"disabled": ["*"]}, enable commands only beside http_basic_auth, and set webdis.username and a password.',
  },
  "webdis-command-allowed": {
    severity: "error",
    meaning: "Webdis passes commands on to Redis that the filter never needs and that give everything away.",
    remedy: 'Let Webdis\' acl disable "*" and enable only GET, MGET, PSETEX, DEL and ZRANGEBYSCORE.',
  },
  "webdis-keys-unconfined": {
    severity: "warning",
    meaning: "Through Webdis also keys outside of webdis.keyPrefix can be read.",
    remedy: "Confine the Redis user of Webdis to the prefix (resetkeys ~PREFIX* in its ACL).",
  },
} as const satisfies CatalogueSection;
