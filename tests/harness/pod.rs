//! A pod as the API server describes it.

use serde_json::Value;

/// One pod, as it was when it was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Pod(Value);

impl Pod {
    /// The pods in an answer of `kubectl get pods -o json`.
    pub(crate) fn all(listed: &Value) -> Vec<Self> {
        listed["items"].as_array().expect("a list").iter().cloned().map(Self).collect()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.0["metadata"]["name"].as_str().expect("a name")
    }

    /// Whether it is ready.
    pub(crate) fn is_ready(&self) -> bool {
        let conditions = self.0["status"]["conditions"].as_array();
        conditions.into_iter().flatten().any(|it| it["type"] == "Ready" && it["status"] == "True")
    }

    /// How often its containers were started again.
    pub(crate) fn restarts(&self) -> u64 {
        let statuses = self.0["status"]["containerStatuses"].as_array();
        statuses.into_iter().flatten().filter_map(|status| status["restartCount"].as_u64()).sum()
    }
}
