//! What the store, the sanitiser and the search cost on a million lines.
//!
//! `cargo bench --bench store` prints medians; `-- 10` takes ten million lines.
//! The log is made up in the temporary directory, and read from the page cache.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::time::Instant;

use buildcat::domain::LineNo;
use buildcat::search::{Budget, Mode, Options, Query, Search};
use buildcat::store::Store;
use buildcat::text;

const RUNS: usize = 5;

/// A line in 1000 has colours, as logs of builds have.
fn log(lines: usize) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    let mut out = BufWriter::with_capacity(1 << 20, &mut file);
    for i in 0..lines {
        let (on, off) = if i % 1000 == 0 { ("\x1b[33m", "\x1b[0m") } else { ("", "") };
        writeln!(
            out,
            "#{} {}.{:03} {on}Downloading{off} package-{i:07}-cp312-manylinux_2_28_aarch64.whl ({} kB) from a mirror",
            i % 40,
            i / 1000,
            i % 1000,
            i % 977,
        )?;
        if i + 20 == lines {
            writeln!(out, "#9 1.0 the needle: exit code 137")?;
        }
    }
    out.flush()?;
    drop(out);
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Prints the median time of some runs, and what that is per second.
fn median(name: &str, bytes: u64, mut run: impl FnMut()) {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let time = times.get(RUNS / 2).copied().unwrap_or_default();
    let speed = bytes as f64 / time / 1e9;
    println!("{name:<44} {:>10.3} ms {speed:>8.2} GB/s", time * 1e3);
}

fn indexed(file: &File) -> std::io::Result<Store> {
    let mut store = Store::open_file(file.try_clone()?);
    while store.index_more(1 << 20)? {}
    Ok(store)
}

fn main() -> std::io::Result<()> {
    let millions = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(1);
    let file = log(millions * 1_000_000)?;
    let store = indexed(&file)?;
    let bytes = store.bytes();
    println!("{} lines, {:.1} MB", store.len(), bytes as f64 / 1e6);

    median("index a file", bytes, || {
        black_box(indexed(&file).is_ok());
    });
    let all = LineNo::FIRST..LineNo::new(store.len());
    median("hand out every line", bytes, || {
        let mut total = 0;
        let _ = store.for_each(all.clone(), |_, line| {
            total += line.len();
            ControlFlow::<()>::Continue(())
        });
        black_box(total);
    });
    median("clean every line", bytes, || {
        let mut scratch = String::new();
        let mut total = 0;
        let _ = store.for_each(all.clone(), |_, line| {
            total += text::clean(line, &mut scratch).len();
            ControlFlow::<()>::Continue(())
        });
        black_box(total);
    });
    median("50 lines anywhere, sanitised (x1000)", 0, || {
        let mut random = 12345u32;
        for _ in 0..1000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let first = random % store.len();
            for no in first..first.saturating_add(50) {
                black_box(store.line(LineNo::new(no)));
            }
        }
    });
    median("scroll up through 50,000 lines", 0, || {
        for no in (store.len() - 50_000..store.len()).rev() {
            black_box(store.text(LineNo::new(no)));
        }
    });
    for (name, expression, mode) in [
        ("a literal near the end", "exit code 137", Mode::Literal),
        ("the same, a capital letter in it", "package-0999999-Cp", Mode::Literal),
        ("the same with a capital letter", "Xit code 137", Mode::Literal),
        ("a word in every line", "downloading", Mode::Regex),
        ("a regex, rare", r"exit code: \d+|exit code \d+", Mode::Regex),
        ("a regex, every thousandth line", r"package-\d+000-cp", Mode::Regex),
        ("a regex without a literal", r"\b[a-z]{12}\b", Mode::Regex),
    ] {
        let query = Query::compile(expression, Options { mode, ..Options::default() });
        let mut found = 0;
        median(&format!("{name}: {expression}"), bytes, || {
            let mut search = Search::new(query.clone());
            while search.advance(&store, Budget::bytes(1 << 20)) {}
            found = search.total();
        });
        println!("    {found} matches");
    }

    let mut coloured = Store::new();
    for i in 0..1_000_000 {
        coloured.extend(
            format!("\x1b[32m#7 {i}.1\x1b[0m Downloading a package-{i} of some kind\n").as_bytes(),
        );
    }
    let query = Query::compile("package-999999", Options::default());
    median("a literal, colours in every line", coloured.bytes(), || {
        let mut search = Search::new(query.clone());
        while search.advance(&coloured, Budget::bytes(1 << 20)) {}
        black_box(search.total());
    });

    let long = "0123456789abcdef".repeat(1 << 16);
    median("clean a line of 1 MiB", long.len() as u64, || {
        black_box(text::clean(long.as_bytes(), &mut String::new()).len());
    });
    median("200 columns in the middle of it", long.len() as u64, || {
        black_box(text::view(&long, 500_000, 200).glyphs.len());
    });
    let wide = "漢字 and text ".repeat(1 << 16);
    median("the same with wide characters", wide.len() as u64, || {
        black_box(text::view(&wide, 500_000, 200).glyphs.len());
    });
    Ok(())
}
