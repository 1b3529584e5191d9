//! Standard input and output, read and written without a thread in between.

use std::io;
use std::os::fd::AsFd;

use tokio::net::unix::pipe::{Receiver, Sender};

/// Both as pipes, which is what they are under `docker exec -i`, `kubectl exec -i` and in a pipeline.
///
/// # Errors
/// One that says which of the two is no pipe. Must be called within a runtime.
pub fn stdio() -> io::Result<(Receiver, Sender)> {
    let input = io::stdin().as_fd().try_clone_to_owned().and_then(Receiver::from_owned_fd);
    let output = io::stdout().as_fd().try_clone_to_owned().and_then(Sender::from_owned_fd);
    Ok((input.map_err(no_pipe("input"))?, output.map_err(no_pipe("output"))?))
}

fn no_pipe(which: &str) -> impl FnOnce(io::Error) -> io::Error {
    move |error| {
        let remedy = "run it with both as pipes, such as by `docker exec -i CONTAINER /dockercoins tunnel`";
        io::Error::new(error.kind(), format!("standard {which} is {error}; {remedy}"))
    }
}
