import { NodeKind, Parser } from "assemblyscript";

const ALLOCATOR = "~lib/rt/tlsf";

/**
 * What memory grows by at least, in pages: an eighth of what there is, where the allocator of the language doubles it, and not past
 * the GiB that proxy-wasm-cpp-host lets a VM have.
 */
const LEAST = "min(pagesBefore >> 3, 16384 - pagesBefore)";

/**
 * Lets memory grow by as much as is needed. It never shrinks: doubled for one peak, a worker would have up to twice of what it ever
 * needed, for ever, and nobody could tell from its size whether it still grows.
 *
 * @param {import("assemblyscript").Parser} parser
 */
export function growByNeed(parser) {
  const source = parser.sources.find(({ internalPath }) => internalPath === ALLOCATOR);
  const grow = source?.statements.find(
    (node) => node.kind === NodeKind.FunctionDeclaration && node.name.text === "growMemory",
  );
  const wanted = grow?.body.statements
    .flatMap((node) => (node.kind === NodeKind.Variable ? node.declarations : []))
    .find((declaration) => declaration.name.text === "pagesWanted");
  // Of another compiler than the pinned one.
  if (wanted?.initializer?.args?.[0]?.text !== "pagesBefore") {
    throw new Error(`as-proxy-wasm-sdk: ${ALLOCATOR} grows memory in another way than this compiler's allocator did`);
  }
  const [doubled] = wanted.initializer.args;
  wanted.initializer.args[0] = least(doubled.range);
}

/** What memory grows by at least, as if it stood at that place: there the compiler looks up its names. */
function least(range) {
  const parser = new Parser();
  parser.parseFile(`${LEAST};`, "memory-growth.ts", true);
  const { expression } = parser.sources[0].statements[0];
  moveTo(range, expression);
  return expression;
}

/** Operands and arguments are all that the expression is made of. */
function moveTo(range, node) {
  node.range = range;
  for (const part of [node.expression, node.left, node.right, ...(node.args ?? [])]) {
    if (part !== undefined) moveTo(range, part);
  }
}
