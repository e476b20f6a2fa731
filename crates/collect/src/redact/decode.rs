//! Secrets hide in base64, and in gzip inside it: user data above all.

use base64::Engine as _;
use std::io::Read as _;

/// User data has 16 KiB; what inflates to more than this is looked at up to here.
const MOST: u64 = 1 << 20;

/// The text inside base64, perhaps gzipped; none where it is no such thing.
pub(super) fn plain(text: &str) -> Option<String> {
    if text.len() < 8 || text.len() as u64 > MOST {
        return None;
    }
    let packed: String = text.split_ascii_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(packed)
        .ok()?;
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut inflated = Vec::new();
        // A damaged end does not take away what came before it.
        let _ = flate2::read::MultiGzDecoder::new(bytes.as_slice())
            .take(MOST)
            .read_to_end(&mut inflated);
        inflated
    } else {
        bytes
    };
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn gzip_is_inflated_and_bounded() {
        let engine = base64::engine::general_purpose::STANDARD;
        let pack = |bytes: &[u8]| {
            let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            gz.write_all(bytes).unwrap();
            engine.encode(gz.finish().unwrap())
        };
        assert_eq!(plain(&pack(b"PASSWORD=x")).unwrap(), "PASSWORD=x");
        let bomb = pack(&vec![b'a'; 32 << 20]);
        assert_eq!(plain(&bomb).unwrap().len() as u64, MOST);
        assert_eq!(plain("no base64 here!"), None);
    }
}
