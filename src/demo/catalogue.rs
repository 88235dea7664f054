//! The scenarios and builds that are embedded in the program.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::scenario::{Scenario, ScenarioError};

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$((
            $name,
            include_str!(concat!("../../assets/scenarios/", $name, ".toml")),
            include_str!(concat!("../../assets/scenarios/", $name, ".log")),
        )),*]
    };
}

/// Name, description and log of each scenario; the default comes first.
const EMBEDDED: &[(&str, &str, &str)] = embedded![
    "default",
    "copy-missing",
    "pip-conflict",
    "native-build",
    "success-warnings",
    "timeout",
    "parallel",
];

const BUILDS: &str = include_str!("../../assets/scenarios/builds.toml");

/// What `buildcat demo --list` says of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The name it is asked for by.
    pub name: String,
    /// What it shows, as half a sentence.
    pub title: String,
    /// How many seconds it takes at speed 1.
    pub seconds: f64,
    /// The id of its build.
    pub id: String,
}

/// The scenarios there are, the default first.
///
/// # Errors
/// When a description can't be read, which a test rules out.
pub fn scenarios() -> Result<Vec<Summary>, ScenarioError> {
    let summary = |scenario: Scenario| Summary {
        seconds: scenario.over().as_secs_f64(),
        name: scenario.name,
        title: scenario.title,
        id: scenario.id,
    };
    Ok(all()?.into_iter().map(summary).collect())
}

impl Scenario {
    /// The embedded scenario of that name.
    ///
    /// # Errors
    /// When there is none, or its description can't be read.
    pub fn embedded(name: &str) -> Result<Self, ScenarioError> {
        match EMBEDDED.iter().find(|(known, ..)| *known == name) {
            Some((name, description, log)) => Self::parse(name, description, log),
            None => Err(ScenarioError::Unknown {
                name: name.to_owned(),
                known: EMBEDDED.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

/// A build of the past: when it was asked for, and what it played.
#[derive(Clone, Debug)]
pub(super) struct Past {
    /// Minutes before the server's start.
    pub(super) age: u32,
    /// What it was.
    pub(super) scenario: Scenario,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Builds {
    build: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    scenario: String,
    age: u32,
    id: Option<String>,
    /// The archive was uploaded: the scenario's repository doesn't apply.
    #[serde(default)]
    upload: bool,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// The builds of the past, newest first, without the one of a given id.
pub(super) fn history(except: &str) -> Result<Vec<Past>, ScenarioError> {
    let builds: Builds = toml::from_str(BUILDS).map_err(|source| ScenarioError::Syntax {
        name: "builds".to_owned(),
        source: Box::new(source),
    })?;
    let scenarios = all()?;
    let mut out = Vec::with_capacity(builds.build.len());
    for row in builds.build {
        let Some(scenario) = scenarios.iter().find(|s| s.name == row.scenario) else {
            return Err(ScenarioError::Unknown {
                name: row.scenario,
                known: EMBEDDED.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", "),
            });
        };
        let mut scenario = scenario.clone();
        if let Some(id) = row.id {
            scenario.id = id;
        }
        if row.upload {
            for field in ["repoFullName", "ref", "commitSha"] {
                scenario.record.remove(field);
            }
        }
        scenario.record.extend(row.fields);
        out.push(Past { age: row.age, scenario });
    }
    // The list stays as long as it was: the build being played takes the
    // place of its own entry, or else of the oldest.
    match out.iter().position(|past| past.scenario.id == except) {
        Some(own) => drop(out.remove(own)),
        None => drop(out.pop()),
    }
    Ok(out)
}

fn all() -> Result<Vec<Scenario>, ScenarioError> {
    EMBEDDED
        .iter()
        .map(|(name, description, log)| Scenario::parse(name, description, log))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::{BuildId, BuildStatus};

    #[test]
    fn every_scenario_can_be_played() {
        let all = all().unwrap();
        assert!(all.len() >= 7);
        for scenario in &all {
            scenario.id.parse::<BuildId>().unwrap();
            let status = scenario.end["status"].as_str().unwrap();
            assert!(BuildStatus::from_api(status).is_terminal(), "{}", scenario.name);
            assert!(scenario.starts < scenario.ends, "{}", scenario.name);
        }
    }

    #[test]
    fn the_default_is_over_in_30_seconds() {
        let first = &scenarios().unwrap()[0];
        assert_eq!(first.name, "default");
        assert!(first.seconds <= 30.0, "{}", first.seconds);
    }

    #[test]
    fn there_are_twenty_builds_with_ids_of_their_own() {
        let played = Scenario::embedded("default").unwrap();
        let mut ids: HashSet<String> =
            history(&played.id).unwrap().into_iter().map(|past| past.scenario.id).collect();
        assert!(ids.insert(played.id));
        assert_eq!(ids.len(), 20);
    }

    #[test]
    fn an_unknown_scenario_is_refused_with_the_names_there_are() {
        let error = Scenario::embedded("nope").unwrap_err().to_string();
        assert!(
            error.starts_with("there is no demo scenario \"nope\"; there are: default, "),
            "{error}"
        );
    }
}
