//! Lines that call themselves an error or a warning, whatever printed them.
//!
//! Read as a person skims a log: by how a line begins, behind the builder's
//! prefix and time stamps. Words in the middle of a sentence tell nothing
//! (`0 errors`, `-Werror`), and neither do names (`error_handler.c`).

use super::payload;

/// Time stamps and the like that may stand before what a line says.
const STAMPS: usize = 4;

/// Bytes of a first word at most: a path, a tool, the name of an exception.
const WORD: usize = 300;

/// Whether a line calls itself an error or a warning, by its clean text. Reads
/// no further than the first words, except in lines of `key=value`.
pub fn says_trouble(clean: &str) -> bool {
    let text = undated(payload(clean).1);
    // A stamp may stand before the builder's prefix as well.
    let text = if text.starts_with('#') { undated(payload(text).1) } else { text };
    begins(text) || after_a_name(text) || in_fields(text)
}

/// The text behind times: `2026-11-26T10:04:30.0Z`, `[10:04:30]`, `5.917`, and
/// behind the bars that stand between them and a level.
fn undated(text: &str) -> &str {
    let mut text = text.trim_start();
    for _ in 0..STAMPS {
        let (word, rest) = first_word(text);
        if rest.is_empty() || !is_stamp(word) {
            break;
        }
        text = rest.trim_start();
    }
    text
}

fn is_stamp(word: &str) -> bool {
    let of = |b: u8| b.is_ascii_digit() || b"-:.,/TZ+[]".contains(&b);
    // A number alone counts something, or is one of several.
    let dated = word.len() >= 8 && word.contains(['-', '/']);
    word == "|" || word.bytes().all(of) && (dated || word.contains([':', '.']))
}

/// The first word and what follows it.
fn first_word(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let end = bytes.iter().take(WORD).position(|b| *b == b' ' || *b == b'\t');
    text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, ""))
}

/// Whether a text begins as an error or a warning does.
fn begins(text: &str) -> bool {
    let (bare, bracket) = match text.strip_prefix('[') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let letters = bare.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = bare.split_at_checked(letters).unwrap_or((bare, ""));
    let next = rest.bytes().next();
    if bracket {
        let level = ["error", "warning", "warn", "fatal", "critical"];
        return next == Some(b']') && level.iter().any(|w| word.eq_ignore_ascii_case(w));
    }
    match word {
        "ERROR" | "WARNING" | "WARN" | "FATAL" | "CRITICAL" | "FAILED" | "FAIL" => {
            matches!(next, None | Some(b':' | b'!' | b' ' | b'[' | b'\t' | b'|' | b','))
        }
        // Rust and others number them: `error[E0425]: …`.
        "error" | "Error" | "warning" | "Warning" => match next {
            Some(b':' | b'[' | b'!') => true,
            Some(b' ') => word == "warning" || heads(rest),
            _ => false,
        },
        "warn" | "fatal" | "panic" => next == Some(b':'),
        "npm" => ["warn", "error", "ERR!", "WARN"].contains(&first_word(rest.trim_start()).0),
        // apt, and pytest's lines of a failed test.
        "E" | "W" => rest.starts_with(": ") || word == "E" && rest.starts_with("   "),
        "Err" => rest.starts_with(':') && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit),
        "Failed" | "failed" => rest.starts_with(" to "),
        "thread" => rest.starts_with(" '") && rest.contains("' panicked at"),
        _ => is_exception(first_word(text).0),
    }
}

/// Whether a few words come to a colon: `error during build:`, but not a
/// sentence about errors.
fn heads(rest: &str) -> bool {
    let head = rest.split_once(':').map_or("", |(head, _)| head);
    (1..=4).contains(&head.split_whitespace().count())
}

/// `KeyError:`, `json.decoder.JSONDecodeError:`, `UserWarning:`, `AssertionError`.
fn is_exception(word: &str) -> bool {
    let name = word.strip_suffix(':').unwrap_or(word);
    let last = name.rsplit('.').next().unwrap_or(name);
    let capital = last.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
    let of = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'.';
    let ends = |end: &&str| last.len() > end.len() && last.ends_with(end);
    let kind = ["Error", "Exception", "Warning"].iter().any(ends);
    capital && kind && name.bytes().all(of)
}

/// Whether what follows a name does: `main.c:3:5: warning: …`, `g++: fatal
/// error: …`, `x.py:7: UserWarning: …`, `make: *** …`, `curl: (7) …`.
fn after_a_name(text: &str) -> bool {
    let (name, rest) = first_word(text);
    if !name.ends_with(':') || name.len() < 2 {
        return false;
    }
    let rest = rest.trim_start();
    let told = ["error:", "warning:", "fatal:", "fatal error:", "ERROR:", "WARNING:", "Error:"];
    let numbered = ["error[", "error TS", "error CS", "warning[", "*** "];
    let begins = told.iter().chain(&numbered).any(|start| rest.starts_with(start));
    let curl = name == "curl:" && rest.starts_with('(');
    begins || curl || is_exception(first_word(rest).0)
}

/// `time=… level=error msg=…`, as Go programs write it.
fn in_fields(text: &str) -> bool {
    text.starts_with("time=")
        && ["level=error", "level=warn", "level=fatal"].iter().any(|level| text.contains(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_calls_itself_trouble_is_told_by_how_it_begins() {
        for line in [
            "WARNING: Running pip as the 'root' user",
            "#5 1.234 WARNING: Running pip as the 'root' user",
            "2026-11-26T10:04:30.0Z #5 1.234 WARNING: Running pip",
            "2026-11-26 10:04:30,123 ERROR in the bot",
            "2026-11-26 10:04:30.123 | WARNING  | bot:main:12 - slow",
            "[10:04:30] [error] no route",
            "[Warning] One or more build-args [COMMIT] were not consumed",
            "WARNING! Your password will be stored unencrypted",
            "warning: unused variable: `x`",
            "warning package.json: No license field",
            "warning[E0001]: x",
            "error[E0425]: cannot find value",
            "error: metadata-generation-failed",
            "      error: [Errno 2] No such file or directory: 'gcc'",
            "5.917 error: subprocess-exited-with-error",
            "error during build:",
            "Error response from daemon: login attempt failed",
            "npm warn deprecated x@1",
            "npm WARN old",
            "npm ERR! code E404",
            "#9 1.371 npm error",
            "fatal: could not read Username",
            "W: GPG error: http://deb.debian.example",
            "E: Unable to locate package x",
            "Err:5 http://deb.debian.example trixie InRelease",
            "E   KeyError: 'bye'",
            "vad.c:5:49: error: expected ‘;’ before ‘return’",
            "src/a.ts(3,5): error TS2304: Cannot find name",
            "#7 0.059 vad.c:7:1: warning: control reaches end",
            "g++: fatal error: Killed signal terminated program cc1plus",
            "invoke-rc.d: WARNING: No init system",
            "make: *** [Makefile:6: vad.o] Error 1",
            "curl: (7) Failed to connect",
            "json.decoder.JSONDecodeError: Expecting property name",
            "ModuleNotFoundError: No module named 'aiohttp'",
            "tests/test_pricing.py:10: AssertionError",
            "/x/dist.py:765: SetuptoolsDeprecationWarning: License",
            "FAILED tests/test_pricing.py::test_discount_pct - assert",
            "FAIL: test_sales_route (test_router.RouterTest)",
            "Failed to build webrtcvad",
            "thread 'main' panicked at src/main.rs:2:5:",
            "panic: runtime error: index out of range",
            "time=\"2026-11-26T10:04:30Z\" level=warning msg=\"x\"",
        ] {
            assert!(says_trouble(line), "{line}");
        }
    }

    #[test]
    fn words_in_a_sentence_and_names_are_none() {
        for line in [
            "",
            "0 errors",
            "0 errors, 0 warnings",
            "12 warnings generated.",
            "error_handler.c",
            "cc -c error_handler.c --with-error -Werror",
            "errors: 0",
            "Errors: none",
            "ERROR_LEVEL=2",
            "error-prone 2.3 installed",
            "this is an error: not here",
            "[2/3] RUN apt-get install liberror-perl",
            "Setting up liberror-perl (0.17029-2) ...",
            "  libedit2 liberror-perl libfido2-1",
            "test_errors.py::test_traceback_is_hidden PASSED",
            "Collecting exceptiongroup (from -r requirements.txt (line 3))",
            "    raise VoiceConfigError(f\"could not parse {path}\") from e",
            "Preparing metadata (pyproject.toml): finished with status 'done'",
            "hint: Build failures usually indicate a problem",
            "npm notice created a lockfile",
            "npm run error",
            "fix: error handling in the parser",
            "Error handling was made better in this version, see the notes: x",
            "Warnings are shown below",
            "E2E tests: ok",
            "W",
            "#9 DONE 0.1s",
            "#9 0.5 Downloading errors-1.0.tar.gz",
            "12 error",
            "#10 2.106 [05] ERROR handling path: simulated failure recovered OK",
            "[",
            "[]",
            "[error",
            "10:04:30",
        ] {
            assert!(!says_trouble(line), "{line}");
        }
    }
}
