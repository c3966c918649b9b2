//! Who there is: people, programs, and the service account; and whether a role assignment names one of them.
//!
//! There is no directory of people: those are known who were given a token that lasts. Azure looks the principal of an
//! assignment up unless the body says what it is (`principalType`), and so does this; a principal that is named so and not
//! known is taken with a warning. Templates give roles to identities that are not kept here, so an import warns as well.

use crate::access::{PreparedAssignment, PrincipalKind};
use crate::document::{decode, decode_some};
use crate::error::{Error, ErrorKind, Result};
use crate::service_principals::StoredPrincipal;
use crate::tokens::StoredToken;
use crate::transaction::Transaction;
use crate::workspaces::TENANT;
use riposte_access::{PrincipalType, SERVICE_ACCOUNT};
use riposte_diagnostic::Diagnostic;

const PRINCIPAL_ID: &str = "$.properties.principalId";

impl Transaction<'_> {
    /// What a principal is; none if nobody has this object id.
    fn kind_of_principal(&self, id: &str) -> Result<Option<PrincipalType>> {
        if id.eq_ignore_ascii_case(SERVICE_ACCOUNT) || self.tx.service_principal(id)?.is_some() {
            return Ok(Some(PrincipalType::ServicePrincipal));
        }
        for text in self.tx.lasting_tokens()? {
            let token: StoredToken = decode("token", &text)?;
            if token.principal_id().eq_ignore_ascii_case(id) {
                return Ok(Some(match token.principal_kind() {
                    PrincipalKind::User => PrincipalType::User,
                    PrincipalKind::ServicePrincipal => PrincipalType::ServicePrincipal,
                }));
            }
        }
        Ok(None)
    }

    /// Refuses an assignment to a principal that is not there, as Azure does: unless the body says what the principal is.
    pub(crate) fn check_principal(&self, prepared: &PreparedAssignment) -> Result<Vec<Diagnostic>> {
        match self.unknown_principal(prepared)? {
            None => Ok(Vec::new()),
            Some(told) if prepared.principal_type().is_some() => Ok(vec![told]),
            Some(told) => {
                let (message, help) = (told.message.clone(), told.help.clone());
                let fault = Diagnostic::error("PrincipalNotFound", message.clone()).at(PRINCIPAL_ID);
                let fault = help.into_iter().fold(fault, Diagnostic::help);
                let error = Error::new(ErrorKind::BadRequest, "PrincipalNotFound", message);
                Err(Error { diagnostics: vec![fault], ..error })
            }
        }
    }

    /// That the principal of an assignment is not known, as a warning.
    ///
    /// # Errors
    /// If it is known as something else than the body says; Azure's code.
    pub(crate) fn unknown_principal(&self, prepared: &PreparedAssignment) -> Result<Option<Diagnostic>> {
        let (id, given) = (prepared.principal_id(), prepared.principal_type());
        if let Some(kind) = self.kind_of_principal(id)? {
            let is = match kind {
                PrincipalType::User => "User",
                PrincipalType::Group => "Group",
                PrincipalType::ServicePrincipal => "ServicePrincipal",
            };
            return match given {
                Some(given) if !given.eq_ignore_ascii_case(is) => {
                    let message = format!(
                        "The PrincipalId '{id}' has type '{is}', which is different from specified PrincipalType '{given}'."
                    );
                    Err(Error::new(ErrorKind::BadRequest, "UnmatchedPrincipalType", message))
                }
                _ => Ok(None),
            };
        }
        let message = format!("Principal {id} does not exist in the directory {TENANT}.");
        let told = Diagnostic::warning("PrincipalNotFound", message).at(PRINCIPAL_ID);
        let of_app = self.tx.service_principal_of_app(id)?;
        let app: Option<StoredPrincipal> = decode_some("service principal", of_app)?;
        Ok(Some(match app {
            Some(app) => told.help(format!(
                "this is an application id; `principalId` is the object id `{}` of that service principal",
                app.id()
            )),
            None => told.help("`riposte service-principal list` names the ids of those that there are"),
        }))
    }
}
