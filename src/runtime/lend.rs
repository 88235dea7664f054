//! Giving the terminal to another program, and what else the dock wants done.

use std::io;
use std::process::Command;

use crate::app::{Message, Report};
use crate::outside::{Ended, Landed, Tools};
use crate::text;

use super::{Host, Return};

/// Does what a landed thing asks for; whether the terminal was lent.
pub(super) fn land(
    landed: Landed,
    tools: &Tools,
    host: &mut impl Host,
    queue: &mut Vec<Message>,
) -> io::Result<bool> {
    match landed {
        Landed::Taken => {}
        Landed::Report(number, report) => queue.push(Message::Report(Some(number), report)),
        Landed::Copy { number, bytes, by, sequence, remark } => {
            let mut names: Vec<String> = by.map(str::to_owned).into_iter().collect();
            if let Some(sequence) = sequence {
                host.clipboard(&sequence)?;
                names.push("the terminal (OSC 52)".to_owned());
            }
            let report = Report::Copied { bytes, by: names, remark };
            queue.push(Message::Report(Some(number), report));
        }
        Landed::Pipe { number, command, input } => {
            let names = if command.trim().is_empty() { "; $PAGER names yours" } else { "" };
            let command = tools.pipe(&command, input);
            program(host, command, names, Return::Read, Some(number), queue)?;
            return Ok(true);
        }
        Landed::Edit { number, dir, path, line } => {
            let command = tools.edit(&path, line);
            program(host, command, EDITOR, Return::AtOnce, Some(number), queue)?;
            drop(dir);
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is said of an editor that isn't there.
pub(super) const EDITOR: &str = "; $VISUAL or $EDITOR names yours";

/// Lends the terminal to a program, and says how that went; `names` is what to
/// do where there is none of that name.
pub(super) fn program(
    host: &mut impl Host,
    command: Result<Command, String>,
    names: &str,
    back: Return,
    number: Option<u64>,
    queue: &mut Vec<Message>,
) -> io::Result<()> {
    let report = match command {
        Err(why) => Report::Failed(why),
        Ok(command) => {
            let name = command.get_program().to_string_lossy().into_owned();
            let name = text::plain(&name).into_owned();
            let ended = host.lend(command, back)?;
            let (width, height) = host.size()?;
            queue.push(Message::Now(host.now()));
            queue.push(Message::Resumed);
            queue.push(Message::Resize(width, height));
            match ended {
                Ok(Ended::Code(0)) => Report::Returned(None),
                Ok(Ended::Code(code)) => {
                    Report::Returned(Some(format!("{name} ended with status {code}")))
                }
                Ok(Ended::Signal(signal)) => {
                    Report::Returned(Some(format!("{name} was ended by signal {signal}")))
                }
                Err(error) => Report::Failed(cant_start(&name, names, &error)),
            }
        }
    };
    queue.push(Message::Report(number, report));
    Ok(())
}

fn cant_start(name: &str, names: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("There is no program {name}{names}"),
        io::ErrorKind::PermissionDenied => format!("{name} may not be run"),
        _ => format!("{name} can't be started ({error})"),
    }
}
