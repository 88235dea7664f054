//! What is looked for.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::{Class, ClassBytesRange, ClassUnicodeRange, Hir, HirKind, Look};
use regex_syntax::hir::{ClassBytes, ClassUnicode};

/// Matches counted and shown in one line; more of them help nobody.
pub const MOST_IN_LINE: usize = u16::MAX as usize;

/// Bounds on what an expression may cost: its program and its lazy automaton.
const PROGRAM: usize = 8 << 20;

/// Whether the case of letters matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Case {
    /// Only if the expression holds a capital letter.
    #[default]
    Smart,
    /// Always.
    Sensitive,
    /// Never.
    Insensitive,
}

/// How the expression is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// As a regular expression.
    #[default]
    Regex,
    /// As the text itself.
    Literal,
}

/// How to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// Whether the case of letters matters.
    pub case: Case,
    /// Whether only whole words count.
    pub word: bool,
    /// How the expression is read.
    pub mode: Mode,
}

impl Options {
    /// How an expression is read where that isn't as usual, in a few words.
    pub fn words(self) -> Vec<&'static str> {
        let case = match self.case {
            Case::Smart => None,
            Case::Sensitive => Some("exact case"),
            Case::Insensitive => Some("any case"),
        };
        let word = self.word.then_some("word");
        let plain = (self.mode == Mode::Literal).then_some("plain");
        case.into_iter().chain(word).chain(plain).collect()
    }
}

/// Where an expression stops being a regular one, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The byte of the expression at fault.
    pub at: usize,
    /// What is wrong there.
    pub sentence: String,
}

/// Expressions up to this long that repeat nothing a number of times are sure
/// to fit into [`PROGRAM`].
const SURE: usize = 64;

/// A compiled expression.
///
/// An expression that is no regular one (yet) is looked for as it stands; see
/// [`Query::broken`]. The empty one matches nothing.
#[derive(Clone, Debug)]
pub struct Query {
    expression: String,
    options: Options,
    broken: Option<Broken>,
    /// What is compiled. It never matches a line end, so that a match in a text
    /// of many lines lies within one.
    pattern: String,
    /// Made when it is first needed: of an expression that is typed, most of
    /// what it was on the way is never looked for.
    regex: OnceLock<Option<Regex>>,
}

impl Query {
    /// Compiles an expression. Always gives a query that can be used.
    pub fn compile(expression: &str, options: Options) -> Self {
        let mut query = Self {
            expression: expression.to_owned(),
            options,
            broken: None,
            pattern: String::new(),
            regex: OnceLock::new(),
        };
        if expression.is_empty() {
            return query;
        }
        let read = match options.mode {
            Mode::Literal => Ok(literal(expression, options)),
            Mode::Regex => regular(expression, options),
        };
        let hir = read.unwrap_or_else(|broken| {
            query.broken = Some(broken);
            literal(expression, options)
        });
        query.pattern = pattern(hir.clone(), options);
        if options.mode == Mode::Regex
            && query.broken.is_none()
            && (expression.len() > SURE || !is_small(&hir))
            && query.regex().is_none()
        {
            query.broken = Some(broken(expression, 0, "it is too large"));
            query.pattern = pattern(literal(expression, options), options);
            query.regex = OnceLock::new();
        }
        query
    }

    /// The expression as it was given.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The options it was compiled with.
    pub fn options(&self) -> Options {
        self.options
    }

    /// Whether it is empty, and so matches nothing.
    pub fn is_empty(&self) -> bool {
        self.expression.is_empty()
    }

    /// Why the expression is looked for as plain text although a regular
    /// expression was asked for.
    pub fn broken(&self) -> Option<&Broken> {
        self.broken.as_ref()
    }

    /// Where a clean line matches: bytes, in order, none of them empty.
    pub fn find_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.find_in_lines(text.as_bytes()).take(MOST_IN_LINE)
    }

    /// Whether a clean line matches.
    pub fn matches(&self, text: &str) -> bool {
        self.find_in(text).next().is_some()
    }

    /// Where many clean lines match: bytes, in order, none of them empty.
    pub(super) fn find_in_lines<'a>(
        &'a self,
        lines: &'a [u8],
    ) -> impl Iterator<Item = Range<usize>> + 'a {
        self.regex()
            .into_iter()
            .flat_map(|regex| regex.find_iter(lines))
            .map(|found| found.range())
            .filter(|range| !range.is_empty())
    }

    fn regex(&self) -> Option<&Regex> {
        let build = || RegexBuilder::new(&self.pattern).size_limit(PROGRAM).build().ok();
        if self.is_empty() { None } else { self.regex.get_or_init(build).as_ref() }
    }
}

fn regular(expression: &str, options: Options) -> Result<Hir, Broken> {
    let ast = ast::parse::Parser::new().parse(expression).map_err(|error| {
        broken(expression, error.span().start.offset, &error.kind().to_string())
    })?;
    let insensitive = match options.case {
        Case::Smart => !has_capital(&ast),
        Case::Sensitive => false,
        Case::Insensitive => true,
    };
    // It finds text only: half a character is none.
    regex_syntax::hir::translate::TranslatorBuilder::new()
        .case_insensitive(insensitive)
        .multi_line(true)
        .utf8(true)
        .build()
        .translate(expression, &ast)
        .map_err(|error| broken(expression, error.span().start.offset, &error.kind().to_string()))
}

fn literal(expression: &str, options: Options) -> Hir {
    let insensitive = match options.case {
        Case::Smart => !expression.chars().any(char::is_uppercase),
        Case::Sensitive => false,
        Case::Insensitive => true,
    };
    // What is escaped always parses.
    regex_syntax::ParserBuilder::new()
        .case_insensitive(insensitive)
        .build()
        .parse(&regex_syntax::escape(expression))
        .unwrap_or_else(|_| Hir::fail())
}

fn pattern(hir: Hir, options: Options) -> String {
    let pattern = within_lines(hir).to_string();
    match options.word {
        // As grep has it: no word character on either side, whatever the
        // expression itself begins and ends with.
        true => format!(r"\b{{start-half}}(?:{pattern})\b{{end-half}}"),
        false => pattern,
    }
}

/// Whether nothing is repeated a number of times.
fn is_small(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => true,
        HirKind::Repetition(repetition) => {
            repetition.min <= 1
                && repetition.max.is_none_or(|most| most <= 1)
                && is_small(&repetition.sub)
        }
        HirKind::Capture(capture) => is_small(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(is_small),
    }
}

fn broken(expression: &str, at: usize, what: &str) -> Broken {
    let column = expression.get(..at).map_or(0, |head| head.chars().count()) + 1;
    Broken { at, sentence: format!("{what} at character {column}") }
}

/// The expression changed so that it matches no line end, and so that the ends
/// of the text are the ends of its lines.
fn within_lines(hir: Hir) -> Hir {
    match hir.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) if literal.0.contains(&b'\n') => Hir::fail(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(Class::Unicode(mut class)) => {
            class.difference(&ClassUnicode::new([ClassUnicodeRange::new('\n', '\n')]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Class(Class::Bytes(mut class)) => {
            class.difference(&ClassBytes::new([ClassBytesRange::new(b'\n', b'\n')]));
            Hir::class(Class::Bytes(class))
        }
        HirKind::Look(Look::Start | Look::StartCRLF) => Hir::look(Look::StartLF),
        HirKind::Look(Look::End | Look::EndCRLF) => Hir::look(Look::EndLF),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(mut repetition) => {
            repetition.sub = Box::new(within_lines(*repetition.sub));
            Hir::repetition(repetition)
        }
        // Nobody asks for groups: without them more of the engines apply.
        HirKind::Capture(capture) => within_lines(*capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.into_iter().map(within_lines).collect()),
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.into_iter().map(within_lines).collect())
        }
    }
}

/// Whether an expression holds a capital letter of its own; that of `\W` is
/// none.
fn has_capital(ast: &Ast) -> bool {
    struct Capitals(bool);

    impl ast::Visitor for Capitals {
        type Output = bool;
        type Err = std::convert::Infallible;

        fn finish(self) -> Result<bool, Self::Err> {
            Ok(self.0)
        }

        fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
            if let Ast::Literal(literal) = ast {
                self.0 |= literal.c.is_uppercase();
            }
            Ok(())
        }

        fn visit_class_set_item_pre(&mut self, item: &ast::ClassSetItem) -> Result<(), Self::Err> {
            match item {
                ast::ClassSetItem::Literal(literal) => self.0 |= literal.c.is_uppercase(),
                ast::ClassSetItem::Range(range) => {
                    self.0 |= range.start.c.is_uppercase() || range.end.c.is_uppercase();
                }
                _ => {}
            }
            Ok(())
        }
    }

    let Ok(found) = ast::visit(ast, Capitals(false));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(expression: &str, options: Options, text: &str) -> Vec<String> {
        let query = Query::compile(expression, options);
        query.find_in(text).map(|range| text[range].to_owned()).collect()
    }

    fn smart(expression: &str, text: &str) -> Vec<String> {
        found(expression, Options::default(), text)
    }

    #[test]
    fn a_capital_letter_makes_case_matter() {
        assert_eq!(smart("error", "Error ERROR error"), ["Error", "ERROR", "error"]);
        assert_eq!(smart("Error", "Error ERROR error"), ["Error"]);
        assert_eq!(smart(r"error\W", "ERROR:"), ["ERROR:"]);
        assert_eq!(smart("[A-Z]rror", "Error error"), ["Error"]);
        let sensitive = Options { case: Case::Sensitive, ..Options::default() };
        assert_eq!(found("error", sensitive, "Error error"), ["error"]);
        let insensitive = Options { case: Case::Insensitive, ..Options::default() };
        assert_eq!(found("ERROR", insensitive, "Error error"), ["Error", "error"]);
        let literal = Options { mode: Mode::Literal, ..Options::default() };
        assert_eq!(found("É", literal, "é É"), ["É"]);
        assert_eq!(found("é", literal, "é É"), ["é", "É"]);
    }

    #[test]
    fn whole_words_may_begin_with_a_sign() {
        let word = Options { word: true, ..Options::default() };
        assert_eq!(found("err", word, "err error stderr err"), ["err", "err"]);
        assert_eq!(found("--locked", word, "x --locked y--locked"), ["--locked"]);
        assert_eq!(found("a|b", word, "a ab b"), ["a", "b"]);
    }

    #[test]
    fn an_incomplete_expression_is_looked_for_as_it_stands() {
        let query = Query::compile("uv(", Options::default());
        assert_eq!(query.find_in("run UV( now").next(), Some(4..7));
        let broken = query.broken().unwrap();
        assert_eq!(broken.at, 2);
        assert_eq!(broken.sentence, "unclosed group at character 3");
        for expression in ["[", "*", "a{2", "\\", "(?P<x", r"\p{Nope}", "a{1000}{1000}{1000}"] {
            let query = Query::compile(expression, Options::default());
            assert!(query.broken().is_some(), "{expression}");
            assert!(query.matches(&format!("x{expression}x")), "{expression}");
        }
    }

    #[test]
    fn a_literal_is_not_read_as_an_expression() {
        let literal = Options { mode: Mode::Literal, ..Options::default() };
        assert_eq!(found("a.c", literal, "abc a.c"), ["a.c"]);
        assert_eq!(Query::compile("a(", literal).broken(), None);
    }

    #[test]
    fn anchors_mean_the_line_and_line_ends_never_match() {
        for expression in [r"\Ab", "^b", "(?m)^b", "(?R)^b", "(?-m)^b"] {
            assert_eq!(smart(expression, "bab"), ["b"], "{expression}");
            let query = Query::compile(expression, Options::default());
            assert_eq!(query.find_in_lines(b"a\nbab").next(), Some(2..3), "{expression}");
        }
        for expression in [r"a\s+b", "a\\nb", "a[^x]b", "(?s)a.b", r"a\Wb", r"a(?s-u:.)b"] {
            let query = Query::compile(expression, Options::default());
            assert_eq!(query.find_in_lines(b"a\nb").next(), None, "{expression}");
        }
    }

    #[test]
    fn what_is_empty_matches_nothing() {
        assert_eq!(smart("", "text"), [""; 0]);
        assert_eq!(smart("x*", "text"), ["x"]);
        assert_eq!(smart("^", "text"), [""; 0]);
        assert!(Query::compile("", Options::default()).is_empty());
    }
}
