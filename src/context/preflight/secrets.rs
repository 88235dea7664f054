//! Files that look like secrets and would be uploaded.

use super::{Problem, Severity, Subject};
use crate::context::path::RelPath;
use crate::context::tree::Tree;

pub(super) fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let mut git = false;
    for file in &subject.simulation.upload.files {
        // Its configuration can hold tokens; one word for all of it is enough.
        if file.path.parts().any(|part| part == b".git") {
            if !git {
                git = true;
                let message = ".git would be uploaded, with the whole history and any token in its configuration";
                problems.push(
                    Problem::new("secret-uploaded", Severity::Warning, message)
                        .about(&".git".into()),
                );
            }
            continue;
        }
        let Some(what) = secret(&subject.tree, &file.path) else { continue };
        let where_to = if subject.simulation.passed.files.contains(&file.path) {
            "and a COPY of its directory would put it into the image"
        } else {
            "though the build drops it"
        };
        let message = format!("{} looks like {what} and would be uploaded, {where_to}", file.path);
        problems
            .push(Problem::new("secret-uploaded", Severity::Warning, message).about(&file.path));
    }
}

/// What kind of secret a file seems to be.
pub fn secret(tree: &dyn Tree, path: &RelPath) -> Option<&'static str> {
    let name = String::from_utf8_lossy(path.name()).to_lowercase();
    let ends = |all: &[&str]| all.iter().any(|end| name.ends_with(end));
    let holds = |marks: &[&str]| {
        let head = tree.read(path, 64 * 1024).unwrap_or_default();
        let head = String::from_utf8_lossy(&head).to_lowercase();
        marks.iter().any(|mark| head.contains(mark))
    };
    if ends(&[".example", ".sample", ".template", ".dist", ".pub", ".md"]) {
        return None;
    }
    if name == ".env" || name.starts_with(".env.") || name == ".envrc" {
        return Some("an environment file with secrets");
    }
    if ends(&[".pem"]) {
        let public = holds(&["begin certificate", "begin public key"]);
        return (!public || holds(&["private key"])).then_some("a private key");
    }
    let keys = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];
    if keys.contains(&name.as_str()) || ends(&[".key", ".p12", ".pfx", ".jks", ".keystore"]) {
        return Some("a private key");
    }
    let files = [
        ".npmrc",
        ".netrc",
        "_netrc",
        ".pypirc",
        ".git-credentials",
        ".pgpass",
        ".htpasswd",
        "credentials.json",
        "client_secret.json",
        "application_default_credentials.json",
        "token.json",
        "secrets.json",
        "secrets.toml",
        "secrets.yaml",
        "secrets.yml",
        "terraform.tfstate",
    ];
    let service_account = (name.starts_with("service-account")
        || name.starts_with("service_account"))
        && name.ends_with(".json");
    let in_home = [(".aws", "credentials"), (".docker", "config.json"), (".kube", "config")];
    let parent = path.parent().unwrap_or_default();
    let at_home =
        in_home.iter().any(|(dir, file)| parent.name() == dir.as_bytes() && name == *file);
    if files.contains(&name.as_str()) || service_account || at_home {
        return Some("a file with credentials");
    }
    let settings = ["pip.conf", "pip.ini", "uv.toml", ".yarnrc", ".yarnrc.yml"];
    let marks = ["_authtoken", "npmauthtoken", "password"];
    if settings.contains(&name.as_str()) && (holds(&marks) || has_login(tree, path)) {
        return Some("a file with credentials");
    }
    None
}

/// Whether an address in the file carries a user and a password.
fn has_login(tree: &dyn Tree, path: &RelPath) -> bool {
    let text = tree.read(path, 64 * 1024).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    text.split("://").skip(1).any(|rest| {
        let host = rest.split(['/', ' ', '"', '\'', '\n']).next().unwrap_or_default();
        host.split_once('@').is_some_and(|(login, _)| login.contains(':') && !login.contains('$'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::tree::MemoryTree;

    #[test]
    fn names_and_contents_tell_secrets() {
        let tree = MemoryTree::new()
            .file("ca.pem", "-----BEGIN CERTIFICATE-----")
            .file("k.pem", "-----BEGIN PRIVATE KEY-----")
            .file("pip.conf", "index-url = https://me:pw@example.com/simple")
            .file("uv.toml", "index-url = 'https://example.com/simple'");
        for path in [
            ".env",
            "a/.env.local",
            "k.pem",
            ".npmrc",
            "service-account-1.json",
            "pip.conf",
            ".aws/credentials",
            "x.key",
        ] {
            assert!(secret(&tree, &path.into()).is_some(), "{path}");
        }
        for path in [".env.example", "ca.pem", "uv.toml", "id_rsa.pub", "bot.py", "credentials.py"]
        {
            assert!(secret(&tree, &path.into()).is_none(), "{path}");
        }
    }
}
