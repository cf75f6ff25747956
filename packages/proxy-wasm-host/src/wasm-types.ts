/** The type of a function that a module imports. */
export interface ImportedFunction {
  readonly module: string;
  readonly name: string;
  readonly parameters: readonly string[];
  readonly results: readonly string[];
}

const HEADER_SIZE = 8;
const TYPE_SECTION = 1;
const IMPORT_SECTION = 2;
const FUNCTION_TYPE = 0x60;
const FUNCTION_IMPORT = 0;

const VALUE_TYPES = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);

interface FunctionType {
  readonly parameters: readonly string[];
  readonly results: readonly string[];
}

/**
 * Types of the functions a module imports, which `WebAssembly.Module.imports` does not tell (WebAssembly Core, 5.5). The
 * module has been compiled before, so it is well formed; types and imports of later proposals end the reading.
 */
export function readImportedFunctions(wasm: Uint8Array): ImportedFunction[] {
  const reader = new Reader(wasm, HEADER_SIZE);
  let types: FunctionType[] = [];
  while (!reader.atEnd) {
    const section = reader.byte();
    const end = reader.unsigned() + reader.position;
    if (section === TYPE_SECTION) types = readTypes(reader);
    if (section === IMPORT_SECTION) return readImports(reader, types);
    reader.position = end;
  }
  return [];
}

function readTypes(reader: Reader): FunctionType[] {
  const types: FunctionType[] = [];
  for (let left = reader.unsigned(); left > 0; left--) {
    if (reader.byte() !== FUNCTION_TYPE) return types;
    types.push({ parameters: reader.valueTypes(), results: reader.valueTypes() });
  }
  return types;
}

function readImports(reader: Reader, types: readonly FunctionType[]): ImportedFunction[] {
  const functions: ImportedFunction[] = [];
  for (let left = reader.unsigned(); left > 0; left--) {
    const module = reader.name();
    const name = reader.name();
    // Only functions can be satisfied here: anything else is refused as a missing import anyway.
    if (reader.byte() !== FUNCTION_IMPORT) return functions;
    const type = types[reader.unsigned()];
    if (type !== undefined) functions.push({ module, name, ...type });
  }
  return functions;
}

class Reader {
  readonly #bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.position = position;
  }

  get atEnd(): boolean {
    return this.position >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.position++] ?? 0;
  }

  /** LEB128 (5.2.2). */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  name(): string {
    const length = this.unsigned();
    const bytes = this.#bytes.subarray(this.position, this.position + length);
    this.position += length;
    return new TextDecoder().decode(bytes);
  }

  valueTypes(): string[] {
    return Array.from({ length: this.unsigned() }, () => VALUE_TYPES.get(this.byte()) ?? "unknown");
  }
}
