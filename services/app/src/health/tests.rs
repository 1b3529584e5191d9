//! `health` against servers that answer as told, over real sockets.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

/// A server that reads one request and says `answer`; the URL of a path of it, and the request that it will have read.
async fn server(answer: &'static str) -> (Uri, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/readyz?full", listener.local_addr().unwrap()).parse().unwrap();
    let request = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 512];
        let read = stream.read(&mut request).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        if answer.is_empty() {
            // Silence, until the client has had enough.
            let _ = stream.read(&mut [0; 1]).await;
        }
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    (url, request)
}

fn asking(url: &Uri, timeout: Duration) -> Settings {
    Settings { url: Some(url.clone()), admin_listen: None, timeout }
}

const AMPLE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn any_2xx_is_healthy_and_the_request_is_well_formed() {
    let (url, request) = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    check(asking(&url, AMPLE)).await.unwrap();
    let request = request.await.unwrap();
    assert!(request.starts_with("GET /readyz?full HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("host: {}\r\n", url.authority().unwrap())), "{request}");
}

#[tokio::test]
async fn a_refusal_is_told_with_its_status_and_its_first_line() {
    let (url, _) =
        server("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 14\r\n\r\nnot ready\nmore").await;
    let told = check(asking(&url, AMPLE)).await.unwrap_err().to_string();
    assert_eq!(told, format!("not healthy: {url} answered 503: not ready"));
    let (url, _) = server("HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n").await;
    let told = check(asking(&url, AMPLE)).await.unwrap_err().to_string();
    assert_eq!(told, format!("not healthy: {url} answered 302"));
}

#[tokio::test]
async fn silence_noise_and_absence_are_told_in_one_line() {
    let (silent, _) = server("").await;
    let (noise, _) = server("+PONG\r\n").await;
    // Bound, so that nobody else can get it, and not listening.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let absent = format!("http://{}/", nobody.local_addr().unwrap()).parse().unwrap();
    let short = Duration::from_millis(50);
    for (url, timeout, part) in
        [(silent, short, "within 50ms"), (noise, AMPLE, "broke off"), (absent, AMPLE, "cannot connect")]
    {
        let told = check(asking(&url, timeout)).await.unwrap_err().to_string();
        assert!(told.contains(part) && told.contains(&url.to_string()) && !told.contains('\n'), "{told}");
    }
}

#[test]
fn without_a_url_it_asks_the_admin_port_where_that_listens() {
    for (admin, url) in [
        (None, "http://127.0.0.1:9090/readyz"),
        (Some("[::]:9191"), "http://127.0.0.1:9191/readyz"),
        (Some("0.0.0.0:80"), "http://127.0.0.1:80/readyz"),
        (Some("[::1]:9090"), "http://[::1]:9090/readyz"),
        (Some("10.1.2.3:9090"), "http://10.1.2.3:9090/readyz"),
    ] {
        assert_eq!(readiness(admin.map(|admin| admin.parse().unwrap())).to_string(), url);
    }
}

#[test]
fn only_a_plain_http_url_can_be_asked() {
    for right in ["http://rng", "http://rng:9090/readyz", "http://[::1]:9090/"] {
        assert!(url(right).is_ok(), "{right}");
    }
    for wrong in
        ["", "rng", "rng:80", "https://rng", "http://", "http://:80", "http://rng:0", "http://rng:99999", "/"]
    {
        assert!(url(wrong).unwrap_err().contains("such as http://"), "{wrong}");
    }
}
