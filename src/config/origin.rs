//! Where the API is: scheme, host and port, and whether a key may go there.

use std::fmt;
use std::net::IpAddr;

/// The origin that the client talks to, checked: keys may be sent to it.
///
/// Either https, or http to this machine, or http to a host that the
/// configuration names in `insecure_http_hosts`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    https: bool,
    host: String,
    port: Option<u16>,
}

/// Why a text is no usable API address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOrigin {
    /// Not an address at all.
    #[error("{0} is not an address. Write it like https://api.pipecat.daily.co")]
    NotAnAddress(String),
    /// A scheme other than http and https.
    #[error("{0} has the scheme {1}; only https (and http to this machine) is spoken")]
    Scheme(String, String),
    /// A user name or password in the address.
    #[error(
        "the address contains a user name or password. \
         Keys go into PIPECAT_API_KEY or the configuration, never into the address"
    )]
    UserInfo,
    /// A key, mistaken for an address or put into one.
    #[error(
        "the address holds a key. \
         Keys go into PIPECAT_API_KEY or the configuration, never into the address"
    )]
    Key,
    /// A path, query or fragment, which is not repeated.
    #[error("{0}/… has a path. Give the host only; /v1/… is added to it")]
    Path(String),
    /// http to a host that isn't this machine and isn't named.
    #[error(
        "{0} is not https, so a key would cross the network in the clear. Use https, \
         or name that host in insecure_http_hosts in the configuration file"
    )]
    Insecure(String),
}

impl Origin {
    /// The address of Pipecat Cloud.
    pub const DEFAULT: &'static str = "https://api.pipecat.daily.co";

    /// Checks an address. A host without a scheme means https.
    ///
    /// # Errors
    /// When it is more or less than an origin, or no key may go there.
    pub fn parse(text: &str, insecure_http_hosts: &[String]) -> Result<Self, BadOrigin> {
        let trimmed = text.trim();
        let shown = shown(trimmed);
        let not_an_address = || BadOrigin::NotAnAddress(shown.clone());
        let (scheme, rest) = match trimmed.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("https".to_owned(), trimmed),
        };
        if rest.contains('@') {
            return Err(BadOrigin::UserInfo);
        }
        // A name is looked up in the clear, so a key must not be taken for one.
        if holds_key(trimmed) {
            return Err(BadOrigin::Key);
        }
        let https = match scheme.as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(BadOrigin::Scheme(shown, scheme)),
        };
        // The URL parser that the requests go through has the last word on
        // what the host is: two parsers that disagree are how keys get lost.
        let url =
            reqwest::Url::parse(&format!("{scheme}://{rest}")).map_err(|_| not_an_address())?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadOrigin::UserInfo);
        }
        let host = url.host_str().filter(|h| !h.is_empty()).ok_or_else(not_an_address)?.to_owned();
        let origin = Self { https, host, port: url.port() };
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(BadOrigin::Path(origin.to_string()));
        }
        let named = insecure_http_hosts.iter().any(|name| {
            let name = name.trim().to_ascii_lowercase();
            name == origin.host || name == origin.authority()
        });
        if !https && !origin.is_loopback() && !named {
            return Err(BadOrigin::Insecure(origin.to_string()));
        }
        Ok(origin)
    }

    /// Whether it is https.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is this machine: 127.0.0.0/8, ::1 or `localhost`.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Host and, where it isn't the scheme's own, port.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }
}

/// Whether a word of a text begins as the service's keys and tokens do.
fn holds_key(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .any(|word| ["sk_", "pk_", "pcc_pat_"].iter().any(|sign| word.starts_with(sign)))
}

/// An address as it may stand in a message: bounded, without controls.
fn shown(text: &str) -> String {
    let mut out: String =
        text.chars().take(100).map(|c| if c.is_control() { '·' } else { c }).collect();
    if out.is_empty() {
        out.push_str("an empty text");
    }
    out
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Origin, BadOrigin> {
        Origin::parse(text, &["build.lan".to_owned(), "10.0.0.7:8080".to_owned()])
    }

    #[test]
    fn https_is_taken_and_normalised() {
        for (text, origin) in [
            ("https://api.pipecat.daily.co", "https://api.pipecat.daily.co"),
            ("https://API.pipecat.daily.co/", "https://api.pipecat.daily.co"),
            ("api.example.com", "https://api.example.com"),
            ("https://api.example.com:443", "https://api.example.com"),
            ("https://api.example.com:8443", "https://api.example.com:8443"),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), origin, "{text}");
        }
    }

    #[test]
    fn http_goes_only_to_this_machine_and_to_named_hosts() {
        for text in [
            "http://127.0.0.1:4000",
            "http://127.1.2.3",
            "http://localhost:1",
            "http://[::1]:4000",
            "http://build.lan:99",
            "http://10.0.0.7:8080",
            // The URL rules read these as 127.0.0.1.
            "http://127.1",
            "http://0x7f000001",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
        for text in [
            "http://api.pipecat.daily.co",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.7:8081",
            "http://[::2]",
            "http://0.0.0.0",
        ] {
            assert!(matches!(parse(text), Err(BadOrigin::Insecure(..))), "{text}");
        }
        let said = parse("http://other.lan:5").unwrap_err().to_string();
        assert!(said.contains("insecure_http_hosts"), "{said}");
        assert_eq!(said.matches("other.lan").count(), 1, "{said}");
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        assert!(matches!(parse(""), Err(BadOrigin::NotAnAddress(_))));
        assert!(matches!(parse("https://"), Err(BadOrigin::NotAnAddress(_))));
        assert!(matches!(parse("https://a b"), Err(BadOrigin::NotAnAddress(_))));
        assert!(matches!(parse("ftp://a.b"), Err(BadOrigin::Scheme(..))));
        assert!(matches!(parse("https://a.b/v1"), Err(BadOrigin::Path(_))));
        assert!(matches!(parse("https://a.b?x=1"), Err(BadOrigin::Path(_))));
    }

    #[test]
    fn a_key_in_the_address_is_refused_and_not_repeated() {
        for text in [
            "sk_secret",
            "https://SK_secret",
            "https://pcc_pat_secret:1",
            "https://a.b/sk_secret",
            "https://a.b?key=sk_secret",
            "https://a.b#sk_secret",
            "ftp://sk_secret x",
        ] {
            assert_eq!(parse(text), Err(BadOrigin::Key), "{text}");
        }
        assert!(parse("https://desk_1.a.b").is_ok());
        let said = parse("https://a.b:1/v1?token=secret").unwrap_err().to_string();
        assert!(said.starts_with("https://a.b:1/… has a path"), "{said}");
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        for text in ["https://me:sk_secret@a.b", "https://sk_secret@a.b", "sk_secret@a.b"] {
            let said = parse(text).unwrap_err();
            assert_eq!(said, BadOrigin::UserInfo);
            assert!(!said.to_string().contains("sk_secret"));
        }
    }
}
