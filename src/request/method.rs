//! Request methods.

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

const NAMED: [(&[u8], Method); 9] = [
    (b"GET", Method::Get),
    (b"HEAD", Method::Head),
    (b"OPTIONS", Method::Options),
    (b"TRACE", Method::Trace),
    (b"CONNECT", Method::Connect),
    (b"POST", Method::Post),
    (b"PUT", Method::Put),
    (b"DELETE", Method::Delete),
    (b"PATCH", Method::Patch),
];

/// The other methods of the registry, RFC 9110 section 18.2 and what has been added since.
const REGISTERED: &[u8] = b"ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK MERGE MKACTIVITY \
MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PRI PROPFIND PROPPATCH QUERY REBIND REPORT SEARCH \
UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL";

impl Method {
    /// RFC 9110 section 9.1: the method is case-sensitive.
    pub(super) fn of(token: &[u8]) -> Self {
        if let Some((_, method)) = NAMED.iter().find(|(name, _)| *name == token) {
            return *method;
        }
        if REGISTERED
            .split(|&octet| octet == b' ')
            .any(|name| name == token)
        {
            return Self::Registered;
        }
        Self::Unknown
    }

    /// Whether a resource can be asked for with it at all.
    #[must_use]
    pub const fn is_servable(self) -> bool {
        !matches!(self, Self::Trace | Self::Connect | Self::Unknown)
    }
}
