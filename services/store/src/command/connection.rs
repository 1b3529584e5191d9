//! Commands about the connection itself: who is there, and in which dialect.

use bytes::Bytes;

use super::Arity::{AtLeast, Between, Exactly};
use super::{Command, Context, Control, excerpt, integer, server};
use crate::failure::Failure;
use crate::number;
use crate::protocol::Protocol;
use crate::reply::Reply;
use crate::session::Client;

pub(super) const COMMANDS: &[Command] = &[
    Command::plain("ping", Between(0, 1), ping),
    Command::plain("echo", Exactly(1), |_, arguments| Ok(Reply::bulk(arguments[0]))),
    Command::plain("auth", AtLeast(1), auth).for_all(),
    Command::plain("hello", AtLeast(0), hello).for_all(),
    Command::plain("client", AtLeast(1), client),
    Command::plain("select", Exactly(1), select),
    Command::control("reset", Exactly(0), Control::Reset).for_all(),
    Command::control("quit", AtLeast(0), Control::Quit).for_all(),
];

fn ping(_: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(arguments.first().map_or(Reply::Simple("PONG"), Reply::bulk))
}

fn auth(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let access = &mut context.client.access;
    match arguments {
        [password] => access.tell_password(password)?,
        [user, password] => access.introduce(user, password)?,
        _ => return Err(Failure::Syntax),
    }
    Ok(Reply::OK)
}

fn hello(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let client = &mut *context.client;
    let Some((version, options)) = arguments.split_first() else {
        check_access(client)?;
        return Ok(greeting(client));
    };
    let version = number::parse(version).ok_or(Failure::ProtocolVersionNotAnInteger)?;
    let protocol = Protocol::of_version(version).ok_or(Failure::ProtocolVersion)?;
    let options = HelloOptions::parse(options)?;
    if let Some((user, password)) = options.auth {
        client.access.introduce(user, password)?;
    }
    check_access(client)?;
    client.protocol = protocol;
    client.name = options.name.unwrap_or_else(|| client.name.clone());
    Ok(greeting(client))
}

fn check_access(client: &Client) -> Result<(), Failure> {
    if client.access.is_granted() { Ok(()) } else { Err(Failure::HelloWithoutAccess) }
}

fn greeting(client: &Client) -> Reply {
    let entries = [
        ("server", Reply::bulk("redis")),
        ("version", Reply::bulk(server::REDIS_VERSION)),
        ("proto", Reply::Integer(client.protocol.version())),
        ("id", id(client)),
        ("mode", Reply::bulk("standalone")),
        ("role", Reply::bulk("master")),
        ("modules", Reply::Array(Vec::new())),
    ];
    Reply::Map(entries.map(|(key, value)| (Reply::bulk(key), value)).into())
}

fn id(client: &Client) -> Reply {
    Reply::Integer(i64::try_from(client.id).unwrap_or(i64::MAX))
}

/// What HELLO is told besides the protocol.
#[derive(Default)]
struct HelloOptions<'a> {
    /// User and password.
    auth: Option<(&'a [u8], &'a [u8])>,
    name: Option<Bytes>,
}

impl<'a> HelloOptions<'a> {
    fn parse(mut words: &[&'a [u8]]) -> Result<Self, Failure> {
        let mut options = Self::default();
        while let [option, rest @ ..] = words {
            words = match (option.to_ascii_uppercase().as_slice(), rest) {
                (b"AUTH", [user, password, rest @ ..]) => {
                    options.auth = Some((user, password));
                    rest
                }
                (b"SETNAME", [word, rest @ ..]) => {
                    options.name = Some(client_name(word)?);
                    rest
                }
                _ => return Err(Failure::HelloOption(excerpt(option))),
            };
        }
        Ok(options)
    }
}

fn client(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let (name, rest) = (arguments[0], &arguments[1..]);
    match (name.to_ascii_uppercase().as_slice(), rest) {
        (b"ID", []) => Ok(id(context.client)),
        (b"GETNAME", []) if context.client.name.is_empty() => Ok(Reply::Nil),
        (b"GETNAME", []) => Ok(Reply::Bulk(context.client.name.clone())),
        (b"SETNAME", [name]) => {
            context.client.name = client_name(name)?;
            Ok(Reply::OK)
        }
        // A library's name and version: taken note of by nobody.
        (b"SETINFO", [_, _]) => Ok(Reply::OK),
        (b"ID", _) => Err(Failure::Arity("client|id")),
        (b"GETNAME", _) => Err(Failure::Arity("client|getname")),
        (b"SETNAME", _) => Err(Failure::Arity("client|setname")),
        (b"SETINFO", _) => Err(Failure::Arity("client|setinfo")),
        _ => Err(Failure::UnknownSubcommand { command: "CLIENT", name: excerpt(name) }),
    }
}

fn client_name(word: &[u8]) -> Result<Bytes, Failure> {
    if word.iter().all(u8::is_ascii_graphic) {
        Ok(Bytes::copy_from_slice(word))
    } else {
        Err(Failure::ClientName)
    }
}

/// There is one database.
fn select(_: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    if integer(arguments[0])? == 0 { Ok(Reply::OK) } else { Err(Failure::NoSuchDatabase) }
}

#[cfg(test)]
mod tests {
    use crate::script::check;

    #[test]
    fn connections_can_be_tried() {
        check(
            r"
            PING => +PONG
            PING hello => $5 hello
            PING a b => -ERR wrong number of arguments for 'ping' command
            ECHO hello => $5 hello
            SELECT 0 => +OK
            SELECT 1 => -ERR DB index is out of range
            ",
        );
    }

    #[test]
    fn a_client_is_greeted_in_the_protocol_it_asks_for() {
        check(
            r"
            HELLO => *14 $6 server $5 redis $7 version $5 7.0.0 $5 proto :2 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
            HELLO 3 => %7 $6 server $5 redis $7 version $5 7.0.0 $5 proto :3 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
            GET nothing => _
            HELLO => %7 $6 server $5 redis $7 version $5 7.0.0 $5 proto :3 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
            HELLO 2 => *14 $6 server $5 redis $7 version $5 7.0.0 $5 proto :2 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
            GET nothing => $-1
            ",
        );
    }

    #[test]
    fn a_refused_hello_leaves_the_protocol_as_it_was() {
        check(
            r"
            HELLO 4 => -NOPROTO unsupported protocol version
            HELLO 1 => -NOPROTO unsupported protocol version
            HELLO two => -ERR Protocol version is not an integer or out of range
            HELLO 3 SETNAME me NONSENSE => -ERR Syntax error in HELLO option 'NONSENSE'
            CLIENT GETNAME => $-1
            HELLO 3 AUTH someone anything => -WRONGPASS invalid username-password pair or user is disabled.
            GET nothing => $-1
            HELLO 3 AUTH default anything SETNAME me => %7 $6 server $5 redis $7 version $5 7.0.0 $5 proto :3 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
            CLIENT GETNAME => $2 me
            HELLO 4 => -NOPROTO unsupported protocol version
            GET nothing => _
            ",
        );
    }

    #[test]
    fn each_client_reads_its_own_protocol_until_it_resets() {
        check(
            r"
            HELLO 3 => %7 $6 server $5 redis $7 version $5 7.0.0 $5 proto :3 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
            CONFIG GET save => %0
            CLIENT GETNAME => _
            b: GET nothing => $-1
            RESET => +RESET
            GET nothing => $-1
            CONFIG GET save => *0
            ",
        );
    }

    #[test]
    fn the_answers_of_a_transaction_are_all_in_the_protocol_at_its_end() {
        check(
            r"
            MULTI => +OK
            GET nothing => +QUEUED
            HELLO 3 => +QUEUED
            EXEC => *2 _ %7 $6 server $5 redis $7 version $5 7.0.0 $5 proto :3 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
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
