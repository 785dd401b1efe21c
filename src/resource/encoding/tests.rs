//! Negotiation: tables of preferences, and sorting by weight as the oracle.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::Coding::{Brotli, Gzip, Identity, Zstd};
use super::{Coding, choose};
use crate::request::Fields;
use crate::request::random::Random;

const ALL: &[(Coding, usize)] = &[(Identity, 1000), (Gzip, 400), (Brotli, 300), (Zstd, 350)];

fn chosen(values: &[&str], representations: &[(Coding, usize)]) -> Coding {
    let lines = values
        .iter()
        .map(|value| format!("accept-encoding: {value}\r\n"));
    let section: String = lines.collect();
    let fields = Fields::new(section.as_bytes());
    let chosen = choose(fields, representations, |one| *one);
    chosen.unwrap().0
}

#[test]
fn preferences() {
    let table: &[(&[&str], Coding)] = &[
        (&[], Identity),
        (&[""], Identity),
        (&[","], Identity),
        (&["gzip"], Gzip),
        (&["GZip"], Gzip),
        (&["x-gzip"], Gzip),
        (&["X-GZIP;q=0.5"], Gzip),
        (&["br"], Brotli),
        (&["zstd"], Zstd),
        (&["deflate"], Identity),
        (&["x-br"], Identity),
        (&["gzip, deflate, br, zstd"], Brotli),
        (&["gzip, deflate, zstd"], Zstd),
        (&["gzip", "br"], Brotli),
        (&["gzip;q=1.0, br;q=0.9"], Gzip),
        (&["br;q=0.2", "gzip;q=0.3, zstd;q=0.25"], Gzip),
        (&["br;q=0.001"], Brotli),
        (&["br;q=0"], Identity),
        (&["br;q=0.000, gzip;q=0.001"], Gzip),
        (&["gzip;q=0.5, identity;q=0.8"], Identity),
        (&["gzip;q=0.8, identity;q=0.5"], Gzip),
        (&["gzip, identity"], Gzip),
        (&["identity"], Identity),
        (&["identity;q=0"], Identity),
        (&["identity;q=0, gzip;q=0.1"], Gzip),
        (&["*"], Brotli),
        (&["*;q=0"], Identity),
        (&["*;q=0, gzip"], Gzip),
        (&["*;q=0.5, gzip;q=0.3"], Brotli),
        (&["*;q=0.5, br;q=0"], Zstd),
        (&["*;q=0.5, br;q=0, zstd;q=0"], Gzip),
        (&["*;q=0.5, br;q=0, zstd;q=0, gzip;q=0.4"], Identity),
        (&["*;q=0.5, identity"], Identity),
        (&["gzip;q=0.5, *;q=0.6, identity;q=0.7"], Identity),
        (&["  gzip\t;\tq=0.5 ,\tbr ; Q=0.4"], Gzip),
        (&[",,gzip,,"], Gzip),
        (&["gzip;q=1."], Gzip),
        (&["gzip;q=0."], Identity),
        (&["gzip;q=1.000"], Gzip),
        // Malformed members are as good as not there.
        (&["gzip;q=1.001, br;q=0.1"], Brotli),
        (&["gzip;q=1.0000, br;q=0.1"], Brotli),
        (&["gzip;q=0.0001"], Identity),
        (&["gzip;q=2"], Identity),
        (&["gzip;q=.5"], Identity),
        (&["gzip;q=-1"], Identity),
        (&["gzip;q=0,5"], Identity),
        (&["gzip;q="], Identity),
        (&["gzip;q"], Identity),
        (&["gzip;"], Identity),
        (&["gzip; q = 0.5"], Identity),
        (&["gzip;q=\"1\""], Identity),
        (&["gzip;level=1"], Identity),
        (&["gzip;q=1;a=b"], Identity),
        (&["gzip br"], Identity),
        (&["\"gzip\""], Identity),
        (&["gzip;q=0.9999999999999999999, zstd"], Zstd),
    ];
    for (values, expected) in table {
        assert_eq!(chosen(values, ALL), *expected, "{values:?}");
    }
}

#[test]
fn ties_go_to_the_smaller_body() {
    assert_eq!(
        chosen(
            &["gzip, br, zstd"],
            &[(Identity, 9), (Gzip, 5), (Brotli, 5), (Zstd, 5)]
        ),
        Gzip
    );
    assert_eq!(
        chosen(
            &["gzip, br, zstd"],
            &[(Identity, 9), (Gzip, 5), (Brotli, 6), (Zstd, 4)]
        ),
        Zstd
    );
    assert_eq!(
        chosen(&["gzip, identity"], &[(Identity, 5), (Gzip, 5)]),
        Identity
    );
    assert_eq!(
        chosen(&["gzip, identity"], &[(Identity, 5), (Gzip, 6)]),
        Identity
    );
    assert_eq!(
        chosen(&["gzip, identity"], &[(Identity, 6), (Gzip, 5)]),
        Gzip
    );
    assert_eq!(chosen(&["br"], &[(Identity, 6), (Gzip, 5)]), Identity);
    assert_eq!(
        chosen(&["gzip"], &[(Identity, usize::MAX), (Gzip, usize::MAX)]),
        Gzip
    );
    assert_eq!(chosen(&["gzip, *;q=0"], &[(Identity, 1)]), Identity);
}

/// One weight after the other, from the most wanted, as RFC 9110 section 12.5.3 puts it.
fn oracle(list: &[(&str, u32)], representations: &[(Coding, usize)]) -> Coding {
    let listed = |token: &str| {
        list.iter()
            .rfind(|(name, _)| *name == token)
            .map(|(_, weight)| *weight)
    };
    let weight = |coding: Coding| match listed(coding.token()).or(listed("*")) {
        Some(weight) => f64::from(weight),
        None if coding == Identity => 0.5,
        None => 0.0,
    };
    let mut sorted: Vec<(Coding, usize)> = representations.to_vec();
    sorted.retain(|(coding, _)| weight(*coding) > 0.0);
    sorted.sort_by(|a, b| weight(b.0).total_cmp(&weight(a.0)).then(a.1.cmp(&b.1)));
    sorted.first().map_or(Identity, |(coding, _)| *coding)
}

#[test]
fn as_the_oracle() {
    let seed = 0x5eed_0005;
    let mut random = Random::new(seed);
    for round in 0..20_000 {
        let mut list = Vec::new();
        let mut value = String::new();
        for _ in 0..random.below(6) {
            let token = random.pick(&["gzip", "br", "zstd", "identity", "*", "deflate"]);
            let weight = [0, 1, 500, 999, 1000][random.below(5)];
            list.push((token, weight));
            let digits = format!("{weight:04}");
            let (units, decimals) = digits.split_at(1);
            value.extend([token, ";q=", units, ".", decimals, ", "]);
        }
        let sizes: Vec<(Coding, usize)> = ALL
            .iter()
            .map(|(coding, _)| (*coding, random.below(4)))
            .collect();
        let expected = oracle(&list, &sizes);
        assert_eq!(
            chosen(&[&value], &sizes),
            expected,
            "seed {seed:#x}, round {round}: {value} {sizes:?}"
        );
    }
}
