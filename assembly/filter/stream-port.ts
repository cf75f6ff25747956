import { ByteBuffer, Slice, equal, lengthOf, persist, pointerOf } from "as-bytes/assembly";
import { getProperty } from "as-proxy-wasm-sdk/assembly";
import { ConnectionPort } from "../cache/overrides";

const PROPERTY = persist("destination\0port");

/** Numbers are handed over in eight bytes. */
const NUMBER_BYTES: i32 = 8;

/** The effective context's. Asked only where a request has an `X-Forwarded-Port` that its URI does not explain. */
export class StreamPort extends ConnectionPort {
  private text: ByteBuffer = new ByteBuffer();

  is(port: Slice): bool {
    const own = getProperty(PROPERTY);
    if (lengthOf(own) != NUMBER_BYTES) return false;
    return equal(
      this.text
        .clear()
        .decimal(load<i64>(pointerOf(own)))
        .view(),
      port,
    );
  }
}
