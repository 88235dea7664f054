//! Every kind of secret goes from what leaves, and nothing else does.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::borrow::Cow;

use buildcat::redact::{self, Redactor, text};
use proptest::prelude::*;

/// Lines with a secret, the secret, and the line that is left of it.
const CASES: &[(&str, &str, &str)] = &[
    ("key sk_live_abc123", "sk_live_abc123", "key [redacted]"),
    ("sk_neverprinted", "sk_neverprinted", "[redacted]"),
    ("pk_5f3a9c21d0", "pk_5f3a9c21d0", "[redacted]"),
    ("pcc_pat_Ab3", "pcc_pat_Ab3", "pcc_pat_Ab3"),
    ("token pcc_pat_Ab3dE9 used", "pcc_pat_Ab3dE9", "token [redacted] used"),
    (
        "#9 0.1 ghp_0123456789abcdefABCDEF0123456789abcd",
        "ghp_0123456789abcdefABCDEF0123456789abcd",
        "#9 0.1 [redacted]",
    ),
    (
        "https://x-access-token:ghs_16C7e42F292c6912E7@github.com/a/b",
        "ghs_16C7e42F292c6912E7",
        "https://[redacted]@github.com/a/b",
    ),
    ("github_pat_11ABCDEFG0abcdefghij_klm", "github_pat_11ABCDEFG0abcdefghij_klm", "[redacted]"),
    ("glpat-AbCdEf123456_-xyz", "glpat-AbCdEf123456_-xyz", "[redacted]"),
    (
        "npm_abcdefghijklmnopqrstuvwxyz0123456789",
        "npm_abcdefghijklmnopqrstuvwxyz0123456789",
        "[redacted]",
    ),
    ("pypi-AgEIcHlwaS5vcmcCJDAwMDAw", "pypi-AgEIcHlwaS5vcmcCJDAwMDAw", "[redacted]"),
    ("hf_AbCdEfGhIjKlMnOpQrStUvWx", "hf_AbCdEfGhIjKlMnOpQrStUvWx", "[redacted]"),
    ("xoxb-123456789012-abcdefghijkl", "xoxb-123456789012-abcdefghijkl", "[redacted]"),
    ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE", "[redacted]"),
    (
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1",
        "aws_secret_access_key = [redacted]",
    ),
    (
        "id eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl end",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "id [redacted] end",
    ),
    (
        "curl -H \"Authorization: Bearer abcdef\" https://a.example",
        "abcdef",
        "curl -H \"Authorization: [redacted]\" https://a.example",
    ),
    ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz", "authorization: [redacted]"),
    ("PRIVATE-TOKEN: hunter2", "hunter2", "PRIVATE-TOKEN: [redacted]"),
    (
        "Looking in indexes: https://me:pa55@pypi.example/simple",
        "pa55",
        "Looking in indexes: https://[redacted]@pypi.example/simple",
    ),
    ("https://abcdef0123@host.example/x", "abcdef0123", "https://[redacted]@host.example/x"),
    (
        "GET https://h.example/f?token=abc&x=1",
        "abc",
        "GET https://h.example/f?token=[redacted]&x=1",
    ),
    (
        "https://b.example/k?X-Amz-Signature=deadbeef0&b=2",
        "deadbeef0",
        "https://b.example/k?X-Amz-Signature=[redacted]&b=2",
    ),
    ("docker login -u me --password hunter", "hunter", "docker login -u me --password [redacted]"),
    (
        "docker login -u me -p hunter reg.example",
        "hunter",
        "docker login -u me -p [redacted] reg.example",
    ),
    ("--api-key='abc def' run", "abc def", "--api-key='[redacted]' run"),
    ("curl -u me:hunter https://x.example", "hunter", "curl -u me:[redacted] https://x.example"),
    ("ENV OPENAI_API_KEY=abc", "abc", "ENV OPENAI_API_KEY=[redacted]"),
    ("export DB_PASSWORD=\"a b c\" && x", "a b c", "export DB_PASSWORD=\"[redacted]\" && x"),
    ("MY_SECRET=s3;x", "s3", "MY_SECRET=[redacted];x"),
    ("KEY=abc TOKEN=def", "def", "KEY=[redacted] TOKEN=[redacted]"),
    ("{\"apiKey\": \"abc\", \"n\": 1}", "abc", "{\"apiKey\": \"[redacted]\", \"n\": 1}"),
    ("{\\\"client_secret\\\":\\\"abc\\\"}", "abc", "{\\\"client_secret\\\":\\\"[redacted]\\\"}"),
    ("password: hunter2", "hunter2", "password: [redacted]"),
    ("//registry.example/:_authToken=abc", "abc", "//registry.example/:_authToken=[redacted]"),
    ("  File \"/home/jane/bot.py\", line 3", "jane", "  File \"/home/[user]/bot.py\", line 3"),
    ("/Users/jane.doe/x", "jane.doe", "/Users/[user]/x"),
    ("C:\\Users\\Jane Doe\\app\\bot.py", "Jane Doe", "C:\\Users\\[user]\\app\\bot.py"),
    ("\"C:\\\\Users\\\\jane\\\\x\"", "jane", "\"C:\\\\Users\\\\[user]\\\\x\""),
    ("/var/home/jane/x", "jane", "/var/home/[user]/x"),
    (
        "machine h.example login me password hunter",
        "hunter",
        "machine h.example login me password [redacted]",
    ),
    ("PGPASSWORD=hunter psql", "hunter", "PGPASSWORD=[redacted] psql"),
    (
        "\"auths\":{\"r.example\":{\"auth\":\"dXNlcjpw\"}}",
        "dXNlcjpw",
        "\"auths\":{\"r.example\":{\"auth\":\"[redacted]\"}}",
    ),
    (
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc==;x",
        "abc",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=[redacted];x",
    ),
    ("redis://:hunter@h.example:6379/0", "hunter", "redis://[redacted]@h.example:6379/0"),
    ("AWS_SESSION_TOKEN=IQoJb3JpZ2lu", "IQoJb3JpZ2lu", "AWS_SESSION_TOKEN=[redacted]"),
    ("/mnt/c/Users/jane/x", "jane", "/mnt/c/Users/[user]/x"),
    (
        "KEY_PEM -----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----",
        "MIIEvQ",
        "KEY_PEM -----BEGIN PRIVATE KEY-----[redacted]-----END PRIVATE KEY-----",
    ),
];

/// Lines that have nothing to hide.
const PLAIN: &[&str] = &[
    "#4 [1/3] FROM docker.io/dailyco/pipecat-base:latest@sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "#4 sha256:5e6f0c1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6 10.49MB / 30.13MB 0.5s done",
    "#3 [auth] dailyco/pipecat-base:pull token for registry-1.docker.example",
    "SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "  error: unexpected token: punc ())",
    "KeyError: 'OPENAI_API_KEY'",
    "RUN --mount=type=secret,id=npm_token,target=/root/.npmrc npm ci",
    "RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked",
    "docker build --secret id=npm,src=.npmrc .",
    "docker login --username AWS --password-stdin 1.dkr.example",
    "export TOKEN=$TOKEN API_KEY=${API_KEY:-} && npm publish",
    "curl -H \"Authorization: Bearer $TOKEN\" https://a.example",
    "www-authenticate: Bearer realm=\"https://auth.example/token\",service=\"registry\"",
    "  integrity sha512-Q3n2kPQ0mVn2y3k1fE0Xw8n5wNJkZp1g8Jp7l0pT9oG1qkH3Yb0J3k1T2v5w6x7y8z9A0B1C2D3E4F5G6H7I8J9==",
    "Downloading torch-2.5.1-cp312-cp312-manylinux_2_28_aarch64.whl (195.2 MB)",
    "git clone git+https://github.example/acme/bot.git@v1.2.3#egg=bot",
    "ssh://git@github.example/acme/bot.git",
    "HEAD is now at 1f3e5d7c9b8a60718293a4b5c6d7e8f901234567",
    "tokenizer.eos_token=</s> max_tokens=4096 pad_token=<pad>",
    "sorted(rows, key=lambda row: row.name)",
    "    primary_key=True, cache_key=digest",
    "[Container] 2026/11/23 20:10:02 CODEBUILD_SRC_DIR=/codebuild/output/src123/src",
    "npm_config_registry=https://registry.npm.example/ npm_lifecycle_event=build",
    "build 6f1c0f5e-3a52-4c8b-9a86-0d6c3b1e7a10",
    "COPY --chown=app:app ./bot.py /app/home/bot.py",
    "see https://docs.example/home/page and https://docs.example/Users/guide",
    "PWD=/app OLDPWD=/",
    "pass=3 fail=0",
    "password authentication failed for user \"postgres\"",
    "Error: secret: not found",
    "#6 [2/3] RUN sk-learn-contrib pip install scikit-learn pypi-attestations",
    "if token == expected and key != other:",
];

#[test]
fn each_kind_of_secret_goes_and_nothing_else() {
    for (line, secret, left) in CASES {
        if line == left {
            continue;
        }
        let out = redact::line(line);
        assert_eq!(&out, left);
        assert!(!out.contains(secret), "{line}");
    }
}

#[test]
fn what_is_no_secret_stays() {
    for line in PLAIN {
        assert_eq!(redact::line(line), *line);
        assert!(matches!(redact::line(line), Cow::Borrowed(_)), "{line}");
    }
}

#[test]
fn a_private_key_goes_over_all_its_lines() {
    let log = "#7 0.1 cat key\n#7 0.2 -----BEGIN OPENSSH PRIVATE KEY-----\n\
        #7 0.2 b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n#7 0.2 AAAAAA==\n\
        #7 0.2 -----END OPENSSH PRIVATE KEY-----\n#7 0.3 done\n";
    assert_eq!(
        text(log),
        "#7 0.1 cat key\n#7 0.2 -----BEGIN OPENSSH PRIVATE KEY-----\n#7 0.2 [redacted]\n\
         #7 0.2 [redacted]\n#7 0.2 -----END OPENSSH PRIVATE KEY-----\n#7 0.3 done\n"
    );
    // One that is cut off takes no more than looks like it.
    let cut = "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n\r\nMIIEow\r\n#8 [3/4] RUN true\r\nplain\r\n";
    assert_eq!(
        text(cut),
        "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n\r\n[redacted]\r\n#8 [3/4] RUN true\r\nplain\r\n"
    );
    // A public one stays.
    let public = "-----BEGIN CERTIFICATE-----\nMIIEow\n-----END CERTIFICATE-----\n";
    assert_eq!(text(public), public);
}

#[test]
fn switched_off_it_changes_nothing() {
    let mut off = Redactor::new(false);
    assert_eq!(off.line("TOKEN=abc"), "TOKEN=abc");
}

/// The logs of real builds come out as they are, but for what is a secret or a
/// user's name in them.
#[test]
fn real_logs_stay_as_they_are() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut changed = Vec::new();
    let mut lines = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "log") {
            continue;
        }
        let log = std::fs::read(&path).unwrap();
        let (mut redactor, mut scratch) = (Redactor::new(true), String::new());
        for raw in log.split(|b| *b == b'\n') {
            let line = buildcat::text::clean(raw, &mut scratch);
            lines += 1;
            let out = redactor.line(line);
            if out != line {
                changed.push(out.into_owned());
            }
        }
    }
    assert!(lines > 9_000, "{lines}");
    let (homes, logins): (Vec<_>, Vec<_>) =
        changed.iter().partition(|line| line.contains("/home/[user]/"));
    assert_eq!((homes.len(), logins.len()), (2, 3), "{changed:#?}");
    assert!(logins.iter().all(|line| line.contains("https://[redacted]@")), "{changed:#?}");
}

/// A secret of any kind, and the text around it that gives it away.
fn secret() -> impl Strategy<Value = (String, String)> {
    let upper = "[A-Z0-9]{16}";
    let word = "[A-Za-z0-9]{20,40}";
    let form = |prefix: &'static str| word.prop_map(move |w| format!("{prefix}{w}"));
    let alone = prop_oneof![
        form("sk_"),
        form("sk_live_"),
        form("pk_9"),
        form("pcc_pat_"),
        form("ghp_"),
        form("gho_"),
        form("github_pat_"),
        form("glpat-"),
        form("npm_"),
        form("pypi-Ag"),
        form("hf_"),
        form("xoxb-"),
        upper.prop_map(|w| format!("AKIA{w}")),
        (word, word, word).prop_map(|(a, b, c)| format!("eyJ{a}.{b}.{c}")),
    ]
    .prop_map(|secret| (secret.clone(), secret));
    // A made-up word that is its own only giveaway's value.
    let value = "z9[A-Za-z0-9]{8,30}q7";
    let told = (value, 0..14usize).prop_map(|(value, kind)| {
        let told = match kind {
            0 => format!("Authorization: Bearer {value}"),
            1 => format!("-H 'Authorization: Basic {value}'"),
            2 => format!("https://user:{value}@host.example/p"),
            3 => format!("git+https://{value}@host.example/p"),
            4 => format!("https://host.example/p?token={value}&n=1"),
            5 => format!("--password {value}"),
            6 => format!("--password={value}"),
            7 => format!("API_KEY={value}"),
            8 => format!("MY_TOKEN=\"{value}\""),
            9 => format!("DB_PASSWORD='{value}'"),
            10 => format!("CLIENT_SECRET={value}"),
            11 => format!("\"password\": \"{value}\""),
            12 => format!("/home/{value}/app"),
            _ => format!("C:\\Users\\{value}\\app"),
        };
        (value, told)
    });
    prop_oneof![alone, told]
}

proptest! {
    #[test]
    fn no_secret_survives(
        (secret, told) in secret(),
        before in "(#[0-9]{1,2} [0-9]\\.[0-9]{3} )?([a-z]{1,9} ){0,4}",
        after in "( [a-z]{1,9}){0,4}",
    ) {
        let line = format!("{before}{told}{after}");
        let out = redact::line(&line);
        prop_assert!(!out.contains(&secret), "{line} -> {out}");
        prop_assert!(out.starts_with(before.as_str()), "{line} -> {out}");
    }

    #[test]
    fn twice_is_once_and_nothing_panics(
        parts in proptest::collection::vec(
            prop_oneof![
                "\\PC{0,12}",
                Just("token=".to_owned()), Just("KEY=".to_owned()), Just("\"".to_owned()),
                Just("https://".to_owned()), Just("@".to_owned()), Just(":".to_owned()),
                Just(" ".to_owned()), Just("/home/".to_owned()), Just("[redacted]".to_owned()),
                Just("--password ".to_owned()), Just("sk_abcdef1".to_owned()), Just("'".to_owned()),
                Just("Authorization: ".to_owned()), Just("C:\\Users\\".to_owned()),
                Just("-----BEGIN PRIVATE KEY-----".to_owned()), Just("[user]".to_owned()),
                Just("?sig=".to_owned()), Just("\\".to_owned()), Just("bearer ".to_owned()),
            ],
            0..10,
        ),
    ) {
        let line = parts.concat();
        let once = redact::line(&line).into_owned();
        prop_assert_eq!(redact::line(&once), once.as_str(), "{}", line);
        let block = text(&line);
        prop_assert_eq!(&text(&block), &block, "{}", line);
    }
}
