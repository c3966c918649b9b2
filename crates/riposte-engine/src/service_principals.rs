//! Service principals: programs that sign in with a client id and a secret.
//!
//! A secret's text is shown once, when it is made; the store keeps an HMAC of it. A principal may have several secrets,
//! so that one can be exchanged for the next without a gap. What it may do, role assignments say.

use crate::Engine;
use crate::access::{Caller, Principal, PrincipalKind};
use crate::audit::Audited;
use crate::clock::{new_guid, time_text};
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::signature::{is_signed, sign};
use crate::tokens::new_secret;
use crate::transaction::Transaction;
use jiff::{Timestamp, ToSpan as _};
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_incident::fields::Fields;
use riposte_incident::same;
use riposte_store::Read;
use riposte_value::{Object, Text, Value};
use serde::{Deserialize, Serialize};

/// How many secrets a principal has at the most.
const SECRETS_MAX: usize = 10;
/// How many days a secret is good for, unless its maker says.
const SECRET_DAYS: i32 = 365;
/// How much of a secret's text is shown later on, so that people can tell secrets apart.
const HINT_CHARACTERS: usize = 8;

/// A service principal as the store keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredPrincipal {
    id: String,
    app_id: String,
    display_name: Text,
    created: Timestamp,
    created_by: Text,
    /// Tokens that were given before are good no more.
    #[serde(default)]
    tokens_valid_from: Option<Timestamp>,
    #[serde(default)]
    secrets: Vec<Secret>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Secret {
    key_id: String,
    #[serde(default)]
    display_name: Option<Text>,
    hint: String,
    /// HMAC of the text under the key's id.
    verifier: String,
    created: Timestamp,
    expires: Timestamp,
}

impl StoredPrincipal {
    /// The object id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether a token of that time is good still.
    pub(crate) fn takes_tokens_of(&self, issued: Timestamp) -> bool {
        self.tokens_valid_from.is_none_or(|from| issued >= from)
    }

    /// `{id, appId, displayName, createdDateTime, passwordCredentials}`, as Microsoft Graph names them.
    fn document(&self) -> Object {
        let mut document = Object::new();
        document.insert("id", &self.id);
        document.insert("appId", &self.app_id);
        document.insert("displayName", &self.display_name);
        document.insert("servicePrincipalType", "Application");
        document.insert("createdDateTime", time_text(self.created));
        document.insert("createdBy", &self.created_by);
        let secrets = self.secrets.iter().map(|secret| Value::from(secret.document()));
        document.insert("passwordCredentials", Value::array(secrets));
        document
    }

    /// Its address.
    fn path(&self) -> String {
        format!("/api/servicePrincipals/{}", self.id)
    }

    fn find(tx: &dyn Read, id: &str) -> Result<Option<Self>> {
        let text = match tx.service_principal(id)? {
            Some(text) => Some(text),
            None => tx.service_principal_of_app(id)?,
        };
        decode_some("service principal", text)
    }

    fn existing(tx: &dyn Read, id: &str) -> Result<Self> {
        Self::find(tx, id)?.ok_or_else(|| Error::not_found("Service principal", id))
    }
}

impl Secret {
    fn document(&self) -> Object {
        let mut document = Object::new();
        document.insert("keyId", &self.key_id);
        document.insert("displayName", Value::from(self.display_name.clone()));
        document.insert("hint", &self.hint);
        document.insert("startDateTime", time_text(self.created));
        document.insert("endDateTime", time_text(self.expires));
        document
    }
}

/// What a body asks of a new secret.
struct Wanted {
    display_name: Option<Text>,
    expires: Timestamp,
}

impl Wanted {
    fn read(fields: &Fields<'_>, now: Timestamp, told: &mut Vec<Diagnostic>) -> Self {
        let default = now.checked_add((i64::from(SECRET_DAYS) * 24).hours()).unwrap_or(Timestamp::MAX);
        let expires = fields.time("endDateTime", told).unwrap_or(default);
        if expires <= now {
            told.push(
                Diagnostic::error("BadRequest", "`endDateTime` is over").at(fields.path_of("endDateTime")),
            );
        }
        Self { display_name: fields.text("secretDisplayName", told), expires }
    }

    /// The secret, and its text.
    fn make(self, now: Timestamp) -> (Secret, String) {
        let (text, key_id) = (new_secret("ris_"), new_guid());
        let secret = Secret {
            verifier: sign(key_id.as_bytes(), &text),
            key_id,
            display_name: self.display_name,
            hint: text.chars().take(HINT_CHARACTERS).collect(),
            created: now,
            expires: self.expires,
        };
        (secret, text)
    }
}

fn audited(path: &str) -> Audited<'_> {
    Audited {
        id: path,
        kind: "Microsoft.Authorization/servicePrincipals",
        resource_type: "Service principal",
        workspace: None,
    }
}

fn checked<T>(read: Option<T>, told: Vec<Diagnostic>) -> Result<T> {
    match read {
        Some(read) if !has_errors(&told) => Ok(read),
        _ => Err(Error::invalid(told)),
    }
}

/// The answer that shows a secret's text, once.
fn with_text(mut document: Object, key: &str, text: String) -> Value {
    document.insert("secretKeyId", key);
    document.insert("secretText", text);
    Value::from(document)
}

impl Engine {
    /// Registers a program: `{displayName, appId?, endDateTime?, secretDisplayName?}`. The answer holds its secret, which
    /// is not shown again.
    pub async fn create_service_principal(&self, body: &Value, caller: &Caller) -> Result<Value> {
        let now = self.shared.clock.now();
        let mut told = Vec::new();
        let read = Fields::of(body, "$", &mut told).and_then(|fields| {
            let app = fields.text("appId", &mut told).unwrap_or_else(|| Text::from(new_guid()));
            if uuid::Uuid::try_parse(&app).is_err() {
                let message = format!("`appId` '{app}' is not a GUID");
                told.push(Diagnostic::error("BadRequest", message).at("$.appId"));
            }
            let wanted = Wanted::read(&fields, now, &mut told);
            Some((fields.required_text("displayName", &mut told)?, app, wanted))
        });
        let (display_name, app, wanted) = checked(read, told)?;
        let (created_by, caller) = (caller.actor.name.clone(), caller.clone());
        self.shared
            .transact(move |t| {
                let app_id = app.to_lowercase();
                if t.tx.service_principal_of_app(&app_id)?.is_some() {
                    let message = format!("another service principal has the application id '{app_id}'");
                    return Err(Error::new(ErrorKind::Conflict, "Conflict", message));
                }
                let (secret, text) = wanted.make(t.now);
                let key = secret.key_id.clone();
                let principal = StoredPrincipal {
                    id: new_guid(),
                    app_id,
                    display_name,
                    created: t.now,
                    created_by,
                    tokens_valid_from: None,
                    secrets: vec![secret],
                };
                t.keep_principal(None, &principal, &caller)?;
                Ok(with_text(principal.document(), &key, text))
            })
            .await
    }

    /// The service principals, without their secrets.
    pub async fn service_principals(&self) -> Result<Vec<Value>> {
        let texts = self.shared.store.read(|tx| tx.service_principals()).await?;
        texts
            .iter()
            .map(|text| Ok(Value::from(decode::<StoredPrincipal>("service principal", text)?.document())))
            .collect()
    }

    /// A service principal by its object id or application id.
    pub async fn service_principal(&self, id: &str) -> Result<Value> {
        let id = id.to_owned();
        let found = self.shared.store.read(move |tx| Ok(StoredPrincipal::existing(tx, &id))).await?;
        Ok(Value::from(found?.document()))
    }

    /// Removes a service principal, which ends its tokens; whether it was there. Role assignments stay, and mean nobody.
    pub async fn delete_service_principal(&self, id: &str, caller: &Caller) -> Result<bool> {
        let (id, caller) = (id.to_owned(), caller.clone());
        self.shared
            .transact(move |t| match StoredPrincipal::find(&*t.tx, &id)? {
                Some(known) => {
                    let before = Value::from(known.document());
                    t.audit(audited(&known.path()), &caller, Some(&before), None)?;
                    Ok(t.tx.delete_service_principal(&known.id)?)
                }
                None => Ok(false),
            })
            .await
    }

    /// Makes another secret: `{endDateTime?, secretDisplayName?}`. The answer holds its text, which is not shown again.
    pub async fn add_secret(&self, id: &str, body: &Value, caller: &Caller) -> Result<Value> {
        let now = self.shared.clock.now();
        let mut told = Vec::new();
        let read = Fields::of(body, "$", &mut told).map(|fields| Wanted::read(&fields, now, &mut told));
        let wanted = checked(read, told)?;
        let (id, caller) = (id.to_owned(), caller.clone());
        self.shared
            .transact(move |t| {
                let before = StoredPrincipal::existing(&*t.tx, &id)?;
                let mut principal = before.clone();
                let now = t.now;
                principal.secrets.retain(|secret| secret.expires > now);
                if principal.secrets.len() >= SECRETS_MAX {
                    let message =
                        format!("the service principal has {SECRETS_MAX} secrets; remove one first");
                    return Err(Error::new(ErrorKind::Conflict, "Conflict", message));
                }
                let (secret, text) = wanted.make(t.now);
                let (document, key) = (secret.document(), secret.key_id.clone());
                principal.secrets.push(secret);
                t.keep_principal(Some(&before), &principal, &caller)?;
                Ok(with_text(document, &key, text))
            })
            .await
    }

    /// Removes a secret; whether it was there. Tokens that were got with it last until their hour is over, unless they
    /// are revoked.
    pub async fn delete_secret(&self, id: &str, key: &str, caller: &Caller) -> Result<bool> {
        let (id, key, caller) = (id.to_owned(), key.to_owned(), caller.clone());
        self.shared
            .transact(move |t| {
                let before = StoredPrincipal::existing(&*t.tx, &id)?;
                let mut principal = before.clone();
                let count = principal.secrets.len();
                principal.secrets.retain(|secret| !same(&secret.key_id, &key));
                let is_removed = principal.secrets.len() < count;
                if is_removed {
                    t.keep_principal(Some(&before), &principal, &caller)?;
                }
                Ok(is_removed)
            })
            .await
    }

    /// Ends all tokens that a service principal has.
    pub async fn revoke_tokens(&self, id: &str, caller: &Caller) -> Result<()> {
        let (id, caller) = (id.to_owned(), caller.clone());
        self.shared
            .transact(move |t| {
                let before = StoredPrincipal::existing(&*t.tx, &id)?;
                let mut principal = before.clone();
                // A token of this very moment is one of those that end.
                principal.tokens_valid_from = t.now.checked_add(1.nanosecond()).ok();
                t.keep_principal(Some(&before), &principal, &caller)
            })
            .await
    }

    /// Whose secret it is. It takes as long for a client id that is unknown as for a secret that is wrong.
    pub(crate) async fn principal_of_secret(
        &self,
        client_id: &str,
        secret: &str,
        now: Timestamp,
    ) -> Result<Option<Principal>> {
        let id = client_id.to_owned();
        let found = self.shared.store.read(move |tx| Ok(StoredPrincipal::find(tx, &id))).await??;
        let Some(principal) = found else {
            let nobody = sign(client_id.as_bytes(), client_id);
            let _ = is_signed(client_id.as_bytes(), secret, &nobody);
            return Ok(None);
        };
        let is_its =
            principal.secrets.iter().filter(|known| known.expires > now).fold(false, |found, known| {
                is_signed(known.key_id.as_bytes(), secret, &known.verifier) | found
            });
        Ok(is_its.then(|| Principal {
            id: principal.id,
            name: principal.display_name.to_string(),
            kind: PrincipalKind::ServicePrincipal,
        }))
    }
}

impl Transaction<'_> {
    fn keep_principal(
        &mut self,
        before: Option<&StoredPrincipal>,
        principal: &StoredPrincipal,
        caller: &Caller,
    ) -> Result<()> {
        let shown = |principal: &StoredPrincipal| {
            let mut document = principal.document();
            // What a revocation changes is not among what is shown.
            document.insert("tokensValidFrom", Value::from(principal.tokens_valid_from.map(time_text)));
            Value::from(document)
        };
        let (before, after) = (before.map(shown), shown(principal));
        self.audit(audited(&principal.path()), caller, before.as_ref(), Some(&after))?;
        Ok(self.tx.put_service_principal(&principal.id, &principal.app_id, &encode(principal)?)?)
    }
}
