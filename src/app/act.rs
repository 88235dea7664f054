//! What each action does, whether a key, the palette or the mouse asks for it.

use crate::keymap::{Action, Context};

use super::browse::{list, list_open, list_page};
use super::direction::Direction;
use super::effect::{Effect, Ending};
use super::failures::{cause, failure};
use super::model::{Help, Model};
use super::moments::show_times;
use super::moves::{down, left, resume, right, to_line_end, up};
use super::panels::{focus, resize, toggle, widen};
use super::panes::Pane;
use super::polling::{pause_polling, refresh};
use super::prompt::Purpose;
use super::scroll::{ItemNo, Place, back};
use super::steps::Stops;
use super::view::{Sense, Test};
use super::{
    ask, filters, find, help, jumps, marks, menu, outgoing, panels, pins, prompt, scrollbar,
    select, steps, timeline,
};

/// Does it, and says what is to be done outside.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = u32::from(model.layout().log.height);
    let half = (height / 2).max(1);
    // A row of the page before stays in sight.
    let page = height.saturating_sub(1).max(1);
    match action {
        Action::LineDown => {
            let top = model.scroll.top;
            down(model, 1);
            scrollbar::moved(model, top);
        }
        Action::LineUp => {
            let top = model.scroll.top;
            up(model, 1);
            scrollbar::moved(model, top);
        }
        Action::HalfPageDown => down(model, half),
        Action::HalfPageUp => up(model, half),
        Action::PageDown => down(model, page),
        Action::PageUp => up(model, page),
        Action::Top => {
            if model.scroll.cursor != ItemNo::FIRST {
                jumps::record(model);
            }
            (model.anchor, model.stood) = (None, None);
            let mut scroll = model.scroll;
            scroll.to_top(&model.rows());
            model.scroll = scroll;
        }
        Action::Bottom => resume(model),
        Action::Percent => {
            let said = "Type a number first: 50% goes to the middle";
            model.answer = Some(said.into());
        }
        Action::Follow if model.scroll.is_following() => {
            let mut scroll = model.scroll;
            scroll.pause(&model.rows());
            model.scroll = scroll;
        }
        Action::Follow => resume(model),
        Action::Back => jumps::back(model),
        Action::Left => left(model, 1),
        Action::Right => right(model, 1),
        Action::LineStart => model.scroll.left = 0,
        Action::LineEnd => to_line_end(model),
        Action::Wrap => {
            // The cursor's line stays where it is on the screen.
            let row = model.scroll.cursor_row(&model.rows(), height);
            model.wrap = !model.wrap;
            let cursor = Place { item: model.scroll.cursor, row: 0 };
            model.scroll.left = 0;
            model.scroll.top = back(&model.rows(), cursor, row);
            find::keep_in_sight(model);
            let said = if model.wrap { "Long lines wrap" } else { "Long lines are cut" };
            model.answer = Some(said.into());
        }
        Action::Json => {
            let row = model.scroll.cursor_row(&model.rows(), height);
            model.pretty = !model.pretty;
            let cursor = Place { item: model.scroll.cursor, row: 0 };
            model.scroll.top = back(&model.rows(), cursor, row);
            find::keep_in_sight(model);
            let said = if model.pretty { "JSON is laid out" } else { "JSON as it came" };
            model.answer = Some(said.into());
        }
        Action::Select => select::toggle(model),
        Action::Copy => return outgoing::copy(model, false),
        Action::CopyReference => return outgoing::copy(model, true),
        Action::Save => ask::save(model),
        Action::Pipe => ask::pipe(model),
        Action::Edit => return outgoing::edit(model),
        Action::Dockerfile => return outgoing::edit_dockerfile(model),
        Action::Mouse => {
            model.mouse = !model.mouse;
            let said = match model.mouse {
                true => "The mouse is ours; with shift it selects as the terminal does",
                false => "The mouse is the terminal's",
            };
            model.answer = Some(said.into());
            return vec![Effect::Mouse(model.mouse)];
        }
        Action::Accept | Action::PromptNext | Action::PromptPrevious if model.ask.is_some() => {
            if action == Action::Accept {
                return ask::accept(model);
            }
        }
        Action::Cancel if model.ask.is_some() => ask::cancel(model),
        Action::Search => prompt::open(model, Purpose::Search),
        Action::Command => prompt::open(model, Purpose::Command),
        Action::ShowOnly | Action::Hide => {
            let sense = if action == Action::Hide { Sense::Hide } else { Sense::Show };
            prompt::open(model, Purpose::Filter { sense, edits: None });
        }
        Action::FilterList => filters::list(model),
        Action::MoreContext => filters::context(model, true, 1),
        Action::LessContext => filters::context(model, false, 1),
        Action::OnlyTrouble => filters::preset(model, &Test::Trouble, Sense::Show),
        Action::HideProgress => filters::preset(model, &Test::Progress, Sense::Hide),
        Action::Pin => prompt::open(model, Purpose::Pin { edits: None }),
        Action::PinList => pins::list(model),
        Action::Mark => marks::toggle(model),
        Action::MarkList => marks::list(model),
        Action::MenuDown
        | Action::MenuUp
        | Action::MenuPageDown
        | Action::MenuPageUp
        | Action::MenuOpen
        | Action::MenuToggle
        | Action::MenuEdit
        | Action::MenuDelete
        | Action::MenuBack
        | Action::MenuClose => menu::act(model, action),
        Action::NextMatch => find::step(model, Direction::Forward, 1),
        Action::PreviousMatch => find::step(model, Direction::Back, 1),
        Action::SearchWord => find::search_word(model),
        Action::Accept => return prompt::accept(model),
        Action::Cancel => prompt::cancel(model),
        Action::PromptNext => prompt::step(model, Direction::Forward),
        Action::PromptPrevious => prompt::step(model, Direction::Back),
        Action::PromptOlder => prompt::walk(model, Direction::Back),
        Action::PromptNewer => prompt::walk(model, Direction::Forward),
        Action::PromptPageDown => prompt::page(model, Direction::Forward),
        Action::PromptPageUp => prompt::page(model, Direction::Back),
        Action::PromptRecall => prompt::recall(model),
        Action::PromptCase | Action::PromptWord | Action::PromptRegex | Action::PromptStep => {
            prompt::toggle(model, action)
        }
        Action::NextFailure => failure(model, Direction::Forward, 1),
        Action::PreviousFailure => failure(model, Direction::Back, 1),
        Action::Cause => cause(model),
        Action::NextStep => steps::walk(model, Direction::Forward, Stops::All, 1),
        Action::PreviousStep => steps::walk(model, Direction::Back, Stops::All, 1),
        Action::NextFailedStep => steps::walk(model, Direction::Forward, Stops::Failed, 1),
        Action::PreviousFailedStep => steps::walk(model, Direction::Back, Stops::Failed, 1),
        Action::StepOnly => steps::step_only(model),
        Action::Fold => steps::fold(model),
        Action::FoldAll => steps::fold_all(model),
        Action::Time => show_times(model, model.time.next()),
        Action::Steps => toggle(model, Pane::Steps),
        Action::Findings => toggle(model, Pane::Findings),
        Action::Detail => toggle(model, Pane::Detail),
        Action::Timeline => timeline::toggle(model),
        Action::NextPane => focus(model, Direction::Forward),
        Action::PreviousPane => focus(model, Direction::Back),
        Action::FullPane => panels::fill(model),
        Action::Taller => resize(model, 2),
        Action::Lower => resize(model, -2),
        Action::Wider => widen(model, 5),
        Action::Narrower => widen(model, -5),
        Action::ListDown => list(model, 1),
        Action::ListUp => list(model, -1),
        Action::ListPageDown => list(model, list_page(model)),
        Action::ListPageUp => list(model, -list_page(model)),
        Action::ListTop => list(model, -(u32::MAX as isize)),
        Action::ListBottom => list(model, u32::MAX as isize),
        Action::ListOpen => list_open(model),
        Action::ListClose if outgoing::cancel(model) => {}
        Action::ListClose if model.panes.focus == Pane::Timeline => timeline::close(model),
        Action::ListClose if panels::unfill(model) => {}
        Action::ListClose => model.panes.focus = Pane::Log,
        Action::Refresh => return refresh(model),
        Action::PausePolling => return pause_polling(model),
        Action::Close => {
            // The innermost first; a search inside of a step ends before the
            // step is left, and stops before it ends. The other panes come back
            // last.
            let closed = outgoing::cancel(model)
                || model.selection.take().is_some()
                || model.notice.take().is_some()
                || filters::cancel(model)
                || model.find.as_mut().is_some_and(find::Find::stop)
                || find::end(model)
                || steps::leave(model);
            if !closed {
                panels::unfill(model);
            }
        }
        Action::Help => model.help = Some(Help::default()),
        Action::HelpDown => help::scroll(model, 1),
        Action::HelpUp => help::scroll(model, -1),
        Action::HelpPageDown => help::page(model, 1),
        Action::HelpPageUp => help::page(model, -1),
        Action::HelpTop => help::scroll(model, i32::MIN),
        Action::HelpBottom => help::scroll(model, i32::MAX),
        Action::HelpFind => help::find(model),
        Action::HelpClose => help::close(model),
        Action::Redraw => return vec![Effect::Redraw],
        Action::Suspend => return vec![Effect::Suspend],
        // What is typed is given up first, as in a shell.
        Action::Interrupt if model.context() == Context::Prompt => {
            return act(model, Action::Cancel);
        }
        Action::Interrupt if help::is_searched(model) => help::close(model),
        Action::Interrupt => return vec![Effect::Quit(Ending::Interrupted)],
        Action::Quit => return vec![Effect::Quit(Ending::Quit)],
    }
    Vec::new()
}
