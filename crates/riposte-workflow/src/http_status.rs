//! Names of HTTP status codes, as the service gives them: those of .NET Framework. Measured: a status without a name
//! there (422, 429) is its number.

use riposte_value::Text;

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

/// The name of a status: `NotFound`, `429`.
pub fn name(status_code: u16) -> Text {
    NAMES
        .binary_search_by_key(&status_code, |(code, _)| *code)
        .ok()
        .and_then(|index| NAMES.get(index))
        .map_or_else(|| Text::from(status_code.to_string()), |(_, name)| Text::new_static(name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn names() {
        for (code, name) in
            [(200, "OK"), (404, "NotFound"), (422, "422"), (429, "429"), (503, "ServiceUnavailable")]
        {
            assert_eq!(super::name(code), name);
        }
        assert!(super::NAMES.is_sorted());
    }
}
