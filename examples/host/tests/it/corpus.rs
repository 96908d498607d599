//! The request sequences of identity providers that implementations share, and Okta's own suite, against the product.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use admittance::testing::scim_client::{Okta, Person};

use crate::{
    database::Database,
    node::Node,
    scene::{CONNECTION, Scene, made},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_sequences_pass() {
    let Some(corpus) = corpus() else { return };
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let scene = Scene::new(&database, &node).await;
        let files = std::fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> =
            files.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
        files.sort();
        for file in files {
            replay(&corpus, &file, &node, &scene, &[]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_of_okta_passes() {
    let Some(corpus) = corpus() else { return };
    for database in Database::all().await {
        let node = Node::start(&database).await;
        let scene = Scene::new(&database, &node).await;
        // It wants somebody who comes first in the list
        made(&node.send(Okta(scene.service.clone()).create_user(&Person::named("first"))).await);
        replay(&corpus, &corpus.join("Okta-SCIM-20-SPEC-Test.json"), &node, &scene, &["--latency"]);
    }
}

fn replay(corpus: &Path, file: &Path, node: &Node, scene: &Scene, flags: &[&str]) {
    let url = format!("{}/scim/v2/connections/{CONNECTION}", node.address);
    let replay = Command::new("python3")
        .arg(corpus.join("replay.py"))
        .args([file.as_os_str(), url.as_ref()])
        .arg(format!("Bearer {}", scene.token.expose()))
        .args(flags)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&replay.stdout);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    eprintln!("{name}: {}", told.lines().last().unwrap_or_default());
    assert!(replay.status.success(), "{name}:\n{told}");
}

/// The folder, or nothing, said loudly, where it is absent.
fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/scim");
    let there =
        folder.join("replay.py").exists() && Command::new("python3").arg("--version").output().is_ok();
    if !there {
        // Past what the test harness captures
        let said = format!("\n!! SKIPPED the shared corpus: {} or python3 is not there\n", folder.display());
        drop(writeln!(std::io::stderr(), "{said}"));
    }
    there.then_some(folder)
}
