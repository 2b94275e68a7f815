//! Bearer tokens (RFC 6750).

use shed_core::ErrorCode;

use crate::{
    Error,
    store::{Store, TokenInfo},
};

/// The longest name of a token or key, in characters; names are for lists that people read.
pub const MAX_LABEL_CHARS: usize = 100;

/// Who calls, from the value of the `Authorization` header.
///
/// # Errors
/// `UNAUTHORIZED` without a header, with another scheme and with a token that is not known; never with the token in it.
pub fn authorize(store: &Store, header: Option<&[u8]>) -> Result<TokenInfo, Error> {
    let refused = |message: &str| {
        Error::new(ErrorCode::Unauthorized, message)
            .hint("make a token on the server (shed-server token create --name NAME) and send it as `Authorization: Bearer TOKEN`")
    };
    let header = header.ok_or_else(|| refused("this call needs a token"))?;
    let token = bearer(header).ok_or_else(|| refused("the Authorization header is not `Bearer TOKEN`"))?;
    store.verify_token(token)?.ok_or_else(|| refused("the token is not known here, or was revoked"))
}

/// The token in a header value. The scheme's case does not matter (RFC 9110 section 11.1).
fn bearer(header: &[u8]) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(header).ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Checks a name that only people read: of a token or of a key.
///
/// # Errors
/// `INVALID_REQUEST` for an empty or long one, or one with control characters, which could forge lines of a list.
pub fn check_label(what: &str, name: &str) -> Result<(), Error> {
    let fits = !name.trim().is_empty() && name.chars().count() <= MAX_LABEL_CHARS && !name.chars().any(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(Error::invalid(format!("the {what}'s name must be 1 to {MAX_LABEL_CHARS} characters without control characters")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_bearer_token_passes() {
        let store = Store::in_memory().unwrap();
        let token = store.create_token("laptop").unwrap();
        let code =
            |header: Option<String>| authorize(&store, header.as_deref().map(str::as_bytes)).map(|info| info.name).map_err(|e| e.code);
        assert_eq!(code(Some(format!("Bearer {token}"))), Ok("laptop".to_owned()));
        assert_eq!(code(Some(format!("bearer  {token} "))), Ok("laptop".to_owned()));
        let bad = ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", "Bearer shed_", &token, &format!("Bearer {token}x")];
        for header in bad.map(str::to_owned).map(Some).into_iter().chain([None]) {
            assert_eq!(code(header.clone()), Err(ErrorCode::Unauthorized), "{header:?}");
        }
        store.revoke_token("laptop").unwrap();
        assert_eq!(code(Some(format!("Bearer {token}"))), Err(ErrorCode::Unauthorized));
    }

    #[test]
    fn a_refusal_never_repeats_the_token() {
        let store = Store::in_memory().unwrap();
        let error = authorize(&store, Some(b"Bearer shed_secret")).unwrap_err();
        assert!(!format!("{error:?}").contains("shed_secret"));
    }

    #[test]
    fn labels_fit_one_line_of_a_list() {
        assert!(check_label("token", "Ada's laptop").is_ok());
        for bad in ["", " ", "a\nb", "\u{1b}[31m", &"x".repeat(101)] {
            assert!(check_label("token", bad).is_err(), "{bad:?}");
        }
    }
}
