import { lengthOf } from "as-bytes/assembly";
import {
  RootContext,
  Status,
  StreamContext,
  environmentVariable,
  logError,
  logWarn,
  setTickPeriod,
} from "as-proxy-wasm-sdk/assembly";
import { parseConfig } from "../config/config";
import { WebdisConfig } from "../config/webdis-config";
import { TICK, readClock } from "./clock";
import { ConfiguredFilter } from "./configured-filter";
import { HandedOver } from "./handed-over";
import { relieveMemory } from "./memory-relief";
import { BETWEEN_METRICS } from "./metrics";
import { Pace } from "./pace";
import { RequestStream, StreamOwner } from "./request-stream";
import { vmWarnings } from "./vm";
import { joinVm, leaveVm, limitVmMemory, sendVmMemory } from "./vm-memory";

/** How many stream objects wait for another stream; more are left to the collector. */
const MAX_IDLE_STREAMS: i32 = 1024;

/** A plugin in one VM: the root context. It takes configurations and hands out stream objects. */
export class Plugin extends RootContext implements StreamOwner {
  private current: ConfiguredFilter | null = null;
  /** Those before it, which requests on their way still go by. */
  private former: Array<ConfiguredFilter> = [];
  private pace: Pace = new Pace();
  private handedOver: HandedOver = new HandedOver();
  private metricsDueAt: i64 = 0;
  private idleStreams: Array<RequestStream> = [];

  get filter(): ConfiguredFilter | null {
    return this.current;
  }

  /** Takes the configuration as a whole or, with every error in the log, not at all. */
  onConfigure(size: i32): bool {
    const json = this.configuration();
    // A configuration that cannot be read is not an empty one: that would let through what it was to stop.
    if (lengthOf(json) != size) {
      logError("configuration refused: the proxy did not hand it over");
      return false;
    }
    const parsed = parseConfig(json);
    const config = parsed.config;
    if (!config) {
      for (let i = 0; i < parsed.errors.length; i++) logError("configuration refused: " + parsed.errors[i]);
      return false;
    }
    if (!readPassword(config.webdis) || setTickPeriod(TICK) != Status.Ok) {
      config.dispose();
      return false;
    }
    for (let i = 0; i < parsed.warnings.length; i++) logWarn("configuration warning: " + parsed.warnings[i]);
    const before = this.current;
    if (before) this.former.push(before);
    else joinVm();
    this.current = new ConfiguredFilter(this, config, this.handedOver, this.pace);
    limitVmMemory();
    this.metricsDueAt = readClock() + BETWEEN_METRICS;
    return true;
  }

  onTick(): void {
    const now = readClock();
    relieveMemory(now);
    const isForMetrics = now >= this.metricsDueAt;
    if (isForMetrics) {
      vmWarnings().flush(now);
      sendVmMemory();
    }
    if (isForMetrics) this.metricsDueAt = max(this.metricsDueAt, now - BETWEEN_METRICS) + BETWEEN_METRICS;
    const current = this.current;
    let hasMore = current ? tick(current, isForMetrics) : false;
    for (let i = 0; i < this.former.length; i++) hasMore = tick(this.former[i], isForMetrics) || hasMore;
    if (!hasMore) this.pace.relax();
  }

  createStream(id: u32): StreamContext {
    return this.idleStreams.length > 0 ? this.idleStreams.pop() : new RequestStream(this, this);
  }

  retire(stream: RequestStream): void {
    if (this.idleStreams.length < MAX_IDLE_STREAMS) this.idleStreams.push(stream);
  }

  onDelete(): void {
    const current = this.current;
    if (current) current.dispose();
    for (let i = 0; i < this.former.length; i++) this.former[i].dispose();
    if (!current) return;
    leaveVm();
    limitVmMemory();
  }
}

/** Whether the next one is to come soon. */
function tick(filter: ConfiguredFilter, isForMetrics: bool): bool {
  const hasMore = filter.tick();
  if (isForMetrics) filter.sendMetrics();
  return hasMore;
}

/** Takes Webdis' password from the VM's environment where the configuration says so; false when it is not there. */
function readPassword(webdis: WebdisConfig | null): bool {
  if (!webdis || webdis.passwordEnv.length == 0) return true;
  const password = environmentVariable(webdis.passwordEnv);
  if (password === null) {
    const name = webdis.passwordEnv;
    logError(
      `configuration refused: webdis.passwordEnv: the VM has no environment variable ${name} (set it in vmConfig)`,
    );
    return false;
  }
  webdis.setPassword(password);
  return true;
}
