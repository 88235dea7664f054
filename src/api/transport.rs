//! A request that brought no answer, to what it means.

use std::error::Error;
use std::io;
use std::time::Duration;

use super::error::{Fault, Stage};

/// What went wrong beneath HTTP.
///
/// The error's own text is not used: it holds the address and whatever the
/// layers below put there. Only what a layer's type says is.
pub(super) fn fault(error: &reqwest::Error, stage: Stage, limit: Duration, received: u64) -> Fault {
    // A name that isn't one never gets as far as the resolver.
    if error.is_dns() || find::<rustls::pki_types::InvalidDnsNameError>(error).is_some() {
        return Fault::Dns;
    }
    if error.is_timeout() {
        let stage = if error.is_connect() { Stage::Connecting } else { stage };
        return Fault::Timeout { stage, limit };
    }
    if error.is_builder() {
        return Fault::Unusable { detail: "the address or a header can't be sent".to_owned() };
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return Fault::Tls { detail: tls_detail(tls) };
    }
    let io = find::<io::Error>(error).map(io::Error::kind);
    if error.is_connect() {
        return Fault::Connect { detail: io_detail(io).to_owned() };
    }
    // What is left in a body is gzip that isn't, or a connection that broke;
    // the first is the second's consequence often enough.
    let decoding = matches!(io, Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData));
    if error.is_decode() && decoding && find::<hyper::Error>(error).is_none() {
        return Fault::Unreadable { detail: "its compression is broken".to_owned() };
    }
    Fault::Broken { received }
}

/// The first cause of a type, also inside the errors that `io::Error` wraps
/// (whose `source` skips what they hold).
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next: Option<&'a (dyn Error + 'static)> = Some(error);
    // A chain of causes is short; the bound is against one that is a ring.
    for _ in 0..32 {
        let this = next?;
        if let Some(found) = this.downcast_ref::<T>() {
            return Some(found);
        }
        let held = this.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match held {
            Some(held) => Some(held as &(dyn Error + 'static)),
            None => this.source(),
        };
    }
    None
}

fn io_detail(kind: Option<io::ErrorKind>) -> &'static str {
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => "nothing listens there (connection refused)",
        Some(io::ErrorKind::ConnectionReset) => "the other side hung up (connection reset)",
        Some(io::ErrorKind::NetworkUnreachable) => "the network is unreachable",
        Some(io::ErrorKind::HostUnreachable) => "the host is unreachable",
        Some(io::ErrorKind::UnexpectedEof) => "the other side hung up",
        Some(io::ErrorKind::PermissionDenied) => "this computer doesn't allow it",
        Some(io::ErrorKind::AddrNotAvailable) => "this computer has no fitting network address",
        _ => "it could not be opened",
    }
}

fn tls_detail(error: &rustls::Error) -> String {
    use rustls::CertificateError as C;
    match error {
        rustls::Error::InvalidCertificate(why) => match why {
            C::Expired | C::ExpiredContext { .. } => "its certificate has expired",
            C::NotValidYet | C::NotValidYetContext { .. } => "its certificate is not valid yet",
            C::UnknownIssuer => "its certificate is from an issuer this computer doesn't know",
            C::NotValidForName | C::NotValidForNameContext { .. } => {
                "its certificate is for another name"
            }
            C::Revoked => "its certificate was revoked",
            _ => "its certificate is not valid",
        }
        .to_owned(),
        rustls::Error::InvalidMessage(_) => "what answers there doesn't speak TLS".to_owned(),
        rustls::Error::AlertReceived(alert) => format!("it refused the handshake ({alert:?})"),
        rustls::Error::PeerIncompatible(_) => "it speaks no TLS version we do".to_owned(),
        _ => "the handshake failed".to_owned(),
    }
}
