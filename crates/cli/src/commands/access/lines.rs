//! Lines of a file that nobody vouches for: bytes, and no longer than a bound.

use std::io::{self, BufRead};

/// Longer lines are not held in memory. A case has at most a few policies of some hundred kilobytes.
const LONGEST: usize = 64 << 20;

/// A line without its line break.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// As it is.
    Whole(Vec<u8>),
    /// It was longer than this many bytes and skipped.
    TooLong(usize),
}

/// Reads lines and counts them from 1.
pub(super) struct Lines<R> {
    input: R,
    number: u64,
    longest: usize,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            number: 0,
            longest: LONGEST,
        }
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::new();
        let mut too_long = false;
        let mut any = false;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let used = end.map_or(chunk.len(), |end| end + 1);
            if too_long || line.len() + part.len() > self.longest {
                too_long = true;
                line = Vec::new();
            } else {
                line.extend_from_slice(part);
            }
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        Ok(any.then_some(if too_long {
            Line::TooLong(self.longest)
        } else {
            Line::Whole(line)
        }))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<(u64, Line)>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.read().transpose()?;
        self.number += 1;
        Some(line.map(|line| (self.number, line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_past_the_bound_is_skipped_and_the_next_is_read() {
        let text = b"a\n\r\nlonger than ten\n\xffb";
        let lines = Lines {
            input: io::BufReader::with_capacity(4, text.as_slice()),
            number: 0,
            longest: 10,
        };
        let lines: Vec<_> = lines.map(Result::unwrap).collect();
        assert_eq!(
            lines,
            [
                (1, Line::Whole(b"a".to_vec())),
                (2, Line::Whole(b"\r".to_vec())),
                (3, Line::TooLong(10)),
                (4, Line::Whole(b"\xffb".to_vec())),
            ]
        );
    }
}
