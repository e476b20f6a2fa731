//! `palisade catalog docs --out DIR`

use crate::args::Docs;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::terminal::Terminal;

/// Writes the reference as a static site.
pub(crate) fn run(args: &Docs, terminal: &Terminal) -> Result<Done, Failure> {
    let house = House::open(&args.catalog, terminal)?;
    let out = args.out.as_path();
    if is_another(out)? {
        return Err(
            Failure::usage(format!("`{}` has other files in it", out.display()))
                .hint("name a folder that is new, empty, or of an earlier site"),
        );
    }
    let pages = palisade_report::site(&house.catalog, house.schemas(), &mut |path, text| {
        let file = out.join(path);
        if let Some(folder) = file.parent() {
            fs_err::create_dir_all(folder)?;
        }
        fs_err::write(file, text)
    })?;
    terminal.note(&format!(
        "{pages} pages: open {}",
        out.join("index.html").display()
    ));
    Ok(Done::Clean)
}

/// Whether the folder holds something, and it is not a site of ours.
fn is_another(folder: &std::path::Path) -> Result<bool, Failure> {
    if !folder.exists() {
        return Ok(false);
    }
    let empty = fs_err::read_dir(folder)?.next().is_none();
    let ours = fs_err::read_to_string(folder.join("index.html"))
        .is_ok_and(|text| text.contains("<title>Palisade reference</title>"));
    Ok(!empty && !ours)
}
