//! How a command signs in: with a token, or as a service principal with client id and secret.
//!
//! Neither a token nor a secret is ever an argument, since arguments show in lists of processes.

use super::{escape, fault};
use crate::exit::Problem;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// The longest token or secret, in bytes.
const BYTES_MAX: usize = 16 * 1024;
/// Where programs sign in; any tenant is taken.
const SIGN_IN: &str = "/riposte/oauth2/v2.0/token";

/// What a client signs in with.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A token.
    Token(String),
    /// A service principal, and the token that it was given.
    Program { client_id: String, secret: String, token: Arc<OnceCell<String>> },
}

impl Credential {
    /// The token in a file; else the service principal, if its client id is given; else the token in the environment.
    pub fn of(token_file: Option<&Path>, client_id: Option<&str>) -> Result<Self, Problem> {
        if let Some(file) = token_file {
            let text = crate::input::text(file)?;
            return Ok(Self::Token(checked(&text, &file.display().to_string())?.ok_or_else(missing)?));
        }
        let held = |name: &str| checked(&std::env::var(name).unwrap_or_default(), name);
        let Some(client_id) = client_id.filter(|id| !id.trim().is_empty()) else {
            return Ok(Self::Token(held("RIPOSTE_TOKEN")?.ok_or_else(missing)?));
        };
        let secret = held("RIPOSTE_CLIENT_SECRET")?.ok_or_else(|| {
            let message = format!("no secret of the service principal `{client_id}` to sign in with");
            let told = Diagnostic::error("MissingSecret", message);
            Problem::usage(
                told.help("export RIPOSTE_CLIENT_SECRET; `riposte service-principal rotate` makes one"),
            )
        })?;
        let client_id = client_id.trim().to_owned();
        Ok(Self::Program { client_id, secret, token: Arc::default() })
    }

    /// The token; a program asks for one when it is first needed.
    pub async fn token(&self, http: &reqwest::Client, base: &str) -> Result<String, Problem> {
        match self {
            Self::Token(token) => Ok(token.clone()),
            Self::Program { client_id, secret, token } => {
                let given = token.get_or_try_init(|| sign_in(http, base, client_id, secret)).await?;
                Ok(given.clone())
            }
        }
    }
}

async fn sign_in(http: &reqwest::Client, base: &str, id: &str, secret: &str) -> Result<String, Problem> {
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope={}",
        escape(id),
        escape(secret),
        escape(&format!("{base}/.default"))
    );
    let request = http.post(format!("{base}{SIGN_IN}")).body(form);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let answer = request.send().await.map_err(|error| fault::unreachable(base, &error))?;
    let text = answer.text().await.map_err(|error| fault::unreachable(base, &error))?;
    let answer = json::parse(&text).map_err(|error| fault::unreadable(base, &error))?;
    match answer.str_at(&["access_token"]) {
        Some(token) => Ok(token.to_owned()),
        None => Err(refused(id, &answer)),
    }
}

/// What is said of a sign-in that is refused, in the words of OAuth.
fn refused(id: &str, answer: &Value) -> Problem {
    let why = answer.str_at(&["error_description"]).or_else(|| answer.str_at(&["error", "message"]));
    let message = format!("the service principal `{id}` is not signed in: {}", why.unwrap_or_default());
    Problem::failed(Diagnostic::error("SignInRefused", message).help(
        "RIPOSTE_CLIENT_ID is its client id (`appId`), RIPOSTE_CLIENT_SECRET a secret of it that has not ended",
    ))
}

/// A token or secret without blanks around it; none if there is nothing.
fn checked(text: &str, from: &str) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.len() > BYTES_MAX || !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Problem::usage(Diagnostic::error("InvalidToken", format!("`{from}` holds no token"))));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn missing() -> Problem {
    Problem::usage(
        Diagnostic::error("MissingToken", "no token to sign in with")
            .help("export RIPOSTE_TOKEN=$(cat data/owner.token), or --token-file data/owner.token"),
    )
}
