//! Conversations as tests write them: a command and its exact answer on each line.
//!
//! `SET k v => +OK` is said by client 1 and `b: GET k => $1 v` by client 2; `@1500` moves the clock. An answer is what
//! goes over the wire, with a blank for each end of a line.

use crate::access::Access;
use crate::inline;
use crate::keyspace::Keyspace;
use crate::moment::Moment;
use crate::protocol::Protocol;
use crate::session::{Answer, Session};

/// Holds the conversation with an empty store and asserts each answer.
#[track_caller]
pub(crate) fn check(conversation: &str) {
    converse(&Access::default(), conversation);
}

/// The same with a store that asks for a password.
#[track_caller]
pub(crate) fn check_guarded(password: &str, conversation: &str) {
    converse(&Access::new(Some(password.parse().unwrap())), conversation);
}

#[track_caller]
fn converse(access: &Access, conversation: &str) {
    let mut keyspace = Keyspace::default();
    let mut sessions = [1, 2].map(|id| Session::new(id, access.clone()));
    let mut now = Moment(0);
    for line in conversation.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(time) = line.strip_prefix('@') {
            now = Moment(time.parse().unwrap());
            continue;
        }
        let (said, expected) = line.split_once(" => ").unwrap();
        let (client, command) = said.strip_prefix("b: ").map_or((0, said), |command| (1, command));
        let words = inline::split(command.as_bytes()).unwrap();
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let answer = sessions[client].execute(&mut keyspace, &words, now);
        assert_eq!(show(&answer, sessions[client].protocol()), expected, "the answer to {said:?}");
    }
}

fn show(answer: &Answer, protocol: Protocol) -> String {
    let mut bytes = Vec::new();
    match answer {
        Answer::Reply(reply) | Answer::Farewell(reply) => reply.encode(protocol, &mut bytes),
        Answer::Shutdown => bytes.extend_from_slice(b"(shutdown)"),
    }
    String::from_utf8_lossy(&bytes).replace("\r\n", " ").trim_end().to_owned()
}
