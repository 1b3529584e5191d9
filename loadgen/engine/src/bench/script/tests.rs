use super::*;
use crate::bench::args::RequestArgs;
use clap::Parser;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: RequestArgs,
}

fn script(words: &[&str]) -> Result<Script, String> {
    let words = std::iter::once("bench").chain(words.iter().copied());
    let args = Cli::try_parse_from(words).map_err(|error| error.to_string())?.args;
    build(&args, 1, true).map_err(|error| error.to_string())
}

/// The origin and the text of the requests of these numbers.
fn sent(script: &Script, numbers: std::ops::Range<u64>) -> Vec<(usize, String)> {
    let mut buffer = Buffer::default();
    numbers
        .map(|number| {
            let message = script.message(number, &mut buffer);
            (message.origin, String::from_utf8(message.bytes.to_vec()).unwrap())
        })
        .collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, text).unwrap();
    file
}

fn path_of(file: &tempfile::NamedTempFile) -> &str {
    file.path().to_str().unwrap()
}

#[test]
fn urls_of_arguments_and_files_come_in_turn_each_with_its_host() {
    let list = file("# two more\n\n  http://b:82/2  \r\na:81/3\n");
    let script = script(&["a:81/1", "--urls-from", path_of(&list)]).unwrap();
    let starts: Vec<_> = sent(&script, 0..4)
        .into_iter()
        .map(|(origin, text)| (origin, text.split("\r\nuser").next().unwrap().to_owned()))
        .collect();
    let expected = [
        (0, "GET /1 HTTP/1.1\r\nhost: a:81"),
        (1, "GET /2 HTTP/1.1\r\nhost: b:82"),
        (0, "GET /3 HTTP/1.1\r\nhost: a:81"),
        (0, "GET /1 HTTP/1.1\r\nhost: a:81"),
    ];
    assert_eq!(starts, expected.map(|(origin, text)| (origin, text.to_owned())));
    assert_eq!(script.urls(), ["a:81/1", "http://b:82/2", "a:81/3"]);
}

#[test]
fn bodies_of_a_file_come_in_turn_with_their_length() {
    let bodies = file("one\nthree\n\n");
    let script = script(&["h", "-m", "POST", "--bodies-from", path_of(&bodies)]).unwrap();
    let ends: Vec<_> = sent(&script, 0..4)
        .into_iter()
        .map(|(_, text)| text.split_once("accept: */*\r\n").unwrap().1.to_owned())
        .collect();
    assert_eq!(
        ends,
        [
            "content-length: 3\r\n\r\none",
            "content-length: 5\r\n\r\nthree",
            "content-length: 0\r\n\r\n",
            "content-length: 3\r\n\r\none"
        ]
    );
}

#[test]
fn placeholders_are_filled_in_everywhere_and_the_length_follows() {
    let script =
        script(&["h/{{counter 9}}", "--template", "-d", "<{{counter 9}}>", "-H", "x: {{counter}}"]).unwrap();
    for (number, length) in [(0, 3), (1, 4), (991, 6)] {
        let (_, text) = &sent(&script, number..number + 1)[0];
        let n = number + 9;
        assert!(text.starts_with(&format!("GET /{n} HTTP/1.1\r\n")), "{text}");
        assert!(text.contains(&format!("\r\nx: {number}\r\n")), "{text}");
        assert!(text.ends_with(&format!("\r\ncontent-length: {length}\r\n\r\n<{n}>")), "{text}");
    }
}

#[test]
fn what_never_changes_is_made_once() {
    let fixed = script(&["a", "b", "-d", "x"]).unwrap();
    assert!(fixed.requests.iter().all(|request| matches!(request.content, Content::Whole(_))));
    // Braces that nobody wants filled in are just that.
    let braces = script(&["a", "-d", "{{uuid}}"]).unwrap();
    assert!(sent(&braces, 0..1)[0].1.ends_with("\r\ncontent-length: 8\r\n\r\n{{uuid}}"));
}

#[test]
fn numbers_are_given_once_over_all_threads() {
    let (script, numbers) = (script(&["h/{{counter}}", "--template"]).unwrap(), Numbers::default());
    let mut all: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut buffer = Buffer::default();
                    (0..500)
                        .map(|_| {
                            String::from_utf8(script.next(&numbers, &mut buffer).bytes.to_vec()).unwrap()
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 2000);
    assert!(all.iter().any(|text| text.starts_with("GET /1999 ")), "there are no gaps");
}

#[test]
fn a_buffer_is_used_again() {
    let script = script(&["h/{{uuid}}", "--template", "-d", "{{hex 100}}"]).unwrap();
    let mut buffer = Buffer::default();
    script.message(0, &mut buffer);
    let places = |buffer: &Buffer| (buffer.message.as_ptr(), buffer.body.as_ptr());
    let before = places(&buffer);
    for number in 1..100 {
        script.message(number, &mut buffer);
    }
    assert_eq!(places(&buffer), before);
}

#[test]
fn flags_reach_the_head() {
    let script =
        script(&["h", "-A", "text/html", "-a", "me:secret", "-T", "text/plain", "-m", "PUT"]).unwrap();
    let (_, text) = &sent(&script, 0..1)[0];
    for part in ["PUT / ", "accept: text/html\r\n", "Basic bWU6c2VjcmV0", "content-type: text/plain"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("*/*") && text.ends_with("\r\n\r\n"), "{text}");
}

#[test]
fn mistakes_are_named_with_their_flag_or_line() {
    let (empty, comments) = (file(""), file("# nothing\n"));
    let (urls, bodies) = (file("h\n\nhttp:///x\n"), file("fine\n{{what}}\n"));
    let cases: [(&[&str], &[&str]); 9] = [
        (&["http:///x"], &["URL \"http:///x\"", "no host"]),
        (&["h", "--urls-from", "/no/such"], &["--urls-from: cannot read /no/such"]),
        (&["--urls-from", path_of(&empty)], &["--urls-from", path_of(&empty), "is empty"]),
        (&["--urls-from", path_of(&comments)], &["there is no URL in", path_of(&comments)]),
        (&["--urls-from", path_of(&urls)], &[path_of(&urls), ", line 3: there is no host"]),
        (&["h", "--bodies-from", path_of(&empty)], &["--bodies-from", "is empty"]),
        (&["h", "--template", "--bodies-from", path_of(&bodies)], &[", line 2: `{{what}}` at 1"]),
        (&["h", "--template", "-H", "x: a{{no}}"], &["--header \"x\": `{{no}}` at 2"]),
        (&["h", "-A", "a\nb"], &["--accept"]),
    ];
    for (words, parts) in cases {
        let error = script(words).unwrap_err();
        assert!(parts.iter().all(|part| error.contains(part)), "{words:?}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}
