//! A plan that tests change one thing of.

pub(super) const SHOP: &str = r#"application = "shop"

[services.database]
run = "db --listen {port}"
capacity = { service_time = "20ms" }
probe = "http://127.0.0.1:{port}/"

[services.web]
run = "web --listen {port} --to {database}"
probe = "http://127.0.0.1:{port}/"

[services.queue]
scale = "resize {replicas}"

[throughput]
prometheus = { url = "http://{web}/m", metric = "requests_total" }

[sweep]
warm_up = "1s"
window = "1s"
steps = [
  { replicas = { web = 1, database = 1 } },
  { replicas = { web = 2 } },
]
"#;
