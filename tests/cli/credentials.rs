//! Who asks, and whom.

use std::net::TcpListener;

use crate::support::{DEFAULT, Home, KEY, SUCCESS, Service, closed};

#[test]
fn without_a_key_it_is_said_how_to_get_one() {
    let said = "buildcat: There is no key to ask Pipecat Cloud with. Create a private key in the \
                dashboard under Settings › API Keys and set PIPECAT_API_KEY to it, or run \
                `pipecat cloud auth login`. `buildcat demo` needs neither.\n";
    for args in [&["logs", DEFAULT][..], &["status"], &["list"], &["diagnose", DEFAULT]] {
        Home::new().run(args).is(3, "", said);
    }
}

#[test]
fn a_public_key_is_refused_with_the_reason() {
    let home = Home::new().with("PIPECAT_API_KEY", "pk_secretpart");
    let output = home.run(&["list"]);
    output.complains(3, &["PIPECAT_API_KEY is a public key", "Create a private key"]);
    assert!(!output.stderr.contains("secretpart"));
}

#[test]
fn the_clis_own_file_is_read_and_its_expiry_honoured() {
    let service = Service::start("default");
    let home = Home::new().with("PIPECAT_API_HOST", service.url());
    let file = |expires: &str| {
        let text = format!("token = \"eyneverprinted\"\norg = \"demo\"\n{expires}\n");
        home.file(".config/pipecatcloud/pipecatcloud.toml", &text)
    };
    file("");
    let output = home.run(&["status", SUCCESS]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));

    let path = file("token_expires_at = 1700000000");
    let said = format!(
        "buildcat: The token in {} expired at 2023-11-14T22:13:20Z. \
         Run `pipecat cloud auth login` to renew it.\n",
        path.display()
    );
    home.run(&["status", SUCCESS]).is(3, "", &said);

    std::fs::write(&path, "token = \"eyneverprinted\"\norg = = \n").unwrap();
    let output = home.run(&["status", SUCCESS]);
    output.complains(3, &["can't be read: line 2 is not valid TOML"]);
    assert!(!output.stderr.contains("neverprinted"));

    let elsewhere = home.file("elsewhere.toml", "token = \"ey\"\norg = \"demo\"\n");
    let home = home.with("PIPECAT_CONFIG_PATH", elsewhere.to_str().unwrap());
    assert_eq!(home.run(&["status", SUCCESS]).code(), Some(0));
}

#[test]
fn the_configuration_can_hold_a_key_or_a_command() {
    let service = Service::start("default");
    let home = Home::new().with("PIPECAT_API_HOST", service.url());
    let config = home.file("config.toml", &format!("api_key = \"{KEY}\"\n"));
    let args = ["--config", "config.toml", "status", SUCCESS];
    assert_eq!(home.run(&args).code(), Some(0));
    std::fs::write(&config, "api_key_command = [\"/bin/echo\", \"sk_echo\"]\n").unwrap();
    assert_eq!(home.run(&args).code(), Some(0));
    std::fs::write(&config, "api_key_command = [\"/bin/false\"]\n").unwrap();
    home.run(&args).complains(3, &["api_key_command (/bin/false) failed with exit status 1"]);
}

#[test]
fn a_host_that_cant_be_reached_is_a_sentence() {
    let (_closed, host) = closed();
    let home = Home::new().with("PIPECAT_API_HOST", &host).with("PIPECAT_API_KEY", KEY);
    let name = host.trim_start_matches("http://");
    let said = format!(
        "buildcat: Asked {name} for the list of builds: no connection: nothing listens there \
         (connection refused). Check the network connection, and --api-host if you set it.\n"
    );
    home.run(&["list"]).is(3, "", &said);
    home.run(&["status", DEFAULT]).complains(3, &[name, "no connection"]);
    home.run(&["logs", DEFAULT]).complains(3, &[name, "no connection"]);
}

#[test]
fn a_wrong_build_id_is_refused_before_anything_is_asked() {
    // A closed port and no key: whoever asked would say 3.
    let (_closed, host) = closed();
    let home = Home::new().with("PIPECAT_API_HOST", &host);
    for id in ["nonsense", "6f1c0f5e", "../../etc", "6f1c0f5e-3a52-4c8b-9a86-0d6c3b1e7a1g", ""] {
        for command in ["logs", "status", "watch"] {
            home.run(&[command, id]).complains(2, &["is not a build id", "a UUID such as"]);
        }
    }
}

#[test]
fn a_key_is_never_sent_in_the_clear() {
    let home = Home::new().with("PIPECAT_API_KEY", KEY);
    let output = home.run(&["list", "--api-host", "http://example.com"]);
    output.complains(2, &["http://example.com is not https", "insecure_http_hosts"]);
    let home = home.with("PIPECAT_API_HOST", "ftp://example.com");
    home.run(&["list"]).complains(2, &["scheme ftp"]);
    // A name that stands for this machine is as good as its address; a name
    // that only looks so isn't.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://127.0.0.1.example.com:{}", listener.local_addr().unwrap().port());
    home.run(&["list", "--api-host", &host]).complains(2, &["is not https"]);
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody called");
}

#[test]
fn the_served_address_says_which_build_it_plays() {
    let service = Service::start("parallel");
    assert_eq!(service.end(), "build 2c64e8b9-f015-4d37-a8c2-3e9f71b0d546\n");
}
