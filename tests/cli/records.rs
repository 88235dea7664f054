//! `status` and `list`

use crate::support::{DEFAULT, Home, KEY, SUCCESS, Service, TIMEOUT};

/// The fields of a record, as the API names and orders them.
const FIELDS: [&str; 19] = [
    "id",
    "organizationId",
    "status",
    "region",
    "contextHash",
    "dockerfilePath",
    "imageUri",
    "logsUrl",
    "errorMessage",
    "contextSizeBytes",
    "imageSizeBytes",
    "buildDurationSeconds",
    "startedAt",
    "completedAt",
    "createdAt",
    "updatedAt",
    "repoFullName",
    "ref",
    "commitSha",
];

fn fields(record: &serde_json::Value) -> Vec<&str> {
    record.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_record_is_printed_for_people() {
    let service = Service::start("copy-missing");
    let home = service.home();
    let output = home.run(&["status", DEFAULT]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    let lines: Vec<&str> = output.text().lines().collect();
    assert_eq!(
        lines[..6],
        [
            "✗ failed  6f1c0f5e-3a52-4c8b-9a86-0d6c3b1e7a10",
            "  message     Docker build failed. Check the build logs for details.",
            "  took        22s",
            "  region      us-west",
            "  source      acme/voice-receptionist@4e8a1d7",
            "  dockerfile  Dockerfile",
        ]
    );
    let output = home.run(&["status", SUCCESS]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    assert!(output.text().starts_with(&format!("✓ success  {SUCCESS}\n")), "{}", output.text());
    assert!(output.text().contains("  image       482913377105.dkr.ecr."), "{}", output.text());
    assert_eq!(home.run(&["status", TIMEOUT]).code(), Some(1));
}

#[test]
fn a_record_as_json_keeps_the_services_own_shape() {
    let service = Service::start("copy-missing");
    let home = service.home();
    let output = home.run(&["status", DEFAULT, "--format", "json"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    let reply = output.json();
    assert_eq!(fields(&reply), ["build"]);
    let record = &reply["build"];
    assert_eq!(fields(record), FIELDS);
    assert_eq!(record["id"], DEFAULT);
    assert_eq!(record["contextHash"], "9b1f6a0c2d7e4853");
    assert_eq!(record["contextSizeBytes"], "18734", "a number served as a string stays one");
    assert_eq!(record["imageUri"], serde_json::Value::Null);
}

#[test]
fn a_build_that_runs_exits_0_and_is_the_one_without_a_name() {
    // So slow that it stays pending for as long as this test can take.
    let service = Service::at_speed("default", "0.1");
    let home = service.home();
    let output = home.run(&["status"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    assert!(output.text().starts_with(&format!("◌ pending  {DEFAULT}\n")), "{}", output.text());
    home.run(&["logs", "latest"]).is(0, "", "");
    assert_eq!(home.run(&["status", "latest", "--format", "json"]).json()["build"]["id"], DEFAULT);
}

#[test]
fn builds_are_listed() {
    let service = Service::start("default");
    let home = service.over();
    let output = home.run(&["list"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = output.text().lines().collect();
    assert_eq!(lines.len(), 21, "a head and twenty builds");
    assert!(lines[0].starts_with("STATUS     BUILD "), "{}", lines[0]);
    assert!(lines[1].starts_with(&format!("✗ failed   {DEFAULT}  us-west ")), "{}", lines[1]);

    let output = home.run(&["list", "--limit", "2", "--offset", "3"]);
    let lines: Vec<&str> = output.text().lines().collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[3], "15 more; --offset 5 goes on");

    home.run(&["list", "--status", "cancelled"]).is(0, "No builds match.\n", "");
    home.run(&["list", "--offset", "99"]).is(
        0,
        "There are 20 builds; --offset 99 begins after the last.\n",
        "",
    );
    // The service is asked all the same: it may know more words than this version.
    home.run(&["list", "--status", "faild"]).is(
        2,
        "No builds match.\n",
        "buildcat: \"faild\" is no status that this version knows; it knows pending, building, \
         success, failed, timeout, cancelled.\n",
    );
}

#[test]
fn a_list_as_json_keeps_the_services_own_shape() {
    let service = Service::start("default");
    let home = service.over();
    let list = |args: &[&str]| {
        let output = home.run(&[&["list", "--format", "json"], args].concat());
        assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
        output.json()
    };
    let page = list(&[]);
    assert_eq!(fields(&page), ["builds", "total", "limit", "offset"]);
    assert_eq!(
        (&page["total"], &page["limit"], &page["offset"]),
        (&20.into(), &20.into(), &0.into())
    );
    let builds = page["builds"].as_array().unwrap();
    assert_eq!(builds.len(), 20);
    assert!(builds.iter().all(|build| fields(build) == FIELDS));

    let page = list(&["--status", "timeout", "--region", "us-east"]);
    assert_eq!(page["total"], 1);
    assert_eq!(
        (&page["builds"][0]["status"], &page["builds"][0]["region"]),
        (&"timeout".into(), &"us-east".into())
    );

    let page = list(&["--limit", "4", "--offset", "18"]);
    assert_eq!(
        (&page["total"], &page["limit"], &page["offset"]),
        (&20.into(), &4.into(), &18.into())
    );
    assert_eq!(page["builds"].as_array().unwrap().len(), 2);
}

#[test]
fn a_token_asks_for_its_organisations_builds() {
    let service = Service::start("default");
    let home = Home::new()
        .with("PIPECAT_API_HOST", service.url())
        .with("PIPECAT_TOKEN", "pcc_pat_demo")
        .with("PIPECAT_ORG", "demo");
    let page = home.run(&["list", "--format", "json", "--limit", "1"]).json();
    assert_eq!(page["total"], 20);
    assert_eq!(home.run(&["status", DEFAULT]).stderr, "");
    assert_eq!(home.run(&["logs", SUCCESS]).code(), Some(0));
    // The path holds the organisation: another one isn't there.
    home.run(&["list", "--org", "other"]).complains(3, &["404: Organization not found", "--org"]);
    // A key has no use for it.
    let home = service.home().with("PIPECAT_ORG", "other");
    assert_eq!(home.run(&["list"]).code(), Some(0));
}

#[test]
fn colours_are_for_those_who_want_them() {
    let service = Service::start("copy-missing");
    let coloured = |args: &[&str], vars: &[(&str, &str)]| {
        let mut home = service.home();
        vars.iter().for_each(|(name, value)| home.set(name, value));
        home.run(&[&["status", DEFAULT], args].concat()).stdout.contains(&0x1b)
    };
    assert!(!coloured(&[], &[]), "not into a pipe");
    assert!(coloured(&["--color", "always"], &[]));
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]), "the flag is nearer");
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn the_key_is_in_no_output() {
    let service = Service::start("copy-missing");
    let home = service.home();
    for args in [&["status", DEFAULT][..], &["list"], &["config", "show"], &["-vv", "status"]] {
        let output = home.run(args);
        assert!(!output.text().contains(KEY) && !output.stderr.contains(KEY), "{args:?}");
    }
}
