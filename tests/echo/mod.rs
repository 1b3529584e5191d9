//! echo: what came in goes out again, when it is told to.

mod answers;
mod refusals;
mod timing;

use crate::harness::service::Service;

fn echo(flags: &[&str]) -> Service {
    Service::start("echo", &[&["--hostname", "echo-1"], flags].concat())
}
