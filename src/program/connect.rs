//! The way to the API: credential, client, and which build is meant.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Failure, Program, complain};
use crate::api::{BuildsApi, Client, ClientConfig, Credential, credentials};
use crate::domain::BuildId;
use crate::source::watch::{self, Which};

impl Program {
    /// A client with the user's own credential; asks nothing yet.
    pub(super) async fn connect(&self) -> Result<Arc<dyn BuildsApi>, Failure> {
        let credential = credentials::resolve(&self.env, &self.loaded, Timestamp::now()).await?;
        for warning in &credential.warnings {
            complain(warning);
        }
        self.client(credential)
    }

    /// A client with a given credential.
    pub(super) fn client(&self, credential: Credential) -> Result<Arc<dyn BuildsApi>, Failure> {
        let origin = self.loaded.origin().map_err(Failure::usage)?;
        Ok(Arc::new(Client::new(ClientConfig::new(origin, credential))?))
    }

    /// The build that is meant by what was typed.
    pub(super) async fn build_id(
        &self,
        api: &dyn BuildsApi,
        which: &Which,
    ) -> Result<BuildId, Failure> {
        watch::find(api, which).await?.map_err(Failure::service)
    }
}

/// What `BUILD_ID|latest` stands for; refused before anything is asked.
pub(super) fn which(typed: Option<&str>) -> Result<Which, Failure> {
    match typed {
        None => Ok(Which::Current),
        Some("latest") => Ok(Which::Latest),
        Some(id) => Ok(Which::Id(id.parse()?)),
    }
}
