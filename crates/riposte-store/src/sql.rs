//! What statements look like to the tables: one text for both databases, with `?1`, `?2`, … for its parameters.
//!
//! The tables write the part of SQL that SQLite and PostgreSQL read alike: `ON CONFLICT`, `RETURNING`, `LIMIT`,
//! partial indexes. A database implements [`Sql`]; everything else is shared.

use crate::{Error, Result, WorkspaceKey};
use std::borrow::Cow;

/// A connection in a transaction.
pub(crate) trait Sql {
    /// Runs a statement for its effect. It may be sent off and its failure be told by a later call, at the latest by
    /// [`Self::settle`].
    fn run(&self, sql: &'static str, params: &[Param<'_>]) -> Result<()>;

    /// As [`Self::run`], for statements that must touch a row: where one does not, `otherwise` is the failure.
    fn require(&self, sql: &'static str, params: &[Param<'_>], otherwise: Error) -> Result<()>;

    /// Runs a statement; how many rows it changed.
    fn count(&self, sql: &'static str, params: &[Param<'_>]) -> Result<u64>;

    /// Runs a query and shows its rows until `each` answers false.
    fn rows(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()>;

    /// Waits for everything that was sent off; the first failure among it.
    fn settle(&self) -> Result<()>;

    /// Milliseconds since 1970 UTC by the database's clock, which all nodes share.
    fn clock(&self) -> Result<i64>;

    /// Whether other nodes may have the database open too.
    fn is_shared(&self) -> bool;

    /// Makes sure that this transaction has a turn of its own: the number in the table `writer`, higher than those of
    /// all that were committed before.
    fn take_turn(&self) -> Result<()> {
        Ok(())
    }

    /// Notes that other nodes have something to look at once this transaction is committed.
    fn tell_others(&self) {}

    /// What [`crate::Read::generations`] has answered before in this transaction, if nothing has changed since.
    fn known_generations(&self) -> Option<crate::Generations> {
        None
    }

    /// Keeps that for the next who asks.
    fn know_generations(&self, _found: &crate::Generations) {}

    /// How many commits have failed; see [`crate::Generations`].
    fn era(&self) -> u64 {
        0
    }
}

/// A connection that a writer has to itself.
pub(crate) trait Transactional: Sql {
    /// Begins a transaction. The connection is opened again first if it was lost.
    fn begin(&mut self) -> Result<()>;
    /// Undoes what was done since `SAVEPOINT job`.
    fn undo(&mut self) -> Result<()>;
    /// Commits it on disk. After a failure nothing of it stands, unless the failure is [`Error::Unknown`].
    fn commit(&mut self) -> Result<()>;
    /// Leaves a transaction that failed.
    fn rollback(&mut self);
}

/// A value that goes into a statement.
#[derive(Debug, Clone)]
pub(crate) enum Param<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

impl Param<'_> {
    /// The same value, owned.
    pub(crate) fn into_owned(self) -> Param<'static> {
        match self {
            Self::Null => Param::Null,
            Self::Int(value) => Param::Int(value),
            Self::Text(text) => Param::Text(Cow::Owned(text.into_owned())),
            Self::Blob(bytes) => Param::Blob(Cow::Owned(bytes.into_owned())),
        }
    }
}

/// What can be given to a statement.
pub(crate) trait ToParam {
    fn to_param(&self) -> Param<'_>;
}

impl ToParam for i64 {
    fn to_param(&self) -> Param<'_> {
        Param::Int(*self)
    }
}

impl ToParam for WorkspaceKey {
    fn to_param(&self) -> Param<'_> {
        Param::Int(self.0)
    }
}

impl ToParam for crate::NodeKey {
    fn to_param(&self) -> Param<'_> {
        Param::Int(self.0)
    }
}

impl ToParam for str {
    fn to_param(&self) -> Param<'_> {
        Param::Text(Cow::Borrowed(self))
    }
}

impl ToParam for String {
    fn to_param(&self) -> Param<'_> {
        Param::Text(Cow::Borrowed(self))
    }
}

impl ToParam for [u8] {
    fn to_param(&self) -> Param<'_> {
        Param::Blob(Cow::Borrowed(self))
    }
}

impl<T: ToParam + ?Sized> ToParam for &T {
    fn to_param(&self) -> Param<'_> {
        (**self).to_param()
    }
}

impl<T: ToParam> ToParam for Option<T> {
    fn to_param(&self) -> Param<'_> {
        self.as_ref().map_or(Param::Null, ToParam::to_param)
    }
}

/// Parameters of different types, for the methods of a session.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::sql::ToParam::to_param(&$value)),*][..] };
}
pub(crate) use params;

/// What a statement is given: `params![…]`, or up to three values of one type in brackets.
pub(crate) trait Params {
    fn give<R>(self, take: impl FnOnce(&[Param<'_>]) -> R) -> R;
}

impl Params for &[Param<'_>] {
    fn give<R>(self, take: impl FnOnce(&[Param<'_>]) -> R) -> R {
        take(self)
    }
}

impl Params for [&str; 0] {
    fn give<R>(self, take: impl FnOnce(&[Param<'_>]) -> R) -> R {
        take(&[])
    }
}

macro_rules! arrays_are_params {
    ($($count:literal)+) => {
        $(impl<T: ToParam> Params for [T; $count] {
            fn give<R>(self, take: impl FnOnce(&[Param<'_>]) -> R) -> R {
                take(&self.each_ref().map(ToParam::to_param))
            }
        })+
    };
}
arrays_are_params!(1 2 3);

/// A row that a query answered.
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// The value of a column, counted from 0.
    pub(crate) fn get<T: Column>(&self, column: usize) -> Result<T> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => row
                .try_get(column)
                .map_err(|error| Error::Corrupt { what: "row", reason: format!("column {column}: {error}") }),
        }
    }
}

/// A type that a column can have.
pub(crate) trait Column:
    rusqlite::types::FromSql + for<'r> tokio_postgres::types::FromSql<'r>
{
}

impl Column for i64 {}
impl Column for bool {}
impl Column for String {}
impl Column for Vec<u8> {}
impl<T: Column> Column for Option<T> {}
