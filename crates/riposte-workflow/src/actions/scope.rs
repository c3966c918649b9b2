//! Scope: actions that belong together. Its status is that of its leaves.

use super::{Kind, Started};
use crate::interpreter::Machine;
use crate::program::{BlockId, Reader};
use crate::state::Here;

#[derive(Debug)]
pub(crate) struct Scope {
    block: BlockId,
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is that of the table of types")]
pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let path = reader.path_of("actions");
    let actions = reader.property("actions");
    Some(Kind::Scope(Scope { block: reader.block(actions, &path) }))
}

impl Scope {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Started {
        machine.open_block(here, None);
        machine.enter_block(here, self.block);
        Started::Waiting
    }
}
