//! What the lines of a made-up log say.

/// Kinds of text a log can be made of.
pub fn text(kind: u8, n: u64, dice: u64) -> String {
    match kind {
        // Every line is another one.
        0 => format!("#7 {n}.{:03} Collecting package-{n}", dice % 1000),
        // As builds print them: some blank, some common, most not.
        1 => match dice % 10 {
            0..=2 => String::new(),
            3 => "#7 DONE 0.0s".into(),
            4 => "------".into(),
            _ => format!("#8 {n} Downloading {dice}"),
        },
        // Few different lines.
        2 => format!("line {}", dice % 4),
        // One line only.
        3 => "waiting for the database".into(),
        // A loop.
        4 => format!("round, step {}", n % 17),
        // As a step's commands print them.
        6 => {
            let time = format!("{}.{:03}", n / 7, n % 7 * 140);
            match dice % 12 {
                0 => "#8 DONE 1.0s".into(),
                1 => String::new(),
                2..=3 => format!("#8 {time} "),
                _ => format!("#8 {time} Downloading package-{} ({} kB)", dice % 50, dice % 9000),
            }
        }
        // A loop after a while, with a counter.
        _ => match n {
            0..=30 => format!("start {n}"),
            _ if n.is_multiple_of(9) => format!("attempt {}", n / 9),
            _ => format!("attempt, step {}", n % 9),
        },
    }
}
