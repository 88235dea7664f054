use proptest::prelude::*;
use serde_json::json;

use super::*;

fn one(value: Value) -> Build {
    build(value).unwrap().build
}

#[test]
fn a_record_is_read_wrapped_or_bare() {
    let inner = json!({"id": "x", "status": "failed", "region": "us-west"});
    for body in [json!({"build": inner}), json!({"data": inner}), inner.clone()] {
        let record = build(body).unwrap();
        assert_eq!(record.build.status, BuildStatus::Failed);
        assert_eq!(record.raw, inner);
        assert_eq!(record.to_json(), json!({"build": inner}));
    }
}

#[test]
fn the_records_own_names_and_order_are_kept() {
    let text = r#"{"zeta":1,"status":"success","alpha":null,"contextSizeBytes":"45"}"#;
    let record = build(serde_json::from_str(text).unwrap()).unwrap();
    assert_eq!(record.to_json().to_string(), format!(r#"{{"build":{text}}}"#));
}

#[test]
fn both_spellings_and_numbers_as_strings_are_read() {
    for body in [
        json!({"status": "SUCCESS", "contextHash": "h", "imageSizeBytes": 12, "contextSizeBytes": "45",
               "buildDurationSeconds": "93.5", "startedAt": "2026-01-22T23:28:03.574Z", "commitSha": "c", "ref": "main"}),
        json!({"state": "succeeded", "context_hash": "h", "image_size_bytes": 12.9, "context_size_bytes": 45,
               "build_duration_seconds": 93.5, "started_at": 1769124483574u64, "commit_sha": "c", "git_ref": "main"}),
        json!({"status": "success", "contextHash": "h", "imageSizeBytes": " 12 ", "contextSizeBytes": "45.0",
               "buildDurationSeconds": 93.5, "startedAt": "2026-01-22 23:28:03.574", "commitSha": "c", "ref": "main"}),
        json!({"status": "success", "contextHash": "h", "imageSizeBytes": 12, "contextSizeBytes": 45,
               "buildDurationSeconds": 93.5, "startedAt": "1769124483.574", "commitSha": "c", "ref": "main"}),
    ] {
        let b = one(body);
        assert_eq!(b.status, BuildStatus::Success);
        assert_eq!(b.context_hash.as_deref(), Some("h"));
        assert_eq!((b.image_size_bytes, b.context_size_bytes), (Some(12), Some(45)));
        assert_eq!(b.build_duration_seconds, Some(93.5));
        assert_eq!(b.started_at.unwrap().to_string(), "2026-01-22T23:28:03.574Z");
        assert_eq!((b.commit_sha.as_deref(), b.git_ref.as_deref()), (Some("c"), Some("main")));
    }
}

#[test]
fn large_numbers_stay_exact() {
    assert_eq!(one(json!({"imageSizeBytes": u64::MAX})).image_size_bytes, Some(u64::MAX));
    assert_eq!(
        one(json!({"imageSizeBytes": "9007199254740993"})).image_size_bytes,
        Some(9007199254740993)
    );
}

#[test]
fn an_odd_field_is_a_missing_field() {
    let b = one(json!({
        "id": ["x"], "status": {"a": 1}, "region": null, "imageSizeBytes": "big",
        "contextSizeBytes": -5, "buildDurationSeconds": true, "startedAt": "yesterday",
        "createdAt": 0, "updatedAt": 1e30, "errorMessage": "", "imageUri": "kept",
    }));
    let mut expected = Build::with_status(BuildStatus::Other("unknown".into()));
    expected.image_uri = Some("kept".into());
    assert_eq!(b, expected);
    assert_eq!(
        one(json!({"status": "quarantined"})).status,
        BuildStatus::Other("quarantined".into())
    );
    assert_eq!(one(json!({"status": 3})).status, BuildStatus::Other("3".into()));
}

#[test]
fn an_error_in_the_clothes_of_a_success_is_an_error() {
    assert_eq!(build(json!({"error": "nope"})).unwrap_err(), "it says: nope");
    assert_eq!(builds(json!({"error": "nope"})).unwrap_err(), "it says: nope");
    assert_eq!(logs(json!({"message": "nope"}), 0).unwrap_err(), "it says: nope");
    assert!(build(json!([])).is_err() && builds(json!("x")).is_err() && logs(json!(1), 0).is_err());
}

#[test]
fn a_list_keeps_what_is_a_build() {
    let body = json!({"builds": [{"id": "a", "status": "failed"}, null, 7, {"build": {"id": "b"}}],
                      "total": "20", "limit": 20, "offset": 0});
    let page = builds(body).unwrap();
    let ids: Vec<_> = page.builds.iter().map(|b| b.build.id.as_deref()).collect();
    assert_eq!(ids, [Some("a"), Some("b")]);
    assert_eq!((page.total, page.limit, page.offset), (Some(20), Some(20), Some(0)));
    assert_eq!(
        page.to_json().to_string(),
        r#"{"builds":[{"id":"a","status":"failed"},{"id":"b"}],"total":20,"limit":20,"offset":0}"#
    );
    assert_eq!(builds(json!([{"id": "a"}])).unwrap().builds.len(), 1);
    assert_eq!(builds(json!({"builds": null})).unwrap(), BuildsPage::default());
}

#[test]
fn log_events_are_strings_or_objects() {
    let body = json!({"logs": [
        "plain", {"message": "m", "timestamp": 1}, {"log": "l"}, {"text": "t"}, {"message": null},
        null, 7, true, {"message": 5}, {"level": "info"}, "", "two\nlines\r\n",
    ], "nextToken": "f/1"});
    let page = logs(body, 99).unwrap();
    let events: Vec<_> = page.events.iter().map(|e| std::str::from_utf8(e).unwrap()).collect();
    assert_eq!(
        events,
        [
            "plain",
            "m",
            "l",
            "t",
            "",
            "",
            "7",
            "true",
            "5",
            r#"{"level":"info"}"#,
            "",
            "two\nlines\r\n"
        ]
    );
    assert_eq!((page.next_token.as_deref(), page.bytes), (Some("f/1"), 99));
}

#[test]
fn a_log_that_is_not_there_yet_is_empty() {
    for body in [json!({"logs": []}), json!({"logs": null}), json!({}), json!([])] {
        let page = logs(body, 2).unwrap();
        assert_eq!((page.events.len(), page.next_token), (0, None));
    }
    for body in [json!({"logs": "one"}), json!({"logs": 7}), json!({"logs": {}})] {
        let refused = logs(body.clone(), 0).unwrap_err();
        assert!(refused.starts_with("its `logs` should be an array, not "), "{body}: {refused}");
    }
    assert_eq!(logs(json!({"logs": [], "nextToken": ""}), 0).unwrap().next_token, None);
    assert_eq!(logs(json!({"next_token": 7}), 0).unwrap().next_token.as_deref(), Some("7"));
}

#[test]
fn organisations_are_named_in_order() {
    for body in [
        json!({"organizations": [{"name": "a", "verboseName": "A"}, {"id": "b"}, null]}),
        json!([{"name": "a"}, {"slug": "b"}]),
        json!({"data": ["a", "b", " "]}),
    ] {
        assert_eq!(organizations(&body), ["a", "b"], "{body}");
    }
    assert!(organizations(&json!({"organizations": null})).is_empty());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z0-9.:TZ+ -]{0,24}".prop_map(Value::from),
    ];
    let names = proptest::sample::select(vec![
        "build",
        "builds",
        "logs",
        "id",
        "status",
        "startedAt",
        "imageSizeBytes",
        "message",
        "buildDurationSeconds",
        "total",
        "nextToken",
        "error",
    ]);
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((names.clone(), inner), 0..6)
                .prop_map(|m| m.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_in_any_field_is_answered(value in any_json()) {
        let _ = build(value.clone());
        let _ = builds(value.clone());
        let _ = organizations(&value);
        let _ = logs(value, 0);
    }

    #[test]
    fn no_field_takes_another_with_it(odd in any_json()) {
        let b = one(json!({"build": {"id": "x", "status": "failed", "region": odd, "startedAt": odd,
                           "imageSizeBytes": odd, "errorMessage": "kept"}}));
        prop_assert_eq!(b.id.as_deref(), Some("x"));
        prop_assert_eq!(b.status, BuildStatus::Failed);
        prop_assert_eq!(b.error_message.as_deref(), Some("kept"));
    }
}
