//! Commands about the connection itself: who is there, and in which dialect.

use bytes::Bytes;

use super::Arity::{AtLeast, Between, Exactly};
use super::{Command, Context, Control, excerpt, integer, server};
use crate::failure::Failure;
use crate::number;
use crate::reply::Reply;
use crate::session::Client;

pub(super) const COMMANDS: &[Command] = &[
    Command::plain("ping", Between(0, 1), ping),
    Command::plain("echo", Exactly(1), |_, arguments| Ok(Reply::bulk(arguments[0]))),
    Command::plain("auth", AtLeast(1), auth),
    Command::plain("hello", AtLeast(0), hello),
    Command::plain("client", AtLeast(1), client),
    Command::plain("select", Exactly(1), select),
    Command::control("reset", Exactly(0), Control::Reset),
    Command::control("quit", AtLeast(0), Control::Quit),
];

fn ping(_: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(arguments.first().map_or(Reply::Simple("PONG"), Reply::bulk))
}

/// There is one user, `default`, and any password is his.
fn auth(_: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    match arguments {
        [_] => Err(Failure::NoPasswordConfigured),
        [user, _] => check_user(user).map(|()| Reply::OK),
        _ => Err(Failure::Syntax),
    }
}

fn check_user(user: &[u8]) -> Result<(), Failure> {
    if user == b"default" { Ok(()) } else { Err(Failure::WrongPassword) }
}

fn hello(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    if let Some((version, options)) = arguments.split_first() {
        match number::parse(version) {
            Some(2) => hello_options(context.client, options)?,
            Some(_) => return Err(Failure::ProtocolVersion),
            None => return Err(Failure::ProtocolVersionNotAnInteger),
        }
    }
    let id = i64::try_from(context.client.id).unwrap_or(i64::MAX);
    Ok(Reply::Array(vec![
        Reply::bulk("server"),
        Reply::bulk("redis"),
        Reply::bulk("version"),
        Reply::bulk(server::REDIS_VERSION),
        Reply::bulk("proto"),
        Reply::Integer(2),
        Reply::bulk("id"),
        Reply::Integer(id),
        Reply::bulk("mode"),
        Reply::bulk("standalone"),
        Reply::bulk("role"),
        Reply::bulk("master"),
        Reply::bulk("modules"),
        Reply::Array(Vec::new()),
    ]))
}

fn hello_options(client: &mut Client, mut options: &[&[u8]]) -> Result<(), Failure> {
    while let [option, rest @ ..] = options {
        options = match (option.to_ascii_uppercase().as_slice(), rest) {
            (b"AUTH", [user, _, rest @ ..]) => {
                check_user(user)?;
                rest
            }
            (b"SETNAME", [name, rest @ ..]) => {
                set_name(client, name)?;
                rest
            }
            _ => return Err(Failure::HelloOption(excerpt(option))),
        };
    }
    Ok(())
}

fn client(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let (name, rest) = (arguments[0], &arguments[1..]);
    match (name.to_ascii_uppercase().as_slice(), rest) {
        (b"ID", []) => Ok(Reply::Integer(i64::try_from(context.client.id).unwrap_or(i64::MAX))),
        (b"GETNAME", []) if context.client.name.is_empty() => Ok(Reply::Nil),
        (b"GETNAME", []) => Ok(Reply::Bulk(context.client.name.clone())),
        (b"SETNAME", [name]) => set_name(context.client, name).map(|()| Reply::OK),
        // A library's name and version: taken note of by nobody.
        (b"SETINFO", [_, _]) => Ok(Reply::OK),
        (b"ID", _) => Err(Failure::Arity("client|id")),
        (b"GETNAME", _) => Err(Failure::Arity("client|getname")),
        (b"SETNAME", _) => Err(Failure::Arity("client|setname")),
        (b"SETINFO", _) => Err(Failure::Arity("client|setinfo")),
        _ => Err(Failure::UnknownSubcommand { command: "CLIENT", name: excerpt(name) }),
    }
}

fn set_name(client: &mut Client, name: &[u8]) -> Result<(), Failure> {
    if !name.iter().all(u8::is_ascii_graphic) {
        return Err(Failure::ClientName);
    }
    client.name = Bytes::copy_from_slice(name);
    Ok(())
}

/// There is one database.
fn select(_: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    if integer(arguments[0])? == 0 { Ok(Reply::OK) } else { Err(Failure::NoSuchDatabase) }
}

#[cfg(test)]
mod tests {
    use crate::script::check;

    #[test]
    fn a_client_is_greeted_in_resp2_only() {
        check(
            r"
            PING => +PONG
            PING hello => $5 hello
            PING a b => -ERR wrong number of arguments for 'ping' command
            ECHO hello => $5 hello
            HELLO 3 => -NOPROTO unsupported protocol version
            HELLO two => -ERR Protocol version is not an integer or out of range
            HELLO 2 => *14 $6 server $5 redis $7 version $5 7.0.0 $5 proto :2 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
            HELLO 2 NONSENSE => -ERR Syntax error in HELLO option 'NONSENSE'
            SELECT 0 => +OK
            SELECT 1 => -ERR DB index is out of range
            ",
        );
    }

    #[test]
    fn there_is_one_user_without_a_password() {
        check(
            r"
            AUTH default anything => +OK
            AUTH someone anything => -WRONGPASS invalid username-password pair or user is disabled.
            AUTH secret => -ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?
            AUTH a b c => -ERR syntax error
            ",
        );
    }

    #[test]
    fn a_client_can_name_itself_and_lose_the_name_on_reset() {
        check(
            r#"
            CLIENT ID => :1
            b: CLIENT ID => :2
            CLIENT GETNAME => $-1
            CLIENT SETNAME worker-1 => +OK
            CLIENT GETNAME => $8 worker-1
            b: CLIENT GETNAME => $-1
            CLIENT SETNAME "a b" => -ERR Client names cannot contain spaces, newlines or special characters.
            CLIENT SETINFO LIB-NAME redis-rs => +OK
            CLIENT NONSENSE => -ERR unknown subcommand 'NONSENSE'. Try CLIENT HELP.
            CLIENT SETNAME => -ERR wrong number of arguments for 'client|setname' command
            RESET => +RESET
            CLIENT GETNAME => $-1
            "#,
        );
    }
}
