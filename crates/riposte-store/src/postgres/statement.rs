//! Statements on their way: parameters, numbered as PostgreSQL wants them, kept when prepared, sent off ahead of their
//! answers, and failures told.

use crate::sql::Param;
use crate::{Error, Result};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Statement};

/// A statement that was sent off.
pub(super) type Pending = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// The prepared statements of a connection, by their text.
#[derive(Default)]
pub(super) struct Statements(RefCell<BTreeMap<&'static str, Statement>>);

impl Statements {
    pub(super) fn get(&self, sql: &'static str) -> Option<Statement> {
        self.0.borrow().get(sql).cloned()
    }

    pub(super) fn keep(&self, sql: &'static str, statement: &Statement) {
        self.0.borrow_mut().insert(sql, statement.clone());
    }
}

/// The text with `$1` for `?1`. No statement has a question mark in a literal.
pub(super) fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

/// Sends a statement off. Its request is on its way when this returns, before those of later statements.
pub(super) fn send(
    client: Arc<Client>,
    statement: Statement,
    params: &[Param<'_>],
    otherwise: Option<Error>,
) -> Pending {
    let params: Vec<Param<'static>> = params.iter().cloned().map(Param::into_owned).collect();
    let answers = !statement.columns().is_empty();
    let mut sent: Pending = Box::pin(async move {
        let touched = if answers {
            let params: Vec<_> = params.iter().map(as_sql).collect();
            let rows = client.query(&statement, &params).await.map_err(|error| failed(&error))?;
            !rows.is_empty()
        } else {
            client.execute_raw(&statement, &params).await.map_err(|error| failed(&error))? > 0
        };
        match otherwise {
            Some(otherwise) if !touched => Err(otherwise),
            _ => Ok(()),
        }
    });
    // The first poll puts the request into the connection's queue; the answer is waited for later.
    match sent.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Box::pin(std::future::ready(done)),
        Poll::Pending => sent,
    }
}

/// A parameter as the client takes it.
pub(super) fn as_sql<'p>(param: &'p Param<'_>) -> &'p (dyn ToSql + Sync) {
    param
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql(kind, out),
            Self::Text(text) => text.as_ref().to_sql(kind, out),
            Self::Blob(bytes) => bytes.as_ref().to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        <i64 as ToSql>::accepts(kind) || <&str as ToSql>::accepts(kind) || <&[u8] as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

/// What a failure of the client means.
pub(super) fn failed(error: &tokio_postgres::Error) -> Error {
    let Some(told) = error.as_db_error() else {
        return if is_lost(error) {
            Error::Unreachable(explain(error))
        } else {
            Error::Database(explain(error))
        };
    };
    match told.code().code() {
        // The server is going down or has ended this session; the transaction was idle for too long.
        code if code.starts_with("57P") || code == "25P03" => Error::Unreachable(explain(error)),
        // It waited too long for others, or cannot be put in a row with theirs.
        "55P03" | "40001" | "40P01" => Error::Unreachable(explain(error)),
        _ => Error::Database(explain(error)),
    }
}

/// Whether the connection is gone: closed, or an error of the socket.
fn is_lost(error: &tokio_postgres::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    error.is_closed()
}

/// A failure with its causes, which the client's own text leaves out.
pub(super) fn explain(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("{} ({})", told.message(), told.code().code()),
        None => {
            let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
            format!("{error}{}", cause.unwrap_or_default())
        }
    }
}
