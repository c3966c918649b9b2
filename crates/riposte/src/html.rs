//! Comments are HTML; a terminal shows their text.

/// The text of some HTML: tags left out, blocks and rows on lines of their own, cells apart.
pub fn text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let Some((tag, after)) = after.split_once('>') else {
            text.push('<');
            rest = after;
            continue;
        };
        text.push_str(mark(tag));
        rest = after;
    }
    text.push_str(rest);
    let lines = decoded(&text);
    let lines = lines.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// What stands for a tag.
fn mark(tag: &str) -> &'static str {
    let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
    let closes = tag.starts_with('/');
    match name.to_ascii_lowercase().as_str() {
        "br" | "hr" | "p" | "div" | "tr" | "table" | "ul" | "ol" | "h1" | "h2" | "h3" | "h4" | "h5"
        | "h6" => "\n",
        "li" if !closes => "\n- ",
        "td" | "th" if closes => "  ",
        _ => "",
    }
}

fn decoded(text: &str) -> String {
    const ENTITIES: [(&str, &str); 6] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_reads_as_text() {
        for (html, wanted) in [
            ("plain", "plain"),
            ("<p><strong>IP</strong>: 2</p><table><tr><td>a</td><td>b</td></tr></table>", "IP: 2\na  b"),
            ("<ul><li>x</li><li>y &amp; z</li></ul>", "- x\n- y & z"),
            ("1 < 2", "1 < 2"),
            ("a<br/>b&nbsp;c", "a\nb c"),
            ("", ""),
        ] {
            assert_eq!(text(html), wanted, "{html}");
        }
    }
}
