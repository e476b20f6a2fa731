//! A cursor over the elements of an XML document, on quick-xml's pull parser.
//!
//! Nothing is fetched, no document type and no entity is accepted, the depth is limited: a reply
//! cannot grow in memory beyond the values that the model knows.

use super::{MAX_VALUES, scalar};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// No reply of AWS is deeper than 20.
const DEPTH: usize = 128;

/// What is wrong with a document, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault} at byte {at} (line {line})")]
pub(super) struct XmlError {
    fault: String,
    at: usize,
    line: usize,
}

/// An element whose start was read.
#[derive(Debug)]
pub(super) struct Element<'b> {
    start: BytesStart<'b>,
}

impl Element<'_> {
    /// The name without its prefix.
    pub(super) fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// The value of an attribute by its name with prefix, as `xsi:type`.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let named = |found: &Attribute<'_>| found.key.as_ref() == name;
        // Without the check for duplicates, which takes quadratic time.
        let mut attributes = self.start.attributes();
        let found = attributes.with_checks(false).flatten().find(named)?;
        quick_xml::escape::unescape(&found.value)
            .ok()
            .map(Cow::into_owned)
    }
}

pub(super) struct Cursor<'b> {
    reader: Reader<&'b [u8]>,
    body: &'b [u8],
    depth: usize,
    /// Elements that may still come.
    left: usize,
}

impl<'b> Cursor<'b> {
    pub(super) fn new(body: &'b [u8]) -> Result<Self, XmlError> {
        let text = std::str::from_utf8(body).map_err(|error| XmlError {
            fault: "not UTF-8".into(),
            at: error.valid_up_to(),
            line: line(body, error.valid_up_to()),
        })?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        reader.config_mut().expand_empty_elements = true;
        Ok(Self {
            reader,
            body,
            depth: 0,
            left: MAX_VALUES,
        })
    }

    /// An error at the present place.
    pub(super) fn fault(&self, fault: impl Into<String>) -> XmlError {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        XmlError {
            fault: fault.into(),
            at,
            line: line(self.body, at),
        }
    }

    fn event(&mut self) -> Result<Event<'b>, XmlError> {
        loop {
            match self.reader.read_event() {
                Ok(Event::Comment(_) | Event::PI(_) | Event::Decl(_)) => {}
                Ok(Event::DocType(_)) => return Err(self.fault("a document type")),
                Ok(event) => return Ok(event),
                Err(error) => return Err(self.fault(error.to_string())),
            }
        }
    }

    /// The root element.
    pub(super) fn root(&mut self) -> Result<Element<'b>, XmlError> {
        match self.event_after_space()? {
            Event::Start(start) => self.open(start),
            _ => Err(self.fault("there is no root element")),
        }
    }

    /// After the end of the root nothing may come.
    pub(super) fn finish(&mut self) -> Result<(), XmlError> {
        match self.event_after_space()? {
            Event::Eof => Ok(()),
            _ => Err(self.fault("more after the end of the root element")),
        }
    }

    fn event_after_space(&mut self) -> Result<Event<'b>, XmlError> {
        loop {
            match self.event()? {
                Event::Text(text) if text.trim_ascii().is_empty() => {}
                event => return Ok(event),
            }
        }
    }

    fn open(&mut self, start: BytesStart<'b>) -> Result<Element<'b>, XmlError> {
        self.depth += 1;
        let Some(left) = self.left.checked_sub(1) else {
            return Err(self.fault(format!("more than {MAX_VALUES} elements")));
        };
        self.left = left;
        if self.depth > DEPTH {
            return Err(self.fault(format!("nested more than {DEPTH} times")));
        }
        Ok(Element { start })
    }

    /// The next child of the element that is open; none at its end, which is then read. Text
    /// between children is ignored.
    pub(super) fn child(&mut self) -> Result<Option<Element<'b>>, XmlError> {
        loop {
            match self.event()? {
                Event::Start(start) => return self.open(start).map(Some),
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(None);
                }
                Event::Eof => return Err(self.fault("the document ends within an element")),
                _ => {}
            }
        }
    }

    /// Reads past the end of an element.
    pub(super) fn skip(&mut self, _: &Element<'b>) -> Result<(), XmlError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.child()?;
        }
        Ok(())
    }

    /// The text of the open element up to its end; children are skipped.
    pub(super) fn text(&mut self) -> Result<Cow<'b, str>, XmlError> {
        let mut all = Cow::Borrowed("");
        loop {
            let piece = match self.event()? {
                Event::Text(text) => text.xml10_content(),
                Event::CData(text) => text.into_inner(),
                Event::GeneralRef(name) => match name.resolve_char_ref() {
                    Ok(Some(letter)) => letter.to_string().into(),
                    Ok(None) => {
                        let unknown = || format!("unknown entity `{}`", scalar::short(&name));
                        let known = resolve_xml_entity(&name).map(Cow::Borrowed);
                        known.ok_or_else(|| self.fault(unknown()))?
                    }
                    Err(error) => return Err(self.fault(error.to_string())),
                },
                Event::Start(start) => {
                    let child = self.open(start)?;
                    self.skip(&child)?;
                    continue;
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(all);
                }
                Event::Eof => return Err(self.fault("the document ends within an element")),
                _ => continue,
            };
            if all.is_empty() {
                all = piece;
            } else {
                all.to_mut().push_str(&piece);
            }
        }
    }
}

fn line(body: &[u8], at: usize) -> usize {
    1 + body.iter().take(at).filter(|byte| **byte == b'\n').count()
}
