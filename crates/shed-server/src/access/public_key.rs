//! One line of an `id_*.pub` file: type, base64 of the key's wire form, comment (sshd(8), AUTHORIZED_KEYS FILE FORMAT).

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD},
};
use sha2::{Digest, Sha256};

use crate::Error;

/// The least bits of an RSA modulus; OpenSSH itself has refused shorter ones than 1024 since 7.6 and makes 3072.
const MIN_RSA_BITS: usize = 2048;

/// The longest line that is looked at, in bytes. A 16384-bit RSA key has 2,800.
const MAX_LINE: usize = 8192;

/// A key that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Type and key, without the comment.
    pub public_key: String,
    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// What stands after the key; often `user@host`.
    pub comment: String,
}

/// What follows the type's name in a key's wire form, and how long each part must be.
enum Part {
    /// Exactly these bytes.
    Text(&'static str),
    /// So many bytes.
    Bytes(usize),
    /// An integer of at least so many bits.
    Integer(usize),
    /// Anything.
    Any,
}

/// The types that may log in, with their parts: RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4, and
/// OpenSSH's PROTOCOL.u2f.
fn parts(kind: &str) -> Option<&'static [Part]> {
    Some(match kind {
        "ssh-ed25519" => &[Part::Bytes(32)],
        "ecdsa-sha2-nistp256" => &[Part::Text("nistp256"), Part::Bytes(65)],
        "ecdsa-sha2-nistp384" => &[Part::Text("nistp384"), Part::Bytes(97)],
        "ecdsa-sha2-nistp521" => &[Part::Text("nistp521"), Part::Bytes(133)],
        "ssh-rsa" => &[Part::Integer(2), Part::Integer(MIN_RSA_BITS)],
        "sk-ssh-ed25519@openssh.com" => &[Part::Bytes(32), Part::Any],
        "sk-ecdsa-sha2-nistp256@openssh.com" => &[Part::Text("nistp256"), Part::Bytes(65), Part::Any],
        _ => return None,
    })
}

/// Reads one line. The line is never in an error: it could be a private key.
pub(super) fn parse(line: &str) -> Result<PublicKey, Error> {
    let line = line.trim();
    if line.contains("PRIVATE KEY") {
        return Err(refused("this is a private key").hint("send the public one, and make a new pair if the private one left its machine"));
    }
    if line.is_empty() || line.len() > MAX_LINE || line.contains(|c: char| c.is_control() && c != '\t') {
        return Err(refused("a public key is one line of text"));
    }
    let mut words = line.splitn(3, [' ', '\t']);
    let (kind, encoded) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let parts = parts(kind).ok_or_else(|| {
        refused("the line does not begin with a key type that this server takes; options before the type are not allowed")
    })?;
    let key = BASE64_STANDARD.decode(encoded).map_err(|_| refused("the key after its type is not base64; was it cut off?"))?;
    if !is_whole(&key, kind, parts) {
        let short = if kind == "ssh-rsa" { ", or has less than 2048 bits" } else { "" };
        return Err(refused(format!("the key is not a whole `{kind}` key{short}")));
    }
    Ok(PublicKey {
        public_key: format!("{kind} {encoded}"),
        fingerprint: format!("SHA256:{}", BASE64_STANDARD_NO_PAD.encode(Sha256::digest(&key))),
        comment: words.next().unwrap_or_default().trim().to_owned(),
    })
}

fn refused(message: impl Into<String>) -> Error {
    Error::invalid(message).hint("send the line of a file like ~/.ssh/id_ed25519.pub; make one with: ssh-keygen -t ed25519")
}

/// Whether the key has exactly these parts after its type.
fn is_whole(key: &[u8], kind: &str, parts: &[Part]) -> bool {
    let mut rest = key;
    let mut next = || take(&mut rest);
    let fits = next() == Some(kind.as_bytes())
        && parts.iter().all(|part| match (part, next()) {
            (_, None) => false,
            (Part::Text(text), Some(bytes)) => bytes == text.as_bytes(),
            (Part::Bytes(length), Some(bytes)) => bytes.len() == *length,
            (Part::Integer(bits), Some(bytes)) => bit_length(bytes) >= *bits,
            (Part::Any, Some(_)) => true,
        });
    fits && rest.is_empty()
}

/// One `string` of RFC 4251 section 5: four bytes of length, then the bytes.
fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (bytes, after) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = after;
    Some(bytes)
}

fn bit_length(integer: &[u8]) -> usize {
    let significant = integer.iter().skip_while(|byte| **byte == 0);
    let bits = significant.clone().count() * 8;
    bits - significant.clone().next().map_or(0, |first| first.leading_zeros() as usize)
}
