//! Bounds for what the engine does in one go. It looks at the clock between the steps of a script, but not inside its own
//! loops over an array or a text: those that could take long are refused before they begin.

use rquickjs::Ctx;

/// The elements of an array that one call may go over, and the steps that one search in a text may take.
const PRELUDE: &str = r"(() => {
  const ELEMENTS = 10_000_000, STEPS = 10_000_000_000;
  const { isArray } = Array, { apply, defineProperty } = Reflect, text = String;
  const spreads = Symbol.isConcatSpreadable;
  const refuse = what => { throw new RangeError(what + ' is too long for one call'); };
  const list = value => {
    if (isArray(value)) return value.length > ELEMENTS ? refuse('the array') : value;
    const length = Number(Object(value).length) || 0, copy = [];
    if (length > ELEMENTS) refuse('the array');
    for (let at = 0; at < length; at += 1) copy[at] = value[at];
    return copy;
  };
  const wrap = (owner, names, around) => {
    for (const name of names) {
      const native = owner[name];
      if (typeof native !== 'function') continue;
      const value = { [name](...args) { return around(native, this, args); } }[name];
      defineProperty(owner, name, { value, writable: true, configurable: true });
    }
  };
  wrap(Array.prototype, ['copyWithin', 'fill', 'flat', 'includes', 'indexOf', 'join', 'lastIndexOf', 'reverse',
    'shift', 'slice', 'sort', 'splice', 'toLocaleString', 'toReversed', 'toSorted', 'toSpliced', 'toString', 'unshift',
    'with'], (native, self, args) => apply(native, list(self), args));
  wrap(Array.prototype, ['concat'], (native, self, args) => apply(native, list(self),
    args.map(given => isArray(given) || (given != null && given[spreads]) ? list(given) : given)));
  wrap(String.prototype, ['includes', 'indexOf', 'lastIndexOf', 'replace', 'replaceAll', 'split'],
    (native, self, args) => {
      if (self != null && typeof args[0] !== 'object' && text(self).length * text(args[0]).length > STEPS) {
        refuse('the text');
      }
      return apply(native, self, args);
    });
  // One could say of itself that it is an array, and be of any length.
  delete globalThis.Proxy;
})();";

/// Puts the bounds around the methods.
pub(crate) fn install(ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    ctx.eval::<(), _>(PRELUDE)
}
