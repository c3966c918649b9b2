//! The client of a running server: where it is, who asks, and what it answers.

mod credential;
mod fault;

pub use crate::runtime::block_on;

use crate::exit::Problem;
use clap::Args;
use credential::Credential;
use reqwest::{Method, StatusCode};
use riposte_diagnostic::Diagnostic;
use riposte_value::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Where the server is when nobody says otherwise.
pub const URL_DEFAULT: &str = "http://127.0.0.1:8700";
/// The version that Azure paths are asked in.
pub const API_VERSION: &str = "2024-09-01";
/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_mins(2);
/// How long the server may take to accept a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Where the server is and how to sign in.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
pub struct ServerArguments {
    /// The server's address.
    #[arg(long, value_name = "URL", env = "RIPOSTE_URL", default_value = URL_DEFAULT)]
    url: String,
    /// A file that holds the token; without it the token is taken from the variable `RIPOSTE_TOKEN`.
    #[arg(long, value_name = "FILE", env = "RIPOSTE_TOKEN_FILE")]
    token_file: Option<PathBuf>,
    /// The client id of a service principal to sign in as; its secret is taken from the variable
    /// `RIPOSTE_CLIENT_SECRET`.
    #[arg(long, value_name = "ID", env = "RIPOSTE_CLIENT_ID")]
    client_id: Option<String>,
    /// A file with the certificate (PEM) to trust, for a server with one of its own making.
    #[arg(long, value_name = "FILE", env = "RIPOSTE_CA_FILE")]
    ca_file: Option<PathBuf>,
}

/// A client of one server.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    credential: Credential,
}

impl Client {
    /// A client as the arguments and the environment say.
    pub fn new(arguments: &ServerArguments) -> Result<Self, Problem> {
        let credential = Credential::of(arguments.token_file.as_deref(), arguments.client_id.as_deref())?;
        let mut builder = reqwest::Client::builder().timeout(ANSWER_WITHIN).connect_timeout(CONNECT_WITHIN);
        if let Some(file) = &arguments.ca_file {
            let pem = crate::input::text(file)?;
            fault::check_authority(&pem, file)?;
            let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).map_err(|error| {
                Problem::usage(
                    Diagnostic::error("InvalidCertificate", error.to_string())
                        .in_file(file.display().to_string()),
                )
            })?;
            builder = builder.add_root_certificate(certificate);
        }
        Self::with(builder, &arguments.url, credential)
    }

    /// A client of a server in this process.
    pub fn at(url: &str, token: String) -> Result<Self, Problem> {
        Self::with(
            reqwest::Client::builder().timeout(ANSWER_WITHIN).no_proxy(),
            url,
            Credential::Token(token),
        )
    }

    fn with(builder: reqwest::ClientBuilder, url: &str, credential: Credential) -> Result<Self, Problem> {
        if reqwest::Url::parse(url).is_err() {
            let message = format!("`{url}` is not an address");
            return Err(Problem::usage(
                Diagnostic::error("InvalidUrl", message).help(format!("such as {URL_DEFAULT}")),
            ));
        }
        let http = builder
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("riposte/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Problem::failed(Diagnostic::error("ClientUnavailable", error.to_string())))?;
        Ok(Self { http, base: url.trim_end_matches('/').to_owned(), credential })
    }

    /// Reads what lies at a path.
    pub async fn get(&self, path: &str) -> Result<Value, Problem> {
        self.call(Method::GET, path, None).await
    }

    /// Posts to a path.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Problem> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Puts at a path.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, Problem> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// Removes what lies at a path.
    pub async fn delete(&self, path: &str) -> Result<Value, Problem> {
        self.call(Method::DELETE, path, None).await
    }

    /// Reads a list, page after page, until it ends or has `top` items.
    pub async fn list(&self, path: &str, top: usize) -> Result<Vec<Value>, Problem> {
        let mut items = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(page) = next.take() {
            let answer = self.get(&page).await?;
            items.extend(answer.get("value").and_then(Value::as_array).unwrap_or_default().iter().cloned());
            if items.len() >= top {
                items.truncate(top);
                break;
            }
            // What the next page is called is the server's business; that it lies on this server is ours.
            next = answer.get("nextLink").and_then(Value::as_str).map(|link| self.local(link)).transpose()?;
        }
        Ok(items)
    }

    /// The path of a link. The token goes to the server that was named and to no other.
    fn local(&self, link: &str) -> Result<String, Problem> {
        let relative = link.strip_prefix(&self.base).or_else(|| link.starts_with('/').then_some(link));
        if let Some(path) = relative {
            return Ok(path.to_owned());
        }
        // The server may know itself by another name than the one it was reached by: only the path counts.
        reqwest::Url::parse(link)
            .map(|url| match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            })
            .map_err(|_| {
                Problem::failed(Diagnostic::error("InvalidAnswer", format!("`{link}` is not an address")))
            })
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Problem> {
        let url = format!("{}{path}", self.base);
        let token = self.credential.token(&self.http, &self.base).await?;
        let mut request = self.http.request(method, &url).bearer_auth(token);
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(json::to_string(body));
        }
        let answer = request.send().await.map_err(|error| fault::unreachable(&self.base, &error))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| fault::unreachable(&self.base, &error))?;
        // An ingestion that refuses every item tells why item by item, under 400.
        let told = json::parse(&text);
        if status.is_success() || (status == StatusCode::BAD_REQUEST && items_refused(&told)) {
            return if text.trim().is_empty() {
                Ok(Value::Null)
            } else {
                told.map_err(|error| fault::unreadable(&self.base, &error))
            };
        }
        Err(fault::refused(&self.base, status, told.ok().as_ref()))
    }
}

fn items_refused(answer: &Result<Value, json::Error>) -> bool {
    answer.as_ref().is_ok_and(|answer| answer.get("value").and_then(Value::as_array).is_some())
}

/// Text as part of a path: everything but letters, digits and `-._~` is escaped.
pub fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
