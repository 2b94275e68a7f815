//! Keys as ssh-keygen makes them, and lines that are none.

use proptest::prelude::*;
use shed_core::wire::AddSshKey;

use super::*;

const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICszlcB1p3JRaSEyRkC25uNJ+CdenPeIw6u4znRH479p ada@ed25519-256";
const ECDSA: &str = "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHJBNNdOTE2Z2PWgBSW308bt4z/b9+e9NgIIvsxW7ETQiMPK6h37rbEiQZHiKy1rIXRorWH14wPYmGPWRKQvsPypgDUPsO/U0zu+aeSMb/7i1TCrAYIZtLUc5vEf5ST3i+x7CinKEguABdmXvDeOpBBJJ9y8K1gdqtlBzGTNVYO/sFGHQ== ada@ecdsa-521";
const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC1/TV9u+MyTaIfwUJ1WkbKkROvBEIXc/aOvEVQoDZ84mtH6uH2oxuEo1bTfwIg9aBltUYl5EnrSVJtFBO2wt8rcHG4x3d/LGcInPxqgTaecTYWYpJqmdxdkALyUn9TI9/veld5pmwpWu7G/V4msV9LgIemCUyhYE4XZMPFUW0tFZjrQzRw7rclV0L4wxyicoldrbFMnszvNm5WL1cM5Q+UVt436TunzUyrgsmLOjkaIaxOaz6nwC9zV12r0ixC9R9wzAWRe64vKZomhIi0OtCen+qqfhQgShV9ZE62AKO498hj+2yGKPYd7RwkZmkUWXaVohP3kM86d6PUkcQqypk/ ada@rsa-2048";
const RSA_1024: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDyTpm98oioHksZO4yWSC2lug1zXrpEw3qg0nFlzGIClNwbh9O3OuQ/WQxDj2UKb4dm7UNAJ+A9tQ+31YOv1Jvs2uYNDAK4BARl77h0nDDdg+smY14DnKN2viDYhuGu1MXOMyrl7lXzt8BA6ob0VCzMOnlFo+gQbP7h5Yucrp2IDQ== ada@rsa-1024";
const CERTIFICATE: &str = "ecdsa-sha2-nistp256-cert-v01@openssh.com AAAAKGVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgJLELR6lS7cmqo9Ct7i9tL79Pi08gFEnWOpvAnsK7h6sAAAAIbmlzdHAyNTYAAABBBHouPk2AWjDMsTRbrKnvyUCLUL0vybo5lqXu4LkGqG4s3UjqoZRIdSzsaL756lm8Pn0xiz7gWNj9/V+asBlkvrEAAAAAAAAAAAAAAAEAAAACaWQAAAAIAAAABHNoZWQAAAAAAAAAAP//////////AAAAAAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAgKzOVwHWnclFpITJGQLbm40n4J16c94jDq7jOdEfjv2kAAABTAAAAC3NzaC1lZDI1NTE5AAAAQPt69j026EjIr+aKUSDeZq7Gp13fYOSisiDv3rXmFjTgpoH4COrcHS0n4HjGBxP6ATm8m0jMFshspxSMUgK6Fw0= ada@ecdsa-256";

#[test]
fn fingerprints_are_those_of_ssh_keygen() {
    for (line, fingerprint, comment) in [
        (ED25519, "SHA256:8EKwP3/tBpTQoXWUnipoZ4ddkNdAzMvW3r+v+LHzeEs", "ada@ed25519-256"),
        (ECDSA, "SHA256:ObFbDp0bdbw9mqwnRTp+z9blt/0a9JHP4KiNa+uRQRA", "ada@ecdsa-521"),
        (RSA, "SHA256:3mj8IotcfzeujoNQm63j7h/zIsJT4M8hMdhoDeK7h4k", "ada@rsa-2048"),
    ] {
        let key = parse_public_key(&format!("{line}\r\n")).unwrap();
        assert_eq!((key.fingerprint.as_str(), key.comment.as_str()), (fingerprint, comment));
        assert_eq!(format!("{} {}", key.public_key, key.comment), line);
    }
}

#[test]
fn what_is_no_plain_key_is_refused_with_a_reason() {
    let cut = &ED25519[..60];
    let options = format!("command=\"sh\" {ED25519}");
    let mixed = ED25519.replace("ssh-ed25519 ", "ssh-rsa ");
    let two = format!("{ED25519}\n{RSA}");
    for (line, reason) in [
        ("", "one line"),
        (two.as_str(), "one line"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "private key"),
        (options.as_str(), "options before the type"),
        (CERTIFICATE, "key type"),
        ("ssh-dss AAAAB3NzaC1kc3MAAACBA", "key type"),
        ("ssh-ed25519", "not a whole"),
        ("ssh-ed25519 !", "base64"),
        (cut, "not a whole"),
        (mixed.as_str(), "not a whole"),
        (RSA_1024, "2048"),
    ] {
        let error = parse_public_key(line).unwrap_err();
        assert!(error.message.contains(reason) && error.hint.is_some(), "{line:?}: {}", error.message);
    }
}

#[test]
fn a_key_is_named_by_the_request_the_comment_or_itself() {
    let named = |name: Option<&str>, line: &str| {
        plan_key(&AddSshKey { public_key: line.to_owned(), name: name.map(str::to_owned) }).map(|key| key.name).ok()
    };
    let bare = ED25519.rsplit_once(' ').unwrap().0;
    assert_eq!(named(Some("Ada"), ED25519).as_deref(), Some("Ada"));
    assert_eq!(named(None, ED25519).as_deref(), Some("ada@ed25519-256"));
    assert_eq!(named(None, bare).as_deref(), Some("SHA256:8EKwP3/tBpTQoXWUnipoZ4ddkNdAzMvW3r+v+LHzeEs"));
    assert_eq!(named(Some("a\nb"), ED25519), None);
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,200}", cut in 0_usize..80) {
        let _ = parse_public_key(&text);
        let shorter = parse_public_key(&ED25519[..cut]);
        prop_assert!(shorter.is_err() || cut == 80);
    }
}
