//! `palisade.assessment/v1`.

use crate::fixture::report;
use palisade_report::Format;

#[test]
fn the_whole_document() {
    insta::assert_snapshot!(report(Format::Json));
}
