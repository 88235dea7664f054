//! An answer that isn't a success, to what it means.

use std::time::SystemTime;

use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};

use super::Secret;
use super::error::Fault;
use super::excerpt::{excerpt, is_html, words_of};
use super::retry_after;

/// What an answer with this status, headers and (beginning of a) body means.
/// The status decides: the `code` in the body has no rules that are written
/// down anywhere.
pub(super) fn fault(
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    secret: Option<&Secret>,
    now: SystemTime,
) -> Fault {
    let detail = words_of(body, status, secret);
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let after = || retry_after::wait(header(RETRY_AFTER), header(DATE), now);
    match status {
        401 => Fault::Unauthorized { detail },
        403 if is_html(body) => Fault::Blocked { title: detail },
        403 => Fault::Forbidden { detail },
        404 | 410 => Fault::NotFound { status, detail },
        429 => Fault::RateLimited { after: after(), detail },
        408 | 425 | 500.. => Fault::Server { status, after: after(), detail },
        300..=399 => {
            Fault::Redirect { status, to: header(LOCATION).and_then(|to| host_of(to, secret)) }
        }
        _ => Fault::Rejected { status, detail },
    }
}

/// The host of a redirect's target. The rest of it may hold anything, such as
/// a query that echoes the request.
fn host_of(location: &str, secret: Option<&Secret>) -> Option<String> {
    let url = reqwest::Url::parse(location).ok()?;
    excerpt(url.host_str()?, secret)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::HeaderValue;

    use super::*;

    fn of(status: u16, headers: &[(&'static str, &str)], body: &str) -> Fault {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        let secret = Secret::new("sk_topsecret");
        fault(status, &headers, body.as_bytes(), Some(&secret), SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn the_status_decides() {
        let words = Some("x".to_owned());
        let json = r#"{"error":"x","code":"PCC"}"#.replace(r#","code":"PCC""#, "");
        for (status, fault) in [
            (401, Fault::Unauthorized { detail: words.clone() }),
            (403, Fault::Forbidden { detail: words.clone() }),
            (404, Fault::NotFound { status: 404, detail: words.clone() }),
            (410, Fault::NotFound { status: 410, detail: words.clone() }),
            (400, Fault::Rejected { status: 400, detail: words.clone() }),
            (422, Fault::Rejected { status: 422, detail: words.clone() }),
            (429, Fault::RateLimited { after: None, detail: words.clone() }),
            (408, Fault::Server { status: 408, after: None, detail: words.clone() }),
            (500, Fault::Server { status: 500, after: None, detail: words.clone() }),
            (530, Fault::Server { status: 530, after: None, detail: words }),
            (302, Fault::Redirect { status: 302, to: None }),
        ] {
            assert_eq!(of(status, &[], &json), fault);
        }
    }

    #[test]
    fn a_page_that_blocks_is_no_refusal_of_the_key() {
        let page = "<!DOCTYPE html><title>Just a moment...</title>";
        assert_eq!(of(403, &[], page), Fault::Blocked { title: Some("Just a moment".into()) });
        let page = "<html><head><title>api.pipecat.daily.co | 522: Connection timed out</title>";
        let Fault::Server { status: 522, detail: Some(title), .. } = of(522, &[], page) else {
            panic!("a server fault")
        };
        assert!(title.contains("Connection timed out"));
    }

    #[test]
    fn waits_are_read_from_429_and_503() {
        let seven = Some(Duration::from_secs(7));
        let limited = of(429, &[("retry-after", "7")], "");
        assert_eq!(limited, Fault::RateLimited { after: seven, detail: None });
        let busy = of(503, &[("retry-after", "7")], "");
        assert_eq!(busy, Fault::Server { status: 503, after: seven, detail: None });
    }

    #[test]
    fn a_redirect_names_the_host_and_nothing_else() {
        let to = "https://login.example.com/portal?from=sk_topsecret";
        let fault = of(302, &[("location", to)], "");
        assert_eq!(fault, Fault::Redirect { status: 302, to: Some("login.example.com".into()) });
        assert_eq!(of(301, &[("location", "/v2")], ""), Fault::Redirect { status: 301, to: None });
        let Fault::Redirect { to: Some(host), .. } =
            of(301, &[("location", "https://sk_topsecret.example.com/")], "")
        else {
            panic!("a redirect")
        };
        assert!(!host.contains("topsecret"));
    }

    #[test]
    fn the_key_is_not_echoed() {
        let said = format!("{:?}", of(401, &[], r#"{"error":"bad key sk_topsecret"}"#));
        assert!(!said.contains("topsecret"), "{said}");
    }
}
