use super::*;

fn sources(text: &str) -> Vec<(usize, String)> {
    let shown = |s: &Source| (s.line, s.path.clone().unwrap_or_else(|| "?".to_owned()));
    Dockerfile::parse(text, "arm64").needed().map(shown).collect()
}

fn listed(expected: &[(usize, &str)]) -> Vec<(usize, String)> {
    expected.iter().map(|(line, path)| (*line, (*path).to_owned())).collect()
}

#[test]
fn the_common_dockerfile() {
    let text = "FROM dailyco/pipecat-base:latest\n\
        ENV UV_COMPILE_BYTECODE=1\n\
        # Install\n\
        RUN --mount=type=cache,target=/root/.cache/uv \\\n    \
            --mount=type=bind,source=uv.lock,target=uv.lock \\\n    \
            --mount=type=bind,source=pyproject.toml,target=pyproject.toml \\\n    \
            uv sync --locked --no-install-project --no-dev\n\
        COPY ./bot.py bot.py\n";
    assert_eq!(sources(text), listed(&[(4, "uv.lock"), (4, "pyproject.toml"), (8, "./bot.py")]));
    let file = Dockerfile::parse(text, "arm64");
    assert!(file.needed_runs().next().unwrap().command.contains("uv sync --locked"));
    assert_eq!(file.stages[0].base.as_deref(), Some("dailyco/pipecat-base:latest"));
    assert!(file.stages[0].runs);
    assert_eq!(file.error, None);
}

#[test]
fn what_is_not_from_the_context_is_left_out() {
    let text = "FROM a AS build\nRUN make\nFROM b\n\
        COPY --from=build /out /out\nCOPY --from=ghcr.io/x/y /z /z\n\
        ADD https://example.com/x.tgz /\nADD git@github.com:a/b.git /b\n\
        RUN --mount=type=bind,from=build,source=/o,target=/o true\n\
        RUN --mount=type=secret,id=x --mount=type=tmpfs,target=/t true\n\
        COPY <<EOF /x.sh\nCOPY no.txt /\nEOF\n\
        COPY --chown=1:1 a b /dst/\nADD c.tar /\n\
        COPY [\"with blank\", \"/d/\"]\n";
    let expected = [(13, "a"), (13, "b"), (14, "c.tar"), (15, "with blank")];
    assert_eq!(sources(text), listed(&expected));
}

#[test]
fn variables_are_replaced_where_they_are_known() {
    let text = "ARG TOP=base\nARG DIR=src\nFROM $TOP AS one\n\
        ARG DIR\nARG SUB=${DIR}/sub\nENV E=e F=\"f g\"\nENV OLD style value\nARG NONE\n\
        COPY $SUB ${E}/x $OLD $NONE $NOBODY ${NONE:-dflt} $TARGETARCH /d/\n\
        ARG TARGETARCH\nCOPY $TARGETARCH /d/\n\
        FROM one\nCOPY $SUB /d/\n\
        FROM one AS two\nCOPY $E x /\n";
    let found = sources(text);
    let expected = [
        (9, "src/sub"),
        (9, "e/x"),
        (9, "style value"),
        (9, "?"),
        (9, "?"),
        (9, "dflt"),
        (9, "?"),
        (11, "arm64"),
        (15, "e"),
        (15, "x"),
    ];
    assert_eq!(found, listed(&expected));
    assert_eq!(Dockerfile::parse(text, "arm64").stages[0].base.as_deref(), Some("base"));
}

#[test]
fn only_stages_the_last_one_needs_count() {
    let text = "FROM a AS dev\nCOPY dev.txt /\n\
        FROM a AS build\nCOPY build.txt /\n\
        FROM a AS assets\nCOPY assets.txt /\n\
        FROM build AS test\nCOPY test.txt /\n\
        FROM a\nCOPY --from=BUILD /x /x\nRUN --mount=from=2,target=/a true\nCOPY last.txt /\n";
    assert_eq!(sources(text), listed(&[(4, "build.txt"), (6, "assets.txt"), (12, "last.txt")]));
}

#[test]
fn platforms_and_errors() {
    let text = "ARG P=linux/amd64\nFROM --platform=$P python:3.12\nFORM x\nCOPY a /\n";
    let file = Dockerfile::parse(text, "arm64");
    assert_eq!(file.stages[0].platform.as_deref(), Some("linux/amd64"));
    let error = file.error.unwrap();
    assert!(error.certain);
    assert_eq!(error.line, 3);
    let file = Dockerfile::parse("FROM --platform=$BUILDPLATFORM x\n", "arm64");
    assert_eq!(file.stages[0].platform.as_deref(), Some("linux/arm64"));
    assert!(Dockerfile::parse("", "arm64").error.is_some());
}

#[test]
fn another_escape_character() {
    let text = "# escape=`\nFROM x\nCOPY a`\n  b /\n";
    assert_eq!(sources(text), listed(&[(3, "a"), (3, "b")]));
    assert_eq!(sources("\u{feff}FROM x\nCOPY a /\n"), listed(&[(2, "a")]));
}

#[test]
fn recorded_dockerfiles_can_be_read() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let mut read = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "Dockerfile") {
            let file = Dockerfile::parse(&std::fs::read_to_string(&path).unwrap(), "arm64");
            let broken = path.file_name().unwrap().to_string_lossy().starts_with("df-");
            assert!(broken || file.error.is_none(), "{path:?} {:?}", file.error);
            read += 1;
        }
    }
    assert!(read > 50);
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_odd(text in "(FROM|COPY|RUN --mount=|ARG|ENV|ADD|<<E|\\$\\{|\"|'|\\\\|[a-z=:,{} \n]){0,30}") {
        Dockerfile::parse(&text, "arm64");
    }
}
