//! Running the cases under callgrind and reading what it counted.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::marks;

/// What one run of a case took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) instructions: u64,
    /// Calls of `malloc` and its kin, those that grow a buffer among them.
    pub(crate) allocations: u64,
}

/// The mean count of each case, or why there is none.
pub(crate) fn count() -> Result<BTreeMap<String, Count>, String> {
    let found = Command::new("valgrind").arg("--version").output();
    if !found.is_ok_and(|output| output.status.success()) {
        return Err(
            "skipped: instructions and allocations are counted by valgrind, which is not installed"
                .into(),
        );
    }
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--compress-strings=no"])
        .arg(format!("--zero-before={}", marks::BEGIN))
        .arg(format!("--dump-before={}", marks::END))
        .arg(format!(
            "--callgrind-out-file={}",
            directory.path().join("out").display()
        ))
        .arg(std::env::current_exe().map_err(|error| error.to_string())?)
        .arg("cases")
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!(
            "failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    read(&String::from_utf8_lossy(&output.stdout), directory.path())
}

/// Matches the lines that the cases printed to the dumps, which are numbered in the same order.
fn read(lines: &str, directory: &Path) -> Result<BTreeMap<String, Count>, String> {
    let mut counts: BTreeMap<String, Vec<Count>> = BTreeMap::new();
    for (dump, line) in (1_usize..).zip(lines.lines()) {
        let path = directory.join(format!("out.{dump}"));
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        counts
            .entry(line.to_owned())
            .or_default()
            .push(parse(&text));
    }
    let named = |(name, runs): (String, Vec<Count>)| (name, mean(&runs));
    Ok(counts.into_iter().map(named).collect())
}

/// Not the median: the runs of a case may be of different paths.
fn mean(runs: &[Count]) -> Count {
    let of = |figure: fn(&Count) -> u64| {
        let sum: u64 = runs.iter().map(figure).sum();
        (sum as f64 / runs.len() as f64).round() as u64
    };
    Count {
        instructions: of(|count| count.instructions),
        allocations: of(|count| count.allocations),
    }
}

fn parse(dump: &str) -> Count {
    let mut count = Count::default();
    let mut callee = "";
    for line in dump.lines() {
        if let Some(name) = line.strip_prefix("cfn=") {
            callee = name;
        } else if let Some(calls) = line.strip_prefix("calls=") {
            if allocates(callee) {
                let calls = calls.split(' ').next().and_then(|calls| calls.parse().ok());
                count.allocations += calls.unwrap_or(0_u64);
            }
        } else if let Some(total) = line.strip_prefix("totals: ") {
            count.instructions = total.trim().parse().unwrap_or(0);
        }
    }
    count
}

fn allocates(function: &str) -> bool {
    matches!(
        function,
        "malloc" | "calloc" | "realloc" | "posix_memalign" | "aligned_alloc"
    )
}
