import {
  Compiler,
  DiagnosticCode,
  ElementKind,
  ExpressionId,
  Type,
  getConstValueI64High,
  getConstValueI64Low,
  getExpressionId,
  getGlobalGetName,
} from "assemblyscript";
import { Transform } from "assemblyscript/transform";

const ALIAS = "~lib/as-bytes/assembly/slice/Slice";
const NONE = "~lib/as-bytes/assembly/slice/NONE";

const NOT_BYTES =
  "bytes (a Slice) and a number do not become each other by themselves: text(…), decimal(…) or persist(…) make bytes";
const COMPARED =
  "an operator compares where bytes lie, not what they are: equal(a, b) compares bytes, and NONE is the only value to compare with by == and !=";

/** Marks a type that stands for `Slice`, and a compiler that knows of them. One of several copies of this package is enough. */
const MARK = Symbol.for("as-bytes: Slice");

/** @param {Type} type */
const isSlice = (type) => MARK in type;

/** For `asc --transform as-bytes/transform.js`. */
export default class SliceType extends Transform {
  /** @param {import("assemblyscript").Program} program */
  afterInitialize(program) {
    makeSliceAType(program);
  }
}

/**
 * Makes `Slice` a type of its own while a program is compiled. As the `u64` that it is, the language makes it of any integer by
 * itself: `addHeader(map, name, 86400)` would send 86,400 bytes of the VM's memory to a client. With this only a cast
 * (`<Slice>`) turns a number into bytes or bytes into a number, and two slices cannot be compared by an operator, which
 * would compare addresses. The module that comes out is the same.
 *
 * @param {import("assemblyscript").Program} program initialized, and not compiled yet
 */
export function makeSliceAType(program) {
  const alias = program.elementsByName.get(ALIAS);
  // A transform that is asked for twice runs twice.
  if (alias?.kind !== ElementKind.TypeDefinition || isSlice(alias.type)) return;
  const slice = Object.assign(new Type(Type.u64.kind, Type.u64.flags, Type.u64.size), { [MARK]: true });
  // It is also by this that the compiler tells `StaticArray<Slice>` from `StaticArray<u64>`.
  slice.toString = () => "Slice";
  const wrapper = program.wrapperClasses.get(Type.u64);
  // By way of this the compiler infers types: it leads back to the type, not to `u64`.
  if (wrapper !== undefined) {
    program.wrapperClasses.set(slice, Object.create(wrapper, { wrappedType: { value: slice } }));
  }
  alias.setType(slice);
  teachCompiler();
}

function teachCompiler() {
  const { prototype } = Compiler;
  if (MARK in prototype) return;
  Object.assign(prototype, { [MARK]: true });

  const { convertExpression } = prototype;
  prototype.convertExpression = function (expression, from, to, isExplicit, node) {
    if (!isExplicit && isSlice(from) !== isSlice(to) && from.isNumericValue && to.isNumericValue) {
      this.error(DiagnosticCode.Type_0_is_not_assignable_to_type_1, node.range, from.toString(), to.toString());
      this.info(DiagnosticCode.User_defined_0, node.range, NOT_BYTES);
      this.currentType = to;
      return this.module.unreachable();
    }
    return convertExpression.call(this, expression, from, to, isExplicit, node);
  };

  for (const name of /** @type {const} */ (["makeEq", "makeNe"])) {
    const make = prototype[name];
    prototype[name] = function (left, right, type, node) {
      if (isSlice(type) && !isNone(left) && !isNone(right)) refuse(this, node);
      return make.call(this, left, right, type, node);
    };
  }

  // The other comparisons do not say what they are made for: it is the expression that was begun last.
  /** @type {import("assemblyscript").Expression[]} */
  const comparing = [];
  const internals = /** @type {{ compileNonCommutativeCompareBinaryExpression: CompileBinary }} */ (
    /** @type {unknown} */ (prototype)
  );
  const compile = internals.compileNonCommutativeCompareBinaryExpression;
  internals.compileNonCommutativeCompareBinaryExpression = function (expression, contextualType) {
    comparing.push(expression);
    const compiled = compile.call(this, expression, contextualType);
    comparing.pop();
    return compiled;
  };
  for (const name of /** @type {const} */ (["makeLt", "makeLe", "makeGt", "makeGe"])) {
    const make = prototype[name];
    prototype[name] = function (left, right, type) {
      const node = comparing.at(-1);
      if (isSlice(type) && node !== undefined) refuse(this, node);
      return make.call(this, left, right, type);
    };
  }
}

/** @typedef {(this: Compiler, expression: import("assemblyscript").BinaryExpression, contextualType: Type) => number} CompileBinary */

/**
 * @param {Compiler} compiler
 * @param {import("assemblyscript").Node} node
 */
function refuse(compiler, node) {
  compiler.error(DiagnosticCode.User_defined_0, node.range, COMPARED);
}

/** @param {number} expression a value of 64 bits, as compiled */
function isNone(expression) {
  switch (getExpressionId(expression)) {
    case ExpressionId.Const:
      return getConstValueI64Low(expression) === 0 && getConstValueI64High(expression) === 0;
    case ExpressionId.GlobalGet:
      return getGlobalGetName(expression) === NONE;
    default:
      return false;
  }
}
