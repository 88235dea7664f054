//! What the commonest exceptions mean in a build.

use super::super::super::draft::Draft;
use super::super::super::scene::Scene;
use super::super::programs;
use super::exception_name;
use super::message::{constant_in, endpoint_in};
use super::near::{library_above, settings_below};

/// Says what the commonest exceptions mean in a build.
pub(super) fn in_words(scene: &Scene<'_>, draft: &mut Draft) {
    let text = draft.text.clone();
    let (_, message) = text.split_once(": ").unwrap_or((text.as_str(), ""));
    let variable = || {
        let subject = draft.subject().unwrap_or("");
        let before = scene.before(draft.line, 8);
        let constant = constant_in(subject).as_deref() == Some(subject);
        let upper =
            subject.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let of_os = before
            .iter()
            .take(4)
            .any(|(_, text)| text.contains("File \"<frozen os>\"") || text.contains("/os.py\""));
        constant && before.iter().any(|(_, text)| text.contains("environ"))
            || of_os && upper && !subject.is_empty()
    };
    let (title, cause, fix) = match exception_name(&text) {
        "ModuleNotFoundError" if removed_in(draft.subject().unwrap_or("")).is_some() => {
            let minor = removed_in(draft.subject().unwrap_or("")).unwrap_or(13);
            draft.captures.set("minor", minor.to_string());
            draft.captures.set("older", (minor - 1).to_string());
            // What pydub tries for want of the other.
            if draft.subject() == Some("pyaudioop") {
                draft.set_subject("audioop");
            }
            let back = match draft.subject().unwrap_or("") {
                "audioop" => "`audioop-lts`".to_owned(),
                "asyncore" => "`pyasyncore`".to_owned(),
                "asynchat" => "`pyasynchat`".to_owned(),
                "smtpd" => "`aiosmtpd` has its own".to_owned(),
                "imp" => "nothing does; the code has to use `importlib`".to_owned(),
                name if name.starts_with("distutils") => "`setuptools`".to_owned(),
                name => {
                    let top = name.split('.').next().unwrap_or(name);
                    format!("`standard-{top}`, if there is one")
                }
            };
            draft.captures.set("back", back);
            if let Some(package) = importer(scene, draft) {
                draft.captures.set("importer", package);
            }
            (
                "Python 3.{minor} and later have no module {subject} any more",
                "It was part of Python until 3.{older}, and {importer|the project's code} still imports it.",
                "Require a newer version of {importer|what imports it}, or add to the requirements what brings it back ({back}); or use the base image with an older Python (`dailyco/pipecat-base:latest-py3.{older}`).",
            )
        }
        "PydanticImportError" | "PydanticUserError" => (
            "The code is written for pydantic 1, and pydantic 2 is installed: {exception}",
            "pydantic 2 moved, renamed or dropped much; no version of it is pinned, or a package asks for 2.",
            "Change the code as the line says (BaseSettings: add `pydantic-settings` and import it from there), or hold it back with `pydantic<2`.",
        ),
        "ModuleNotFoundError" if importer(scene, draft).is_some() => {
            draft.captures.set("importer", importer(scene, draft).unwrap_or_default());
            (
                "Python finds no module {subject}, which {importer} imports",
                "{importer} needs it, and it wasn't installed along: the installed version doesn't ask for it (or only in an extra), or another package that brought it doesn't any more.",
                "Add the package that brings {subject} to the requirements, or require another version of {importer}.",
            )
        }
        "ModuleNotFoundError" => (
            "Python finds no module {subject} in this image",
            "It isn't installed in the Python that `{command|the command}` uses, or the project's own code isn't copied at this step.",
            "Add the package that brings {subject} to the requirements (or copy the code) before this step; check that it is installed into the same environment.",
        ),
        "ImportError" if message.starts_with("cannot import name") => (
            "Python can't import {subject}: the module has no such name",
            "The installed version of the package has renamed or dropped it, or two modules import each other.",
            "Pin the version that the code was written for, or change the import.",
        ),
        "KeyError" if variable() => (
            "The environment variable {subject} isn't set during the build",
            "`{command|The command}` runs code that reads it, and secrets and settings of the running agent don't exist in a build.",
            "Read it when the agent starts instead of on import, or give the build a harmless default (`ENV {subject}=…`); never put a secret into the image.",
        ),
        "ValidationError" if settings_below(scene, draft).is_some() => {
            let names = settings_below(scene, draft).unwrap_or_default();
            draft.captures.set("names", names);
            (
                "Settings aren't there during the build: {names}",
                "`{command|The command}` makes the settings object, whose required fields come from environment variables; secrets and settings of the running agent don't exist in a build.",
                "Make the settings when the agent starts instead of on import, or give the fields harmless defaults; never put a secret into the image.",
            )
        }
        "UnicodeDecodeError" if message.starts_with("'ascii'") => (
            "Python reads {file|a file} as ASCII, and it has other characters",
            "The locale is C or POSIX (LANG, LC_ALL), and the code opens the file without naming an encoding.",
            "Set `ENV LANG=C.UTF-8` (and take LC_ALL=C or POSIX out), or write `open(…, encoding=\"utf-8\")`.",
        ),
        "InvalidProtobuf" | "UnpicklingError" | "SafetensorError" if of_a_pointer(message) => {
            if let Some(path) = model_in(message) {
                draft.set_subject(path);
            }
            (
                "{subject|A model file} isn't a model: it can't be read",
                "What lies there isn't the file that its name promises: most often a Git LFS pointer (a few lines of text) that a checkout without LFS leaves, else half a download.",
                "Fetch the real file (`git lfs pull`) before deploying, or download it in the Dockerfile or when the agent starts; `head -c 200` shows what it is.",
            )
        }
        _ if demands_variable(message, draft) => (
            "{subject} isn't set during the build, and the code demands it",
            "`{command|The command}` runs code that reads it, and secrets and settings of the running agent don't exist in a build.",
            "Read it when the agent starts instead of on import, or give this one command a harmless value (`RUN {subject}=build …`); never put a secret into the image.",
        ),
        "FileNotFoundError" if programs::called(scene, draft.line, &text).is_some() => {
            let program = programs::called(scene, draft.line, &text).unwrap_or_default();
            programs::say(&[program], draft);
            draft.title =
                "The program {subject} isn't in the image, and Python code calls it".to_owned();
            draft.cause = Some("`{command|The command}` starts it, and slim images come without (or it isn't on PATH).".to_owned());
            return;
        }
        "FileNotFoundError" if draft.subject().is_some() => (
            "{subject} isn't in the image at this step",
            "`{command|The command}` opens it, and it wasn't copied yet, is ignored, or lies elsewhere; a program of that name may be what is missing.",
            "Copy it before this step and check .dockerignore; a missing program is installed with apt.",
        ),
        "ConnectionRefusedError" | "OperationalError" | "ConnectionError"
            if endpoint_in(message).is_some() =>
        {
            (
                "Nothing answers at {subject} during the build",
                "`{command|The command}` connects to a server, and databases and other services don't run beside a build.",
                "Do this when the agent starts (or in a release step), not in the Dockerfile.",
            )
        }
        "LookupError" if scene.text(draft.line).is_some_and(|text| text.contains("Resource ")) => (
            "The NLTK data {subject} isn't in the image",
            "The package itself brings no data; it has to be downloaded.",
            "Run `python -m nltk.downloader {subject}` in an earlier step.",
        ),
        _ => return,
    };
    draft.title = title.to_owned();
    draft.cause = Some(cause.to_owned());
    draft.fix = Some(fix.to_owned());
}

/// The installed package whose code imports a module that isn't there, where
/// the module is another's.
fn importer(scene: &Scene<'_>, draft: &Draft) -> Option<String> {
    let frame =
        scene.before(draft.line, 4).into_iter().find(|(_, text)| text.contains("File \""))?;
    let inside = frame.1.contains("-packages/");
    let package = library_above(scene, draft).filter(|_| inside)?;
    let module = draft.subject()?.split('.').next()?.to_owned();
    // A server or test runner imports what it is told to.
    const TOLD: [&str; 12] = [
        "uvicorn",
        "gunicorn",
        "celery",
        "pytest",
        "_pytest",
        "django",
        "alembic",
        "flask",
        "click",
        "hypercorn",
        "streamlit",
        "importlib_metadata",
    ];
    (module != package && !TOLD.contains(&package.as_str())).then_some(package)
}

/// The minor version of Python 3 that dropped one of its own modules.
fn removed_in(module: &str) -> Option<u32> {
    const IN_12: [&str; 5] = ["asynchat", "asyncore", "distutils", "imp", "smtpd"];
    const IN_13: [&str; 21] = [
        "aifc",
        "audioop",
        "cgi",
        "cgitb",
        "chunk",
        "crypt",
        "imghdr",
        "lib2to3",
        "mailcap",
        "msilib",
        "nis",
        "nntplib",
        "ossaudiodev",
        "pipes",
        "pyaudioop",
        "sndhdr",
        "spwd",
        "sunau",
        "telnetlib",
        "uu",
        "xdrlib",
    ];
    let name = module.split('.').next().unwrap_or(module);
    if IN_12.contains(&name) { Some(12) } else { IN_13.contains(&name).then_some(13) }
}

/// Whether a message says that a setting, which is what it is about, isn't set.
fn demands_variable(message: &str, draft: &Draft) -> bool {
    const WORDS: [&str; 9] = [
        "must be set",
        "must not be empty",
        "not set",
        "is required",
        "is missing",
        "missing environment",
        "environment variable",
        "not defined in the environment",
        "not found in environment",
    ];
    let lower = message.to_ascii_lowercase();
    let subject = draft.subject().unwrap_or("");
    constant_in(subject).as_deref() == Some(subject)
        && WORDS.iter().any(|words| lower.contains(words))
}

/// Whether a model's reader says that the file is something else altogether.
fn of_a_pointer(message: &str) -> bool {
    ["Protobuf parsing failed", "invalid load key, 'v'", "HeaderTooLarge", "header too large"]
        .iter()
        .any(|words| message.contains(words))
}

/// The file in `Load model from models/x.onnx failed`.
fn model_in(message: &str) -> Option<String> {
    let (_, tail) = message.split_once("Load model from ")?;
    Some(tail.split_once(" failed")?.0.trim().to_owned())
}

/// Names the server that limits, by its address or by the client that asked.
pub(super) fn who_limits(scene: &Scene<'_>, draft: &mut Draft) {
    const CLIENTS: [(&str, &str); 9] = [
        ("/torch/hub.py", "GitHub"),
        ("github.com", "GitHub"),
        ("githubusercontent.com", "GitHub"),
        ("/github/", "GitHub"),
        ("/huggingface_hub/", "Hugging Face"),
        ("huggingface.co", "Hugging Face"),
        ("/openai/", "OpenAI"),
        ("/anthropic/", "Anthropic"),
        ("/elevenlabs/", "ElevenLabs"),
    ];
    let of = |text: &str| CLIENTS.iter().find(|(mark, _)| text.contains(mark)).map(|(_, who)| *who);
    let frames = scene.before(draft.line, 80).into_iter().chain(scene.after(draft.line, 40));
    let who = of(&draft.text).or_else(|| draft.subject().and_then(of)).or_else(|| {
        let asked = draft.subject().is_none();
        frames.into_iter().filter(|_| asked).find_map(|(_, text)| of(&text))
    });
    let Some(who) = who else { return };
    draft.captures.set("who", who);
    draft.title =
        "The rate limit of {who} is reached: it takes no more requests for now".to_owned();
    if draft.subject().is_none() {
        draft.set_subject(who);
    }
    let hub = scene
        .after(draft.line, 40)
        .into_iter()
        .chain(scene.before(draft.line, 80))
        .any(|(_, text)| text.contains("/torch/hub.py"));
    if hub {
        draft.cause = Some("torch.hub asks GitHub about the branches of a repository before it loads it, and GitHub answers only so many requests from one address; builds share theirs.".to_owned());
        draft.fix = Some("Try again later; or leave that check out (`torch.hub.load(…, skip_validation=True)`), take the model from a package where there is one (silero-vad), or copy it into the image.".to_owned());
    }
}
