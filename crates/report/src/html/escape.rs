//! Values inside a page.

use std::io::{self, Write};

/// Writes JSON so that no byte of it can be read as markup: `<`, `>` and `&` occur in JSON only inside texts, and there
/// an escape means the same.
pub(super) struct Escaped<W>(pub(super) W);

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|b| matches!(b, b'<' | b'>' | b'&')) {
            let (plain, marked) = rest.split_at(at);
            self.0.write_all(plain)?;
            let (first, after) = marked.split_at(1);
            self.0.write_all(match first {
                b"<" => b"\\u003c",
                b">" => b"\\u003e",
                _ => b"\\u0026",
            })?;
            rest = after;
        }
        self.0.write_all(rest)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The text as HTML text or as a quoted attribute.
pub(crate) fn text(raw: &str) -> String {
    let mut safe = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_without_markup() {
        let value = serde_json::json!({ "</script><!--": ["a & b", "<", "é"] });
        let mut out = Vec::new();
        serde_json::to_writer(Escaped(&mut out), &value).unwrap();
        assert!(!out.iter().any(|b| matches!(b, b'<' | b'>' | b'&')));
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&out).unwrap(),
            value
        );
    }

    #[test]
    fn text_is_only_text() {
        assert_eq!(text("<b a=\"'\">&"), "&lt;b a=&quot;&#39;&quot;&gt;&amp;");
    }
}
