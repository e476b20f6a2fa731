//! What is kept of a secret value: never the value, however it is packed, and never much. The first byte
//! says whether the rest is a name and a text, or bytes to be packed as user data is.

use base64::Engine as _;
use palisade_collect::redacted;

pub(crate) fn run(data: &[u8]) {
    let Some((packed, rest)) = data.split_first() else {
        return;
    };
    let (name, text) = if packed % 2 == 0 {
        let text = String::from_utf8_lossy(rest).into_owned();
        match text.split_once('\n') {
            Some((name, text)) => (name.to_owned(), text.to_owned()),
            None => (String::new(), text),
        }
    } else {
        let text = base64::engine::general_purpose::STANDARD.encode(rest);
        ("UserData".to_owned(), text)
    };
    let kept = redacted(&name, &text);
    let map = kept.as_object().unwrap();
    let keys: Vec<&str> = map.keys().map(String::as_str).collect();
    assert_eq!(keys, ["redacted", "length", "sha256", "kinds"]);
    assert_eq!(kept["length"], text.len());
    assert_eq!(kept["sha256"].as_str().unwrap().len(), 64);
    // The kinds are words of ours.
    for kind in kept["kinds"].as_array().unwrap() {
        let kind = kind.as_str().unwrap();
        assert!(
            kind.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        );
        assert!(kind.len() < 64);
    }
}
