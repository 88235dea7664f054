//! Programs that a script from the web installs.

use super::super::draft::Draft;
use super::super::scene::Scene;
use super::uv::earlier;

/// What an instruction that calls an installer says, the programs that it
/// brings, and the directory that it puts them into, where PATH doesn't lead.
const INSTALLERS: [(&str, &[&str], &str); 13] = [
    ("astral.sh/uv", &["uv", "uvx"], "/root/.local/bin"),
    ("sh.rustup.rs", &["cargo", "rustc", "rustup"], "/root/.cargo/bin"),
    ("/rustup/dist/", &["cargo", "rustc", "rustup"], "/root/.cargo/bin"),
    ("install.python-poetry.org", &["poetry"], "/root/.local/bin"),
    ("pdm-project.org/install", &["pdm"], "/root/.local/bin"),
    ("bun.sh/install", &["bun", "bunx"], "/root/.bun/bin"),
    ("deno.land/install", &["deno"], "/root/.deno/bin"),
    ("get.pnpm.io/install", &["pnpm"], "/root/.local/share/pnpm"),
    ("rye.astral.sh", &["rye"], "/root/.rye/shims"),
    ("rye-up.com", &["rye"], "/root/.rye/shims"),
    ("pixi.sh/install", &["pixi"], "/root/.pixi/bin"),
    ("mise.run", &["mise"], "/root/.local/bin"),
    ("pipx install", &[], "/root/.local/bin"),
];

/// Installers that put programs where PATH leads, or that set PATH in a
/// profile: nothing to say of PATH, but they bring the program.
const OTHERS: [(&str, &[&str]); 5] = [
    ("nvm", &["nvm", "node", "npm", "npx"]),
    ("nodesource", &["node", "npm", "npx"]),
    ("fnm.vercel.app", &["fnm", "node", "npm"]),
    ("get.volta.sh", &["volta", "node", "npm"]),
    ("get-pip.py", &["pip", "pip3"]),
];

/// A program that was installed, but not where the shell looks.
pub(super) fn off_path(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(name) = draft.subject().map(str::to_owned) else { return false };
    let mut before = earlier(scene);
    before.extend(scene.instruction());
    let found = INSTALLERS.iter().find_map(|(mark, programs, place)| {
        let by = before.iter().rev().find(|text| text.contains(mark))?;
        let brings = programs.contains(&&*name) || programs.is_empty() && by.contains(&*name);
        brings.then_some(*place)
    });
    let Some(place) = found else { return false };
    draft.captures.set("place", place);
    super::instruction::not_found::command(scene, draft)
}

/// Whether a command fetches what should bring a program: an installer that is
/// known for it, or an address that has its name.
pub(in crate::diagnose) fn brings(shell: &str, program: &str) -> bool {
    let known = INSTALLERS.iter().map(|(mark, programs, _)| (*mark, *programs));
    let mut known = known.chain(OTHERS);
    if known.any(|(mark, programs)| shell.contains(mark) && programs.contains(&program)) {
        return true;
    }
    let mut addresses = shell.split_whitespace().filter(|word| word.contains("://"));
    addresses.any(|address| {
        address.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == program)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_brings() {
        assert!(brings("curl -LsSf https://astral.sh/uv/0.9.9/install.sh | sh", "uvx"));
        assert!(brings("curl https://sh.rustup.rs -sSf | sh -s -- -y", "cargo"));
        assert!(brings("wget -qO- https://get.acme.example/task-v3.tar.gz | tar xz", "task"));
        assert!(brings(
            "curl -o- https://raw.example/nvm-sh/nvm/v0.40.1/install.sh | bash",
            "node"
        ));
        assert!(!brings("curl -LO https://acme.example/uvicorn.tgz", "uv"));
        assert!(!brings("echo uv", "uv"));
    }
}
