//! TLS: certificates from files, or from a small authority of one's own in the data folder.
//!
//! Azure's clients refuse to send a token over plain HTTP, or need to be told to; so a server that nobody gave a
//! certificate can make one. The authority is made once and kept (`ca.pem` for clients, `ca.key` for nobody); the
//! server's certificate is signed anew at each start, for the names and addresses it has then.

use crate::options::Tls;
use crate::serve::Error;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};
use std::fs;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// How long the authority is good for.
const AUTHORITY_YEARS: i16 = 10;
/// How long a server certificate is good for; some platforms refuse more than 825 days.
const CERTIFICATE_DAYS: i32 = 800;

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// What speaks TLS on a connection; `None` if it is off.
pub(crate) fn acceptor(tls: &Tls, listen: IpAddr) -> Result<Option<TlsAcceptor>, Error> {
    let (chain, key) = match tls {
        Tls::Off => return Ok(None),
        Tls::Files { cert, key } => from_files(cert, key)?,
        Tls::Auto { folder } => from_authority(folder, listen)?,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(failed)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

fn from_files(cert: &Path, key: &Path) -> Result<Identity, Error> {
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
        Error::Tls(format!("cannot read `{}`: {error}", path.display()))
    };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(cert, &error))?;
    if chain.is_empty() {
        return Err(unreadable(cert, &"it holds no certificate"));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
    Ok((chain, key))
}

fn from_authority(folder: &Path, listen: IpAddr) -> Result<Identity, Error> {
    let authority_key = authority(folder)?;
    let issuer = Issuer::new(authority_params()?, authority_key);
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = server_params(listen)?.signed_by(&key, &issuer).map_err(failed)?;
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    Ok((vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key)))
}

/// The authority's key; key and certificate are written if they are not there.
fn authority(folder: &Path) -> Result<KeyPair, Error> {
    let (key_path, cert_path) = (folder.join("ca.key"), folder.join("ca.pem"));
    let at =
        |path: &Path, error: &dyn std::fmt::Display| Error::Tls(format!("`{}`: {error}", path.display()));
    fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    let known = match fs::read_to_string(&key_path) {
        Ok(pem) => Some(KeyPair::from_pem(&pem).map_err(|error| at(&key_path, &error))?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(at(&key_path, &error)),
    };
    if let Some(key) = known
        && cert_path.exists()
    {
        return Ok(key);
    }
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = authority_params()?.self_signed(&key).map_err(failed)?;
    write_private(&key_path, &key.serialize_pem()).map_err(|error| at(&key_path, &error))?;
    fs::write(&cert_path, certificate.pem()).map_err(|error| at(&cert_path, &error))?;
    Ok(key)
}

/// Writes a file that only its owner can read, through a new file beside it.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

fn authority_params() -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Riposte local certificate authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let today = jiff::Zoned::now().date();
    valid(&mut params, today, today.checked_add(jiff::Span::new().years(AUTHORITY_YEARS)).map_err(failed)?)?;
    Ok(params)
}

fn server_params(listen: IpAddr) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Riposte");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    if !listen.is_unspecified() && !addresses.contains(&listen) {
        addresses.push(listen);
    }
    params.subject_alt_names = addresses.into_iter().map(SanType::IpAddress).collect();
    for name in ["localhost".to_owned()].into_iter().chain(host_name()) {
        params.subject_alt_names.push(SanType::DnsName(name.try_into().map_err(failed)?));
    }
    let today = jiff::Zoned::now().date();
    valid(&mut params, today, today.checked_add(jiff::Span::new().days(CERTIFICATE_DAYS)).map_err(failed)?)?;
    Ok(params)
}

/// What the machine calls itself, where it says so in the usual file.
fn host_name() -> Option<String> {
    let text = fs::read_to_string("/etc/hostname").ok()?;
    let name = text.trim();
    let is_name =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    (is_name && name != "localhost").then(|| name.to_owned())
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// From the day before, since clocks differ.
fn valid(
    params: &mut CertificateParams,
    from: jiff::civil::Date,
    to: jiff::civil::Date,
) -> Result<(), Error> {
    let from = from.yesterday().map_err(failed)?;
    let day = |date: jiff::civil::Date| {
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        rcgen::date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
    };
    params.not_before = day(from);
    params.not_after = day(to);
    Ok(())
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Tls(error.to_string())
}
