//! Mutated seeds, the same in every run: what a fuzzer does, bounded, for ordinary tests.

use std::path::Path;

/// Feeds `run` every seed of `fuzz/seeds/<target>` and `more`, as they are and `rounds` times damaged.
pub(crate) fn replay(target: &str, more: &[Vec<u8>], rounds: usize, run: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let mut files: Vec<_> = fs_err::read_dir(folder.join(target))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut seeds: Vec<Vec<u8>> = files
        .iter()
        .map(|file| fs_err::read(file).unwrap())
        .collect();
    assert!(!seeds.is_empty(), "no seeds for `{target}`");
    seeds.extend_from_slice(more);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for seed in &seeds {
        run(seed);
    }
    for round in 0..rounds {
        let seed = &seeds[round % seeds.len()];
        let other = &seeds[dice.below(seeds.len())];
        run(&damaged(seed, other, &mut dice));
    }
}

/// A seed with one to four faults: bytes changed, taken out, doubled, or taken from another seed.
fn damaged(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    const PIECES: [&[u8]; 16] = [
        b"\"",
        b"'",
        b"[",
        b"]",
        b"{",
        b"}",
        b"\\",
        b"\n",
        b"\0",
        b"-1",
        b"99999999999999999999",
        b"\xff\xfe",
        "\u{1f512}".as_bytes(),
        b"*",
        b"=",
        b"1e999",
    ];
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        let length = dice.below(16).min(bytes.len() - at);
        match dice.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let part = bytes[at..at + length].to_vec();
                for _ in 0..=dice.below(40) {
                    bytes.splice(at..at, part.iter().copied());
                }
            }
            3 => {
                let from = dice.below(other.len() + 1);
                let to = from + dice.below(64).min(other.len() - from);
                bytes.splice(at..at + length, other[from..to].iter().copied());
            }
            4 => drop(bytes.splice(at..at, PIECES[dice.below(PIECES.len())].iter().copied())),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
    }
    bytes
}

/// Xorshift (Marsaglia, 2003): chance that comes the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most.max(1) as u64).unwrap_or_default()
    }
}
