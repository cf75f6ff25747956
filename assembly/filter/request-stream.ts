import { OwnedBytes } from "as-bytes/assembly";
import { HeadersStatus, StreamContext } from "as-proxy-wasm-sdk/assembly";
import { Step } from "../lookup/chain";
import { Passage } from "../lookup/passage";
import { sendAnswer } from "./apply";
import { LookupDriver } from "./lookup-driver";
import { Plugin } from "./plugin";

/** One request and its response. The only place that tells the proxy whether they go on. */
export class RequestStream extends StreamContext {
  private passage: Passage = new Passage();
  /** What this request goes by from its first header to its last byte; null where there is nothing to go by. */
  private driver: LookupDriver | null = null;

  /** In shadow mode: the headers of a request that has gone on before it was decided; null for none. */
  private snapshot: OwnedBytes | null = null;

  constructor(private plugin: Plugin) {
    super(plugin);
  }

  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    this.passage.begin(this.id);
    const driver = this.plugin.driver;
    this.driver = driver;
    if (driver && driver.isShadow) {
      this.snapshot = driver.shadow(this.passage, null);
      return HeadersStatus.Continue;
    }
    switch (this.drive()) {
      case Step.Wait:
        // Reading from the client stops when the proxy's buffer is full; nothing is lost and nothing grows.
        return HeadersStatus.StopAllIterationAndWatermark;
      case Step.Answer:
        this.answer();
        return HeadersStatus.StopIteration;
      default:
        return HeadersStatus.Continue;
    }
  }

  /** What the request waited for is here; this stream is the effective context. */
  resume(): void {
    const driver = this.driver;
    if (driver && driver.isShadow) {
      this.snapshot = driver.shadow(this.passage, this.snapshot);
      return;
    }
    switch (this.drive()) {
      case Step.Wait:
        return;
      case Step.Answer:
        this.answer();
        return;
      default:
        this.continueRequest();
    }
  }

  /** Our own answers pass here, too. */
  onResponseHeaders(count: i32, endOfStream: bool): HeadersStatus {
    const driver = this.driver;
    if (driver) driver.report(this.passage);
    return HeadersStatus.Continue;
  }

  onDelete(): void {
    this.passage.abandon();
    this.passage.forgetChanges();
    this.driver = null;
    this.snapshot = null;
    this.plugin.retire(this);
  }

  private drive(): Step {
    const driver = this.driver;
    return driver ? driver.drive(this.passage) : Step.Continue;
  }

  private answer(): void {
    sendAnswer(this.passage.changes.view());
    this.passage.forgetChanges();
  }
}
