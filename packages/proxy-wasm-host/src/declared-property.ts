import { toText } from "./bytes.ts";

/** A property that a filter sets, as it was declared (Envoy's foreign function `declare_property`). */
export interface DeclaredProperty {
  readonly name: string;
  /** What has been set once stays. */
  readonly readOnly: boolean;
}

const NAME = 1;
const READ_ONLY = 2;

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Reads `DeclarePropertyArguments`, a protobuf message, as far as this host heeds it; undefined when it is malformed. */
export function parseDeclaredProperty(bytes: Uint8Array): DeclaredProperty | undefined {
  let [name, readOnly] = ["", false];
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[position++] ?? Number.NaN;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (position < bytes.length) {
    const tag = varint();
    const [field, wireType, number] = [tag >> 3, tag & 7, varint()];
    if (Number.isNaN(tag) || Number.isNaN(number)) return undefined;
    if (wireType === VARINT) {
      if (field === READ_ONLY) readOnly = number !== 0;
    } else if (wireType === LENGTH_DELIMITED && position + number <= bytes.length) {
      if (field === NAME) name = toText(bytes.subarray(position, position + number));
      position += number;
    } else {
      return undefined;
    }
  }
  return { name, readOnly };
}
