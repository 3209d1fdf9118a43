//! The layers of this crate are those of the table in ARCHITECTURE: a module imports from its own
//! layer and from those before it, and no modules import each other in a cycle.

#![allow(clippy::unwrap_used, reason = "a test stops where a file is missing")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Imports = BTreeMap<String, BTreeSet<String>>;

/// From a module to the number of its layer, as ARCHITECTURE has it.
fn layers() -> BTreeMap<String, usize> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../ARCHITECTURE.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("## Layers").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let modules = rows.enumerate().flat_map(|(layer, row)| {
        let names = row.split('|').nth(2).unwrap_or_default().split('`');
        names
            .skip(1)
            .step_by(2)
            .map(move |name| (name.to_owned(), layer))
    });
    modules.collect()
}

/// What each module of the crate imports from others of it, tests left out.
fn imports() -> Imports {
    let mut imports = Imports::new();
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inside = path.strip_prefix(root).unwrap().with_extension("");
            let module = inside.iter().next().unwrap().to_string_lossy().into_owned();
            if module == "lib" || path.ends_with("tests.rs") {
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let found = imports.entry(module.clone()).or_default();
            found.extend(imported(&source).filter(|other| *other != module));
        }
    }
    imports
}

/// The modules that a file names after `crate::`. Its tests come last.
fn imported(source: &str) -> impl Iterator<Item = String> {
    let code = source.split("\nmod tests {").next().unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let paths = lines.flat_map(|line| line.split("crate::").skip(1));
    let modules = paths.map(|path| {
        let end = path.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        path.get(..end.unwrap_or(path.len()))
            .unwrap_or_default()
            .to_owned()
    });
    modules.filter(|module| !module.is_empty())
}

#[test]
fn a_module_imports_from_no_layer_above_its_own() {
    let layers = layers();
    let layer = |module: &str| {
        let layer = layers.get(module);
        *layer.unwrap_or_else(|| panic!("ARCHITECTURE names no layer of `{module}`"))
    };
    let imports = imports();
    for (module, others) in &imports {
        for other in others {
            assert!(
                layer(other) <= layer(module),
                "`{module}` imports `{other}`"
            );
        }
    }
    let known: BTreeSet<_> = layers.keys().collect();
    assert_eq!(
        known,
        imports.keys().collect(),
        "the modules in ARCHITECTURE"
    );
}

#[test]
fn no_modules_import_each_other_in_a_cycle() {
    let mut left = imports();
    // Whoever imports nothing that is left is in no cycle.
    loop {
        let free: BTreeSet<_> = left
            .iter()
            .filter(|(_, others)| others.iter().all(|other| !left.contains_key(other)))
            .map(|(module, _)| module.clone())
            .collect();
        if free.is_empty() {
            break;
        }
        left.retain(|module, _| !free.contains(module));
    }
    assert!(left.is_empty(), "a cycle is among {left:#?}");
}
