//! `cargo fuzz run answers --sanitizer none`, in this folder's parent: whatever bytes a server sends, however they are cut,
//! the reader neither panics nor hangs, and tells the same of them as when they arrive in one piece.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadgen_engine::http1::head::Query;
use loadgen_engine::http1::{Ended, Event, Malformed, Memory, Reader};

/// What was told of an answer: status and bytes of content.
type Answer = (u16, u64);

fuzz_target!(|input: (u8, bool, &[u8])| {
    let (piece, head_request, bytes) = input;
    let query = Query { head_request, served_by: "x-served-by" };
    let whole = read(bytes, bytes.len().max(1), query);
    let cut = read(bytes, usize::from(piece).max(1), query);
    match (whole, cut) {
        (Ok(whole), Ok(cut)) => assert_eq!(whole, cut),
        (Err(_), Err(_)) => {}
        (whole, cut) => panic!("whole: {whole:?}, in pieces of {piece}: {cut:?}"),
    }
});

/// Reads `bytes` as they would arrive in pieces of `piece`.
fn read(bytes: &[u8], piece: usize, query: Query<'_>) -> Result<(Vec<Answer>, Ended), Malformed> {
    let (mut reader, mut heads) = (Reader::default(), Memory::default());
    let (mut kept, mut answers, mut status) = (Vec::new(), Vec::new(), 0);
    for arrived in bytes.chunks(piece) {
        kept.extend_from_slice(arrived);
        loop {
            let (taken, event) = reader.read(&kept, query, &mut heads)?;
            assert!(taken <= kept.len(), "{taken} bytes taken of {}", kept.len());
            let done = event == Event::More;
            // Otherwise it could go on for ever.
            assert!(taken > 0 || done || matches!(event, Event::Done(_)), "{event:?} of nothing");
            match event {
                Event::Head(head) => status = head.status,
                Event::Done(answered) => answers.push((status, answered.content)),
                Event::More => {}
            }
            kept.drain(..taken);
            if done {
                break;
            }
        }
    }
    Ok((answers, reader.end()))
}
