//! Before a run the catalogue proves itself on its own examples, so that nothing can turn a control into "always pass".
//!
//! What was proved once need not be proved again: a proof is remembered by a hash over the controls, the columns and
//! the engine's version. That of the built-in catalogue comes with the program (`catalog/proved.txt`).

use crate::failure::Failure;
use crate::house::House;
use crate::state::State;
use crate::terminal::Terminal;
use palisade_core::catalog::embedded_file;

/// The file that tells what the tests of the program have proved.
const SHIPPED: &str = "proved.txt";

/// A house whose catalogue is proved; if it was not before, it is now. Its tests have done their work, and are let go of.
pub(crate) fn proved(mut house: House, terminal: &Terminal) -> Result<House, Failure> {
    ensure(&house, terminal)?;
    for control in house.catalog.controls.values_mut() {
        control.tests = Vec::new();
    }
    Ok(house)
}

fn ensure(house: &House, terminal: &Terminal) -> Result<(), Failure> {
    let hash = fingerprint(house);
    let shipped = embedded_file(SHIPPED).unwrap_or_default();
    if String::from_utf8_lossy(&shipped).trim() == hash {
        return Ok(());
    }
    let mark = State::find().ok().map(|state| state.proof(&hash));
    if mark.as_ref().is_some_and(|mark| mark.is_file()) {
        return Ok(());
    }
    terminal
        .note("the catalogue is new here: its controls prove themselves on their own tests first");
    let report = palisade_query::check(&house.catalog, house.schemas())?;
    if !report.errors.is_empty() {
        return Err(report.errors.into());
    }
    if let Some(mark) = mark {
        // Without a mark it is proved again next time.
        let _ = mark.parent().map(fs_err::create_dir_all);
        let _ = fs_err::write(mark, "");
    }
    Ok(())
}

/// The hash of what is proved.
pub(crate) fn fingerprint(house: &House) -> String {
    palisade_query::fingerprint(&house.catalog, house.schemas())
}
