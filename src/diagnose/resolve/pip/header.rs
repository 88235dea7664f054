//! Headers and libraries that a package is compiled with.

use super::super::instruction::calls;
use super::advice::advise;
use super::package::name_package;
use crate::diagnose::draft::Draft;
use crate::diagnose::scene::Scene;

/// Debian packages that hold a header or library, for the fix.
const DEV: &[(&str, &str)] = &[
    ("portaudio.h", "portaudio19-dev"),
    ("Python.h", "python3-dev"),
    ("stdlib.h", "libc6-dev"),
    ("stdio.h", "libc6-dev"),
    ("limits.h", "libc6-dev"),
    ("ffi.h", "libffi-dev"),
    ("sndfile.h", "libsndfile1-dev"),
    ("alsa/asoundlib.h", "libasound2-dev"),
    ("cairo.h", "libcairo2-dev"),
    ("openssl/ssl.h", "libssl-dev"),
    ("openssl/opensslv.h", "libssl-dev"),
    ("libpq-fe.h", "libpq-dev"),
    ("mysql.h", "default-libmysqlclient-dev"),
    ("zlib.h", "zlib1g-dev"),
    ("jpeglib.h", "libjpeg-dev"),
    ("libxml/xpath.h", "libxml2-dev libxslt1-dev"),
    ("libxml/xmlversion.h", "libxml2-dev libxslt1-dev"),
    ("lber.h", "libldap2-dev libsasl2-dev"),
    ("ldap.h", "libldap2-dev libsasl2-dev"),
    ("sasl/sasl.h", "libsasl2-dev"),
    ("yaml.h", "libyaml-dev"),
    ("opus/opus.h", "libopus-dev"),
    ("ft2build.h", "libfreetype-dev"),
    ("gmp.h", "libgmp-dev"),
    ("magic.h", "libmagic-dev"),
    ("curl/curl.h", "libcurl4-openssl-dev"),
    ("snappy-c.h", "libsnappy-dev"),
    ("sql.h", "unixodbc-dev"),
    ("bluetooth/bluetooth.h", "libbluetooth-dev"),
    ("pcap.h", "libpcap-dev"),
    ("usb.h", "libusb-1.0-0-dev"),
    ("libusb.h", "libusb-1.0-0-dev"),
    ("systemd/sd-daemon.h", "libsystemd-dev"),
    ("krb5.h", "libkrb5-dev"),
    ("gssapi.h", "libkrb5-dev"),
    ("xmlsec/xmlsec.h", "libxmlsec1-dev"),
    ("hdf5.h", "libhdf5-dev"),
    ("libhdf5.so", "libhdf5-dev"),
    (
        "libavformat",
        "libavformat-dev libavcodec-dev libavdevice-dev libavutil-dev libavfilter-dev libswscale-dev libswresample-dev",
    ),
    ("pg_config", "libpq-dev"),
    ("mysql_config", "default-libmysqlclient-dev pkg-config"),
    ("mariadb_config", "libmariadb-dev"),
    ("xslt-config", "libxml2-dev libxslt1-dev"),
    ("krb5-config", "libkrb5-dev"),
    ("pkg-config", "pkg-config"),
    ("gfortran", "gfortran libopenblas-dev"),
    ("cairo", "libcairo2-dev pkg-config"),
    ("gobject-introspection-1.0", "libgirepository1.0-dev"),
    ("girepository-2.0", "libgirepository-2.0-dev"),
    ("mysqlclient", "default-libmysqlclient-dev pkg-config"),
    ("libpq", "libpq-dev"),
    ("opus", "libopus-dev"),
    ("sndfile", "libsndfile1-dev"),
    ("asound", "libasound2-dev"),
    ("alsa", "libasound2-dev"),
    ("portaudio", "portaudio19-dev"),
    ("pulse", "libpulse-dev"),
    ("ssl", "libssl-dev"),
    ("crypto", "libssl-dev"),
    ("openssl", "libssl-dev"),
    ("curl", "libcurl4-openssl-dev"),
    ("z", "zlib1g-dev"),
    ("zlib", "zlib1g-dev"),
    ("pq", "libpq-dev"),
    ("ffi", "libffi-dev"),
    ("xml2", "libxml2-dev"),
    ("libxml2", "libxml2-dev libxslt1-dev"),
    ("xslt", "libxslt1-dev"),
    ("jpeg", "libjpeg-dev"),
    ("png", "libpng-dev"),
    ("sqlite3", "libsqlite3-dev"),
    ("openblas", "libopenblas-dev"),
    ("lapack", "liblapack-dev"),
    ("blas", "libblas-dev"),
    ("m", "libc6-dev"),
    ("c", "libc6-dev"),
    ("stdc++", "g++"),
    ("srtp2", "libsrtp2-dev"),
    ("speexdsp", "libspeexdsp-dev"),
    ("samplerate", "libsamplerate0-dev"),
    ("fftw3", "libfftw3-dev"),
    ("protobuf", "libprotobuf-dev protobuf-compiler"),
    ("boost", "libboost-all-dev"),
    ("portaudio-2.0", "portaudio19-dev"),
    ("glib-2.0", "libglib2.0-dev"),
    ("libsrtp2", "libsrtp2-dev"),
    ("srtp", "libsrtp2-dev"),
    ("libpulse", "libpulse-dev"),
    ("pulseaudio", "libpulse-dev"),
    ("libusb-1.0", "libusb-1.0-0-dev"),
    ("libusb", "libusb-1.0-0-dev"),
    ("eigen3", "libeigen3-dev"),
    ("fmt", "libfmt-dev"),
    ("absl", "libabsl-dev"),
    ("grpc", "libgrpc++-dev protobuf-compiler-grpc"),
    ("gtest", "libgtest-dev"),
    ("nlohmann_json", "nlohmann-json3-dev"),
    ("pybind11", "pybind11-dev"),
    ("bzip2", "libbz2-dev"),
    ("liblzma", "liblzma-dev"),
    ("jack", "libjack-jackd2-dev"),
    ("sdl2", "libsdl2-dev"),
    ("ogg", "libogg-dev"),
    ("vorbis", "libvorbis-dev"),
    ("flac", "libflac-dev"),
    ("x11", "libx11-dev"),
    ("uuid", "uuid-dev"),
    ("libsodium", "libsodium-dev"),
    ("sodium", "libsodium-dev"),
    ("expat", "libexpat1-dev"),
    ("freetype", "libfreetype-dev"),
    ("readline", "libreadline-dev"),
    ("ncurses", "libncurses-dev"),
    ("gettext", "gettext"),
    ("postgresql", "libpq-dev"),
    ("python3", "python3-dev"),
];

/// Headers of x86 instructions.
const X86: [&str; 9] = [
    "immintrin.h",
    "x86intrin.h",
    "xmmintrin.h",
    "emmintrin.h",
    "pmmintrin.h",
    "smmintrin.h",
    "tmmintrin.h",
    "nmmintrin.h",
    "cpuid.h",
];

/// Debian's package of development files for a header or library.
pub(in super::super) fn dev_package(name: &str) -> Option<&'static str> {
    let known = |known: &str| known == name || name.ends_with(&format!("/{known}"));
    DEV.iter().find(|(file, _)| known(file)).map(|(_, package)| *package)
}

/// Says that a package of development files is to be installed first.
pub(in super::super) fn install(dev: &str, draft: &mut Draft) {
    draft.captures.set("dev", dev);
    draft.fix = Some("Install it before this step: `apt-get update && apt-get install -y --no-install-recommends {dev}`.".to_owned());
}

/// A header or library: names the package that ships it and the one that needs it.
pub(in super::super) fn missing(scene: &Scene<'_>, draft: &mut Draft) -> bool {
    // mysqlclient tries the names that pkg-config may have for it.
    if draft.subject().is_none()
        && let Some((line, name)) =
            scene.before(draft.line, 40).into_iter().rev().find_map(|(line, text)| {
                let name = text.trim().strip_prefix("Trying pkg-config --exists ")?.to_owned();
                Some((line, name))
            })
    {
        draft.evidence.push(line);
        draft.set_subject(name);
    }
    let subject = draft.subject().unwrap_or("").to_owned();
    let dev = dev_package(&subject).or_else(|| dev_package(&subject.to_ascii_lowercase()));
    if let Some(package) = dev {
        draft.captures.set("dev", package);
        draft.fix = Some("Install it before the packages: `apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev {dev}`; or use a version of the package that has a wheel.".to_owned());
    }
    if subject == "longintrepr.h" {
        draft.cause = Some("The header is Python's own, and this Python keeps it elsewhere: {package|the code} is older than the Python it is built for.".to_owned());
        draft.fix = Some(
            "Require a newer version of {package|the package}, or use an older base image."
                .to_owned(),
        );
    }
    // A build script that goes on without it misses what stands below as well.
    if subject == "pkg-config" && draft.text.contains("not found") {
        const TOOLS: [&str; 5] = ["cmake", "make", "ninja", "gcc", "g++"];
        let mut others: Vec<&str> = Vec::new();
        for (line, text) in scene.after(draft.line, 12) {
            let Some(rest) = text.trim_end().strip_suffix(": not found") else { continue };
            let Some(tool) = TOOLS.iter().find(|tool| rest.ends_with(&format!(" {tool}"))) else {
                continue;
            };
            if !others.contains(tool) {
                others.push(tool);
                draft.evidence.push(line);
            }
        }
        if !others.is_empty() {
            draft.captures.set("others", others.join(" and "));
            draft.captures.set("tools", others.join(" ").replace("ninja", "ninja-build"));
            draft.title = "{subject} and {others} are missing, which {package|the package} needs to be compiled".to_owned();
            draft.cause = Some("There is no wheel of it for this Python and CPU, so it is built from source, and slim images come without these tools.".to_owned());
            draft.fix = Some("Prefer a version of {package|the package} that has a wheel for this Python; else install both first: `apt-get update && apt-get install -y --no-install-recommends build-essential {tools} {dev|pkg-config}`.".to_owned());
        }
    }
    // Without pip or uv around, it is the project's own compilation.
    let build = name_package(scene, draft);
    advise(draft);
    if X86.contains(&subject.as_str()) {
        draft.category = "platform-mismatch".to_owned();
        draft.title =
            "{package|The code} is written for x86 CPUs: it includes {subject}".to_owned();
        draft.cause = Some("The header holds instructions that only x86 has, and agents are built and run on arm64.".to_owned());
        draft.fix = Some("Use a version of {package|it} that supports arm64 (aarch64); code of your own needs `#if defined(__x86_64__)` around it and another way (NEON, sse2neon.h) beside it.".to_owned());
        return true;
    }
    if !build && draft.rule == "pkg-config-missing" && !pip_around(scene) {
        draft.category = "app-build".to_owned();
        draft.title =
            "{subject|A library} is missing, which the project's build asks for".to_owned();
        draft.cause = Some(
            "Its development files aren't in the image: pkg-config (and what calls it) finds none."
                .to_owned(),
        );
        draft.fix = Some(if dev.is_some() {
            "Install it before this step: `apt-get update && apt-get install -y --no-install-recommends pkg-config {dev}`.".to_owned()
        } else {
            "Install pkg-config and the -dev package that has `{subject}.pc` before this step (`apt-file search {subject}.pc` names it).".to_owned()
        });
    }
    if !build && draft.rule == "header-missing" && !pip_around(scene) {
        draft.category = "app-build".to_owned();
        if let Some(file) = draft.text.trim_start().split(':').next() {
            draft.captures.set("package", file.trim().to_owned());
        }
        let (cause, fix) = if dev.is_some() {
            (
                "It belongs to a library whose development files aren't in the image.",
                "Install it before this step: `apt-get update && apt-get install -y --no-install-recommends {dev}`.",
            )
        } else {
            (
                "It belongs to a library whose development files aren't in the image, or to the project and wasn't copied, or lies where no `-I` leads.",
                "Install the library's -dev package before this step (`apt-file search {subject}` names it); copy a header of the project's own, and name its directory with `-I`.",
            )
        };
        draft.cause = Some(cause.to_owned());
        draft.fix = Some(fix.to_owned());
    }
    true
}

pub(super) fn pip_around(scene: &Scene<'_>) -> bool {
    const BUILDERS: [&str; 7] = ["pip", "uv", "poetry", "pipenv", "pdm", "setup.py", "conda"];
    let shell = scene.shell().unwrap_or_default();
    calls(&shell, &BUILDERS) || shell.contains("-m build")
}
