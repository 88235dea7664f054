//! Keys typed ahead do what the same keys do one by one.

use buildcat::app::{Options, Subject};
use buildcat::domain::{FeedEvent, Patch};
use proptest::prelude::*;
use proptest::sample::select;

use crate::harness::*;

/// A build with steps, in which some words are in many lines, and one in few.
fn feed(lines: usize) -> Vec<FeedEvent> {
    let mut log = String::new();
    for n in 0..lines {
        let step = n / 40 + 1;
        match n % 40 {
            0 => log.push_str(&format!("#{step} [{step}/9] RUN make part-{step}\n")),
            39 => log.push_str(&format!("#{step} DONE 3.0s\n\n")),
            7 => log.push_str(&format!("#{step} 0.{n:04} cc foo.c and bar.c, warning: old\n")),
            at if at % 10 == 3 => log.push_str(&format!("#{step} 0.{n:04} a foo in line {n}\n")),
            _ => log.push_str(&format!("#{step} 0.{n:04} making bar number {n}\n")),
        }
    }
    vec![FeedEvent::Log(Patch::text(log)), FeedEvent::End]
}

/// The screens after keys that waited for each other, and after those that
/// didn't.
fn both(lines: usize, script: &str) -> (String, String) {
    let model = || {
        let options = Options { follow: false, ..Options::default() };
        model_of(Subject::Text { name: "x.log".into() }, options)
    };
    let (one_by_one, _) = run(model(), 110, 30, feed(lines), script);
    let (at_once, _) = run_ahead(model(), 110, 30, feed(lines), script);
    (picture(&one_by_one), picture(&at_once))
}

#[test]
fn keys_typed_ahead_come_to_the_same() {
    for script in [
        "/foo<enter>n",
        "/foo<enter>nn",
        "/foo<enter>N",
        "/foo<enter>nNn",
        "/foo<enter>j",
        "/foo<enter>jjn",
        "/foo<enter>3j",
        "/foo<enter>m",
        "/foo<enter>vjj",
        "/foo<enter>nz",
        "/foo<ctrl-n><ctrl-n><enter>",
        "/nowhere<enter>jj",
        "/foo<enter>/bar<enter>n",
        "/foo<enter>n<esc>j",
        "jjj*n",
        "jjj*nn*N",
        "&foo<enter>G",
        "&foo<enter>jj",
        "&foo<enter>/bar<enter>n",
        "&foo<enter>&bar<enter>jn",
        "/foo<enter>&bar<enter>nn",
        ":123<enter>j",
        ":123<enter>/foo<enter>n",
        "50%jn",
        "G/foo<enter>n",
        "G/foo<enter>N",
        ":77<enter>z/nowhere<enter><enter>",
    ] {
        let (one_by_one, at_once) = both(300, script);
        assert_eq!(one_by_one, at_once, "{script}");
    }
}

#[test]
fn in_a_log_that_takes_several_looks_too() {
    for script in ["G/warning<enter>N", "&warning<enter>jj", "/foo<enter>NN"] {
        let (one_by_one, at_once) = both(60_000, script);
        assert_eq!(one_by_one, at_once, "{script}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_keys_typed_ahead_come_to_the_same(
        words in proptest::collection::vec(select(WORDS.to_vec()), 1..7),
    ) {
        let script = words.concat();
        let (one_by_one, at_once) = both(200, &script);
        prop_assert_eq!(one_by_one, at_once, "{}", script);
    }
}

const WORDS: [&str; 20] = [
    "/foo<enter>",
    "/warning<enter>",
    "/nowhere<enter>",
    "/b<ctrl-n>",
    "<enter>",
    "<esc>",
    "n",
    "N",
    "j",
    "k",
    "G",
    "g",
    "*",
    "&foo<enter>",
    "!bar<enter>",
    ":77<enter>",
    "m",
    "z",
    " ",
    "+",
];
