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

  constructor(private plugin: Plugin) {
    super(plugin);
  }

  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    this.passage.begin(this.id);
    const driver = this.plugin.driver;
    this.driver = driver;
    if (driver && driver.isShadow) {
      driver.shadow(this.passage);
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
    const driver = this.driver;
    // In shadow mode requests do not wait for what is decided about them: it goes on without this object.
    if (driver && driver.isShadow && this.passage.isWaiting) this.passage = new Passage();
    this.passage.abandon();
    this.passage.forgetChanges();
    this.driver = null;
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
