//! What a key can do.

/// Where a key is pressed: each place has bindings of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere; consulted after the place's own bindings.
    Anywhere,
    /// The log pane.
    Log,
    /// A panel with rows to choose from; keys it has no use for go to the log.
    List,
    /// A prompt, where other keys are text.
    Prompt,
    /// A list over the log: filters, pinned words, marks.
    Menu,
    /// The help overlay.
    Help,
}

impl Context {
    /// Every place, in the order help lists them.
    pub const ALL: [Self; 6] =
        [Self::Log, Self::List, Self::Prompt, Self::Menu, Self::Help, Self::Anywhere];

    /// Where a key is looked up that is pressed here, in this order.
    pub fn chain(self) -> &'static [Self] {
        match self {
            Self::Anywhere => &[Self::Anywhere],
            Self::Log => &[Self::Log, Self::Anywhere],
            Self::List => &[Self::List, Self::Log, Self::Anywhere],
            Self::Prompt => &[Self::Prompt, Self::Anywhere],
            Self::Menu => &[Self::Menu, Self::Anywhere],
            Self::Help => &[Self::Help, Self::Anywhere],
        }
    }

    /// The heading in help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Anywhere => "Anywhere",
            Self::Log => "Log",
            Self::List => "In a panel",
            Self::Prompt => "While typing",
            Self::Menu => "In a list",
            Self::Help => "In this help",
        }
    }
}

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $variant:ident $context:ident $name:literal $group:literal $text:literal;)+) => {
        /// An intent of the user, independent of the key that expresses it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Action {
            /// Every action, in the order help lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name, as written in a configuration file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Where it applies.
            pub fn context(self) -> Context {
                match self { $(Self::$variant => Context::$context,)+ }
            }

            /// The heading it stands under in help.
            pub fn group(self) -> &'static str {
                match self { $(Self::$variant => $group,)+ }
            }

            /// What it does, in a few words.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

actions! {
    /// One line down.
    LineDown Log "line-down" "Move" "one line down";
    /// One line up.
    LineUp Log "line-up" "Move" "one line up";
    /// Half a screen down.
    HalfPageDown Log "half-page-down" "Move" "half a page down";
    /// Half a screen up.
    HalfPageUp Log "half-page-up" "Move" "half a page up";
    /// A screen down.
    PageDown Log "page-down" "Move" "a page down";
    /// A screen up.
    PageUp Log "page-up" "Move" "a page up";
    /// To the first line.
    Top Log "top" "Move" "to the first line";
    /// To the last line, following what arrives.
    Bottom Log "bottom" "Move" "to the last line, and follow";
    /// To the percentage typed before it.
    Percent Log "percent" "Move" "to 50% after 50; 123G to line 123";
    /// Following on or off.
    Follow Log "follow" "Move" "follow new lines, or stop following";
    /// Back to where one was before a jump, and before the one before it.
    Back Log "back" "Move" "back to before the last jump";
    /// Sideways to the left.
    Left Log "left" "Move" "scroll left";
    /// Sideways to the right.
    Right Log "right" "Move" "scroll right";
    /// Back to the first column.
    LineStart Log "line-start" "Move" "back to the first column";
    /// Sideways to where the widest line in sight ends.
    LineEnd Log "line-end" "Move" "to the end of the widest line";
    /// Long lines wrapped or cut.
    Wrap Log "wrap" "Move" "wrap long lines, or cut them";
    /// Opens the search prompt.
    Search Log "search" "Find" "search as you type";
    /// To the next match.
    NextMatch Log "next-match" "Find" "next match";
    /// To the match before.
    PreviousMatch Log "previous-match" "Find" "previous match";
    /// Searches the word under the cursor.
    SearchWord Log "search-word" "Find" "the word here; again: the next";
    /// Shows only lines that match.
    ShowOnly Log "show-only" "Filter" "only lines that match";
    /// Hides lines that match.
    Hide Log "hide" "Filter" "hide lines that match";
    /// Lists the filters.
    FilterList Log "filter-list" "Filter" "the filters: switch, edit, delete";
    /// More lines around those that pass.
    MoreContext Log "more-context" "Filter" "more lines around them";
    /// Fewer lines around those that pass.
    LessContext Log "less-context" "Filter" "fewer lines around them";
    /// Only failures and warnings.
    OnlyTrouble Log "only-trouble" "Filter" "only failures and warnings";
    /// Hides download progress.
    HideProgress Log "hide-progress" "Filter" "hide download progress";
    /// Highlights an expression for the session.
    Pin Log "pin" "Mark" "pin a word in a colour of its own";
    /// Lists the pinned words.
    PinList Log "pin-list" "Mark" "the pinned words";
    /// Marks the line.
    Mark Log "mark" "Mark" "mark this line, or unmark it";
    /// Lists the marks.
    MarkList Log "mark-list" "Mark" "the marks, to go to";
    /// To the next line that states a failure.
    NextFailure Log "next-failure" "Find" "next failure line";
    /// To the failure line before.
    PreviousFailure Log "previous-failure" "Find" "previous failure line";
    /// To the likeliest cause.
    Cause Log "cause" "Find" "to the likeliest cause";
    /// To the first line of the next step.
    NextStep Log "next-step" "Steps" "next step";
    /// To the first line of the step before.
    PreviousStep Log "previous-step" "Steps" "previous step";
    /// To the next step that failed.
    NextFailedStep Log "next-failed-step" "Steps" "next failed step";
    /// To the failed step before.
    PreviousFailedStep Log "previous-failed-step" "Steps" "previous failed step";
    /// Shows only the lines of the step under the cursor.
    StepOnly Log "step-only" "Steps" "only this step's lines (Esc: back)";
    /// Folds or unfolds the step under the cursor.
    Fold Log "fold" "Steps" "fold this step, or unfold it";
    /// Folds or unfolds all steps.
    FoldAll Log "fold-all" "Steps" "fold all steps, or unfold them";
    /// What the time column shows.
    Time Log "time" "Steps" "time column: UTC, local, since …";
    /// JSON in lines laid out over several rows, or as it came.
    Json Log "json" "Move" "lay out JSON, or not";
    /// Selects lines, from the cursor's on.
    Select Log "select" "Take along" "select lines: move, then copy";
    /// Copies what is selected, or the cursor's line, or the finding's change.
    Copy Log "copy" "Take along" "copy (selection, line, diff)";
    /// Copies lines as Markdown, under what they are.
    CopyReference Log "copy-reference" "Take along" "copy as Markdown with its place";
    /// Saves lines to a file.
    Save Log "save" "Take along" "save what is selected or shown";
    /// Pipes lines to a program.
    Pipe Log "pipe" "Take along" "pipe it to a program or pager";
    /// Opens the log in an editor.
    Edit Log "edit" "Take along" "open the log here in $EDITOR";
    /// Opens the finding's Dockerfile in an editor.
    Dockerfile Log "dockerfile" "Take along" "open the finding's Dockerfile";
    /// Listens to the mouse, or leaves it to the terminal.
    Mouse Log "mouse" "Program" "mouse on, or off";
    /// To the steps panel; there, closes it.
    Steps Log "steps" "Panes" "go to the steps, or close them";
    /// To the findings panel; there, closes it.
    Findings Log "findings" "Panes" "go to the findings, or close them";
    /// To the detail of a finding; there, closes it.
    Detail Log "detail" "Panes" "the finding in full, or close it";
    /// Shows or hides the timeline.
    Timeline Log "timeline" "Panes" "the steps on a time axis";
    /// Gives the keys to the next pane.
    NextPane Log "next-pane" "Panes" "next pane";
    /// Gives the keys to the pane before.
    PreviousPane Log "previous-pane" "Panes" "previous pane";
    /// The pane with the keys fills the screen, or no longer.
    FullPane Log "full-pane" "Panes" "only this pane, or all again";
    /// Makes the panels higher.
    Taller Log "taller" "Panes" "panels higher";
    /// Makes the panels lower.
    Lower Log "lower" "Panes" "panels lower";
    /// Makes the first panel wider.
    Wider Log "wider" "Panes" "first panel wider";
    /// Makes the first panel narrower.
    Narrower Log "narrower" "Panes" "first panel narrower";
    /// Opens the command palette.
    Command Log "command" "Program" "commands; 42, 50%, 10:04, +90s";
    /// Asks the service now; retries after it refused.
    Refresh Log "refresh" "Build" "ask again now";
    /// Polling paused or resumed.
    PausePolling Log "pause-polling" "Build" "pause polling, or go on";
    /// Closes what is open: a message, the search.
    Close Log "close" "Program" "close what is open";
    /// Ends the program.
    Quit Log "quit" "Program" "quit";
    /// One row down.
    ListDown List "list-down" "In a panel" "one row down";
    /// One row up.
    ListUp List "list-up" "In a panel" "one row up";
    /// A page of rows down.
    ListPageDown List "list-page-down" "In a panel" "a page down";
    /// A page of rows up.
    ListPageUp List "list-page-up" "In a panel" "a page up";
    /// The first row.
    ListTop List "list-top" "In a panel" "the first row";
    /// The last row.
    ListBottom List "list-bottom" "In a panel" "the last row";
    /// Opens what the row leads to.
    ListOpen List "list-open" "In a panel" "only this step; to this line; unfold";
    /// Back to the log.
    ListClose List "list-close" "In a panel" "back to all panes, or to the log";
    /// Keeps the search, or does what was typed.
    Accept Prompt "accept" "While typing" "keep the matches; do it";
    /// Ends the search where it began.
    Cancel Prompt "cancel" "While typing" "give up, back to where you were";
    /// Next match without leaving the prompt; in the palette the row below.
    PromptNext Prompt "prompt-next" "While typing" "next match; row below";
    /// Previous match without leaving the prompt; in the palette the row above.
    PromptPrevious Prompt "prompt-previous" "While typing" "previous match; row above";
    /// What was typed before; in the palette the row above.
    PromptOlder Prompt "prompt-older" "While typing" "typed before; row above";
    /// What was typed after; in the palette the row below.
    PromptNewer Prompt "prompt-newer" "While typing" "typed after; row below";
    /// In the palette, a page of rows down.
    PromptPageDown Prompt "prompt-page-down" "While typing" "in the palette: a page down";
    /// In the palette, a page of rows up.
    PromptPageUp Prompt "prompt-page-up" "While typing" "in the palette: a page up";
    /// Looks backwards through what was typed before.
    PromptRecall Prompt "prompt-recall" "While typing" "look through what was typed";
    /// Case: smart, sensitive, insensitive.
    PromptCase Prompt "prompt-case" "While typing" "case: smart, exact, any";
    /// Whole words or not.
    PromptWord Prompt "prompt-word" "While typing" "whole words, or parts";
    /// Regular expression or plain text.
    PromptRegex Prompt "prompt-regex" "While typing" "plain text, or an expression";
    /// Searches only the step.
    PromptStep Prompt "prompt-step" "While typing" "only this step, or all";
    /// One row down.
    MenuDown Menu "menu-down" "In a list" "one row down";
    /// One row up.
    MenuUp Menu "menu-up" "In a list" "one row up";
    /// A page of rows down.
    MenuPageDown Menu "menu-page-down" "In a list" "a page down";
    /// A page of rows up.
    MenuPageUp Menu "menu-page-up" "In a list" "a page up";
    /// Does what the row is for.
    MenuOpen Menu "menu-open" "In a list" "switch; search it; go there";
    /// Switches the row on or off.
    MenuToggle Menu "menu-toggle" "In a list" "switch on or off; look at the mark";
    /// Edits the row.
    MenuEdit Menu "menu-edit" "In a list" "edit";
    /// Deletes the row.
    MenuDelete Menu "menu-delete" "In a list" "delete";
    /// Back to where one was before the latest jump, and forth.
    MenuBack Menu "menu-back" "In a list" "of marks: before the last jump";
    /// Closes the list.
    MenuClose Menu "menu-close" "In a list" "close the list";
    /// Help one line down.
    HelpDown Help "help-down" "In this help" "one line down";
    /// Help one line up.
    HelpUp Help "help-up" "In this help" "one line up";
    /// Help a page down.
    HelpPageDown Help "help-page-down" "In this help" "a page down";
    /// Help a page up.
    HelpPageUp Help "help-page-up" "In this help" "a page up";
    /// To the beginning of the help.
    HelpTop Help "help-top" "In this help" "to its beginning";
    /// To the end of the help.
    HelpBottom Help "help-bottom" "In this help" "to its end";
    /// Looks for something in the help.
    HelpFind Help "help-find" "In this help" "look for something";
    /// Closes help.
    HelpClose Help "help-close" "In this help" "close help";
    /// Shows or hides help.
    Help Log "help" "Program" "show these keys";
    /// Draws all of the screen again, in the size it has.
    Redraw Anywhere "redraw" "Program" "draw the screen again";
    /// Gives the terminal back to the shell for a while.
    Suspend Anywhere "suspend" "Program" "suspend (`fg` comes back)";
    /// Ends the program as interrupted; gives up what is being typed.
    Interrupt Anywhere "interrupt" "Program" "quit at once; typing: give up";
}

impl Action {
    /// The action of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }

    /// The name most like `name`, if any is near enough to be meant.
    pub fn nearest(name: &str) -> Option<&'static str> {
        Self::ALL
            .iter()
            .map(|action| (distance(name, action.name()), action.name()))
            .min()
            .filter(|(far, near)| *far <= near.len().max(3) / 3)
            .map(|(_, near)| near)
    }
}

/// The number of insertions, deletions and replacements between two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (cell, &cb) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            let here = (above + 1).min(left + 1).min(corner + usize::from(ca != cb));
            corner = above;
            left = here;
            *cell = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_one_action() {
        for (i, action) in Action::ALL.iter().enumerate() {
            assert_eq!(Action::from_name(action.name()), Some(*action));
            assert!(Action::ALL.iter().skip(i + 1).all(|other| other.name() != action.name()));
        }
    }

    #[test]
    fn a_slip_of_the_pen_finds_its_action() {
        assert_eq!(Action::nearest("pagedown"), Some("page-down"));
        assert_eq!(Action::nearest("serch"), Some("search"));
        assert_eq!(Action::nearest("next-fail"), Some("next-failure"));
        assert_eq!(Action::nearest("launch-rocket"), None);
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
