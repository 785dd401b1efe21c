//! Request methods.

use super::octet;

/// The method of a request, as far as the choice of a response depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
    /// `TRACE`, which is never answered with a resource.
    Trace,
    /// `CONNECT`, which is never answered with a resource.
    Connect,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
    /// `PATCH`
    Patch,
    /// Another one of the IANA registry of HTTP methods.
    Registered,
    /// A token that is no method that anyone has registered.
    Unknown,
}

/// The methods of the registry, RFC 9110 section 18.2 and what has been added since; those that are known by name first.
const REGISTERED: &[u8] = &octet::names(
    b" GET HEAD OPTIONS TRACE CONNECT POST PUT DELETE PATCH \
ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK MERGE MKACTIVITY \
MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PRI PROPFIND PROPPATCH QUERY REBIND REPORT SEARCH \
UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL",
);

/// The number of methods in the registry.
const METHODS: usize = 40;

impl Method {
    /// RFC 9110 section 9.1: the method is case-sensitive.
    pub(super) fn of(token: &[u8]) -> Self {
        match octet::which(token, REGISTERED) {
            0 => Self::Get,
            1 => Self::Head,
            2 => Self::Options,
            3 => Self::Trace,
            4 => Self::Connect,
            5 => Self::Post,
            6 => Self::Put,
            7 => Self::Delete,
            8 => Self::Patch,
            METHODS.. => Self::Unknown,
            _ => Self::Registered,
        }
    }

    /// Whether a resource can be asked for with it at all.
    #[must_use]
    pub const fn is_servable(self) -> bool {
        !matches!(self, Self::Trace | Self::Connect | Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::Method;

    #[test]
    fn the_registry_ends_where_it_is_said_to() {
        let table: [(&[u8], Method); 8] = [
            (b"GET", Method::Get),
            (b"PATCH", Method::Patch),
            (b"ACL", Method::Registered),
            (b"VERSION-CONTROL", Method::Registered),
            (b"VERSION-CONTROLS", Method::Unknown),
            (b"", Method::Unknown),
            (b"get", Method::Unknown),
            (b"GE", Method::Unknown),
        ];
        for (token, expected) in table {
            assert_eq!(Method::of(token), expected, "{}", token.escape_ascii());
        }
    }
}
