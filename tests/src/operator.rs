//! The operator's listener: what is asked of it by POST.

use crate::{client::Answer, service::Service};
use http::Method;
use serde_json::Value;

impl Service {
    /// Asks for a change. The routes take nothing but JSON.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn post(&self, path: &str, body: &str) -> Answer {
        let headers = [("content-type", "application/json")];
        self.client()
            .send(self.admin, Method::POST, path, &headers, body)
            .await
            .expect("the operator's listener answers")
    }

    /// Reloads now, and says how that ended: `outcome`, `stage`, `violations`.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn reload(&self) -> Value {
        self.post("/config/reload", "").await.json()
    }

    /// Saves by rename, reloads at once, and says how that ended.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn reload_with(&self, text: &str) -> Value {
        self.save_by_rename(text);
        self.reload().await
    }
}
