//! What a declared route must be like, or the build fails with a message that names it.

use super::route::{Place, Route, Variant};
use crate::limits::{BODY_COPY_MAX, TARGET_MAX};
use crate::request::{octet, target};

/// Fails the build: `route "/x": why`.
pub(crate) const fn fail(target: &str, why: &str) -> ! {
    const LEN: usize = 400;
    let mut text = [b' '; LEN];
    let parts: [&[u8]; 4] = [b"route \"", target.as_bytes(), b"\": ", why.as_bytes()];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut octet = 0;
        while octet < parts[part].len() && at < LEN {
            text[at] = parts[part][octet];
            at += 1;
            octet += 1;
        }
        part += 1;
    }
    let (text, _) = text.split_at(at);
    match core::str::from_utf8(text) {
        Ok(text) => panic!("{}", text),
        Err(_) => panic!("{}", why),
    }
}

const fn require(holds: bool, route: &Route, why: &str) {
    if !holds {
        fail(route.name(), why);
    }
}

impl Route {
    /// What the route is called in a message.
    pub(crate) const fn name(&self) -> &'static str {
        match self.place {
            Place::Target(target) => target,
            Place::Fallback => "(fallback)",
            Place::Error => self.status.reason(),
        }
    }

    /// Whether responses may be chosen by condition, range and coding: those of a plain 200.
    pub(crate) const fn is_selectable(&self) -> bool {
        self.status.code() == 200
    }

    /// Fails the build where the route breaks a rule.
    pub(crate) const fn check(&self) {
        if let Place::Target(target) = self.place {
            self.check_target(target);
        }
        if let Place::Error = self.place {
            require(
                self.status.may_have_page(),
                self,
                "can never be reached: no error of the server's own has this status and a page",
            );
        }
        let code = self.status.code();
        let empty = match self.variants[0] {
            Some(variant) => variant.body.is_empty(),
            None => true,
        };
        if self.status.forbids_content() || code == 205 {
            require(empty, self, "204, 205 and 304 have no content");
        }
        if let Some(body) = self.drained {
            require(
                body.len() <= BODY_COPY_MAX,
                self,
                "the text of a drained server is longer than BODY_COPY_MAX",
            );
        }
        let redirects = matches!(code, 301 | 302 | 303 | 307 | 308);
        require(
            !redirects || self.has_field("location"),
            self,
            "a redirect needs a Location",
        );
        require(
            code != 206,
            self,
            "206 is a part, which the server makes of a 200",
        );
        require(
            code != 401 || self.has_field("www-authenticate"),
            self,
            "401 needs a WWW-Authenticate",
        );
        require(
            redirects || self.status.forbids_content() || !self.content_type.is_empty(),
            self,
            "content needs a Content-Type",
        );
        require(
            self.variants[1].is_none() || self.is_selectable(),
            self,
            "only a response of status 200 has representations to choose from",
        );
        self.check_tags();
        check_value(self.name(), self.content_type);
        check_value(self.name(), self.cache_control);
        let mut at = 0;
        while at < self.fields_len {
            self.check_field(at);
            at += 1;
        }
    }

    const fn check_target(&self, name: &'static str) {
        match target::is_normal(name.as_bytes()) {
            Ok(()) => {}
            Err(flaw) => fail(name, flaw.text()),
        }
        require(
            name.len() <= TARGET_MAX,
            self,
            "a target longer than TARGET_MAX can never be reached",
        );
    }

    // entity-tag = [ weak ] opaque-tag, and RFC 9110 section 8.8.3: one for each representation
    const fn check_tags(&self) {
        let mut at = 0;
        while at < self.variants.len() {
            if let Some(Variant { tag: Some(tag), .. }) = self.variants[at] {
                require(
                    is_strong_tag(tag.as_bytes()),
                    self,
                    "an entity tag is no strong one: octets without spaces between two quotes",
                );
                let mut other = 0;
                while other < at {
                    if let Some(Variant {
                        tag: Some(twin), ..
                    }) = self.variants[other]
                    {
                        require(
                            !equal(tag.as_bytes(), twin.as_bytes()),
                            self,
                            "two representations have one entity tag",
                        );
                    }
                    other += 1;
                }
            }
            at += 1;
        }
    }

    const fn has_field(&self, name: &str) -> bool {
        let mut at = 0;
        while at < self.fields_len {
            if self.fields[at].0.eq_ignore_ascii_case(name) {
                return !self.fields[at].1.is_empty();
            }
            at += 1;
        }
        false
    }

    const fn check_field(&self, own_at: usize) {
        let (name, value) = self.fields[own_at];
        require(!name.is_empty(), self, "a field name is empty");
        let mut at = 0;
        while at < name.len() {
            require(
                octet::is(name.as_bytes()[at], octet::TOKEN),
                self,
                "a field name is not a token",
            );
            at += 1;
        }
        check_value(self.name(), value);
        let own: [&str; 11] = [
            "content-length",
            "content-type",
            "content-encoding",
            "transfer-encoding",
            "connection",
            "date",
            "etag",
            "last-modified",
            "cache-control",
            "accept-ranges",
            "content-range",
        ];
        let mut other = 0;
        while other < own.len() {
            require(
                !name.eq_ignore_ascii_case(own[other]),
                self,
                "a field of its own repeats one that the server renders (Content-Length, Content-Type, \
                 Content-Encoding, Transfer-Encoding, Connection, Date, ETag, Last-Modified, \
                 Cache-Control, Accept-Ranges, Content-Range)",
            );
            other += 1;
        }
        let mut other = 0;
        while other < own_at {
            let again = name.eq_ignore_ascii_case(self.fields[other].0);
            require(
                !again
                    || name.eq_ignore_ascii_case("set-cookie")
                    || name.eq_ignore_ascii_case("link"),
                self,
                "a field name appears twice",
            );
            other += 1;
        }
    }
}

/// Whether this is an entity-tag that is not weak.
// opaque-tag = DQUOTE *etagc DQUOTE
// etagc      = %x21 / %x23-7E / obs-text
const fn is_strong_tag(tag: &[u8]) -> bool {
    let [b'"', opaque @ .., b'"'] = tag else {
        return false;
    };
    let mut at = 0;
    while at < opaque.len() {
        if !matches!(opaque[at], b'!' | b'#'..=b'~' | 0x80..) {
            return false;
        }
        at += 1;
    }
    true
}

/// Whether two texts are one.
pub(crate) const fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// RFC 9110 section 5.5: a value has no control octet and no white space around it.
const fn check_value(name: &str, value: &str) {
    let octets = value.as_bytes();
    let mut rest = octets;
    while let [octet, after @ ..] = rest {
        if (*octet < b' ' && *octet != b'\t') || *octet == 0x7f {
            fail(
                name,
                "a field value has a control octet such as CR, LF or NUL",
            );
        }
        rest = after;
    }
    if octets.trim_ascii().len() != octets.len() {
        fail(name, "a field value has white space around it");
    }
}
