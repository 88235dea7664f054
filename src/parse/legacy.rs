//! The classic Docker builder's output: `Step 3/8 : RUN …`.

/// What a line of the classic builder's output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// `Sending build context to Docker daemon  3.072kB`.
    Context,
    /// `Step 3/8 : RUN make`.
    Step {
        /// The step's place.
        index: u32,
        /// How many steps the build has.
        total: u32,
        /// The instruction.
        instruction: &'a str,
    },
    /// ` ---> Running in 7f3f8c1e2b57`.
    RunningIn(&'a str),
    /// ` ---> Using cache`.
    CacheHit,
    /// ` ---> 5a7ebcfa40ab`: the layer a step ended in.
    Layer(&'a str),
    /// `Removing intermediate container 7f3f8c1e2b57`.
    Removing(&'a str),
    /// `The command '/bin/sh -c make' returned a non-zero code: 2`.
    NonZero {
        /// The exit status.
        code: i32,
    },
    /// `Successfully built 5a7ebcfa40ab`.
    Built,
    /// `Successfully tagged app:latest`.
    Tagged,
}

/// Reads one line; `None` for anything that is not the classic builder's own.
///
/// The text of a container's last, unfinished line runs into what the builder
/// prints next (`0KRemoving intermediate container …`); only the exit message
/// is recognised behind such a rest, because it decides the step's state.
pub fn line(text: &str) -> Option<Line<'_>> {
    match text.as_bytes().first()? {
        b'S' => {
            if let Some(rest) = text.strip_prefix("Step ") {
                return step(rest);
            }
            if let Some(rest) = text.strip_prefix("Successfully ") {
                return match rest.split_once(' ')? {
                    // "Successfully built pyaudio" is pip's; a layer id is the builder's.
                    ("built", id) if is_id(id) => Some(Line::Built),
                    ("tagged", _) => Some(Line::Tagged),
                    _ => None,
                };
            }
            text.starts_with("Sending build context to Docker daemon").then_some(Line::Context)
        }
        b' ' => {
            let rest = text.strip_prefix(" ---> ")?;
            if rest == "Using cache" {
                return Some(Line::CacheHit);
            }
            if let Some(id) = rest.strip_prefix("Running in ") {
                return Some(Line::RunningIn(id));
            }
            is_id(rest).then_some(Line::Layer(rest))
        }
        b'R' => text
            .strip_prefix("Removing intermediate container ")
            .map(|id| Line::Removing(id.trim_end())),
        b'T' => non_zero(text),
        _ => None,
    }
}

/// Reads the exit message wherever it begins in a line.
pub fn non_zero(text: &str) -> Option<Line<'_>> {
    let at = text.rfind("' returned a non-zero code: ")?;
    text.get(..at)?.find("The command '")?;
    let code = text.get(at..)?.rsplit(": ").next()?;
    Some(Line::NonZero { code: code.trim().parse().ok()? })
}

fn step(rest: &str) -> Option<Line<'_>> {
    let (place, instruction) = rest.split_once(" : ")?;
    let (index, total) = place.split_once('/')?;
    Some(Line::Step { index: index.parse().ok()?, total: total.parse().ok()?, instruction })
}

fn is_id(text: &str) -> bool {
    text.len() >= 8
        && text.strip_prefix("sha256:").unwrap_or(text).bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builders_own_lines() {
        assert_eq!(
            line("Step 3/8 : RUN make"),
            Some(Line::Step { index: 3, total: 8, instruction: "RUN make" })
        );
        assert_eq!(line(" ---> Running in 4b434183b8d2"), Some(Line::RunningIn("4b434183b8d2")));
        assert_eq!(line(" ---> Using cache"), Some(Line::CacheHit));
        assert_eq!(line(" ---> 54dc11f2e8d4"), Some(Line::Layer("54dc11f2e8d4")));
        assert_eq!(line("Successfully built fd962911449c"), Some(Line::Built));
        assert_eq!(
            line("The command '/bin/sh -c it's' returned a non-zero code: 137"),
            Some(Line::NonZero { code: 137 })
        );
        assert_eq!(
            non_zero("no newlineThe command '/bin/sh -c x' returned a non-zero code: 2"),
            Some(Line::NonZero { code: 2 })
        );
    }

    #[test]
    fn what_only_looks_like_it() {
        for text in [
            "Successfully built pyaudio",
            "Successfully installed x",
            "Step by step",
            " ---> Fetching x",
            "The command 'x' failed",
        ] {
            assert_eq!(line(text), None, "{text:?}");
        }
    }
}
