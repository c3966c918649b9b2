//! `console`, whose methods do nothing: scripts are written with it, and nobody reads what they say.

use rquickjs::Ctx;

/// Puts `console` among the globals.
pub(crate) fn install(ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    ctx.eval::<(), _>(
        "globalThis.console = Object.freeze(Object.fromEntries(\
         ['log', 'info', 'warn', 'error', 'debug', 'trace'].map(name => [name, () => undefined])));",
    )
}
