/** A pattern of the decimal numbers, without leading zeros, from `least` to `most`. */
export function between(least: bigint | number, most: bigint | number): string {
  const low = String(least);
  const high = String(most);
  const choices: string[] = [];
  for (let length = low.length; length <= high.length; length++) {
    const from = length === low.length ? low : "1" + "0".repeat(length - 1);
    const to = length === high.length ? high : "9".repeat(length);
    choices.push(ofOneLength(from, to));
  }
  return oneOf(choices);
}

/** A pattern of the decimal numbers up to `most`, however many zeros they begin with. */
export function upTo(most: bigint | number): string {
  const high = String(most);
  const sameLength = ofOneLength("0".repeat(high.length), high);
  return `0*${oneOf(high.length === 1 ? [sameLength] : [digits(1, high.length - 1), sameLength])}`;
}

/** A group of choices, or the only one. */
export function oneOf(choices: readonly string[]): string {
  return choices.length === 1 ? (choices[0] ?? "") : `(?:${choices.join("|")})`;
}

/** The numbers from one to another, both of so many digits. */
function ofOneLength(low: string, high: string): string {
  const rest = low.length - 1;
  if (rest < 0) return "";
  if (/^0*$/.test(low) && /^9*$/.test(high)) return digits(low.length, low.length);
  let first = Number(low[0]);
  let last = Number(high[0]);
  if (first === last) return `${first}${ofOneLength(low.slice(1), high.slice(1))}`;
  const choices: string[] = [];
  const nines = "9".repeat(rest);
  const zeros = "0".repeat(rest);
  if (low.slice(1) !== zeros) choices.push(`${first++}${ofOneLength(low.slice(1), nines)}`);
  const upper = high.slice(1) === nines ? "" : `${last--}${ofOneLength(zeros, high.slice(1))}`;
  if (first <= last) choices.push(range(first, last) + digits(rest, rest));
  if (upper !== "") choices.push(upper);
  return oneOf(choices);
}

function range(first: number, last: number): string {
  return first === last ? String(first) : `[${first}-${last}]`;
}

function digits(least: number, most: number): string {
  if (most === 0) return "";
  if (least !== most) return `[0-9]{${least},${most}}`;
  return most === 1 ? "[0-9]" : `[0-9]{${most}}`;
}
