//! Logs that are compressed, told by their first bytes: gzip is unpacked on the
//! way, of others it is said what unpacks them.

use std::io::{self, Chain, Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::human;

/// Bytes that are unpacked at most: a small file may hold more than memory does.
pub const MOST: u64 = 512 << 20;

/// A way of compressing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The format of XZ Utils.
    Xz,
    /// bzip2.
    Bzip2,
}

impl Packing {
    /// How something is compressed that begins with these bytes, if it is.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => Some(Self::Bzip2),
            _ => None,
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
        }
    }

    /// The program that prints what is in it.
    pub fn program(self) -> &'static str {
        match self {
            Self::Gzip => "zcat",
            Self::Zstd => "zstdcat",
            Self::Xz => "xzcat",
            Self::Bzip2 => "bzcat",
        }
    }
}

/// What is read from somewhere, unpacked if that begins as gzip does.
#[derive(Debug)]
pub struct Unpacked<R> {
    stage: Stage<R>,
    left: u64,
}

#[derive(Debug)]
enum Stage<R> {
    /// Nothing has been read yet; `None` only while that is being done.
    New(Option<R>),
    Plain(R),
    Gzip(Box<MultiGzDecoder<Chain<Cursor<Vec<u8>>, R>>>),
}

impl<R: Read> Unpacked<R> {
    /// What `input` holds.
    pub fn new(input: R) -> Self {
        Self { stage: Stage::New(Some(input)), left: MOST }
    }

    /// The first bytes, which tell what it is.
    fn begin(&mut self, buf: &mut [u8]) -> io::Result<Option<usize>> {
        let Stage::New(new) = &mut self.stage else { return Ok(None) };
        let Some(input) = new else { return Ok(Some(0)) };
        let read = input.read(buf)?;
        let head = buf.get(..read).unwrap_or_default();
        let packing = Packing::of(head);
        let Some(input) = new.take() else { return Ok(Some(0)) };
        match packing {
            None => {
                self.stage = Stage::Plain(input);
                Ok(Some(read))
            }
            Some(Packing::Gzip) => {
                let all = Cursor::new(head.to_vec()).chain(input);
                self.stage = Stage::Gzip(Box::new(MultiGzDecoder::new(all)));
                Ok(None)
            }
            Some(other) => Err(io::Error::other(format!(
                "it is compressed with {}; pipe it through `{}` first",
                other.name(),
                other.program()
            ))),
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(read) = self.begin(buf)? {
            return Ok(read);
        }
        match &mut self.stage {
            Stage::New(_) => Ok(0),
            Stage::Plain(input) => input.read(buf),
            Stage::Gzip(input) => {
                let read = input.read(buf)?;
                self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
                    io::Error::other(format!(
                        "it unpacks to more than {}; `zcat` it into a file and read that",
                        human::bytes(MOST)
                    ))
                })?;
                Ok(read)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(text).unwrap();
        packed.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        Unpacked::new(bytes).read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn gzip_is_unpacked_and_the_rest_is_as_it_is() {
        for text in ["", "x", "one\ntwo\n", "BZh is no compression"] {
            assert_eq!(read(text.as_bytes()).unwrap(), text);
            assert_eq!(read(&gzip(text.as_bytes())).unwrap(), text);
        }
        // Several of them in a row, as `cat` makes them.
        assert_eq!(read(&[gzip(b"one\n"), gzip(b"two\n")].concat()).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn what_is_not_unpacked_is_said_never_shown() {
        let packed: [(&[u8], &str); 3] = [
            (&[0x28, 0xb5, 0x2f, 0xfd, 0], "zstdcat"),
            (&[0xfd, b'7', b'z', b'X', b'Z', 0, 0], "xzcat"),
            (b"BZh91AY&SY", "bzcat"),
        ];
        for (bytes, program) in packed {
            let why = read(bytes).unwrap_err().to_string();
            assert!(why.contains(&format!("through `{program}`")), "{why}");
        }
        let whole = gzip(&b"text ".repeat(4000));
        assert!(read(&whole[..whole.len() / 2]).is_err());
    }

    #[test]
    fn a_bomb_ends_before_memory_does() {
        let bomb = gzip(&vec![b'x'; 1 << 20]);
        let mut all = Unpacked { left: 1 << 16, ..Unpacked::new(&bomb[..]) };
        let mut text = Vec::new();
        let why = all.read_to_end(&mut text).unwrap_err().to_string();
        assert!(why.contains("unpacks to more than") && text.len() <= 1 << 16, "{why}");
    }
}
