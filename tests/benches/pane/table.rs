//! The figures side by side.

use std::time::Duration;

/// A row of figures, one per program.
#[derive(Debug)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// The figures as they are printed; empty where there is none, or where
    /// the program didn't get there in time.
    pub cells: Vec<String>,
}

/// Prints a table in Markdown.
pub fn print(head: &[&str], rows: &[Row]) {
    let first = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let cells = rows.iter().filter_map(|row| row.cells.get(i));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(name.len())
        })
        .collect();
    let line = |name: &str, cells: Vec<&str>| {
        print!("| {name:<first$} |");
        for (cell, width) in cells.iter().zip(&widths) {
            let cell = if cell.is_empty() { "–" } else { cell };
            print!(" {cell:>width$} |");
        }
        println!();
    };
    line("", head.to_vec());
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    line(&"-".repeat(first), rules.iter().map(String::as_str).collect());
    for row in rows {
        line(&row.name, row.cells.iter().map(String::as_str).collect());
    }
}

/// A number with as many places as matter.
pub fn number(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// Milliseconds.
pub fn millis(time: Duration) -> String {
    number(time.as_secs_f64() * 1e3)
}

/// The value below which the given part of all lie; sorts them.
pub fn quantile(values: &mut [f64], part: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    values.get((last as f64 * part).round() as usize).copied()
}
