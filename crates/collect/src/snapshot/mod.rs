//! The snapshot on disk: written beside the last one, and put in its place when it is whole.

mod array;
mod compressed;
mod file;

use crate::error::{CollectError, io};
use crate::plan::TablePlan;
use crate::progress::Progress;
use crate::run::replay::Replay;
use crate::run::{PARTIAL, places, walk};
use file::TableFile;
use futures::StreamExt as _;
use palisade_core::schema::ledger_schema;
use palisade_core::snapshot::{
    AccountScope, FORMAT, FileEntry, LEDGER, MANIFEST, Manifest, TABLES,
};
use palisade_core::{Call, Outcome};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError};

/// Writes all tables, the ledger and the manifest.
pub(crate) async fn write(
    walk: Arc<walk::Walk>,
    replay: &Replay,
    out: &Path,
    taken_at: jiff::Timestamp,
    version: &str,
    incomplete: Option<String>,
    progress: &dyn Progress,
) -> Result<Manifest, CollectError> {
    let partial = out.join(PARTIAL);
    let new = partial.join("new");
    if new.exists() {
        fs_err::remove_dir_all(&new).map_err(|e| io(&new, e))?;
    }
    make_private_folder(&new)?;
    make_private_folder(&new.join(TABLES))?;
    let mut tables = BTreeMap::new();
    for table in &walk.plan.tables {
        progress.writing(&table.recipe.table);
        let mut entry = write_table(&walk, table, &new.join(TABLES)).await?;
        let left_out = walk.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        entry.out_of_scope = left_out
            .get(&table.recipe.table)
            .cloned()
            .unwrap_or_default();
        tables.insert(table.recipe.table.clone(), entry);
    }
    let mut ledger = TableFile::create(&new.join(LEDGER), "_calls", ledger_schema())?;
    let mut not_sent: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for call in replay.calls() {
        let call = call?;
        if is_unsent(&call) {
            let codes = not_sent.entry(call.account_id.clone()).or_default();
            *codes
                .entry(call.code.clone().unwrap_or_default())
                .or_default() += 1;
        }
        ledger.call(call)?;
    }
    let ledger = ledger.finish(None)?;
    let accounts = walk.plan.scope.accounts.iter().map(|account| AccountScope {
        id: account.id.clone(),
        name: account.name.clone(),
        regions: account.regions.clone(),
        membership: account.membership,
        unit: account.unit.clone(),
        not_reached: account.not_reached.clone(),
        not_sent: not_sent.remove(&account.id).unwrap_or_default(),
    });
    let manifest = Manifest {
        format: FORMAT,
        palisade: version.to_owned(),
        taken_at,
        accounts: accounts.collect(),
        tables,
        ledger,
        incomplete,
    };
    file::write_json(&new.join(MANIFEST), &manifest)?;
    put_in_place(&new, out, &partial)?;
    Ok(manifest)
}

/// Whether a call was to be sent and was not. What a region does not offer has nowhere to be sent to.
fn is_unsent(call: &Call) -> bool {
    call.attempts == 0 && matches!(call.outcome, Outcome::Failed | Outcome::Throttled)
}

async fn write_table(
    walk: &Arc<walk::Walk>,
    table: &Arc<TablePlan>,
    folder: &Path,
) -> Result<FileEntry, CollectError> {
    let name = &table.recipe.table;
    // A row that a parent left out counts once, not once for each child's walk.
    walk.left_out
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clear();
    let mut file = TableFile::create(
        &folder.join(format!("{name}.parquet")),
        name,
        table.recipe.schema.arrow(),
    )?;
    for place in places(&walk.plan, table) {
        let mut rows = walk::rows(
            Arc::clone(walk),
            Arc::clone(table),
            Arc::clone(&table.waves),
            place,
        );
        while let Some(row) = rows.next().await {
            file.row(&table.recipe.schema, row)?;
        }
    }
    let mut entry = file.finish(Some(&table.recipe.schema))?;
    entry.fills = table.fills();
    Ok(entry)
}

/// The new files take the old ones' place. The manifest goes last: its hashes tell a half-finished move.
fn put_in_place(new: &Path, out: &Path, partial: &Path) -> Result<(), CollectError> {
    let rename = |from: &Path, to: &Path| fs_err::rename(from, to).map_err(|e| io(to, e));
    let old = partial.join("old");
    if old.exists() {
        fs_err::remove_dir_all(&old).map_err(|e| io(&old, e))?;
    }
    let tables = out.join(TABLES);
    if tables.exists() {
        rename(&tables, &old)?;
    }
    rename(&new.join(TABLES), &tables)?;
    rename(&new.join(LEDGER), &out.join(LEDGER))?;
    rename(&new.join(MANIFEST), &out.join(MANIFEST))?;
    if old.exists() {
        fs_err::remove_dir_all(&old).map_err(|e| io(&old, e))?;
    }
    Ok(())
}

/// A folder that only its owner can enter.
pub(crate) fn make_private_folder(path: &Path) -> Result<(), CollectError> {
    fs_err::create_dir_all(path).map_err(|e| io(path, e))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let private = std::fs::Permissions::from_mode(0o700);
        fs_err::set_permissions(path, private).map_err(|e| io(path, e))?;
    }
    Ok(())
}
