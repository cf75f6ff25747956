import { HeadersStatus, StreamContext } from "as-proxy-wasm-sdk/assembly";
import { Step } from "../lookup/chain";
import { Passage } from "../lookup/passage";
import { sendAnswer } from "./apply";
import { Plugin } from "./plugin";

/** One request and its response. The only place that tells the proxy whether they go on. */
export class RequestStream extends StreamContext {
  private passage: Passage = new Passage();

  constructor(private plugin: Plugin) {
    super(plugin);
  }

  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    this.passage.begin(this.id);
    switch (this.plugin.drive(this.passage)) {
      case Step.Wait:
        // Reading from the client stops when the proxy's buffer is full; nothing is lost and nothing grows.
        return HeadersStatus.StopAllIterationAndWatermark;
      case Step.Answer:
        sendAnswer(this.passage.changes.view());
        return HeadersStatus.StopIteration;
      default:
        return HeadersStatus.Continue;
    }
  }

  /** What the request waited for is here; this stream is the effective context. */
  resume(): void {
    switch (this.plugin.drive(this.passage)) {
      case Step.Wait:
        return;
      case Step.Answer:
        sendAnswer(this.passage.changes.view());
        return;
      default:
        this.continueRequest();
    }
  }

  /** Our own answers pass here, too. */
  onResponseHeaders(count: i32, endOfStream: bool): HeadersStatus {
    this.plugin.report(this.passage);
    return HeadersStatus.Continue;
  }

  onDelete(): void {
    this.passage.abandon();
    this.plugin.retire(this);
  }
}
