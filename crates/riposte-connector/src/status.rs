//! Names of status codes, as an action's `code` shows them.

use riposte_value::Text;

/// The name of a status code in .NET Framework's `HttpStatusCode`; one without a name there is the number as text
/// (`429`, `422`), as measured on the service.
///
/// ```
/// assert_eq!(riposte_connector::status_code_name(404), "NotFound");
/// assert_eq!(riposte_connector::status_code_name(429), "429");
/// ```
pub fn status_code_name(status: u16) -> Text {
    NAMES
        .binary_search_by_key(&status, |(code, _)| *code)
        .ok()
        .and_then(|index| NAMES.get(index))
        .map_or_else(|| Text::from(status.to_string()), |(_, name)| Text::new_static(name))
}

/// Sorted by code. Where the enumeration has two names for a code, the standard's name stands.
const NAMES: &[(u16, &str)] = &[
    (100, "Continue"),
    (101, "SwitchingProtocols"),
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "NonAuthoritativeInformation"),
    (204, "NoContent"),
    (205, "ResetContent"),
    (206, "PartialContent"),
    (300, "MultipleChoices"),
    (301, "MovedPermanently"),
    (302, "Found"),
    (303, "SeeOther"),
    (304, "NotModified"),
    (305, "UseProxy"),
    (306, "Unused"),
    (307, "TemporaryRedirect"),
    (400, "BadRequest"),
    (401, "Unauthorized"),
    (402, "PaymentRequired"),
    (403, "Forbidden"),
    (404, "NotFound"),
    (405, "MethodNotAllowed"),
    (406, "NotAcceptable"),
    (407, "ProxyAuthenticationRequired"),
    (408, "RequestTimeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "LengthRequired"),
    (412, "PreconditionFailed"),
    (413, "RequestEntityTooLarge"),
    (414, "RequestUriTooLong"),
    (415, "UnsupportedMediaType"),
    (416, "RequestedRangeNotSatisfiable"),
    (417, "ExpectationFailed"),
    (426, "UpgradeRequired"),
    (500, "InternalServerError"),
    (501, "NotImplemented"),
    (502, "BadGateway"),
    (503, "ServiceUnavailable"),
    (504, "GatewayTimeout"),
    (505, "HttpVersionNotSupported"),
];

#[cfg(test)]
mod tests {
    use super::{NAMES, status_code_name};

    #[test]
    fn names_are_sorted_and_found() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        for (code, name) in NAMES {
            assert_eq!(status_code_name(*code), *name);
        }
        for unnamed in [102, 207, 308, 418, 422, 425, 428, 429, 431, 451, 506, 511, 599, 0] {
            assert_eq!(status_code_name(unnamed), unnamed.to_string());
        }
    }
}
