//! TLS in front of a plain server, with a certificate authority of its own. Owns the certificates and what the server saw of each handshake.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Everything before the bytes of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handshake {
    /// The name that was asked for.
    pub(crate) sni: Option<String>,
    /// The protocol that was agreed on.
    pub(crate) alpn: Option<String>,
    /// Whether the client showed a certificate.
    pub(crate) client_certificate: bool,
}

/// A certificate authority and its files.
pub(crate) struct Authority {
    folder: TempDir,
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A server that decrypts and passes on, until the story's process ends.
pub(crate) struct TlsFront {
    pub(crate) address: SocketAddr,
    handshakes: Arc<Mutex<Vec<Handshake>>>,
}

impl Authority {
    /// A new one, which nobody trusts without being told.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, folder.path().display().to_string());
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.self_signed(&key).expect("a certificate");
        let authority = Self { folder, certificate, issuer: Issuer::new(parameters, key) };
        authority.write("ca.pem", &authority.certificate.pem());
        authority
    }

    /// The file to trust it by.
    pub(crate) fn file(&self) -> String {
        self.path("ca.pem").to_str().expect("a path").to_owned()
    }

    /// The files of a client's certificate and its key.
    pub(crate) fn client(&self) -> (String, String) {
        let (certificate, key) = self.issue(&["a client"], ExtendedKeyUsagePurpose::ClientAuth);
        let files = [("client.pem", certificate.pem()), ("client.key", key.serialize_pem())];
        let [certificate, key] = files.map(|(name, pem)| self.write(name, &pem));
        (certificate, key)
    }

    /// Starts TLS in front of `behind`, with a certificate for these names, that speaks those protocols.
    pub(crate) fn front(
        &self,
        behind: SocketAddr,
        names: &[&str],
        protocols: &[&str],
        clients: Clients,
    ) -> TlsFront {
        let config = self.config(names, protocols, clients);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket option");
        let address = listener.local_addr().expect("an address");
        let handshakes = Arc::<Mutex<Vec<Handshake>>>::default();
        let seen = Arc::clone(&handshakes);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
        thread::spawn(move || {
            runtime.block_on(serve(listener, TlsAcceptor::from(Arc::new(config)), behind, seen));
        });
        TlsFront { address, handshakes }
    }

    fn config(&self, names: &[&str], protocols: &[&str], clients: Clients) -> ServerConfig {
        let (certificate, key) = self.issue(names, ExtendedKeyUsagePurpose::ServerAuth);
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).expect("a root");
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = || {
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .expect("a verifier")
        };
        let builder = match clients {
            Clients::Anybody => builder.with_no_client_auth(),
            Clients::WithCertificate => builder.with_client_cert_verifier(verifier()),
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let mut config = builder.with_single_cert(chain, key).expect("a certificate with its key");
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        config
    }

    fn issue(&self, names: &[&str], purpose: ExtendedKeyUsagePurpose) -> (Certificate, KeyPair) {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut parameters = CertificateParams::new(names).expect("names");
        parameters.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().expect("a key");
        (parameters.signed_by(&key, &self.issuer).expect("a certificate"), key)
    }

    fn write(&self, name: &str, pem: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, pem).expect("a file");
        path.to_str().expect("a path").to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Who may come in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clients {
    /// Anybody.
    Anybody,
    /// Those who show a certificate of the authority.
    WithCertificate,
}

impl TlsFront {
    /// The handshakes that came to an end.
    pub(crate) fn handshakes(&self) -> Vec<Handshake> {
        self.handshakes.lock().expect("no handshake panics").clone()
    }
}

async fn serve(
    listener: std::net::TcpListener,
    acceptor: TlsAcceptor,
    behind: SocketAddr,
    handshakes: Arc<Mutex<Vec<Handshake>>>,
) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, handshakes) = (acceptor.clone(), Arc::clone(&handshakes));
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            handshakes.lock().expect("no handshake panics").push(handshake(stream.get_ref().1));
            let mut behind = TcpStream::connect(behind).await.expect("the server behind");
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
        });
    }
}

fn handshake(connection: &ServerConnection) -> Handshake {
    let alpn = connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
    let client_certificate = connection.peer_certificates().is_some();
    Handshake { sni: connection.server_name().map(str::to_owned), alpn, client_certificate }
}
