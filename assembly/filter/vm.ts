import { randomU64 } from "as-proxy-wasm-sdk/assembly";
import { Jitter } from "../lookup/jitter";
import { StorePool } from "../store/store-pool";
import { Warnings } from "../telemetry/warnings";
import { ReplyTokens } from "../webdis/reply-token";
import { WriteBudget } from "../webdis/write-budget";
import { LogWarnings } from "./log-warnings";

const warnings = new LogWarnings();
const writeBudget = new WriteBudget();

let madeJitter: Jitter | null = null;
let madeReplyTokens: ReplyTokens | null = null;
let madeStores: StorePool | null = null;

/**
 * The VM's source of jitter and hash seeds. Made on first use and not when the module starts: the host may not be
 * called then, in Envoy its memory is not known yet.
 */
export function vmJitter(): Jitter {
  let jitter = madeJitter;
  if (!jitter) {
    jitter = new Jitter(randomU64(), randomU64());
    madeJitter = jitter;
  }
  return jitter;
}

/** What goes wrong is told once for all plugins of a VM. */
export function vmWarnings(): Warnings {
  return warnings;
}

/** What waits to be written takes the VM's memory, whoever writes it. */
export function vmWriteBudget(): WriteBudget {
  return writeBudget;
}

/** What is stored outlives a configuration: the stores are the VM's, and plugins hold them by what they store. */
export function vmStores(): StorePool {
  let stores = madeStores;
  if (!stores) {
    stores = new StorePool(vmJitter().seed0, vmJitter().seed1);
    madeStores = stores;
  }
  return stores;
}

/** The VM's marks for replies. Their seed is of its own: they are seen outside, the seeds of hashes must not be. */
export function vmReplyTokens(): ReplyTokens {
  let tokens = madeReplyTokens;
  if (!tokens) {
    tokens = new ReplyTokens(randomU64());
    madeReplyTokens = tokens;
  }
  return tokens;
}
