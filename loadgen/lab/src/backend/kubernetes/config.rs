//! Which application in which cluster. These are the flags of `loadgen lab --backend kubernetes` as well.

use clap::builder::NonEmptyStringValueParser;

/// Where our manifests put the application.
pub const NAMESPACE: &str = "dockercoins";

/// What is handed to kubectl with each command; which cluster is meant without, kubectl finds out by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Options for --backend kubernetes")]
pub struct KubernetesConfig {
    /// Context of the kubeconfig [default: as kubectl has it]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub context: Option<String>,

    /// Namespace of the application [default: dockercoins]
    #[arg(short, long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub namespace: Option<String>,
}

impl KubernetesConfig {
    /// The namespace that is meant.
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or(NAMESPACE)
    }

    /// The first of the flags that was given.
    pub fn given(&self) -> Option<&'static str> {
        let flags = [(self.context.is_some(), "--context"), (self.namespace.is_some(), "--namespace")];
        flags.into_iter().find(|(given, _)| *given).map(|(_, flag)| flag)
    }
}
