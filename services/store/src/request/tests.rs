use proptest::prelude::*;

use super::*;
use crate::reply::encode_command;

type Commands = Vec<Vec<Vec<u8>>>;

/// Everything that a parser makes of the pieces, in order.
fn parse<'a>(
    mut parser: Parser,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Commands, ProtocolError> {
    let mut commands = Commands::new();
    for piece in pieces {
        parser.buffer().extend_from_slice(piece);
        while let Some(words) = parser.next()? {
            commands.push(words.into_iter().map(<[u8]>::to_vec).collect());
        }
    }
    Ok(commands)
}

fn parse_whole(bytes: &[u8]) -> Result<Commands, ProtocolError> {
    parse(Parser::for_clients(), [bytes])
}

fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

/// The bytes cut at the given places, each taken modulo the length.
fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

fn commands() -> impl Strategy<Value = Commands> {
    let word = prop::collection::vec(any::<u8>(), 0..20);
    prop::collection::vec(prop::collection::vec(word, 1..6), 0..6)
}

proptest! {
    #[test]
    fn what_is_encoded_is_parsed_wherever_the_bytes_are_split(
        commands in commands(),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
    ) {
        let mut bytes = Vec::new();
        for command in &commands {
            encode_command(&mut bytes, command.iter().map(Vec::as_slice));
        }
        prop_assert_eq!(&parse_whole(&bytes).unwrap(), &commands);
        prop_assert_eq!(&parse(Parser::for_journal(), pieces(&bytes, &cuts)).unwrap(), &commands);
        prop_assert_eq!(&parse(Parser::for_clients(), bytes.chunks(1)).unwrap(), &commands);
    }

    #[test]
    fn any_bytes_are_parsed_the_same_wherever_they_are_split(
        bytes in prop::collection::vec(prop::sample::select(&b"*$-0123\r\n \"'\\xPING"[..]), 0..60),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
    ) {
        prop_assert_eq!(parse(Parser::for_clients(), pieces(&bytes, &cuts)), parse_whole(&bytes));
    }
}

#[test]
fn inline_commands_and_arrays_may_alternate() {
    let parsed = parse_whole(b"PING\r\n*1\r\n$4\r\nPING\r\nSET k \"a b\"\n").unwrap();
    assert_eq!(parsed, [words(&["PING"]), words(&["PING"]), words(&["SET", "k", "a b"])]);
}

#[test]
fn empty_requests_are_passed_over() {
    assert_eq!(parse_whole(b"\r\n*0\r\n*-1\r\n   \r\nPING\r\n").unwrap(), [words(&["PING"])]);
}

#[test]
fn bytes_that_are_no_request_are_named() {
    for (bytes, message) in [
        ("*x\r\n", "Protocol error: invalid multibulk length"),
        ("*1048577\r\n", "Protocol error: invalid multibulk length"),
        ("*1\r\n:4\r\n", "Protocol error: expected '$', got ':'"),
        ("*1\r\n$-1\r\n", "Protocol error: invalid bulk length"),
        ("*1\r\n$536870913\r\n", "Protocol error: invalid bulk length"),
        ("*1\r\n$4\r\nPINGxx", "Protocol error: expected CRLF after a bulk string"),
        ("GET \"a\r\n", "Protocol error: unbalanced quotes in request"),
    ] {
        assert_eq!(parse_whole(bytes.as_bytes()).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_line_without_an_end_is_refused_instead_of_kept() {
    let endless = vec![b'a'; MAX_LINE];
    assert_eq!(parse_whole(&endless), Err(ProtocolError::TooBig("inline request")));
    let digits = [b"*".to_vec(), vec![b'1'; MAX_LINE]].concat();
    assert_eq!(parse_whole(&digits), Err(ProtocolError::TooBig("mbulk count string")));
}

#[test]
fn a_journal_parser_refuses_anything_but_arrays() {
    let refused = parse(Parser::for_journal(), [&b"PING\r\n"[..]]);
    assert_eq!(refused, Err(ProtocolError::Unexpected { wanted: '*', got: b'P' }));
}

#[test]
fn the_position_is_the_end_of_the_last_complete_request() {
    let mut parser = Parser::for_clients();
    parser.buffer().extend_from_slice(b"PING\r\nGET a\r\nGET");
    assert_eq!(parser.position(), 0);
    assert!(parser.next().unwrap().is_some());
    assert_eq!(parser.position(), 6);
    assert!(parser.next().unwrap().is_some());
    assert!(parser.next().unwrap().is_none());
    assert_eq!(parser.position(), 13);
}

#[test]
fn a_buffer_grown_for_one_large_string_is_given_back() {
    let mut parser = Parser::for_clients();
    let mut large = Vec::new();
    encode_command(&mut large, [&b"ECHO"[..], &vec![b'x'; 4 * KEEP]].into_iter());
    parser.buffer().extend_from_slice(&large);
    assert!(parser.next().unwrap().is_some());
    assert!(parser.buffer().capacity() <= KEEP);
}
