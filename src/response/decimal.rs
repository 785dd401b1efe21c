//! A number in decimal.
//!
//! Invariant: the formatter of the language is not used, since it is larger than the rest of this room.

/// The digits of the number, written into the buffer.
#[must_use]
pub fn decimal(mut value: u64, buf: &mut [u8; 20]) -> &[u8] {
    let mut start = buf.len();
    for slot in buf.iter_mut().rev() {
        *slot = b'0' + (value % 10) as u8;
        start -= 1;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    buf.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::decimal;

    #[test]
    fn numbers() {
        let mut value: u64 = 1;
        for shift in 0..64 {
            for number in [
                value - 1,
                value,
                value + 1,
                1 << shift,
                (1 << shift) - 1,
                u64::MAX - value,
            ] {
                let mut buf = [0xFF; 20];
                assert_eq!(decimal(number, &mut buf), number.to_string().as_bytes());
            }
            value = value.checked_mul(10).unwrap_or(1);
        }
    }
}
