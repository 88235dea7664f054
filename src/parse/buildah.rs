//! buildah's and podman's build output: `STEP 2/3: RUN …`.

/// What a line of buildah's output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// `STEP 2/3: RUN make`, or `[1/2] STEP 2/3: RUN make` in a build of
    /// several stages.
    Step {
        /// The stage as buildah counts it (`1/2`), if it says one.
        stage: Option<&'a str>,
        /// The step's place among those of its stage.
        index: u32,
        /// How many steps the stage has.
        total: u32,
        /// The instruction.
        instruction: &'a str,
    },
    /// `COMMIT name`: every step of the build is over.
    Commit,
    /// `--> Using cache 5a7e…`: the step's result was at hand.
    CacheHit,
    /// `Error: building at STEP "RUN sh /run.sh": …`, with what follows.
    Error(&'a str),
}

/// Reads one line; `None` for anything that is not buildah's own.
pub fn line(text: &str) -> Option<Line<'_>> {
    match text.as_bytes().first()? {
        b'S' => step(None, text),
        b'[' => {
            let (stage, rest) = text.get(1..)?.split_once("] ")?;
            stage.as_bytes().first().filter(|b| b.is_ascii_digit())?;
            step(Some(stage), rest)
        }
        b'C' if text.starts_with("COMMIT ") || text == "COMMIT" => Some(Line::Commit),
        b'-' if text.starts_with("--> Using cache ") => Some(Line::CacheHit),
        b'E' | b'e' => {
            let rest = text.get(1..)?.strip_prefix("rror: ")?;
            (rest.starts_with("building at STEP ") || rest.starts_with("error building at STEP "))
                .then_some(Line::Error(rest))
        }
        _ => None,
    }
}

fn step<'a>(stage: Option<&'a str>, text: &'a str) -> Option<Line<'a>> {
    let (place, instruction) = text.strip_prefix("STEP ")?.split_once(": ")?;
    let (index, total) = place.split_once('/')?;
    Some(Line::Step { stage, index: index.parse().ok()?, total: total.parse().ok()?, instruction })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_errors_and_commits() {
        assert_eq!(
            line("STEP 2/3: RUN sh /run.sh"),
            Some(Line::Step { stage: None, index: 2, total: 3, instruction: "RUN sh /run.sh" })
        );
        assert_eq!(
            line("[2/2] STEP 1/4: FROM scratch"),
            Some(Line::Step {
                stage: Some("2/2"),
                index: 1,
                total: 4,
                instruction: "FROM scratch"
            })
        );
        assert_eq!(
            line("Error: building at STEP \"RUN x\": exit status 2"),
            Some(Line::Error("building at STEP \"RUN x\": exit status 2"))
        );
        assert_eq!(line("COMMIT app"), Some(Line::Commit));
        for other in ["", "STEP x/3: RUN", "Step 1/3 : FROM x", "[notice] STEP", "step 1"] {
            assert_eq!(line(other), None, "{other:?}");
        }
    }
}
