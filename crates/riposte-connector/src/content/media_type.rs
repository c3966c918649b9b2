//! The `Content-Type` header, read leniently.

/// A media type with its parameters. What cannot be read is a type that nothing knows.
pub(super) struct MediaType {
    /// `type/subtype` in lower case.
    essence: String,
    /// Names in lower case; values without quotes.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    pub(super) fn read(text: &str) -> Self {
        let mut parts = split_outside_quotes(text).into_iter();
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let parameters = parts
            .filter_map(|part| {
                let (name, value) = part.split_once('=')?;
                Some((name.trim().to_ascii_lowercase(), unquote(value.trim())))
            })
            .collect();
        Self { essence, parameters }
    }

    /// `application/json`, `text/json` and every type with the suffix `+json`.
    pub(super) fn is_json(&self) -> bool {
        self.essence == "application/json" || self.essence == "text/json" || self.essence.ends_with("+json")
    }

    pub(super) fn is_text(&self) -> bool {
        self.essence.starts_with("text/")
    }

    pub(super) fn is_form(&self) -> bool {
        self.essence == "application/x-www-form-urlencoded"
    }

    pub(super) fn is_multipart(&self) -> bool {
        self.essence.starts_with("multipart/")
    }

    /// The boundary of a multipart type.
    pub(super) fn boundary(&self) -> Option<&str> {
        self.parameter("boundary").filter(|boundary| self.is_multipart() && !boundary.is_empty())
    }

    pub(super) fn charset(&self) -> Option<&str> {
        self.parameter("charset")
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }
}

fn split_outside_quotes(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut escaped = false;
    for c in text.chars() {
        if c == ';' && !quoted {
            parts.push(String::new());
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && quoted && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}
