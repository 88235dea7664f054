//! The fold on small logs; the corpus is in tests/steps_corpus.rs.

use super::*;

fn parse(text: &str) -> Parser {
    let mut parser = Parser::new();
    for (at, line) in text.lines().enumerate() {
        parser.line(LineNo::new(at as u32), line);
    }
    parser.finish();
    parser
}

#[test]
fn a_failing_step_has_label_line_and_code() {
    let parser = parse(
        "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n\n\
         #2 [ 2/11] RUN  make   all\n#2 0.340 boom\n\
         #2 ERROR: process \"/bin/sh -c make all\" did not complete successfully: exit code: 2\n\
         ------\n > [ 2/11] RUN  make   all:\n0.340 boom\n------\nDockerfile:9\n\
         --------------------\n   8 |     # x\n   9 | >>> RUN  make   all\n--------------------\n\
         ERROR: failed to build: failed to solve: process \"/bin/sh -c make all\" did not complete successfully: exit code: 2\n",
    );
    let tree = parser.tree();
    let step = tree.step(tree.failing_step().unwrap()).unwrap();
    assert_eq!(step.label(), "RUN make all");
    assert_eq!((step.index(), step.total()), (Some(2), Some(11)));
    assert_eq!(step.dockerfile_line(), Some(9));
    assert_eq!(step.exit_code(), Some(2));
    assert_eq!(tree.repeat_of(LineNo::new(8)), Some(LineNo::new(4)));
    assert_eq!(tree.repeat_of(LineNo::new(15)), Some(LineNo::new(5)));
}
