//! Downloads: by which proxy, from which store, to which file.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::nearby::url_in;
use super::paths::host_of;

/// The proxy that refused, and the host behind it.
pub(super) fn proxy(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = scene.shell().unwrap_or_default();
    let mut near: Vec<String> = vec![draft.text.clone()];
    near.extend(scene.before(draft.line, 12).into_iter().map(|(_, text)| text));
    near.extend(scene.after(draft.line, 6).into_iter().map(|(_, text)| text));
    let named = of_command(&shell).or_else(|| near.iter().find_map(|text| of_words(text)));
    // The Dockerfile's excerpt may show the ENV that sets it.
    let named = named.or_else(|| {
        let lines = scene.build?.excerpts.iter().flat_map(|excerpt| &excerpt.lines);
        lines.into_iter().find_map(|line| of_command(&line.text))
    });
    let named = named.or_else(|| of_steps(scene));
    if let Some(proxy) = &named {
        draft.captures.set("proxy", proxy.clone());
        draft.set_subject(proxy.clone());
    }
    let mut texts = near.clone();
    texts.insert(1, shell);
    let host = texts.iter().find_map(|text| {
        let quoted = text
            .split_once("host='")
            .or_else(|| text.split_once("host=\""))
            .and_then(|(_, tail)| tail.split(['\'', '"']).next())
            .map(str::to_owned);
        quoted.or_else(|| url_in(text).map(host_of)).filter(|host| named.as_ref() != Some(host))
    });
    let host = host.or_else(|| {
        let simple = draft.text.contains("/simple/");
        simple.then(|| "the package index".to_owned())
    });
    if let Some(host) = host {
        draft.captures.set("host", host.clone());
        if named.is_none() {
            draft.set_subject(host);
        }
    }
    if let Some(status) = draft.captures.get("status").map(str::to_owned) {
        draft.captures.set("status", format!(" ({})", status.trim()));
    }
    true
}

/// `--proxy URL`, `-x URL`, `HTTPS_PROXY=URL`, `https_proxy == 'URL'`.
fn of_command(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    for mark in ["https_proxy", "http_proxy", "all_proxy", "--proxy", "-x http", "config set proxy"]
    {
        let Some(at) = lower.find(mark) else { continue };
        let tail = text.get(at..)?;
        let url = url_in(tail)?;
        return Some(bare(url));
    }
    None
}

/// What tools print of the proxy that they use.
fn of_words(text: &str) -> Option<String> {
    if let Some(found) = of_command(text) {
        return Some(found);
    }
    let tail = text
        .strip_prefix("Connecting to ")
        .or_else(|| text.strip_prefix("Resolving "))
        .or_else(|| text.split_once("Unable to connect to proxy ").map(|(_, tail)| tail))?;
    let host = tail.split([' ', '|', '(']).next()?;
    let port = tail.rsplit_once("|:").and_then(|(_, port)| port.split('.').next());
    // wget says so of the proxy, and not of what is behind it, when it tunnels.
    match port.filter(|port| port.bytes().all(|b| b.is_ascii_digit())) {
        Some(port) => Some(format!("{host}:{port}")),
        None => Some(host.to_owned()),
    }
}

/// A step before that sets it: `ENV HTTPS_PROXY=…` stands in its label.
fn of_steps(scene: &Scene<'_>) -> Option<String> {
    let build = scene.the_step()?.build();
    scene
        .tree
        .steps()
        .iter()
        .filter(|step| step.build() == build)
        .find_map(|step| of_command(&step.instruction().unwrap_or_default()))
}

/// Host and port of a proxy's address, without credentials.
fn bare(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or(rest);
    rest.rsplit('@').next().unwrap_or(rest).to_owned()
}

/// The file that curl was told to write.
pub(super) fn curl_write(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = scene.shell().unwrap_or_default();
    // Who reads curl's output has gone: that is where the failure is.
    if shell.contains('|') {
        return false;
    }
    let mut words = shell.split_whitespace();
    while let Some(word) = words.next() {
        let to = match word {
            "--output" | ">" => words.next(),
            _ if word.starts_with('-') && !word.starts_with("--") && word.ends_with('o') => {
                words.next()
            }
            _ => None,
        };
        if let Some(to) = to {
            draft.set_subject(to.trim_matches(['"', '\'', ';']));
            return true;
        }
    }
    true
}

/// The object that a command copies from S3.
pub(super) fn s3_address(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let shell = scene.shell().unwrap_or_default();
    let address = shell.split_whitespace().find(|word| word.trim_matches('"').starts_with("s3://"));
    if let Some(address) = address {
        draft.set_subject(address.trim_matches(['"', '\'', ';']));
    }
    true
}

/// nltk breaks its sentence at 70 columns, and names its own server nowhere.
pub(super) fn nltk(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(why) = draft.captures.get("why").map(str::to_owned) else { return true };
    let more = scene.after(draft.line, 3).into_iter().map_while(|(_, text)| {
        let tail = text.trim_start().strip_prefix("[nltk_data]")?;
        tail.starts_with("     ").then(|| tail.trim().to_owned())
    });
    let why = std::iter::once(why).chain(more).collect::<Vec<_>>().join(" ");
    let bare = why.trim_start_matches("<urlopen error ").trim_end_matches('>').to_owned();
    let unknown = bare.contains("not found in index");
    draft.captures.set("why", bare);
    if unknown {
        draft.cause =
            Some("There are no data of that name; nltk only says so, and doesn't fail.".to_owned());
        draft.fix = Some("Check the name (newer nltk wants `punkt_tab`, not `punkt`).".to_owned());
        draft.retryable = false;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_named_without_credentials() {
        assert_eq!(
            of_command("ENV HTTPS_PROXY=http://me:secret@proxy.corp.example:3128"),
            Some("proxy.corp.example:3128".to_owned())
        );
        assert_eq!(of_command("curl https://a.example"), None);
        assert_eq!(
            of_words("Connecting to proxy.example (proxy.example)|10.0.0.9|:3128... connected."),
            Some("proxy.example:3128".to_owned())
        );
    }
}
