import { ByteBuffer } from "as-bytes/assembly";

const HEX_DIGITS: i32 = 16;

/**
 * The marks by which replies are told apart. Webdis (0.1.9, and its source as of 2024) writes the reply to a command whose
 * client has gone to the file descriptor that it had, and by then that is another client's connection: after a call that
 * ran into its time limit, somebody else's call may get its reply, and so the record of another key. A reply is believed
 * only if it carries the mark of the very call it comes for.
 */
export class ReplyTokens {
  private issued: u64 = 0;

  /** `seed` sets the VM apart from all others that ask the same Webdis. */
  constructor(private seed: u64) {}

  /** The number of a new mark; no other call of this VM has it. */
  issue(): u64 {
    return ++this.issued;
  }

  /** Writes a mark, as Webdis takes it for a name of a function. */
  append(into: ByteBuffer, number: u64): void {
    into.text("t");
    appendHex(into, this.seed);
    into.text("_");
    appendHex(into, number);
  }
}

function appendHex(into: ByteBuffer, value: u64): void {
  for (let i = HEX_DIGITS - 1; i >= 0; i--) {
    const digit = <i32>((value >> (<u64>i * 4)) & 0xf);
    into.byte(digit < 10 ? 0x30 + digit : 0x57 + digit);
  }
}
