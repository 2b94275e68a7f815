//! Tokens of the HTTP API. The file holds SHA-256 hashes alone: a token has 256 random bits, so a plain hash can't be
//! searched, and whoever reads the file can't log in with it.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{ErrorCode, params};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::{Store, StoreError, optional_timestamp, timestamp};

/// What every token begins with, so that secret scanners and people recognise one.
const PREFIX: &str = "shed_";

/// `last_used_at` is written at most this often, so that reads of the API are not writes of the disk.
const USE_RESOLUTION: SignedDuration = SignedDuration::from_mins(1);

/// A token, without what it could be used with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// Makes a token and returns its text, which can't be had again.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] if there is one of that name.
    pub fn create_token(&self, name: &str) -> Result<String, StoreError> {
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).map_err(|e| StoreError::Random(e.to_string()))?;
        let token = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(secret));
        let hash = hash(&token);
        let inserted = self.with(|c| {
            let row = params![name, hash.as_slice(), Timestamp::now().to_string()];
            Ok(c.execute("INSERT INTO tokens (name, hash, created_at) VALUES (?1, ?2, ?3)", row)?)
        });
        match inserted {
            Ok(_) => Ok(token),
            Err(StoreError::Sqlite(e)) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Err(StoreError::NameTaken(name.to_owned()))
            }
            Err(error) => Err(error),
        }
    }

    /// All tokens, by name.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be read.
    pub fn list_tokens(&self) -> Result<Vec<TokenInfo>, StoreError> {
        Ok(self.tokens()?.into_iter().map(|(info, _)| info).collect())
    }

    /// Makes a token useless at once; false if there is none of that name.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn revoke_token(&self, name: &str) -> Result<bool, StoreError> {
        self.with(|c| Ok(c.execute("DELETE FROM tokens WHERE name = ?1", [name])? > 0))
    }

    /// The token whose text this is, if there is one; its use is noted.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be read.
    pub fn verify_token(&self, token: &str) -> Result<Option<TokenInfo>, StoreError> {
        let hash = hash(token);
        let mut found = None;
        // Every row is compared in full, so that the time tells neither how much of a hash fits nor which row it is.
        for (info, known) in self.tokens()? {
            let same: Choice = hash.as_slice().ct_eq(known.as_slice());
            if bool::from(same) {
                found = Some(info);
            }
        }
        if let Some(info) = &mut found {
            self.note_use(info)?;
        }
        Ok(found)
    }

    fn note_use(&self, info: &mut TokenInfo) -> Result<(), StoreError> {
        let now = Timestamp::now();
        if info.last_used_at.is_none_or(|last| now.duration_since(last) >= USE_RESOLUTION) {
            self.with(|c| {
                let row = params![info.name, now.to_string()];
                Ok(c.execute("UPDATE tokens SET last_used_at = ?2 WHERE name = ?1", row)?)
            })?;
            info.last_used_at = Some(now);
        }
        Ok(())
    }

    fn tokens(&self) -> Result<Vec<(TokenInfo, Vec<u8>)>, StoreError> {
        self.with(|c| {
            let mut statement = c.prepare_cached("SELECT name, created_at, last_used_at, hash FROM tokens ORDER BY name")?;
            let rows = statement.query_map([], |row| {
                let info = TokenInfo { name: row.get(0)?, created_at: timestamp(row, 1)?, last_used_at: optional_timestamp(row, 2)? };
                Ok((info, row.get(3)?))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
