//! A row of the routing table: method, path, permission, handler.

mod index;
mod pattern;
mod scope;

pub(crate) use index::{Found, Table};
pub(crate) use pattern::Variables;
pub(crate) use scope::scope_of_id;

use crate::answer::Answer;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::request::Request;
use http::Method;
use riposte_engine::Invocation;
use std::future::Future;
use std::pin::Pin;

/// What a handler promises.
pub(crate) type Pending = Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send>>;

/// Reads the request, calls the engine, shapes the answer.
pub(crate) type Handler = fn(Request) -> Pending;

/// What the caller must hold. There is no default: a row says one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// An Azure action at the row's [`Scope`].
    Action(&'static str),
    /// A valid token, whatever its roles; the text says why that is enough.
    SignedIn(&'static str),
    /// Nobody is asked; the text says why.
    Public(&'static str),
}

/// Where the caller must hold the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// At the ARM id that the path begins with: a workspace, a workflow, a resource group.
    Path,
    /// At the workspace that `/api/workspaces/{workspace}` names.
    Workspace,
    /// At `/`: over everything.
    Everything,
    /// Somewhere; the engine asks again about each resource that is touched.
    Somewhere,
    /// At the resource that the answer shows; checked before the answer leaves. For reading only.
    Answer,
    /// At each item of the answered list; others are left out. For reading only.
    EachItem,
}

/// How long the request's body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyLimit {
    /// As most requests.
    Ordinary,
    /// Ingestion and import.
    Large,
    /// Sign-in, which is open to all.
    Small,
}

/// Reads a signed address off the variables of its path and its query.
pub(crate) type ReadAddress = fn(&Variables, &Query) -> Invocation;

/// A row of the table.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// `/literal/{variable}`; literals match without regard to case.
    pub(crate) path: &'static str,
    pub(crate) permission: Permission,
    pub(crate) scope: Scope,
    pub(crate) body_limit: BodyLimit,
    /// Where the address itself is the permission: how it is read, so that it is checked before the body is received.
    pub(crate) address: Option<ReadAddress>,
    /// One line for the API document.
    pub(crate) summary: &'static str,
    pub(crate) handler: Handler,
}

impl Route {
    /// A row that needs an Azure action: on Azure's paths at the path's ARM id, under `/api/workspaces/{workspace}` at
    /// that workspace, elsewhere over everything.
    fn action(
        method: Method,
        path: &'static str,
        action: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        let scope = if is_azure(path) {
            Scope::Path
        } else if path.starts_with("/api/workspaces/{workspace}/") {
            Scope::Workspace
        } else {
            Scope::Everything
        };
        let permission = Permission::Action(action);
        Self {
            method,
            path,
            permission,
            scope,
            body_limit: BodyLimit::Ordinary,
            address: None,
            summary,
            handler,
        }
    }

    /// A GET that needs an Azure action.
    pub(crate) fn get(
        path: &'static str,
        action: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self::action(Method::GET, path, action, summary, handler)
    }

    /// A PUT that needs an Azure action.
    pub(crate) fn put(
        path: &'static str,
        action: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self::action(Method::PUT, path, action, summary, handler)
    }

    /// A POST that needs an Azure action.
    pub(crate) fn post(
        path: &'static str,
        action: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self::action(Method::POST, path, action, summary, handler)
    }

    /// A PATCH that needs an Azure action.
    pub(crate) fn patch(
        path: &'static str,
        action: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self::action(Method::PATCH, path, action, summary, handler)
    }

    /// A DELETE that needs an Azure action.
    pub(crate) fn delete(
        path: &'static str,
        action: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self::action(Method::DELETE, path, action, summary, handler)
    }

    /// A row for anybody with a valid token; `reason` says why no role is asked for.
    pub(crate) fn signed_in(
        path: &'static str,
        reason: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            permission: Permission::SignedIn(reason),
            ..Self::action(Method::GET, path, "", summary, handler)
        }
    }

    /// A row for anybody at all; `reason` says why.
    pub(crate) fn public(
        path: &'static str,
        reason: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            permission: Permission::Public(reason),
            ..Self::action(Method::GET, path, "", summary, handler)
        }
    }

    /// The same row with its permission asked for elsewhere.
    pub(crate) fn at(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// The same row for long bodies.
    pub(crate) fn large(self) -> Self {
        Self { body_limit: BodyLimit::Large, ..self }
    }

    /// The same row for short bodies alone.
    pub(crate) fn small(self) -> Self {
        Self { body_limit: BodyLimit::Small, ..self }
    }

    /// Whether it is one of Azure's paths, which demand `api-version`.
    pub(crate) fn is_azure(&self) -> bool {
        is_azure(self.path)
    }
}

fn is_azure(path: &str) -> bool {
    path.starts_with("/subscriptions/") || path.starts_with("/providers/")
}
