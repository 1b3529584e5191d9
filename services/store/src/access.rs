//! Who may use the store: anybody, or whoever knows the password. There is one user, `default`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::failure::Failure;

const USER: &[u8] = b"default";

/// What clients have to know; cheap to clone, and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Arc<str>);

/// What one client may do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    password: Option<Password>,
    is_known: bool,
}

impl FromStr for Password {
    type Err = String;

    /// Takes any text but the empty one, which nobody could tell from none.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("no password can be empty; leave out REQUIREPASS if none is wanted".into());
        }
        Ok(Self(text.into()))
    }
}

impl Password {
    /// Takes the same time for any wrong word of the right length, so that nobody can guess letter by letter.
    fn is(&self, word: &[u8]) -> bool {
        let password = self.0.as_bytes();
        let differ = password.iter().zip(word).fold(0, |differ, (a, b)| differ | (a ^ b));
        password.len() == word.len() && differ == 0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl Access {
    /// Of a client that has not said a word.
    pub(crate) fn new(password: Option<Password>) -> Self {
        Self { password, is_known: false }
    }

    /// Whether the client may use the data.
    pub(crate) fn is_granted(&self) -> bool {
        self.password.is_none() || self.is_known
    }

    /// AUTH with a password alone: a client that sends one where none is needed may be at the wrong store.
    pub(crate) fn tell_password(&mut self, word: &[u8]) -> Result<(), Failure> {
        if self.password.is_none() {
            return Err(Failure::NoPasswordConfigured);
        }
        self.introduce(USER, word)
    }

    /// AUTH with a user's name; one who fails stays who he was.
    pub(crate) fn introduce(&mut self, user: &[u8], word: &[u8]) -> Result<(), Failure> {
        let is_right = self.password.as_ref().is_none_or(|password| password.is(word));
        if user != USER || !is_right {
            return Err(Failure::WrongPassword);
        }
        self.is_known = true;
        Ok(())
    }

    /// RESET.
    pub(crate) fn forget(&mut self) {
        self.is_known = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::check_guarded;

    #[test]
    fn only_the_whole_password_is_the_password() {
        let password: Password = "secret".parse().unwrap();
        assert!(password.is(b"secret"));
        for word in ["", "s", "secre", "secreT", "secret1", "Secret"] {
            assert!(!password.is(word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let access = Access::new(Some("secret".parse().unwrap()));
        assert!(!format!("{access:?}").contains("secret"));
    }

    #[test]
    fn without_the_password_nothing_is_told_and_nothing_changed() {
        check_guarded(
            "secret",
            r"
            PING => -NOAUTH Authentication required.
            SET k v => -NOAUTH Authentication required.
            INFO => -NOAUTH Authentication required.
            MULTI => -NOAUTH Authentication required.
            CLIENT ID => -NOAUTH Authentication required.
            SHUTDOWN => -NOAUTH Authentication required.
            AUTH wrong => -WRONGPASS invalid username-password pair or user is disabled.
            AUTH someone secret => -WRONGPASS invalid username-password pair or user is disabled.
            GET k => -NOAUTH Authentication required.
            AUTH secret => +OK
            EXISTS k => :0
            QUIT => +OK
            ",
        );
    }

    #[test]
    fn each_client_has_to_tell_it_and_again_after_reset() {
        check_guarded(
            "secret",
            r"
            AUTH default secret => +OK
            PING => +PONG
            b: PING => -NOAUTH Authentication required.
            b: AUTH secret => +OK
            b: PING => +PONG
            AUTH wrong => -WRONGPASS invalid username-password pair or user is disabled.
            PING => +PONG
            RESET => +RESET
            PING => -NOAUTH Authentication required.
            ",
        );
    }

    #[test]
    fn a_client_can_be_greeted_once_it_tells_the_password() {
        check_guarded(
            "secret",
            r"
            HELLO 3 => -NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time
            HELLO 3 AUTH default wrong => -WRONGPASS invalid username-password pair or user is disabled.
            PING => -NOAUTH Authentication required.
            HELLO 3 AUTH default secret => %7 $6 server $5 redis $7 version $5 7.0.0 $5 proto :3 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
            GET nothing => _
            ",
        );
    }

    #[test]
    fn what_no_client_may_send_is_told_before_the_password_is_asked_for() {
        check_guarded(
            "secret",
            r"
            GET => -ERR wrong number of arguments for 'get' command
            AUTH => -ERR wrong number of arguments for 'auth' command
            ",
        );
    }
}
