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
import { relieveMemory } from "./memory-relief";
import { RequestStream } from "./request-stream";
import { Turns } from "./turns";

/** How many stream objects wait for another stream; more are left to the collector. */
const MAX_IDLE_STREAMS: i32 = 1024;

/** Metrics go to the proxy once a second. */
const TICKS_BETWEEN_METRICS: u32 = 10;

/** A plugin in one VM: the root context. It takes configurations and hands out stream objects. */
export class Plugin extends RootContext {
  private current: ConfiguredFilter | null = null;
  /** Those before it, which requests on their way still go by. */
  private former: Array<ConfiguredFilter> = [];
  private ticks: u32 = 0;
  private turns: Turns = new Turns(this);
  private idleStreams: Array<RequestStream> = [];

  /** What new requests go by; null before the first configuration. */
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
    this.current = new ConfiguredFilter(this, config, this.turns);
    readClock();
    return true;
  }

  onTick(): void {
    relieveMemory(readClock());
    this.turns.begin();
    this.leadOn();
    const isForMetrics = ++this.ticks % TICKS_BETWEEN_METRICS == 0;
    const current = this.current;
    if (current) tick(current, isForMetrics);
    for (let i = 0; i < this.former.length; i++) tick(this.former[i], isForMetrics);
  }

  /** Not everyone who had waited was led on in the event before. */
  onQueueReady(queue: u32): void {
    this.turns.beginFrom(queue);
    this.leadOn();
  }

  createStream(id: u32): StreamContext {
    return this.idleStreams.length > 0 ? this.idleStreams.pop() : new RequestStream(this);
  }

  /** A stream is over; its object may serve another one. */
  retire(stream: RequestStream): void {
    if (this.idleStreams.length < MAX_IDLE_STREAMS) this.idleStreams.push(stream);
  }

  onDelete(): void {
    const current = this.current;
    if (current) current.dispose();
    for (let i = 0; i < this.former.length; i++) this.former[i].dispose();
  }

  private leadOn(): void {
    const current = this.current;
    for (let i = 0; i < this.former.length; i++) this.former[i].leadOn();
    if (current) current.leadOn();
  }
}

function tick(filter: ConfiguredFilter, isForMetrics: bool): void {
  filter.tick();
  if (isForMetrics) filter.sendMetrics();
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
