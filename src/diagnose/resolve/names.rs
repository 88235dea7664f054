//! Real names for misspelt ones.

use super::super::draft::Draft;
use super::super::scene::Scene;

/// Packages that Dockerfiles of agents ask for.
const KNOWN: &[&str] = &[
    "aiofiles",
    "aiohttp",
    "alembic",
    "anthropic",
    "anyio",
    "assemblyai",
    "asyncpg",
    "av",
    "azure-cognitiveservices-speech",
    "beautifulsoup4",
    "black",
    "boto3",
    "cartesia",
    "celery",
    "certifi",
    "click",
    "coverage",
    "cryptography",
    "daily-python",
    "deepgram-sdk",
    "django",
    "elevenlabs",
    "fastapi",
    "fastapi-utils",
    "faster-whisper",
    "flake8",
    "flask",
    "google-cloud-speech",
    "google-cloud-texttospeech",
    "google-genai",
    "google-generativeai",
    "groq",
    "grpcio",
    "gunicorn",
    "httpx",
    "huggingface-hub",
    "jinja2",
    "langchain",
    "langchain-core",
    "langchain-openai",
    "librosa",
    "livekit",
    "llvmlite",
    "loguru",
    "lxml",
    "matplotlib",
    "mypy",
    "nltk",
    "numba",
    "numpy",
    "onnxruntime",
    "openai",
    "opencv-python",
    "opencv-python-headless",
    "orjson",
    "pandas",
    "pillow",
    "pipecat-ai",
    "pipecat-ai-flows",
    "pipecatcloud",
    "poetry",
    "protobuf",
    "psycopg2",
    "psycopg2-binary",
    "pyaudio",
    "pydantic",
    "pydantic-settings",
    "pydub",
    "pyloudnorm",
    "pymongo",
    "pytest",
    "pytest-asyncio",
    "python-dotenv",
    "python-multipart",
    "pyyaml",
    "redis",
    "requests",
    "resampy",
    "rich",
    "ruff",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "sentry-sdk",
    "setuptools",
    "silero-vad",
    "sounddevice",
    "soundfile",
    "soxr",
    "sqlalchemy",
    "starlette",
    "tenacity",
    "tiktoken",
    "torch",
    "torchaudio",
    "torchvision",
    "tqdm",
    "transformers",
    "twilio",
    "typer",
    "urllib3",
    "uvicorn",
    "uvloop",
    "webrtcvad",
    "websockets",
    "wheel",
];

/// A requirement without the comma or full stop that a sentence puts behind
/// it, and the real name that it may have meant.
pub(super) fn requirement(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    if let Some(name) = draft.subject() {
        let name = name.trim_end_matches([',', '.']).to_owned();
        draft.set_subject(name);
    }
    // "Because only a<=2 is available and a==2 depends on b": that is about b.
    if draft.text.contains("ecause only ") && super::uv_sentence::depends_itself(scene, draft) {
        return false;
    }
    if !draft.text.contains("no version") {
        suggest(draft);
    }
    let wheels = draft.text.contains("has no usable wheels")
        || draft.text.contains("has no wheels with a matching");
    let off = scene
        .after(draft.line, 12)
        .into_iter()
        .find(|(_, text)| text.contains("Wheels are required for"));
    if let Some((line, _)) = off.filter(|_| wheels) {
        draft.evidence.push(line);
        draft.title = "{subject} has no wheel for this Python and CPU, and building from source is switched off".to_owned();
        draft.cause = Some("`--only-binary` (or `--no-build`) allows wheels alone, and the index has none of it for Linux on arm64 and this Python.".to_owned());
        draft.fix = Some("Ask for a version that has a wheel; leave a package for other systems out here with a marker (`; sys_platform == \"darwin\"`); or allow this one to be built (`--no-binary`, `no-build-package`).".to_owned());
    }
    elsewhere(draft);
    super::uv_sentence::first_index(scene, draft);
    true
}

/// Versions that were taken back: all that uv names. Where uv goes on to a contradiction, that
/// only narrows the choice.
pub(super) fn yanked(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    let Some(first) = draft.subject().map(str::to_owned) else { return true };
    if super::uv_sentence::contradicts(scene, draft) {
        return false;
    }
    let name = first.split(['=', '<', '>', '~', '!', '[']).next().unwrap_or(&first).to_owned();
    let mut all = vec![first];
    for (line, text) in scene.after(draft.line, 12) {
        let Some((before, _)) = text.split_once(" was yanked") else { continue };
        let other = before.rsplit(' ').next().unwrap_or(before);
        if other.starts_with(&name) && !all.iter().any(|known| known == other) {
            all.push(other.to_owned());
            draft.evidence.push(line);
        }
    }
    if all.len() > 1 {
        draft.captures.set("versions", all.join(" and "));
        draft.title = "{versions} were yanked: their publisher took the versions back".to_owned();
    }
    true
}

/// Packages that have wheels for Windows alone, and no source.
const WINDOWS: [&str; 3] = ["pywin32", "pypiwin32", "windows-curses"];

/// Says where a package is to be had that the index can't have.
pub(super) fn elsewhere(draft: &mut Draft) {
    let Some(subject) = draft.subject().map(str::to_ascii_lowercase) else { return };
    let name = subject.split(['=', '<', '>', '~', '!', '[', ' ']).next().unwrap_or(&subject);
    let local = subject.split_once('+').map_or("", |(_, local)| local);
    if subject.replace('_', "-") == "pkg-resources==0.0.0" {
        draft.title = "{subject} is no package, but a slip of Ubuntu's `pip freeze`".to_owned();
        draft.cause = Some("Ubuntu's and Debian's pip list a package of that name in virtual environments; no index has it.".to_owned());
        draft.fix = Some("Delete the line from the requirements.".to_owned());
    } else if WINDOWS.contains(&name) {
        draft.title = "{subject} is only for Windows".to_owned();
        draft.cause = Some("It has wheels for Windows alone; a list made with `pip freeze` on Windows brings it along.".to_owned());
        draft.fix = Some("Take it out, or mark it: `; sys_platform == \"win32\"`.".to_owned());
    } else if ["cu", "cpu", "rocm", "xpu"].iter().any(|kind| local.starts_with(kind)) {
        draft.cause = Some(
            "Versions with a `+cu…` or `+cpu` are only on PyTorch's own index, not on PyPI."
                .to_owned(),
        );
        draft.fix = Some("Agents have no GPU: require the plain version, or the CPU build from https://download.pytorch.org/whl/cpu (an entry of [[tool.uv.index]], or `--extra-index-url`).".to_owned());
    }
}

/// Says which real name the subject looks like, if it looks like one.
pub(super) fn suggest(draft: &mut Draft) {
    let Some(name) = draft.subject().and_then(nearest) else { return };
    draft.captures.set("nearest", name);
    draft.fix = Some("Did you mean `{nearest}`? Correct the name.".to_owned());
}

/// The known name that differs in one or two letters.
fn nearest(requirement: &str) -> Option<&'static str> {
    let name: String = requirement
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .map(|c| if c == '_' || c == '.' { '-' } else { c.to_ascii_lowercase() })
        .collect();
    let most = if name.len() < 6 { 1 } else { 2 };
    KNOWN
        .iter()
        .map(|known| (distance(&name, known), *known))
        .filter(|(away, _)| (1..=most).contains(away))
        .min()
        .map(|(_, known)| known)
}

/// Letters to insert, delete, replace or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |list: &[usize], k: usize| list.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, j + 1) + 1).min(at(&row, j) + 1);
            best = best.min(at(&last, j) + usize::from(x != y));
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names() {
        assert_eq!(nearest("fastapi-utlis==0.8.0"), Some("fastapi-utils"));
        assert_eq!(nearest("reqests"), Some("requests"));
        assert_eq!(nearest("numpy==99"), None, "the name is right");
        assert_eq!(nearest("acme-telephony"), None);
    }
}
