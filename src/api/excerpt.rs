//! The service's own words, made fit for a sentence of ours.

use serde_json::Value;

use super::Secret;

/// The longest excerpt, in characters.
const MAX: usize = 200;

/// A text from outside as one short printable line without the key; `None`
/// when nothing is left of it.
pub(super) fn excerpt(text: &str, secret: Option<&Secret>) -> Option<String> {
    // Scrubbed first: what comes after may cut the key in two.
    let text = match secret {
        Some(secret) => secret.scrub(text),
        None => text.to_owned(),
    };
    let mut out = String::new();
    // A bound before the sanitiser: nobody reads the 64 KiB that may be there.
    for word in text.split_whitespace().take(MAX) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().take(MAX));
        if out.len() > 4 * MAX {
            break;
        }
    }
    let plain = crate::text::plain(&out);
    let mut short: String = plain.chars().take(MAX).collect();
    if short.len() < plain.len() {
        short.push('…');
    }
    let short = short.trim_end_matches(['.', ' ']).to_owned();
    if short.is_empty() { None } else { Some(short) }
}

/// What an error body says: `error`, `message`, `detail` or `error_description`
/// of a JSON object (a nested `error` object has its own), with its `code`
/// unless that only repeats the status; else the title of a web page, without
/// the host and the status that a proxy puts before its words; else nothing.
pub(super) fn words_of(body: &[u8], status: u16, secret: Option<&Secret>) -> Option<String> {
    if is_html(body) {
        let title = title_of(body, secret)?;
        // The sentence that it stands in has the host and the status already.
        let words = title.split_once(&format!(" | {status}: ")).map(|(_, words)| words.to_owned());
        return Some(words.unwrap_or(title));
    }
    let value: Value = super::lossy::parse(body).ok()?;
    let object = value.as_object()?;
    let inner = object.get("error").and_then(Value::as_object).unwrap_or(object);
    let text = ["error", "message", "detail", "error_description"]
        .iter()
        .find_map(|name| inner.get(*name).and_then(Value::as_str).filter(|s| !s.trim().is_empty()));
    let code = object.get("code").or_else(|| inner.get("code")).and_then(|code| match code {
        Value::String(code) => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    });
    let code = code.filter(|code| *code != status.to_string() && text != Some(code));
    match (text, code) {
        (Some(text), Some(code)) => excerpt(&format!("{text} [{code}]"), secret),
        (Some(text), None) => excerpt(text, secret),
        (None, Some(code)) => excerpt(&code, secret),
        (None, None) => None,
    }
}

/// Whether a body is a web page, whatever its content type says.
pub(super) fn is_html(body: &[u8]) -> bool {
    let head = body.get(..1024).unwrap_or(body);
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    head.first() == Some(&b'<')
}

/// The title of a web page.
pub(super) fn title_of(body: &[u8], secret: Option<&Secret>) -> Option<String> {
    let head = body.get(..16 * 1024).unwrap_or(body);
    let text = String::from_utf8_lossy(head);
    let lower = text.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower.get(open..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    let title = text.get(start..end)?;
    let title = title.replace("&amp;", "&").replace("&#39;", "'").replace("&quot;", "\"");
    excerpt(&title, secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_bodies_of_every_known_shape_are_read() {
        for (body, words) in [
            (r#"{"error":"Invalid API key","code":"401"}"#, Some("Invalid API key")),
            (
                r#"{"error":"Over limit.","code":"SPEND_LIMIT_REACHED"}"#,
                Some("Over limit. [SPEND_LIMIT_REACHED]"),
            ),
            (r#"{"message":"Unauthorized"}"#, Some("Unauthorized")),
            (r#"{"error":{"message":"nested","code":"PCC-1004"}}"#, Some("nested [PCC-1004]")),
            (r#"{"error":null,"message":"m"}"#, Some("m")),
            (r#"{"code":"PCC-1"}"#, Some("PCC-1")),
            (r#"{"error":" "}"#, None),
            (r#"["x"]"#, None),
            ("upstream connect error", None),
            ("", None),
            (
                "<!DOCTYPE html><html><head><TITLE>a.b | 502: Bad gateway</TITLE>",
                Some("a.b | 502: Bad gateway"),
            ),
            ("  <html><body>no title", None),
            ("<title>unclosed", None),
        ] {
            assert_eq!(words_of(body.as_bytes(), 401, None).as_deref(), words, "{body}");
        }
    }

    #[test]
    fn a_title_does_not_say_again_who_was_asked_and_the_status() {
        let page = b"<!DOCTYPE html><title>a.b | 522: Connection timed out</title>";
        assert_eq!(words_of(page, 522, None).as_deref(), Some("Connection timed out"));
        let whole = Some("a.b | 522: Connection timed out");
        assert_eq!(words_of(page, 502, None).as_deref(), whole);
    }

    #[test]
    fn excerpts_are_bounded_printable_and_without_the_key() {
        let secret = Secret::new("sk_topsecret");
        let text = format!("\u{1b}]0;x\u{7} \u{202e} key sk_topsecret {}", "long ".repeat(10_000));
        let said = excerpt(&text, Some(&secret)).unwrap();
        assert!(said.chars().count() <= MAX + 1, "{said}");
        assert!(!said.contains("topsecret") && !said.contains('\u{202e}'), "{said}");
        assert!(said.chars().all(|c| !c.is_control()), "{said:?}");
    }
}
