//! The document that holds the table.

use std::fs;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reliability.md");
const BEGIN: &str = "<!-- fault table: written by `cargo run -p rti-fault-table` -->\n";
const END: &str = "<!-- end of the fault table -->";

/// Puts the table between the two markers, in place of what is there.
pub(crate) fn replace_table(table: &str) {
    let document = fs::read_to_string(PATH).unwrap();
    fs::write(PATH, with_table(&document, table)).unwrap();
}

fn with_table(document: &str, table: &str) -> String {
    let (before, rest) = document
        .split_once(BEGIN)
        .expect("the marker at its beginning");
    let (_, after) = rest.split_once(END).expect("the marker at its end");
    format!("{before}{BEGIN}\n{table}\n{END}{after}")
}

#[cfg(test)]
mod tests {
    use rti_core::Mode;

    use super::*;
    use crate::{MODES, scenarios};

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let document = format!("a\n{BEGIN}old\n{END}\nb");
        let first = with_table(&document, "| t |\n");
        assert_eq!(first, format!("a\n{BEGIN}\n| t |\n\n{END}\nb"));
        assert_eq!(with_table(&first, "| t |\n"), first);
    }

    /// A fault that is new, or another outcome, must find its way into the document.
    #[test]
    fn the_table_is_of_today() {
        let document = fs::read_to_string(PATH).unwrap();
        for scenario in scenarios::all() {
            for mode in MODES {
                let mode = if mode == Mode::Blocking {
                    "blocking"
                } else {
                    "monitoring"
                };
                let row = format!(
                    "| {} | {mode} | `{}` | 200 |",
                    scenario.name, scenario.expected
                );
                assert!(document.contains(&row), "regenerate the table: {row}");
            }
        }
    }
}
