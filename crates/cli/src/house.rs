//! Opens what the commands share: the catalogue, the models, the schemas, and the user's own files.

use crate::args::{CatalogArgs, WaiverArgs};
use crate::evidence;
use crate::failure::{Failure, said};
use crate::regions;
use crate::terminal::Terminal;
use jiff::civil::Date;
use palisade_aws::Models;
use palisade_aws::reads::Reads as AllowList;
use palisade_collect::Recipes;
use palisade_core::Clock;
use palisade_core::catalog::{
    Attestations, Catalog, CatalogError, Declared, Embedded, Exceptions, Folder, embedded_file,
    embedded_files,
};
use palisade_core::schema::Schemas;
use std::path::Path;
use std::sync::Arc;

/// The built-in catalogue, with the user's own laid over it. Files of theirs that nothing reads are told.
pub(crate) fn catalog(own: Option<&Path>, terminal: &Terminal) -> Result<Catalog, Failure> {
    let Some(dir) = own else {
        return Ok(Catalog::embedded()?);
    };
    let (catalog, errors) = laid_over(dir)?;
    let notes = catalog.unread.iter().map(|n| format!("warning: {n}"));
    terminal.notes(&notes.collect::<Vec<_>>());
    if errors.is_empty() {
        Ok(catalog)
    } else {
        Err(errors.into())
    }
}

/// The built-in catalogue under a folder: what of it can be read, and what is wrong.
fn laid_over(dir: &Path) -> Result<(Catalog, Vec<CatalogError>), Failure> {
    if dir.is_dir() {
        return Ok(Catalog::load_what_can_be(&[
            &Embedded,
            &Folder(dir.to_owned()),
        ]));
    }
    Err(
        Failure::usage(format!("`{}` is not a folder", dir.display())).hint(
            "`--catalog` names a folder with tables/, controls/, recommendations/ or frameworks/",
        ),
    )
}

/// The catalogue made ready: its tables checked against the API models and the list of reads.
pub(crate) struct House {
    /// The catalogue.
    pub(crate) catalog: Catalog,
    /// The API models inside the binary.
    pub(crate) models: Models,
    /// The tables, ready to run.
    pub(crate) recipes: Arc<Recipes>,
    /// The curated list of reads.
    pub(crate) allowed: AllowList,
}

impl House {
    /// Opens the built-in catalogue with the user's own over it, and what they declare beside it.
    pub(crate) fn open(args: &CatalogArgs, terminal: &Terminal) -> Result<Self, Failure> {
        let models = models();
        std::thread::scope(|scope| {
            scope.spawn(|| warm(&models));
            let mut catalog = catalog(args.catalog.as_deref(), terminal)?;
            catalog.declared = declared(args.config.as_deref(), &models)?;
            Self::with(catalog, models.clone())
        })
    }

    /// The same for somebody who writes into a folder that is not finished: what of it is wrong stands in nobody's way.
    pub(crate) fn begun(dir: Option<&Path>) -> Result<Self, Failure> {
        let catalog = match dir {
            Some(dir) => laid_over(dir)?.0,
            None => Catalog::embedded()?,
        };
        Self::with(catalog, models())
    }

    fn with(catalog: Catalog, models: Models) -> Result<Self, Failure> {
        let list = embedded_file("models/reads.toml").unwrap_or_default();
        let allowed =
            AllowList::from_toml(&String::from_utf8_lossy(&list)).map_err(Failure::unfinished)?;
        let recipes = Recipes::new(&catalog, &models, &allowed, None)?;
        Ok(Self {
            catalog,
            models,
            recipes: Arc::new(recipes),
            allowed,
        })
    }

    /// The columns of all tables.
    pub(crate) fn schemas(&self) -> &Schemas {
        self.recipes.schemas()
    }
}

/// Reads the models while the catalogue is read: what is asked for later is there. One that can't be read is told by
/// whoever needs it.
fn warm(models: &Models) {
    for file in embedded_files("models/") {
        let name = file.strip_prefix("models/").unwrap_or(&file);
        if let Some(service) = name
            .strip_suffix(".json.zst")
            .filter(|s| *s != "partitions")
        {
            let _ = models.service(service);
        }
    }
}

/// The API models inside the binary.
pub(crate) fn models() -> Models {
    Models::new(|file| embedded_file(&format!("models/{file}")))
}

/// The day of a moment, in UTC.
pub(crate) fn day(clock: Clock) -> Date {
    clock
        .now()
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .date()
}

/// What is declared: in the file named, or in `palisade.toml` here if there is one.
fn declared(file: Option<&Path>, models: &Models) -> Result<Declared, Failure> {
    let path = file.unwrap_or(Path::new("palisade.toml"));
    let Some(text) = read(path, file.is_some())? else {
        return Ok(Declared::default());
    };
    let partitions = models.partitions().map_err(Failure::unfinished)?;
    Ok(Declared::parse(
        &path.display().to_string(),
        &text,
        |name| regions::known(name, &partitions),
    )?)
}

/// The day of a moment where it comes first: what is dated so may be somebody's today (UTC+14).
fn latest_day(clock: Clock) -> Date {
    let first = jiff::tz::Offset::constant(14);
    first.to_datetime(clock.now()).date()
}

/// The file of statements, where none is named.
const ATTESTATIONS: &str = "attestations.toml";

/// What a run takes of people: accepted risks and statements. What of them can't be applied is told, and statements
/// whose evidence shows nothing do not count.
pub(crate) fn waivers(
    args: &WaiverArgs,
    catalog: &Catalog,
    clock: Clock,
    terminal: &Terminal,
) -> Result<(Exceptions, Attestations), Failure> {
    let (exceptions, notes) = exceptions(args.exceptions.as_deref(), catalog)?;
    notes.iter().for_each(|n| terminal.note(n));
    let file = args.attestations.as_deref();
    let mut attestations = attestations(file, catalog, false, clock)?;
    let notes = evidence::verify(&mut attestations, file.unwrap_or(Path::new(ATTESTATIONS)));
    terminal.notes(&notes);
    terminal.notes(&attestations.unheard(catalog));
    Ok((exceptions, attestations))
}

/// The statements: of the file named, or of `attestations.toml` here if there is one.
pub(crate) fn attestations(
    file: Option<&Path>,
    catalog: &Catalog,
    may_be_missing: bool,
    clock: Clock,
) -> Result<Attestations, Failure> {
    let usual = Path::new(ATTESTATIONS);
    let (path, must_exist) = file.map_or((usual, false), |f| (f, !may_be_missing));
    let Some(text) = read(path, must_exist)? else {
        return Ok(Attestations::default());
    };
    Ok(Attestations::parse(
        &path.display().to_string(),
        &text,
        latest_day(clock),
        |id| catalog.recommendations.contains_key(id),
    )?)
}

/// The accepted risks: of the file named, or of `exceptions.toml` here if there is one. A YAML file is a Prowler mutelist;
/// what of it can't be applied comes back as notes.
pub(crate) fn exceptions(
    file: Option<&Path>,
    catalog: &Catalog,
) -> Result<(Exceptions, Vec<String>), Failure> {
    let usual = Path::new("exceptions.toml");
    let path = file.unwrap_or(usual);
    let Some(text) = read(path, file.is_some())? else {
        return Ok((Exceptions::default(), Vec::new()));
    };
    let shown = path.display().to_string();
    let is_yaml = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"));
    if is_yaml {
        return Ok(Exceptions::from_mutelist(&shown, &text, catalog)?);
    }
    let exceptions = Exceptions::parse(&shown, &text, |name| {
        match catalog.controls_called(name).as_slice() {
            [one] => Some(one.id.clone()),
            _ => None,
        }
    })?;
    Ok((exceptions, Vec::new()))
}

fn read(path: &Path, must_exist: bool) -> Result<Option<String>, Failure> {
    match fs_err::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !must_exist => Ok(None),
        Err(e) => Err(Failure::usage(said(&e))),
    }
}
